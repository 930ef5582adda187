# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger can be asked for of storage: disks, volumes, who uses them, and pools."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import disk_is_pci, like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._conditions import (
    disk_in_pool,
    disk_is,
    disk_serial_is,
    in_pool,
    pool_is,
    volume_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    OF_VM,
    Condition,
    Later,
    by_vm,
    on_host,
    used_pools,
    used_volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subject import (
    Subject,
    of_vm,
    with_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    storage_pools,
    virtual_machines,
    volume_attachments,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._unused import unused

_vm = virtual_machines


def _volumes() -> t.Any:
    """Volumes with their pool, and how many disks have each."""
    living = sa.and_(
        volume_attachments.c.volume_id == volumes.c.id, volume_attachments.c.deleted_at.is_(None)
    )
    users = sa.select(sa.func.count()).select_from(volume_attachments).where(living)
    return sa.select(
        *volumes.c,
        storage_pools.c.name.label("pool_name"),
        storage_pools.c.host_id,
        users.scalar_subquery().label("user_count"),
    ).select_from(volumes.outerjoin(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id))


def _volume_users() -> t.Any:
    """Volumes with the disks of VMs that they are behind."""
    disks = volume_attachments
    return sa.select(
        disks.c.volume_id,
        volumes.c.name.label("volume_name"),
        volumes.c.source.label("volume_source"),
        volumes.c.scope.label("volume_scope"),
        volumes.c.format,
        volumes.c.capacity_bytes,
        storage_pools.c.name.label("pool_name"),
        _vm.c.host_id,
        disks.c.vm_uuid,
        _vm.c.name.label("vm_name"),
        _vm.c.state.label("vm_state"),
        disks.c.device_name,
        disks.c.is_read_only,
        disks.c.shareable,
    ).select_from(
        disks.join(volumes, volumes.c.id == disks.c.volume_id)
        .join(_vm, _vm.c.uuid == disks.c.vm_uuid)
        .outerjoin(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
    )


def _volume_on(text: str) -> t.Any:
    """A volume that a host has or its VMs use."""
    return sa.or_(
        like(storage_pools.c.host_id, text),
        like(volumes.c.scope, "host:" + text),
        volumes.c.id.in_(used_volumes().where(on_host(text), _vm.c.deleted_at.is_(None))),
    )


def _pool_of(text: str) -> t.Any:
    """The pool that a volume is in."""
    return storage_pools.c.id.in_(sa.select(volumes.c.storage_pool_id).where(volume_is(text)))


_DISKS: t.Dict[str, Condition] = {
    "volume": disk_is,
    "pool": disk_in_pool,
    "serial": disk_serial_is,
    "pci": disk_is_pci,
}

#: By their names.
STORAGE: t.Dict[str, Subject] = {
    "volume_attachments": of_vm(
        volume_attachments,
        with_vm(
            volume_attachments,
            volumes.c.name.label("volume_name"),
            volumes.c.source.label("volume_source"),
            volumes.c.scope.label("volume_scope"),
            join=(volumes, volumes.c.id == volume_attachments.c.volume_id),
        ),
        (volume_attachments.c.ordinal, volume_attachments.c.id),
        **_DISKS,
    ),
    "volumes": Subject(
        _volumes,
        (volumes.c.name, volumes.c.id),
        {
            **by_vm(volumes.c.id, used_volumes, ("host_id", "volume", "pool")),
            "host_id": _volume_on,
            "volume": volume_is,
            "pool": in_pool,
            "unused": lambda wanted: Later(
                lambda connection: unused(connection) if wanted else sa.not_(unused(connection))
            ),
        },
        (volumes.c.deleted_at,),
    ),
    "volume_users": Subject(
        _volume_users,
        (volumes.c.name, volumes.c.id, _vm.c.name, volume_attachments.c.id),
        {**OF_VM, **_DISKS},
        (volume_attachments.c.deleted_at, volumes.c.deleted_at, _vm.c.deleted_at),
    ),
    "storage_pools": Subject(
        lambda: sa.select(*storage_pools.c),
        (storage_pools.c.name, storage_pools.c.host_id),
        {
            **by_vm(storage_pools.c.id, used_pools, ("host_id", "volume", "pool", "autostart")),
            "host_id": lambda text: like(storage_pools.c.host_id, text),
            "volume": _pool_of,
            "pool": pool_is,
            "autostart": storage_pools.c.autostart.is_,
        },
        (storage_pools.c.deleted_at,),
    ),
}
