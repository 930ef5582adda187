# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about disks that several VMs write to."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings import media
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    in_order,
    of_vms,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    CRITICAL,
    WARNING,
    Found,
    Rule,
    names,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    storage_pools,
    volume_attachments,
    volumes,
)

_disk = volume_attachments

Writers = t.List[t.Tuple[Machine, Row]]


def _written() -> t.Any:
    """Disks that their VM writes to, with the volume behind each."""
    return (
        sa.select(
            _disk.c.vm_uuid,
            _disk.c.device_name,
            _disk.c.shareable,
            _disk.c.in_live,
            _disk.c.in_config,
            volumes.c.id,
            volumes.c.scope,
            volumes.c.source,
            volumes.c.key,
            volumes.c.identity,
            storage_pools.c.type.label("pool_type"),
        )
        .select_from(
            _disk.join(volumes, volumes.c.id == _disk.c.volume_id).outerjoin(
                storage_pools, storage_pools.c.id == volumes.c.storage_pool_id
            )
        )
        .where(
            _disk.c.deleted_at.is_(None),
            sa.or_(_disk.c.device_type.is_(None), _disk.c.device_type.in_(("disk", "lun"))),
            sa.func.coalesce(_disk.c.is_read_only, sa.false()) == sa.false(),
            sa.func.coalesce(_disk.c.transient, sa.false()) == sa.false(),
        )
    )


def _shared(reading: Reading) -> t.List[Writers]:
    """For each volume that several VMs write to, those VMs with their disks."""
    disks = list(reading.devices(_written()))
    medium = media.groups(row for _machine, row in disks)
    users: t.Dict[int, Writers] = {}
    for machine, row in disks:
        users.setdefault(medium[row["id"]], []).append((machine, row))
    # A VM that is there twice is a finding of its own.
    return [
        writers
        for writers in users.values()
        if len({machine.domain_uuid for machine, _row in writers}) > 1
    ]


def _running(writers: Writers) -> Writers:
    return [(machine, row) for machine, row in writers if machine.is_active and row["in_live"]]


def _is_conflict(writers: Writers) -> bool:
    """libvirt's rule: two VMs write, and at least one does not say that it shares."""
    several = len({machine.domain_uuid for machine, _row in writers}) > 1
    return several and not all(row["shareable"] for _machine, row in writers)


def _conflicts(reading: Reading) -> t.Iterator[Found]:
    for writers in reading.once(_shared):
        running = _running(writers)
        if _is_conflict(running):
            yield _found(running, "is written by the running VMs")


def _autostarts(reading: Reading) -> t.Iterator[Found]:
    for writers in reading.once(_shared):
        if _is_conflict(_running(writers)):
            continue
        starting = [
            (machine, row)
            for machine, row in writers
            if (machine.is_active and row["in_live"]) or (machine.autostart and row["in_config"])
        ]
        if _is_conflict(starting):
            yield _found(starting, "will be written by several VMs once all start by themselves:")


def _found(writers: Writers, what: str) -> Found:
    machines = in_order({machine.uuid: machine for machine, _row in writers}.values())
    sources = sorted({row["source"] for _machine, row in writers})
    disks = [
        {
            "vm": machine.name,
            "host_id": machine.host_id,
            "device_name": row["device_name"],
            "shareable": bool(row["shareable"]),
            "source": row["source"],
        }
        for machine, row in itertools.islice(writers, 50)
    ]
    summary = "Volume {0} {1} {2}".format(sources[0], what, names(map(str, machines)))
    identity = min(row["identity"] or str(row["id"]) for _machine, row in writers)
    details = {"disks": disks, "sources": sources[:20]}
    return of_vms(machines, volumes, sources[0], summary, details, identity)


RULES = (
    Rule(
        "shared_disk",
        CRITICAL,
        "Running VMs write to one disk",
        "Two running VMs have the same volume as a disk that both write to, and not all of them "
        "say <shareable/>. This is the rule of libvirt's own locks. Disks that are read-only or "
        "transient, CD-ROMs and floppies are none of it. Volumes count as the same by the "
        "ledger's identity, by links in /dev to one LUN or logical volume, and by servers of one "
        "Ceph or Gluster image. Without a cluster file system the data is damaged already, or "
        "soon will be.",
        "Stop one of the VMs and check the file system. If the guests are a cluster, say "
        "<shareable/> in all of them, with a raw image and cache='none'.",
        _conflicts,
    ),
    Rule(
        "shared_disk_autostart",
        WARNING,
        "VMs that start by themselves would write to one disk",
        "As shared_disk, but of VMs of which some do not run yet: each runs or starts with its "
        "host.",
        "Take away the autostart of all but one (virsh autostart --disable), or give each a disk "
        "of its own.",
        _autostarts,
    ),
)
