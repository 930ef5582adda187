# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypervisors as an inventory has them."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import stale_host
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.machines import (
    read_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.nics import (
    port_groups_of,
    vlans_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.patterns import any_like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.rows import (
    Row,
    begun,
    finished,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import Wanted
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    storage_pools,
    virtual_machines,
)

_vm = virtual_machines


def read_hypervisors(connection: t.Any, wanted: Wanted) -> t.List[Row]:
    """The hypervisors that are wanted: those with a VM that all filters but ``hosts`` choose."""
    found = {row["name"]: row for row in _hosts(connection, wanted)}
    if set(wanted.filters) - {"hosts"}:
        used = {row["host_id"] for row in read_machines(connection, wanted)}
        found = {name: row for name, row in found.items() if name in used}
    living = _vm.c.deleted_at.is_(None)
    count = sa.select(_vm.c.host_id, _vm.c.state, sa.func.count()).where(living)
    for host_id, state, number in connection.execute(count.group_by(_vm.c.host_id, _vm.c.state)):
        if host_id in found:
            found[host_id]["vm_count"] += number
            found[host_id]["vm_active_vm_count"] += number if state == "running" else 0
    _add_networks(connection, found)
    pools = sa.select(storage_pools.c.host_id, storage_pools.c.name)
    for host_id, name in connection.execute(pools.where(storage_pools.c.deleted_at.is_(None))):
        if host_id in found:
            found[host_id]["pools"].add(name)
    return [finished(row) for row in found.values()]


def _hosts(connection: t.Any, wanted: Wanted) -> t.Iterator[Row]:
    statement = sa.select(
        hosts.c.id.label("name"),
        hosts.c.state,
        *(hosts.c[field.column_name].label(field.name) for field in HYPERVISOR_FIELDS),
        hosts.c.last_seen_at,
        hosts.c.last_complete_at,
    )
    patterns = wanted.filters.get("hosts")
    if patterns and patterns.wanted:
        statement = statement.where(any_like(hosts.c.id, patterns.wanted))
    if wanted.max_age is not None:
        statement = statement.where(sa.not_(stale_host(wanted.max_age)))
    for found in connection.execute(statement.order_by(hosts.c.id)).mappings():
        if not patterns or patterns.match([found["name"]]):
            yield {**begun(found), "vm_count": 0, "vm_active_vm_count": 0}


def _add_networks(connection: t.Any, found: t.Mapping[str, Row]) -> None:
    statement = sa.select(
        networks.c.host_id,
        networks.c.name,
        networks.c.bridge_name,
        networks.c.vlan_tags_json,
        networks.c.port_groups_json,
    ).where(networks.c.deleted_at.is_(None))
    for host_id, name, bridge, tags, groups in connection.execute(statement):
        if host_id not in found:
            continue
        row = found[host_id]
        row["networks"].add(name)
        row["bridges"].update(filter(None, (bridge,)))
        row["vlans"].update(vlans_of(tags))
        for group in port_groups_of(groups):
            row["vlans"].update(vlans_of(group.get("vlan_tags")))
