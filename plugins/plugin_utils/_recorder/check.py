# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts handed to the recorder: are they what the gathering modules return?"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    MAPPING_VERSION,
    STATUS_FIELDS,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)

Facts = t.Dict[str, t.Any]

_REMEDY = (
    "Hand on the whole result of virtledger.libvirt.hypervisor_info, domain_info or archive_info "
    "in option 'facts', unchanged."
)

#: The JSON types of a field. Numbers and booleans may be texts: what did not convert is kept.
_TYPES: t.Dict[str, t.Tuple[type, ...]] = {
    "str": (str,),
    "int": (int, str),
    "bool": (bool, str),
    "list": (list,),
    "dict": (dict,),
}


def checked(facts: t.Any, host_id: str) -> Facts:
    """A plain copy of the facts, after a check of their structure and every value's type.

    The copy has none of Ansible's own types in it, which database drivers do not know.

    :raises FactsError: names the host, the place in the facts and what is wrong there.
    """
    try:
        plain = json.loads(json.dumps(facts))
    except (TypeError, ValueError) as error:
        raise _wrong(host_id, "facts", "no plain data: {0}".format(error)) from error
    if not isinstance(plain, dict):
        raise _wrong(host_id, "facts", "a {0}, not a dictionary".format(type(plain).__name__))
    if plain.get("failed"):
        raise _wrong(host_id, "facts", "the result of a failed task: {0}".format(plain.get("msg")))
    _check_version(plain, host_id)
    for name, kind in (("errors", list), ("complete", list), ("seconds", dict)):
        if not isinstance(plain.setdefault(name, kind()), kind):
            raise _wrong(host_id, name, "not a {0}".format(kind.__name__))
    if not all(isinstance(error, dict) for error in plain["errors"]):
        raise _wrong(host_id, "errors", "not a list of dictionaries")
    for name in ("domains", "networks", "storage_pools"):
        if not isinstance(plain.setdefault(name, None), (list, type(None))):
            raise _wrong(host_id, name, "not a list")
    if plain["domains"] is None and plain["networks"] is None and plain["storage_pools"] is None:
        raise _wrong(host_id, "facts", "neither domains nor networks nor storage_pools")
    if plain.setdefault("hypervisor", None) is not None:
        _check(host_id, "hypervisor", plain["hypervisor"], HYPERVISOR_FIELDS)
    for number, network in enumerate(plain["networks"] or ()):
        _check(host_id, "networks[{0}]".format(number), network, NETWORK_FIELDS, ("name",))
    for number, pool in enumerate(plain["storage_pools"] or ()):
        _check_pool(host_id, "storage_pools[{0}]".format(number), pool)
    _check_domains(host_id, plain["domains"] or ())
    return plain


def _wrong(host_id: str, place: str, problem: str) -> FactsError:
    return FactsError("Host {0}: {1}: {2}.".format(host_id, place, problem), _REMEDY)


def _check_version(plain: Facts, host_id: str) -> None:
    version = plain.get("mapping_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _wrong(host_id, "mapping_version", "missing, so these are not the facts of a module")
    if version > MAPPING_VERSION:
        raise FactsError(
            "Host {0}: the facts have mapping version {1}, newer than {2}, which this controller's "
            "collection knows.".format(host_id, version, MAPPING_VERSION),
            "Upgrade the collection virtledger.libvirt on this controller.",
        )


def _check(
    host_id: str,
    place: str,
    value: t.Any,
    fields: t.Iterable[Field],
    required: t.Container[str] = (),
) -> None:
    if not isinstance(value, dict):
        raise _wrong(host_id, place, "not a dictionary")
    for field in fields:
        if field.name not in value:
            raise _wrong(host_id, "{0}.{1}".format(place, field.name), "missing")
        item = value[field.name]
        if item is None:
            if field.name in required:
                raise _wrong(host_id, "{0}.{1}".format(place, field.name), "null")
        elif not isinstance(item, _TYPES[field.type]) or (
            field.type == "int" and isinstance(item, bool)
        ):
            problem = "{0!r:.60} is no {1}".format(item, field.type)
            raise _wrong(host_id, "{0}.{1}".format(place, field.name), problem)


def _check_pool(host_id: str, place: str, pool: t.Any) -> None:
    _check(host_id, place, pool, POOL_FIELDS, ("name",))
    volumes = pool.setdefault("volumes", None)
    if not isinstance(volumes, (list, type(None))):
        raise _wrong(host_id, place + ".volumes", "not a list")
    for number, volume in enumerate(volumes or ()):
        below = "{0}.volumes[{1}]".format(place, number)
        _check(host_id, below, volume, VOLUME_FIELDS, ("name",))


def _check_domains(host_id: str, domains: t.Sequence[t.Any]) -> None:
    seen: t.Set[str] = set()
    for number, domain in enumerate(domains):
        place = "domains[{0}]".format(number)
        _check(host_id, place, domain, DOMAIN_FIELDS + STATUS_FIELDS)
        for family in FAMILIES:
            devices = domain.setdefault(family.fact, None)
            if not isinstance(devices, (list, type(None))):
                raise _wrong(host_id, "{0}.{1}".format(place, family.fact), "not a list")
            for index, device in enumerate(devices or ()):
                below = "{0}.{1}[{2}]".format(place, family.fact, index)
                _check(host_id, below, device, family.fields)
        if domain["uuid"] and domain["uuid"] in seen:
            raise _wrong(host_id, place, "UUID {0} is there twice".format(domain["uuid"]))
        seen.add(domain["uuid"])


def checked_host_id(host_id: t.Any) -> str:
    """The host's name in the ledger.

    :raises FactsError: empty, too long, or with control characters.
    """
    text = str(host_id or "")
    if not text.strip() or len(text) > 255 or not text.isprintable():
        raise FactsError(
            "{0!r:.80} is no name for a host.".format(text),
            "Option 'host_id' takes 1 to 255 printable characters; its default is "
            "inventory_hostname.",
        )
    return text
