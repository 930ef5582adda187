# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory is to have: the options of the plugin, checked."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.addresses import (
    Preference,
    networks_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.patterns import Patterns

VMS, HYPERVISORS = "virtual_machines", "hypervisors"

#: The filters by what they look at: an option, and a key of a VM.
FILTERS = {
    "hosts": "host_id",
    "names": "name",
    "states": "state",
    "networks": "networks",
    "bridges": "bridges",
    "vlans": "vlans",
    "pools": "pools",
    "os": "os",
    "tags": "marks",
}

#: What groups are made of, and the key of a VM or hypervisor that has the values.
GROUPINGS = {
    "hypervisor": "host_id",
    "state": "state",
    "network": "networks",
    "vlan": "vlans",
    "bridge": "bridges",
    "pool": "pools",
    "os": "os",
    "tag": "tags",
    "label": "labels",
}

#: Those that a hypervisor has.
_OF_HYPERVISORS = ("state", "network", "vlan", "bridge", "pool")

#: Options that say something of VMs only.
_OF_VMS = (
    "facts",
    "families",
    "naming",
    "include_gone",
    "address_origins",
    "address_families",
    "address_networks",
    "address_exclude",
)

_PREFIX = re.compile(r"[A-Za-z_]\w*", re.ASCII)

#: No question goes back further than a hundred years.
_HOURS = 876000


class Wanted(t.NamedTuple):
    """What is read from the ledger.

    :ivar filters: by their option, only those that are set.
    :ivar max_age: hours since the last complete answer of a hypervisor.
    :ivar full: every fact of a domain, not only what most look for.
    :ivar families: the device families whose rows are wanted too.
    """

    subject: str
    filters: t.Dict[str, Patterns]
    max_age: t.Optional[float]
    include_gone: bool
    full: bool
    families: t.Tuple[str, ...]

    @property
    def of_vms(self) -> bool:
        """The hosts of the inventory are VMs."""
        return self.subject == VMS


class Shown(t.NamedTuple):
    """How that is shown in the inventory.

    :ivar naming: see :func:`names.named`.
    :ivar hostnames: expressions for the name, the first that gives one counts.
    :ivar prefix: the beginning of the names of variables.
    :ivar groupings: keys of ``GROUPINGS``.
    :ivar group_prefix: the beginning of the names of groups.
    """

    naming: str
    hostnames: t.Tuple[str, ...]
    prefix: str
    groupings: t.Tuple[str, ...]
    group_prefix: str
    preference: Preference


def wanted(options: t.Mapping[str, t.Any]) -> Wanted:
    """What is read, by the options.

    :raises VirtledgerError: an option has a value that makes no sense.
    """
    filters = {
        name: Patterns.of(texts) for name in FILTERS for texts in [_texts(options, name)] if texts
    }
    return Wanted(
        options["subject"],
        filters,
        _hours(options["max_age"]),
        options["include_gone"],
        options["facts"] == "full",
        tuple(_texts(options, "families")),
    )


def shown(options: t.Mapping[str, t.Any], given: t.Container[str]) -> Shown:
    """How it is shown, by the options.

    :param given: the options that the user has set.
    :raises VirtledgerError: an option has a value that makes no sense, or does not go with another.
    """
    of_vms = options["subject"] == VMS
    # as they are, since Ansible evaluates only what it knows to be the user's own
    hostnames = tuple(options["hostnames"]) if _texts(options, "hostnames") else ()
    _refuse_useless(options, given)
    if hostnames and options["naming"] == "uuid":
        raise VirtledgerError("Option 'hostnames' has no effect with 'naming: uuid'.", "Drop one.")
    prefix = options["vars_prefix"]
    if prefix is None:
        prefix = "vm_" if of_vms else "hypervisor_"
    if not _PREFIX.fullmatch(prefix) or prefix.lower().startswith("ansible_"):
        raise VirtledgerError(
            "Option 'vars_prefix' is {0!r}, which cannot begin the name of a variable.".format(
                prefix
            ),
            "It begins with a letter, has letters, digits and underscores, and is not ansible_.",
        )
    group_prefix = options["group_prefix"]
    if group_prefix is None:
        group_prefix = "" if of_vms else "hypervisors_"
    return Shown(
        options["naming"],
        hostnames,
        prefix,
        _groupings(options, of_vms),
        group_prefix,
        Preference(
            tuple(_texts(options, "address_origins")),
            tuple(_texts(options, "address_families")),
            networks_of("address_networks", _texts(options, "address_networks")),
            networks_of("address_exclude", _texts(options, "address_exclude")),
        ),
    )


def _groupings(options: t.Mapping[str, t.Any], of_vms: bool) -> t.Tuple[str, ...]:
    if options["group_by"] is None:
        return tuple(GROUPINGS) if of_vms else _OF_HYPERVISORS
    chosen = tuple(_texts(options, "group_by"))
    useless = [] if of_vms else [name for name in chosen if name not in _OF_HYPERVISORS]
    if useless:
        raise VirtledgerError(
            "Hypervisors cannot be grouped by {0}.".format(useless[0]),
            "Option 'group_by' takes {0} for them.".format(", ".join(_OF_HYPERVISORS)),
        )
    return chosen


def _refuse_useless(options: t.Mapping[str, t.Any], given: t.Container[str]) -> None:
    useless = [name for name in _OF_VMS if name in given]
    if options["subject"] != VMS and useless:
        raise VirtledgerError(
            "Option {0!r} does not apply to hypervisors.".format(useless[0]),
            "Drop it, or set 'subject: {0}'.".format(VMS),
        )


def _texts(options: t.Mapping[str, t.Any], name: str) -> t.List[str]:
    """The texts of an option that is a list; numbers are written like that."""
    texts = []
    for item in options[name] or ():
        if isinstance(item, bool) or not isinstance(item, (str, int)) or item == "":
            raise VirtledgerError(
                "Option {0!r} has {1!r}, which is no text.".format(name, item),
                "It takes a list of texts.",
            )
        texts.append(str(item))
    return texts


def _hours(hours: t.Optional[float]) -> t.Optional[float]:
    if hours is not None and not 0 < hours <= _HOURS:
        raise VirtledgerError(
            "Option 'max_age' is {0:g}, but must be more than 0 and at most {1} hours.".format(
                hours, _HOURS
            )
        )
    return hours
