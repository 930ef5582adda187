# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was when: configurations of VMs, and the times of sightings."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import FLAGS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    ARCHIVE,
    HYPERVISOR,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    findings,
    hosts,
    sync_runs,
    virtual_machines,
    vm_configurations,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import (
    Rule,
    living,
    repeated,
    select,
)

_one, _vm = vm_configurations, virtual_machines

#: Those that a hypervisor told and that hold until it says otherwise.
_told = living(_one) & (_one.c.origin == HYPERVISOR)


def rules() -> t.Iterator[Rule]:
    """All rules about time."""
    yield from _open()
    yield from _intervals()
    yield Rule(
        "configuration_kind_unknown",
        _one,
        select(_one, _one.c.vm_uuid, _one.c.kind).where(
            _one.c.kind.is_(None)
            | _one.c.kind.not_in(sorted(FLAGS))
            | _one.c.origin.is_(None)
            | _one.c.origin.not_in([HYPERVISOR, ARCHIVE])
        ),
        "kind {kind} of VM {vm_uuid} is none, or its origin is",
    )
    yield from _before(hosts, "last_complete_at", "last_seen_at")
    yield from _before(sync_runs, "started_at", "finished_at")
    yield from _before(sync_runs, "finished_at", "last_at")
    yield from _before(findings, "first_seen_at", "last_seen_at")
    yield from _before(findings, "last_seen_at", "closed_at")


def _open() -> t.Iterator[Rule]:
    """What holds now: at most one configuration of each kind, of VMs that are there."""
    is_open = _told & _one.c.last_seen_at.is_(None)
    yield repeated("configuration_open_twice", _one, [_one.c.vm_uuid, _one.c.kind], is_open)
    yield Rule(
        "configuration_open_of_gone_vm",
        _one,
        select(_one, _one.c.vm_uuid, _one.c.kind)
        .select_from(_one.join(_vm, _vm.c.uuid == _one.c.vm_uuid))
        .where(is_open, _vm.c.deleted_at.is_not(None)),
        "VM {vm_uuid} is marked as gone, but its {kind} configuration is not closed",
    )


def _intervals() -> t.Iterator[Rule]:
    """A sighting ends after it began, and not before the one after it begins."""
    yield Rule(
        "configuration_without_time",
        _one,
        select(_one, _one.c.vm_uuid).where(
            _one.c.first_seen_at.is_(None)
            | ((_one.c.origin == ARCHIVE) & _one.c.last_seen_at.is_(None))
        ),
        "the sighting of VM {vm_uuid} has no date",
    )
    yield from _before(_one, "first_seen_at", "last_seen_at")
    beginning = (_one.c.first_seen_at, _one.c.id)
    ordered = (
        sa.select(
            _one.c.id,
            _one.c.vm_uuid,
            _one.c.kind,
            _one.c.first_seen_at,
            _one.c.last_seen_at,
            sa.func.lead(_one.c.first_seen_at)
            .over(partition_by=(_one.c.vm_uuid, _one.c.kind), order_by=beginning)
            .label("next_seen_at"),
        )
        .where(_told)
        .subquery()
    )
    yield Rule(
        "configurations_overlap",
        _one,
        sa.select(ordered.c.id.label("key"), ordered.c.vm_uuid, ordered.c.kind).where(
            ordered.c.next_seen_at.is_not(None),
            ordered.c.last_seen_at.is_(None) | (ordered.c.last_seen_at > ordered.c.next_seen_at),
        ),
        "the next {kind} configuration of VM {vm_uuid} begins before this one ends",
    )


def _before(table: t.Any, earlier: str, later: str) -> t.Iterator[Rule]:
    yield Rule(
        "times_reversed",
        table,
        select(table).where(table.c[earlier] > table.c[later]),
        "{0} is later than {1}".format(earlier, later),
    )
