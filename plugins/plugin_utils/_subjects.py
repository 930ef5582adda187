# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger can be asked for: queries, their order, and the filters that make sense."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DISK,
    FAMILIES,
    INTERFACE,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    OF_VM,
    by_vm,
    disk_is,
    like,
    mac_is,
    network_is,
    on_host,
    stale_host,
    stale_vm,
    used_networks,
    used_volumes,
    volume_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    hosts,
    metadata,
    networks,
    ports,
    storage_pools,
    sync_runs,
    virtual_machines,
    vm_configurations,
    vm_snapshots,
    volume_attachments,
    volumes,
    xml_documents,
)

_vm = virtual_machines


class Subject(t.NamedTuple):
    """What can be asked for: a query, its order, and the filters that make sense for it."""

    query: t.Callable[[], t.Any]
    order: t.Sequence[t.Any]
    filters: t.Mapping[str, t.Callable[[t.Any], t.Any]]
    living: t.Sequence[t.Any]


def _with_vm(
    table: t.Any, *more: t.Any, join: t.Any = None, without: t.Container[str] = ()
) -> t.Callable[[], t.Any]:
    """The rows of a table with the VM that has them.

    :param without: columns that are too long for an answer.
    """

    def query() -> t.Any:
        source = table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        if join is not None:
            source = source.outerjoin(*join)
        context = [_vm.c.name.label("vm_name"), _vm.c.host_id, _vm.c.state.label("vm_state")]
        own = [
            column for column in table.c if column.name != "host_id" and column.name not in without
        ]
        return sa.select(*context, *own, *more).select_from(source)

    return query


def _device(family: Family) -> Subject:
    """A subject for devices that are asked for by their VM."""
    table = metadata.tables[family.table]
    more: t.List[t.Any] = []
    join = None
    if family.split:
        resource = metadata.tables[family.fact]
        facts = {field.column_name: field.name for field in family.fields if field.column}
        known = {column.name for column in table.c} | {"host_id"}
        more = [
            column.label(facts.get(column.name, column.name))
            for column in resource.c
            if column.name not in known
        ]
        join = (resource, resource.c.id == table.c[family.link])
    return Subject(
        _with_vm(table, *more, join=join),
        (_vm.c.name, table.c.ordinal, table.c.id),
        OF_VM,
        (table.c.deleted_at, _vm.c.deleted_at),
    )


def _configurations() -> t.Any:
    """What a VM was when; what it still is was seen when its host was."""
    table = vm_configurations
    last = sa.func.coalesce(table.c.last_seen_at, hosts.c.last_seen_at, type_=ty.moment())
    source = (
        table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        .outerjoin(hosts, hosts.c.id == _vm.c.host_id)
        .outerjoin(xml_documents, xml_documents.c.digest == table.c.digest)
    )
    return sa.select(
        _vm.c.name.label("vm_name"),
        _vm.c.host_id,
        table.c.vm_uuid,
        table.c.kind,
        table.c.digest,
        table.c.flags,
        table.c.first_seen_at,
        last.label("last_seen_at"),
        table.c.last_seen_at.is_(None).label("is_current"),
        table.c.host_id.label("seen_on"),
        table.c.origin,
        table.c.origin_path,
        xml_documents.c.size_bytes,
        table.c.redacted_json,
    ).select_from(source)


def _hosts() -> t.Any:
    """Hosts with the last attempt to record each."""
    run = sync_runs.alias()

    def last(column: t.Any) -> t.Any:
        newest = sa.select(column).where(run.c.host_id == hosts.c.id)
        return newest.order_by(run.c.last_at.desc(), run.c.id.desc()).limit(1).scalar_subquery()

    return sa.select(
        *hosts.c,
        last(run.c.last_at).label("last_run_at"),
        last(run.c.outcome).label("last_outcome"),
        last(run.c.reason).label("last_reason"),
    )


#: What can be asked for, by the words of the facts and tables.
SUBJECTS: t.Dict[str, Subject] = {
    "virtual_machines": Subject(
        lambda: sa.select(*_vm.c),
        (_vm.c.name, _vm.c.host_id, _vm.c.id),
        {**OF_VM, "stale": stale_vm},
        (_vm.c.deleted_at,),
    ),
    "volume_attachments": Subject(
        _with_vm(
            volume_attachments,
            volumes.c.name.label("volume_name"),
            volumes.c.source.label("volume_source"),
            volumes.c.scope.label("volume_scope"),
            join=(volumes, volumes.c.id == volume_attachments.c.volume_id),
        ),
        (_vm.c.name, volume_attachments.c.ordinal, volume_attachments.c.id),
        {**OF_VM, "volume": disk_is},
        (volume_attachments.c.deleted_at, _vm.c.deleted_at),
    ),
    "ports": Subject(
        _with_vm(ports),
        (_vm.c.name, ports.c.ordinal, ports.c.id),
        {**OF_VM, "mac": mac_is, "network": network_is},
        (ports.c.deleted_at, _vm.c.deleted_at),
    ),
    **{family.fact: _device(family) for family in FAMILIES if family not in (DISK, INTERFACE)},
    "attachments": Subject(
        _with_vm(attachment_indices),
        (_vm.c.name, attachment_indices.c.device_type, attachment_indices.c.attachment_id),
        OF_VM,
        (attachment_indices.c.deleted_at, _vm.c.deleted_at),
    ),
    "vm_configurations": Subject(
        _configurations,
        (_vm.c.name, vm_configurations.c.first_seen_at, vm_configurations.c.id),
        OF_VM,
        (vm_configurations.c.deleted_at, _vm.c.deleted_at),
    ),
    "vm_snapshots": Subject(
        _with_vm(vm_snapshots, without=("config_xml",)),
        (_vm.c.name, vm_snapshots.c.creation_time, vm_snapshots.c.id),
        OF_VM,
        (vm_snapshots.c.deleted_at, _vm.c.deleted_at),
    ),
    "volumes": Subject(
        lambda: sa.select(
            *volumes.c,
            storage_pools.c.name.label("pool_name"),
            storage_pools.c.host_id,
        ).select_from(
            volumes.outerjoin(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
        ),
        (volumes.c.name, volumes.c.id),
        {
            **by_vm(volumes.c.id, used_volumes, ("vm", "mac", "network")),
            "host_id": lambda text: sa.or_(
                like(storage_pools.c.host_id, text),
                like(volumes.c.scope, "host:" + text),
                volumes.c.id.in_(used_volumes().where(on_host(text), _vm.c.deleted_at.is_(None))),
            ),
            "volume": volume_is,
        },
        (volumes.c.deleted_at,),
    ),
    "networks": Subject(
        lambda: sa.select(*networks.c),
        (networks.c.name, networks.c.host_id),
        {
            **by_vm(networks.c.id, used_networks, ("vm", "mac", "volume")),
            "host_id": lambda text: like(networks.c.host_id, text),
            "network": lambda text: sa.or_(
                like(networks.c.name, text), like(networks.c.bridge_name, text)
            ),
        },
        (networks.c.deleted_at,),
    ),
    "storage_pools": Subject(
        lambda: sa.select(*storage_pools.c),
        (storage_pools.c.name, storage_pools.c.host_id),
        {"host_id": lambda text: like(storage_pools.c.host_id, text)},
        (storage_pools.c.deleted_at,),
    ),
    "hosts": Subject(
        _hosts,
        (hosts.c.id,),
        {
            **by_vm(
                hosts.c.id, lambda: sa.select(_vm.c.host_id), ("vm", "volume", "mac", "network")
            ),
            "host_id": lambda text: like(hosts.c.id, text),
            "stale": stale_host,
        },
        (),
    ),
    "sync_runs": Subject(
        lambda: sa.select(*sync_runs.c),
        (sync_runs.c.last_at.desc(), sync_runs.c.id.desc()),
        {"host_id": lambda text: like(sync_runs.c.host_id, text)},
        (),
    ),
}
