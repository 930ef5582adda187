# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything else that refers to something, and what may be there once only."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import CHANGES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.places import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.snapshots import SNAPSHOT
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    hosts,
    metadata,
    networks,
    port_bindings,
    ports,
    storage_pools,
    sync_runs,
    virtual_machines,
    vm_configurations,
    vm_snapshots,
    volumes,
    xml_documents,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import (
    Rule,
    dangling,
    living,
    repeated,
    select,
)

_vm = virtual_machines

#: A VM that runs on two hosts is recorded as it is; what is wrong is the fleet.
RUNNING_TWICE = "vm_running_twice"


def rules() -> t.Iterator[Rule]:
    """All rules about references and uniqueness."""
    yield from _to_hosts()
    yield from _to_networks_and_pools()
    yield from _to_vms()
    yield from _archived()
    yield from _changes()
    yield from _once()
    yield from _vms()


def _to_hosts() -> t.Iterator[Rule]:
    for table in (
        _vm,
        storage_pools,
        networks,
        vm_configurations,
        changes,
        metadata.tables["consoles"],
        metadata.tables["host_devices"],
    ):
        yield dangling("host_missing", table, table.c.host_id, hosts.c.id)
    for table in (_vm, storage_pools, networks):
        yield Rule(
            "host_missing",
            table,
            select(table, table.c.name).where(living(table), table.c.host_id.is_(None)),
            "{name} belongs to no host",
        )


def _to_networks_and_pools() -> t.Iterator[Rule]:
    table = port_bindings
    yield dangling("pool_missing", volumes, volumes.c.storage_pool_id, storage_pools.c.id)
    yield dangling("network_missing", table, table.c.network_id, networks.c.id, living(table))
    there = (ports.c.id == table.c.port_id) & living(ports)
    yield Rule(
        "port_missing",
        table,
        select(table, table.c.port_id)
        .select_from(table.outerjoin(ports, there))
        .where(living(table), ports.c.id.is_(None)),
        "it binds port {port_id}, which is not there",
    )
    yield Rule(
        "network_missing",
        table,
        select(table, table.c.port_id).where(living(table), table.c.network_id.is_(None)),
        "it binds port {port_id} to nothing",
    )


def _to_vms() -> t.Iterator[Rule]:
    for table in (vm_snapshots, vm_configurations):
        yield Rule(
            "vm_missing",
            table,
            select(table, table.c.vm_uuid)
            .select_from(table.outerjoin(_vm, _vm.c.uuid == table.c.vm_uuid))
            .where(living(table), _vm.c.id.is_(None)),
            "it belongs to VM {vm_uuid}, which is not there",
        )
    table = vm_snapshots
    yield Rule(
        "snapshot_of_gone_vm",
        table,
        select(table, table.c.name, table.c.vm_uuid)
        .select_from(table.join(_vm, _vm.c.uuid == table.c.vm_uuid))
        .where(living(table), _vm.c.deleted_at.is_not(None)),
        "snapshot {name} belongs to VM {vm_uuid}, which is marked as gone",
    )


def _archived() -> t.Iterator[Rule]:
    table = vm_configurations
    yield dangling("document_missing", table, table.c.digest, xml_documents.c.digest)
    yield Rule(
        "document_missing",
        table,
        select(table, table.c.vm_uuid).where(table.c.digest.is_(None)),
        "the configuration of VM {vm_uuid} names no document",
    )
    used = table.c.digest == xml_documents.c.digest
    yield Rule(
        "document_unused",
        xml_documents,
        select(xml_documents)
        .select_from(xml_documents.outerjoin(table, used))
        .where(table.c.id.is_(None)),
        "no configuration has it",
    )


def _changes() -> t.Iterator[Rule]:
    table = changes
    yield dangling("run_missing", table, table.c.run_id, sync_runs.c.id)
    yield dangling("vm_missing", table, table.c.vm_uuid, _vm.c.uuid)
    yield Rule(
        "change_unknown",
        table,
        select(table, table.c.object_type, table.c.change).where(
            table.c.seen_at.is_(None)
            | table.c.change.is_(None)
            | table.c.change.not_in(CHANGES)
            | table.c.object_type.is_(None)
        ),
        "change {change} of one of {object_type} is none, or has no time",
    )


def _once() -> t.Iterator[Rule]:
    yield repeated("vm_uuid_twice", _vm, [_vm.c.uuid])
    yield repeated(
        "vm_twice",
        _vm,
        [_vm.c.host_id, _vm.c.domain_uuid],
        living(_vm),
        _vm.c.domain_uuid.is_not(None),
    )
    yield repeated("volume_twice", volumes, [volumes.c.identity], volumes.c.identity.is_not(None))
    yield repeated("network_twice", networks, [networks.c.host_id, networks.c.name])
    pools = storage_pools
    yield repeated("pool_twice", pools, [pools.c.host_id, pools.c.name], living(pools))
    yield repeated(
        "port_bound_twice", port_bindings, [port_bindings.c.port_id], living(port_bindings)
    )
    table = vm_snapshots
    kind = sa.func.coalesce(table.c.kind, SNAPSHOT).label("kind")
    yield repeated("snapshot_twice", table, [table.c.vm_uuid, kind, table.c.name], living(table))


def _vms() -> t.Iterator[Rule]:
    yield Rule(
        "vm_uuid_missing",
        _vm,
        select(_vm, _vm.c.name, _vm.c.host_id).where(_vm.c.uuid.is_(None)),
        "VM {name} on {host_id} has no uuid",
    )
    other = _vm.alias()
    both = (
        (other.c.domain_uuid == _vm.c.domain_uuid)
        & (other.c.id > _vm.c.id)
        & (other.c.host_id != _vm.c.host_id)
    )
    yield Rule(
        RUNNING_TWICE,
        _vm,
        select(_vm, _vm.c.name, _vm.c.domain_uuid, _vm.c.host_id)
        .add_columns(other.c.host_id.label("other_host"))
        .select_from(_vm.join(other, both))
        .where(
            living(_vm),
            living(other),
            _vm.c.state.in_(sorted(ACTIVE)),
            other.c.state.in_(sorted(ACTIVE)),
        ),
        "VM {name} ({domain_uuid}) runs on {host_id} and on {other_host}",
    )
