# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots and checkpoints: their facts, and reading them from a hypervisor."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import libvirt
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import Report, Walk
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.snapshot import (
    SNAPSHOT_FIELDS,
    SNAPSHOT_SKIPPED,
    SNAPSHOT_TAGS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact as _redact

Facts = t.Dict[str, t.Any]

#: UUIDs of the domains that have snapshots or checkpoints, by kind.
Owners = t.Dict[str, t.Set[str]]

_WALK = Walk(SNAPSHOT_FIELDS, skip=SNAPSHOT_SKIPPED)


def snapshot_facts(
    text: t.Union[str, bytes],
    kind: str,
    is_current: t.Optional[bool],
    redact: t.Container[str] = (),
    backend: str = "",
) -> Facts:
    """The facts of one snapshot or checkpoint.

    A creation time that is no number is null: the XML is there with it.

    :param kind: ``snapshot`` or ``checkpoint``.
    :param is_current: the domain goes on from it, null where that is not known.
    :param redact: secrets to remove besides those that always are, of :data:`_options.REMOVABLE`.
    :param backend: the XML parser, see :func:`_xml.parse`.
    :raises XmlError: the document is refused, or of another kind.
    """
    plain, redacted = _redact(_xml.decode(text), redact)
    root = _xml.parse_text(plain, backend)
    if root.tag != SNAPSHOT_TAGS[kind]:
        raise XmlError(
            "The root element is <{0}>, not libvirt's <{1}>.".format(root.tag, SNAPSHOT_TAGS[kind])
        )
    facts = _WALK.read(root, Report())
    if not isinstance(facts["creation_time"], int):
        facts["creation_time"] = None
    facts.update(kind=kind, is_current=is_current, config_xml=plain, redacted=redacted)
    return facts


def in_order(snapshots: t.Iterable[Facts]) -> t.List[Facts]:
    """Snapshots by creation time and name; those without a time come last."""
    return sorted(
        snapshots,
        key=lambda facts: (
            facts["creation_time"] is None,
            facts["creation_time"] or 0,
            str(facts["name"]),
            facts["kind"],
        ),
    )


def list_owners(conn: t.Any) -> Owners:
    """Which domains have snapshots and which have checkpoints, by one list call each.

    A driver or daemon that knows none of a kind has none.

    :raises libvirt.libvirtError: a listing fails.
    """
    flags = {
        "snapshot": libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
        "checkpoint": getattr(libvirt, "VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT", None),
    }
    owners: Owners = {}
    for kind, flag in flags.items():
        owners[kind] = set()
        if flag is not None:
            try:
                owners[kind] = {handle.UUIDString() for handle in conn.listAllDomains(flag)}
            except libvirt.libvirtError as error:
                # A daemon that is older than the binding refuses the flag as invalid.
                unknown = (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_INVALID_ARG)
                if error.get_error_code() not in unknown:
                    raise
    return owners


def read_snapshots(domain: t.Any, owners: Owners, redact: t.Container[str]) -> t.List[Facts]:
    """The snapshots and checkpoints of one domain, in order.

    :param domain: libvirt's handle.
    :raises libvirt.libvirtError: they cannot be read.
    :raises XmlError: one of them is refused.
    """
    uuid = domain.UUIDString()
    found = []
    if uuid in owners["snapshot"]:
        current = domain.snapshotCurrent(0).getName() if domain.hasCurrentSnapshot(0) else None
        for item in domain.listAllSnapshots(0):
            found += _read(item, "snapshot", item.getName() == current, redact)
    if uuid in owners["checkpoint"]:
        for item in domain.listAllCheckpoints(0):
            found += _read(item, "checkpoint", None, redact)
    return in_order(found)


def _read(
    item: t.Any, kind: str, is_current: t.Optional[bool], redact: t.Container[str]
) -> t.List[Facts]:
    """One snapshot's facts; none where it was removed since it was listed."""
    try:
        text = item.getXMLDesc(0)
    except libvirt.libvirtError as error:
        gone = (
            libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT,
            getattr(libvirt, "VIR_ERR_NO_DOMAIN_CHECKPOINT", None),
        )
        if error.get_error_code() in gone:
            return []
        raise
    return [snapshot_facts(text, kind, is_current, redact)]
