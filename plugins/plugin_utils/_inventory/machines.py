# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs as an inventory has them: a few statements for all of them, whatever their number."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILY_BY_FACT,
    STATUS_FIELDS,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.conditions import (
    conditions,
    network_of_port,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.marks import (
    marks_of,
    os_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.nics import add_nic
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.rows import (
    Row,
    begun,
    finished,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import (
    FILTERS,
    Wanted,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    metadata,
    networks,
    ports,
    storage_pools,
    virtual_machines,
    volume_attachments,
    volumes,
)

_vm = virtual_machines
_disk = volume_attachments

#: The facts that an inventory has of every VM.
_SUMMARY = (
    "name",
    "title",
    "description",
    "virt_type",
    "os_type",
    "arch",
    "machine",
    "firmware",
    "vcpu_count",
    "vcpu_current_count",
    "memory_bytes",
    "current_memory_bytes",
    "os_id",
    "state",
    "persistent",
    "autostart",
)

_FACTS = {field.name: field for field in DOMAIN_FIELDS + STATUS_FIELDS if field.name != "uuid"}

_IN_COMMON = frozenset(field.name for field in COMMON)


def read_machines(connection: t.Any, wanted: Wanted) -> t.List[Row]:
    """The VMs that are wanted, in the order of hosts and names.

    Of each: facts by their names, ``uuid`` (the ledger's), ``domain_uuid``, ``host_id``, what is
    found in its metadata, on its NICs and disks, and a list for each wanted family.
    """
    where = conditions(wanted)
    machines = {row["uuid"]: row for row in _machines(connection, wanted, where)}
    chosen = sa.select(_vm.c.uuid).where(*where)
    for row in connection.execute(_nics().where(ports.c.vm_uuid.in_(chosen))).mappings():
        if row["vm_uuid"] in machines:
            add_nic(machines[row["vm_uuid"]], row)
    for uuid, source, pool in connection.execute(_pools().where(_disk.c.vm_uuid.in_(chosen))):
        name = pool or (source.get("@pool") if isinstance(source, dict) else None)
        if name and uuid in machines:
            machines[uuid]["pools"].add(name)
    found = [row for row in machines.values() if _is_wanted(finished(row), wanted)]
    for fact in wanted.families:
        _add_devices(connection, FAMILY_BY_FACT[fact], chosen, found)
    return found


def _machines(connection: t.Any, wanted: Wanted, where: t.List[t.Any]) -> t.Iterator[Row]:
    names = list(_FACTS) if wanted.full else [*_SUMMARY]
    facts = [_vm.c[_FACTS[name].column_name].label(name) for name in names]
    if not wanted.full:
        facts.append(_vm.c.metadata_json.label("metadata"))
    statement = (
        sa.select(
            _vm.c.uuid,
            _vm.c.domain_uuid,
            _vm.c.host_id,
            *facts,
            _vm.c.observed_at,
            hosts.c.last_complete_at.label("host_seen_at"),
            _vm.c.deleted_at.label("gone_at"),
        )
        .select_from(_vm.outerjoin(hosts, hosts.c.id == _vm.c.host_id))
        .where(*where)
        .order_by(_vm.c.host_id, _vm.c.name, _vm.c.id)
    )
    for found in connection.execute(statement).mappings():
        row = begun(found)
        marks = marks_of(row["metadata"] if wanted.full else row.pop("metadata"))
        row["os"], row["os_name"], row["os_version"] = os_of(row["os_id"])
        row.update(tags=marks.tags, labels=marks.labels, marks=marks.texts)
        row.update(mac_addresses=[], addresses=[])
        yield row


def _nics() -> t.Any:
    """NICs with what the network of each says of its bridge and VLANs."""
    source = ports.join(_vm, _vm.c.uuid == ports.c.vm_uuid).outerjoin(networks, network_of_port())
    return (
        sa.select(
            ports.c.vm_uuid,
            ports.c.mac_address,
            ports.c.network_name,
            ports.c.bridge_name,
            ports.c.port_group,
            ports.c.vlan_tags_json,
            ports.c.ip_address,
            ports.c.ip_addresses_json,
            networks.c.bridge_name.label("network_bridge"),
            networks.c.vlan_tags_json.label("network_vlans"),
            networks.c.port_groups_json.label("port_groups"),
        )
        .select_from(source)
        .where(ports.c.deleted_at.is_(None))
        .order_by(ports.c.vm_uuid, ports.c.ordinal, ports.c.id)
    )


def _pools() -> t.Any:
    """Disks of volumes in pools: the VM, the disk's own source, and the pool if it is recorded."""
    source = _disk.outerjoin(volumes, volumes.c.id == _disk.c.volume_id).outerjoin(
        storage_pools, storage_pools.c.id == volumes.c.storage_pool_id
    )
    named = _disk.c.source_type == "volume"
    return (
        sa.select(
            _disk.c.vm_uuid,
            sa.case((named, _disk.c.source_json)).label("source"),
            storage_pools.c.name,
        )
        .select_from(source)
        .where(_disk.c.deleted_at.is_(None), sa.or_(named, storage_pools.c.name.isnot(None)))
    )


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    return all(
        patterns.match(_values(row, FILTERS[name])) for name, patterns in wanted.filters.items()
    )


def _values(row: Row, key: str) -> t.List[str]:
    value = row[key]
    return [str(item) for item in (value if isinstance(value, list) else [value]) if item]


def _add_devices(connection: t.Any, family: Family, chosen: t.Any, machines: t.List[Row]) -> None:
    """A list of each VM's devices of one family, with the names of the facts."""
    table = metadata.tables[family.table]
    resource = metadata.tables[family.fact]
    columns = [
        (table if field.name in _IN_COMMON else resource).c[field.column_name].label(field.name)
        for field in family.fields
    ]
    source: t.Any = table
    if family.split:
        source = table.outerjoin(resource, resource.c.id == table.c[family.link])
    statement = (
        sa.select(table.c.vm_uuid, *columns)
        .select_from(source)
        .where(table.c.deleted_at.is_(None), table.c.vm_uuid.in_(chosen))
        .order_by(table.c.vm_uuid, table.c.ordinal, table.c.id)
    )
    devices = collections.defaultdict(list)
    for found in connection.execute(statement).mappings():
        device = dict(found)
        devices[device.pop("vm_uuid")].append(device)
    for row in machines:
        row[family.fact] = devices.get(row["uuid"], [])
