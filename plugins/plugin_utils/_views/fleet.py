# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of hosts and of the attempts to record them."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import hosts, sync_runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._usage import (
    pools_by_host,
    usage_columns,
    usage_source,
    vms_by_host,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import (
    Column,
    View,
    told,
)

_USAGE = {
    "vm_count": "how many VMs it has",
    "active_vm_count": "how many of them have been started",
    "vcpu_count": "virtual CPUs of all of them",
    "active_vcpu_count": "virtual CPUs of those that have been started",
    "vm_memory_bytes": "memory of all of them",
    "active_memory_bytes": "memory of those that have been started",
    "pool_count": "how many storage pools it has",
    "pool_capacity_bytes": "their size",
    "pool_allocation_bytes": "what of it is in use",
    "vcpu_ratio": "virtual CPUs of all VMs for each CPU of the host",
    "active_vcpu_ratio": "the same of the VMs that have been started",
    "memory_ratio": "memory of all VMs in relation to that of the host",
    "active_memory_ratio": "the same of the VMs that have been started",
}


def _last(column: t.Any) -> t.Any:
    """What the latest attempt to record a host has noted."""
    newest = sa.select(column).where(sync_runs.c.host_id == hosts.c.id)
    newest = newest.order_by(sync_runs.c.last_at.desc(), sync_runs.c.id.desc())
    return newest.limit(sa.literal_column("1")).scalar_subquery()


def all_hosts() -> View:
    """``ledger_hosts``."""
    of_vms, of_pools = vms_by_host(), pools_by_host()
    usage = [
        Column(
            column.name,
            "number" if column.name.endswith("_ratio") else "integer",
            _USAGE[column.name],
            column.element,
        )
        for column in usage_columns(of_vms, of_pools)
    ]
    columns = [
        Column("host_id", "text", "the host's name in the ledger", hosts.c.id),
        *told(HYPERVISOR_FIELDS, hosts, "hostname", "host_uuid", "uri", "type", "arch"),
        *told(HYPERVISOR_FIELDS, hosts, "libvirt_version", "hypervisor_version", "cpu_model"),
        *told(HYPERVISOR_FIELDS, hosts, "cpu_vendor", "cpu_count", "memory_bytes"),
        Column("last_seen_at", "timestamp", "when it was recorded last", hosts.c.last_seen_at),
        Column(
            "last_complete_at",
            "timestamp",
            "when it was last recorded with all its VMs",
            hosts.c.last_complete_at,
        ),
        Column(
            "last_run_at",
            "timestamp",
            "when it was last to be recorded",
            _last(sync_runs.c.last_at),
        ),
        Column("last_outcome", "text", "how that ended", _last(sync_runs.c.outcome)),
        Column("last_reason", "text", "why it was not recorded then", _last(sync_runs.c.reason)),
        *usage,
    ]
    doc = "A host, with what it has and what its VMs were promised of it."
    return View("ledger_hosts", doc, columns, usage_source(of_vms, of_pools))


def runs() -> View:
    """``ledger_runs``."""
    run = sync_runs.c
    columns = [
        Column("id", "integer", "the number of the run, which stays", run.id),
        Column("host_id", "text", "the host; null of `retention`", run.host_id),
        Column("action", "text", "`sync`, `record`, `backfill`, `retention`", run.action),
        Column("outcome", "text", "`recorded`, `unchanged`, `refused`, `failed`, ...", run.outcome),
        Column("is_complete", "boolean", "all VMs of the host were read", run.is_complete),
        Column("reason", "text", "why it was not recorded, or not completely", run.reason),
        Column("started_at", "timestamp", "when it began", run.started_at),
        Column("finished_at", "timestamp", "when it ended", run.finished_at),
        Column("recorded_by", "text", "the user and the controller", run.recorded_by),
        Column("job", "text", "the job of AWX", run.job),
        Column("repeats", "integer", "how often the same came after it", run.repeats),
        Column("last_at", "timestamp", "when it came last", run.last_at),
        Column(
            "counts_json",
            "JSON",
            "how many VMs were seen, new, changed, gone, ...",
            run.counts_json,
        ),
        Column("seconds_json", "JSON", "how long its stages took", run.seconds_json),
    ]
    doc = "An attempt to record a host; what ends like the one before is counted there."
    return View("ledger_runs", doc, columns, sync_runs)
