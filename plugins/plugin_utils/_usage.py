# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts have, and how much of it their VMs were promised."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    storage_pools,
    virtual_machines,
)

_vm = virtual_machines

_ZERO: t.Any = sa.literal_column("0")
_ONE: t.Any = sa.literal_column("1")


def _sum(column: t.Any) -> t.Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(column), _ZERO), sa.BigInteger())


def _if_active(column: t.Any) -> t.Any:
    return sa.case((is_active(), column), else_=_ZERO)


def is_active() -> t.Any:
    """The condition that a VM has been started."""
    return _vm.c.state.in_([sa.literal(state, sa.String()) for state in ACTIVE])


def vms_by_host() -> t.Any:
    """What the living VMs of each host add up to, as a subquery."""
    return (
        sa.select(
            _vm.c.host_id,
            _sum(_ONE).label("vm_count"),
            _sum(_if_active(_ONE)).label("active_vm_count"),
            _sum(_vm.c.v_cpu_count).label("vcpu_count"),
            _sum(_if_active(_vm.c.v_cpu_count)).label("active_vcpu_count"),
            _sum(_vm.c.memory_bytes).label("vm_memory_bytes"),
            _sum(_if_active(_vm.c.memory_bytes)).label("active_memory_bytes"),
        )
        .where(_vm.c.deleted_at.is_(None))
        .group_by(_vm.c.host_id)
        .subquery("of_vms")
    )


def pools_by_host() -> t.Any:
    """What the living storage pools of each host add up to, as a subquery."""
    pools = storage_pools
    return (
        sa.select(
            pools.c.host_id,
            _sum(_ONE).label("pool_count"),
            _sum(pools.c.capacity_bytes).label("pool_capacity_bytes"),
            _sum(pools.c.allocation_bytes).label("pool_allocation_bytes"),
        )
        .where(pools.c.deleted_at.is_(None))
        .group_by(pools.c.host_id)
        .subquery("of_pools")
    )


def usage_columns(of_vms: t.Any, of_pools: t.Any) -> t.List[t.Any]:
    """The sums of a host, and their ratio to what it has; null where that is not known."""
    sums = [
        sa.func.coalesce(column, _ZERO).label(column.name)
        for column in (*of_vms.c, *of_pools.c)
        if column.name != "host_id"
    ]
    return [
        *sums,
        _ratio(of_vms.c.vcpu_count, hosts.c.cpu_count).label("vcpu_ratio"),
        _ratio(of_vms.c.active_vcpu_count, hosts.c.cpu_count).label("active_vcpu_ratio"),
        _ratio(of_vms.c.vm_memory_bytes, hosts.c.memory_bytes).label("memory_ratio"),
        _ratio(of_vms.c.active_memory_bytes, hosts.c.memory_bytes).label("active_memory_ratio"),
    ]


def _ratio(part: t.Any, whole: t.Any) -> t.Any:
    """A quotient with three digits, on every database a number with a fraction."""
    exact = sa.literal_column("1.0") * sa.func.coalesce(part, _ZERO) / sa.func.nullif(whole, _ZERO)
    return sa.func.round(exact, sa.literal_column("3"), type_=sa.Float())


def usage_source(of_vms: t.Any, of_pools: t.Any) -> t.Any:
    """Hosts with both sums."""
    return hosts.outerjoin(of_vms, of_vms.c.host_id == hosts.c.id).outerjoin(
        of_pools, of_pools.c.host_id == hosts.c.id
    )


def host_usage() -> t.Any:
    """Hosts with what they have and what their VMs were promised of it."""
    of_vms, of_pools = vms_by_host(), pools_by_host()
    own = (hosts.c.cpu_count, hosts.c.memory_bytes, hosts.c.last_complete_at)
    return sa.select(
        hosts.c.id.label("host_id"), *own, *usage_columns(of_vms, of_pools)
    ).select_from(usage_source(of_vms, of_pools))
