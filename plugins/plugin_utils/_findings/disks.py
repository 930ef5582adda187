# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about single disks."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    of_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    INFO,
    WARNING,
    Found,
    Rule,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    volume_attachments,
    volumes,
)

_disk = volume_attachments

_REMOVABLE = ("cdrom", "floppy")


def _select(*more: t.Any) -> t.Any:
    columns = (_disk.c.vm_uuid, _disk.c.device_name, _disk.c.device_type, _disk.c.source_ref)
    return sa.select(*columns, *more).where(_disk.c.deleted_at.is_(None))


def _of_disk(machine: Machine, row: Row, text: str, **details: t.Any) -> Found:
    name = row["device_name"] or "?"
    told = ", {0} {1}{2}".format(row["device_type"] or "disk", name, text)
    return of_vm(machine, _disk, name, told, {"source": row["source_ref"], **details}, name)


def _media(reading: Reading) -> t.Iterator[Found]:
    query = _select().where(_disk.c.device_type.in_(_REMOVABLE), _disk.c.source_ref.is_not(None))
    for machine, row in reading.devices(query):
        yield _of_disk(machine, row, " has a medium: {0}".format(row["source_ref"]))


def _unsafe(reading: Reading) -> t.Iterator[Found]:
    query = _select(_disk.c.is_read_only, _disk.c.transient)
    for machine, row in reading.devices(query.where(_disk.c.driver_cache == "unsafe")):
        if not (row["is_read_only"] or row["transient"] or row["device_type"] in _REMOVABLE):
            yield _of_disk(machine, row, " has cache='unsafe'")


def _unformatted(reading: Reading) -> t.Iterator[Found]:
    """By the chain that the XML has, else by what the pool tells of the volume."""
    query = (
        _select(_disk.c.backing_chain_json, volumes.c.backing_path, volumes.c.backing_format)
        .select_from(_disk.outerjoin(volumes, volumes.c.id == _disk.c.volume_id))
        .where(
            sa.or_(
                _disk.c.backing_chain_json.is_not(None),
                volumes.c.backing_path.is_not(None) & volumes.c.backing_format.is_(None),
            )
        )
    )
    for machine, row in reading.devices(query):
        path = _without_format(row)
        if path is not None:
            yield _of_disk(machine, row, " has a backing file without a format: " + path, file=path)


def _without_format(row: Row) -> t.Optional[str]:
    """The first backing file of which no format is told."""
    chain = row["backing_chain_json"]
    if isinstance(chain, list):
        for layer in chain:
            source = layer.get("source")
            if source and not layer.get("format"):
                return str(next(iter(source.values())))
        return None
    path = row["backing_path"] if not row["backing_format"] else None
    return None if path is None else str(path)


RULES = (
    Rule(
        "media_inserted",
        INFO,
        "A CD-ROM or floppy drive has a medium",
        "A medium in a drive keeps its file in use, may be booted from, and stands in the way of "
        "a migration to a host that has no such file.",
        "Eject it once it is not needed any more: virsh change-media VM DEVICE --eject.",
        _media,
    ),
    Rule(
        "cache_unsafe",
        WARNING,
        "A disk has cache='unsafe'",
        "QEMU ignores that the guest asks for data to be written, so a crash of the host leaves "
        "a damaged file system. Disks that are read-only or transient are not told.",
        "Use cache='none' or 'writeback'; keep 'unsafe' for what can be made anew, and ignore it "
        "there.",
        _unsafe,
    ),
    Rule(
        "backing_format_missing",
        WARNING,
        "A backing file has no format",
        "The overlay does not say which format its backing file has. libvirt and QEMU refuse to "
        "guess by now, or take it for raw; a guess is a hole, since a guest could write a header "
        "that leads to another file of the host.",
        "Write it into the overlay while the VM is off: qemu-img rebase -u -F FORMAT -b BACKING "
        "OVERLAY.",
        _unformatted,
    ),
)
