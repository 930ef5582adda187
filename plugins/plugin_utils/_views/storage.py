# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of disks, file systems, volumes, who uses them, and storage pools."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import DISK, FILESYSTEM
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    storage_pools,
    virtual_machines,
    volume_attachments,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import (
    Column,
    View,
    count,
    flag,
    living,
    number_of,
    of_vm,
    told,
    with_vm,
)

_vm = virtual_machines
_filesystems = metadata.tables["filesystems"]
_mounts = metadata.tables["filesystem_attachments"]


def _volume_columns() -> t.List[Column]:
    """The volume of a disk."""
    return [
        Column("volume_id", "integer", "the volume, `id` of `ledger_volumes`", volumes.c.id),
        Column("volume_name", "text", "the volume's name", volumes.c.name),
        Column("volume_source", "text", "where its data is", volumes.c.source),
        Column("volume_scope", "text", "`host:` and a host, or `fleet`", volumes.c.scope),
    ]


_POOL_NAME = "the storage pool that the volume is in, where one is known"


def _pooled(source: t.Any) -> t.Any:
    """Volumes with their pools."""
    return source.outerjoin(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)


def disks() -> View:
    """``ledger_disks``."""
    table, disk = volume_attachments, DISK.fields
    columns = [
        number_of(table, "the disk"),
        *of_vm(),
        *told(disk, table, "device_name", "device_type", "bus_type", "source_type", "source_ref"),
        *told(disk, table, "driver_format", "driver_cache", "driver_io", "driver_discard"),
        *told(disk, table, "is_read_only", "shareable", "serial", "wwn", "boot_order"),
        *told(disk, table, "in_live", "in_config"),
        *_volume_columns(),
        Column("pool_name", "text", _POOL_NAME, storage_pools.c.name),
        *told(VOLUME_FIELDS, volumes, "capacity_bytes", "allocation_bytes"),
    ]
    source = _pooled(with_vm(table).outerjoin(volumes, volumes.c.id == table.c.volume_id))
    doc = "A disk, CD-ROM, LUN or floppy of a VM, with the volume behind it."
    return View("ledger_disks", doc, columns, source, living(table, _vm))


def filesystems() -> View:
    """``ledger_filesystems``."""
    fields = FILESYSTEM.fields
    columns = [
        number_of(_mounts, "the file system's attachment"),
        *of_vm(),
        *told(fields, _filesystems, "type", "driver_type", "source_path", "target_path"),
        *told(fields, _filesystems, "usage", "socket_path", "access_mode", "is_read_only"),
        *told(fields, _mounts, "in_live", "in_config"),
    ]
    source = with_vm(_mounts).join(_filesystems, _filesystems.c.id == _mounts.c.filesystem_id)
    doc = "A file system that a host shares with a VM."
    return View("ledger_filesystems", doc, columns, source, living(_mounts, _vm))


def all_volumes() -> View:
    """``ledger_volumes``."""
    table = volume_attachments
    users = count(table, table.c.volume_id == volumes.c.id, *living(table))
    columns = [
        number_of(volumes, "the volume"),
        *told(VOLUME_FIELDS, volumes, "name"),
        Column(
            "scope",
            "text",
            "`host:` and a host, or `fleet`: who has what is called so",
            volumes.c.scope,
        ),
        Column("source", "text", "where the data is", volumes.c.source),
        *told(VOLUME_FIELDS, volumes, "path", "type", "format", "capacity_bytes"),
        *told(VOLUME_FIELDS, volumes, "allocation_bytes", "physical_bytes", "backing_path"),
        Column(
            "pool_id", "integer", "the storage pool, `id` of `ledger_pools`", storage_pools.c.id
        ),
        Column("pool_name", "text", "its name", storage_pools.c.name),
        Column("host_id", "text", "the host that the pool is on", storage_pools.c.host_id),
        Column("user_count", "integer", "how many disks of VMs it is behind", users),
    ]
    doc = "A volume of a storage pool, or behind a disk of a VM."
    return View("ledger_volumes", doc, columns, _pooled(volumes), living(volumes))


def volume_users() -> View:
    """``ledger_volume_users``."""
    table = volume_attachments
    columns = [
        *_volume_columns(),
        Column("pool_name", "text", _POOL_NAME, storage_pools.c.name),
        *of_vm(),
        Column("disk_id", "integer", "the disk, `id` of `ledger_disks`", table.c.id),
        *told(DISK.fields, table, "device_name", "is_read_only", "shareable"),
    ]
    source = _pooled(with_vm(table).join(volumes, volumes.c.id == table.c.volume_id))
    doc = "A volume with a disk that it is behind; one that several VMs share has a row for each."
    return View("ledger_volume_users", doc, columns, source, living(table, volumes, _vm))


def pools() -> View:
    """``ledger_pools``."""
    inside = count(volumes, volumes.c.storage_pool_id == storage_pools.c.id, *living(volumes))
    promised = sa.select(sa.cast(sa.func.sum(volumes.c.capacity_bytes), sa.BigInteger())).where(
        volumes.c.storage_pool_id == storage_pools.c.id, *living(volumes)
    )
    columns = [
        number_of(storage_pools, "the pool"),
        Column("host_id", "text", "the host that has it", storage_pools.c.host_id),
        *told(POOL_FIELDS, storage_pools, "name", "uuid", "type", "path", "capacity_bytes"),
        *told(POOL_FIELDS, storage_pools, "allocation_bytes", "available_bytes", "active"),
        *told(POOL_FIELDS, storage_pools, "persistent", "autostart"),
        Column("volume_count", "integer", "how many volumes it has", inside),
        Column(
            "promised_bytes",
            "integer",
            "sum of their sizes, which may be more than the pool has",
            promised.scalar_subquery(),
        ),
        Column(
            "is_over_committed",
            "boolean",
            "that sum is more than the pool has",
            flag(promised.scalar_subquery() > storage_pools.c.capacity_bytes),
        ),
    ]
    doc = "A storage pool of a host."
    return View("ledger_pools", doc, columns, storage_pools, living(storage_pools))
