# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of an inventory, of what was read from the ledger."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.addresses import chosen
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.names import (
    Named,
    named,
    safe,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.rows import Row
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.texts import as_shown
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import (
    GROUPINGS,
    VMS,
    Shown,
)

#: What serves filters only.
_INTERNAL = frozenset(("marks",))

#: The value of an expression over a host's variables; empty where it has none.
Hostname = t.Callable[[Row, t.Sequence[str]], str]


class Host(t.NamedTuple):
    """A host: its name in the inventory, its variables, its groups before they are made safe."""

    name: str
    variables: Row
    groups: t.List[str]


def hosts_of(
    answer: t.Mapping[str, t.Any], how: Shown, subject: str, hostname: Hostname
) -> t.List[Host]:
    """The hosts of an answer of :func:`read.read`.

    :param hostname: finds the name by ``how.hostnames``.
    """
    things: t.List[Row] = answer["things"]
    variables = [_variables(thing, how, subject) for thing in things]
    names = named(_naming(answer, variables, how, hostname), how.naming)
    return [
        Host(name, own, _groups(thing, how)) for name, own, thing in zip(names, variables, things)
    ]


def _variables(thing: Row, how: Shown, subject: str) -> Row:
    own = {how.prefix + key: value for key, value in thing.items() if key not in _INTERNAL}
    if subject == VMS:
        address = chosen(thing["addresses"], how.preference)
        own[how.prefix + "address"] = address
        if address:
            own["ansible_host"] = address
    return {name: as_shown(value) for name, value in own.items()}


def _naming(
    answer: t.Mapping[str, t.Any], variables: t.Sequence[Row], how: Shown, hostname: Hostname
) -> t.List[Named]:
    """What each host is named by."""
    things: t.List[Row] = answer["things"]
    given = [hostname(own, how.hostnames) if how.hostnames else "" for own in variables]
    names = [name or thing["name"] or "" for name, thing in zip(given, things)]
    repeated = set(answer["repeated"])
    counts = collections.Counter(safe(name) for name in names)
    return [
        Named(
            name,
            thing.get("host_id") or "",
            str(thing.get("uuid") or thing.get("host_uuid") or ""),
            safe(name) not in repeated and (not is_given or counts[safe(name)] == 1),
            bool(thing.get("gone_at")),
        )
        for name, is_given, thing in zip(names, given, things)
    ]


def _groups(thing: Row, how: Shown) -> t.List[str]:
    """The groups of a VM or hypervisor, as ``network_lan``."""
    groups = []
    for grouping in how.groupings:
        value = thing[GROUPINGS[grouping]]
        if isinstance(value, dict):
            value = ["{0}_{1}".format(*pair) for pair in value.items()]
        for item in value if isinstance(value, list) else [value]:
            if item not in (None, ""):
                groups.append("{0}{1}_{2}".format(how.group_prefix, grouping, item))
    return groups
