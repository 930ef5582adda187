# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domain XML to facts: one dictionary per domain, with the same keys whatever the XML says."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._digests import (
    facts_digest,
    xml_digest,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import PROVENANCE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    FAMILY_BY_FACT,
    OTHER,
    STATUS_FIELDS,
    Family,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import Report, Walk
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import Plain, plain_text
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import (
    AddressBook,
    Facts,
    Status,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml_text import element_text

#: What a domain's facts are read from: the text as libvirt gives it, a file, or without secrets.
Document = t.Union[str, bytes, Plain]

_DOMAIN_WALK = Walk(DOMAIN_FIELDS, skip=("devices",))
_Reader = t.Tuple[Family, Walk]
_WALKS = {family.tag: Walk(family.fields) for family in FAMILIES}
_PROVENANCE = frozenset(field.name for field in PROVENANCE)


#: In a running domain's definition these say "not yet known".
_UNKNOWN: t.Tuple[t.Any, ...] = (None, [], {}, -1)


_ARCHIVED = Status()


class _Lists:
    """The device lists that were asked for.

    :ivar walks: by tag; null for an element that was not asked for.
    :ivar other: the same for every other tag.
    :ivar facts: every list, null as long as nothing is read.
    """

    def __init__(self, families: t.Optional[t.FrozenSet[str]]) -> None:
        wanted = [family for family in FAMILIES if families is None or family.fact in families]
        self.names = [family.fact for family in wanted]
        self.facts: t.Dict[str, t.Any] = dict.fromkeys(FAMILY_BY_FACT)
        self.walks: t.Dict[str, t.Optional[_Reader]] = dict.fromkeys(_WALKS)
        self.walks.update((family.tag, (family, _WALKS[family.tag])) for family in wanted)
        self.other = self.walks.pop(OTHER.tag)


@functools.lru_cache(maxsize=64)
def _lists(families: t.Optional[t.FrozenSet[str]]) -> _Lists:
    return _Lists(families)


class _Side:
    """One XML text of a domain, read: its own values and its devices by family.

    :param lists: which devices.
    :param is_live: it is the running domain's.
    """

    def __init__(self, plain: Plain, backend: str, lists: _Lists, is_live: bool) -> None:
        self.text, self.redacted = plain
        root = _xml.domain_element(_xml.parse_text(self.text, backend))
        self.devices: t.Dict[str, t.List[Facts]] = {name: [] for name in lists.names}
        self.warnings: t.List[str] = []
        self._report = Report()
        self.domain = _DOMAIN_WALK.read(root, self._report)
        self.domain["unmapped"] = self._report.unmapped
        if self._report.warnings:
            self._warn("domain")
        ordinal = 0
        # Mostly there is one element with all devices.
        for devices in self._report.skipped:
            for element in devices[:]:
                reader = lists.walks.get(element.tag, lists.other)
                if reader is not None:
                    self._read_device(*reader, element, ordinal, is_live)
                ordinal += 1

    def _read_device(
        self, family: Family, walk: Walk, element: t.Any, ordinal: int, is_live: bool
    ) -> None:
        report = self._report
        report.unmapped = {}
        device = walk.read(element, report)
        device["ordinal"] = ordinal
        device["in_live"] = is_live
        device["in_config"] = not is_live
        device["config_values"] = {}
        device["unmapped"] = report.unmapped
        if family is OTHER:
            # The text has everything, so nothing is left over.
            device.update(tag=element.tag, xml=element_text(element), unmapped={})
        if report.warnings:
            self._warn(family.label(device))
        self.devices[family.fact].append(device)

    def _warn(self, label: str) -> None:
        for path, text, expected in self._report.warnings:
            self.warnings.append(
                "{0}: {1}: {2!r} is not {3}; kept as found".format(label, path, text, expected)
            )
        self._report.warnings.clear()


def domain_facts(
    live: t.Optional[Document],
    config: t.Optional[Document],
    status: Status = _ARCHIVED,
    families: t.Optional[t.Iterable[str]] = None,
    addresses: t.Optional[AddressBook] = None,
    include_xml: bool = False,
    backend: str = "",
    redact: t.Container[str] = (),
    snapshots: t.Optional[t.List[Facts]] = None,
) -> Facts:
    """The facts of one domain.

    A running domain's values are the live ones; where its persistent definition says otherwise,
    ``config_values`` has that. A device that only one of the two has is marked by ``in_live``
    and ``in_config``.

    :param live: XML of the running domain, null where it does not run.
    :param config: XML of the persistent definition, null for a transient domain.
    :param families: names of the device lists to return, by default all; the others are null and
        not read, and so is the digest: it would be that of another domain.
    :param addresses: what DHCP leases, guest agents or ARP tables tell, by MAC address.
    :param include_xml: add the texts as ``xml`` and, of a running domain, ``xml_config``.
    :param backend: the XML parser, see :func:`_xml.parse`.
    :param redact: secrets to remove besides those that always are, of :data:`_options.REMOVABLE`.
    :param snapshots: the facts of its snapshots and checkpoints, null where they are not known.
    :raises XmlError: one of the texts is refused.
    """
    lists = _lists(None if families is None else frozenset(families))
    sides = [
        _Side(_plain(text, redact), backend, lists, is_live)
        for text, is_live in ((live, True), (config, False))
        if text is not None
    ]
    main, other = sides[0], (sides[1] if len(sides) > 1 else None)
    facts = main.domain
    facts["state"], facts["persistent"], facts["autostart"] = status
    facts["in_live"] = live is not None
    facts["in_config"] = config is not None
    facts["config_values"] = (
        _config_values(facts, other.domain, DOMAIN_FIELDS) if other is not None else {}
    )
    redacted = [path for side in sides for path in side.redacted]
    facts["redacted"] = list(dict.fromkeys(redacted))
    if other is not None:
        _merge(main.devices, other.devices)
    facts.update(lists.facts)
    facts.update(main.devices)
    if addresses:
        _add_addresses(facts["ports"] or [], addresses)
    facts["snapshots"] = snapshots
    facts["warnings"] = list(dict.fromkeys(text for side in sides for text in side.warnings))
    facts["xml_digest"] = xml_digest(
        None if live is None else main.text, None if config is None else sides[-1].text
    )
    facts["digest"] = facts_digest(facts) if families is None else None
    facts["source_digest"] = None
    if include_xml:
        facts["xml"] = main.text
        facts["xml_config"] = other.text if other is not None else None
    return facts


def _plain(document: Document, also: t.Container[str]) -> Plain:
    return document if isinstance(document, Plain) else plain_text(document, also)


def _merge(devices: t.Dict[str, t.List[Facts]], config: t.Dict[str, t.List[Facts]]) -> None:
    """Add to the running domain's devices what the persistent definition says of them.

    Those that only the definition has come after the others of their family.
    """
    for fact, live in devices.items():
        family, others = FAMILY_BY_FACT[fact], config[fact]
        keyed = family.keyed(live) if others else {}
        for key, device in family.keyed(others).items():
            twin = keyed.get(key)
            if twin is None:
                live.append(device)
            else:
                twin["in_config"] = True
                twin["config_values"] = _config_values(twin, device, family.fields)


def _add_addresses(ports: t.List[Facts], book: AddressBook) -> None:
    """Add the addresses told from outside the XML; the first one of a port is its address."""
    for port in ports:
        known = {item["address"] for item in port["ip_addresses"]}
        told = [item for item in book.get(port["mac_address"], ()) if item["address"] not in known]
        if told:
            port["ip_addresses"] = port["ip_addresses"] + told
            port["ip_address"] = port["ip_addresses"][0]["address"]


def _config_values(live: Facts, config: Facts, fields: t.Iterable[Field]) -> Facts:
    """What the persistent definition says otherwise than the running domain."""
    values = {}
    for field in fields:
        name = field.name
        if live.get(name) == config.get(name) or field.moving or name in _PROVENANCE:
            continue
        if field.runtime and config[name] in _UNKNOWN:
            continue
        if field.comparable and field.comparable(live[name]) == field.comparable(config[name]):
            continue
        if _adds_only(live[name], config[name]):
            continue
        values[name] = config[name]
    return values


def _adds_only(live: t.Any, config: t.Any) -> bool:
    """A running domain's element has the attributes of the definition and some more.

    So has each of its elements where they are a list.
    """
    if isinstance(live, list) and isinstance(config, list):
        return len(live) == len(config) and all(
            one == other or _adds_only(one, other) for one, other in zip(live, config)
        )
    if not isinstance(live, dict) or not isinstance(config, dict):
        return False
    return all(key in live and live[key] == text for key, text in config.items())


def domain_keys() -> t.List[str]:
    """Every key of a domain's facts, but for the XML texts that are returned on demand only."""
    fields = [field.name for field in DOMAIN_FIELDS + STATUS_FIELDS]
    others = ["snapshots", "digest", "xml_digest", "source_digest"]
    return fields + [family.fact for family in FAMILIES] + others
