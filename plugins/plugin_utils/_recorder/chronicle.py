# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of changes: which of them it has, and its rows.

It has what became different in what is known already. What is seen for the first time is one row,
whatever belongs to it: a VM without its devices, a host without its networks, pools and volumes.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import HYPERVISOR
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    GONE,
    NOBODY,
    RENAMED,
    Change,
    Owner,
    Thing,
    Told,
    named,
    stored,
    without_fillings,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.insert import insert
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import Machine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Row,
    Values,
    chunks,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    virtual_machines,
)

_VMS = virtual_machines.name

#: What belongs to a host, and comes with its first listing.
_LISTED = ("networks", "storage_pools", "volumes")


def note(recording: Recording, found: t.Iterable[Told], owner: Owner = NOBODY) -> None:
    """Let the history have these changes; remarks are for people only."""
    recording.plan.changes.extend((owner, one) for one in found if isinstance(one, Change))


def note_machine(recording: Recording, vm: Machine, mapping_version: t.Any) -> None:
    """Let the history have what changed of a VM.

    What was recorded by another version of the mapping, from documents or by the existing system
    lacks values that are known now; that they are known is no change of the VM. The existing system
    did not tell its devices apart as this one does.
    """
    before, found = vm.before, vm.changes
    if before is None:
        return
    if before["origin"] != HYPERVISOR or before["mapping_version"] != mapping_version:
        found = without_fillings(found)
    if before["origin"] is None:
        found = [one for one in found if isinstance(one, Change) and one.thing.table == _VMS]
    note(recording, found, Owner(vm.vm_uuid, vm.key, vm.name))


def note_gone(recording: Recording, rows: t.Iterable[Values]) -> None:
    """Let the history have that VMs are gone."""
    for row in rows:
        name = row["name"] or row["domain_uuid"]
        change = Change(Thing(_VMS, name, "", row["id"]), GONE)
        note(recording, [change], Owner(row["uuid"], row["domain_uuid"], name))


def note_host(recording: Recording, found: t.Iterable[Told], is_listed: bool) -> None:
    """Let the history have what changed of a host and of what it has besides VMs.

    :param is_listed: its networks, pools and volumes are in the answer.
    """
    host = recording.host
    if host is None:
        found = [one for one in found if _is_of(one, ("hosts",))]
    elif host["digest"] is None:
        # Nobody has asked for its networks and pools before.
        left_out = _LISTED if is_listed else ()
        found = [one for one in without_fillings(found) if not _is_of(one, left_out)]
    note(recording, found)


def _is_of(one: Told, tables: t.Container[str]) -> bool:
    return isinstance(one, Change) and one.thing.table in tables


def note_renamed(recording: Recording, former: str) -> None:
    """Let the history have that a host has another name."""
    host = Thing("hosts", recording.host_id, "host " + recording.host_id)
    note(recording, [Change(host, RENAMED, "id", former, recording.host_id)])


def write(recording: Recording, run_id: t.Optional[int]) -> None:
    """Write the history of a plan that was applied.

    :param run_id: the note of the run; null where there is none.
    """
    _write_new(recording, run_id)
    told = {"seen_at": recording.moment, "run_id": run_id, "host_id": recording.host_id}
    rows = [
        Row(
            {
                **told,
                "vm_uuid": owner.vm_uuid,
                "domain_uuid": owner.domain_uuid,
                "vm_name": named(owner.name),
                "object_type": one.thing.table,
                "object_name": named(one.thing.name),
                "object_id": one.thing.key,
                "change": one.change,
                "attribute": one.attribute,
                "old_value": stored(one.old),
                "new_value": stored(one.new),
            }
        )
        for owner, one in recording.plan.changes
    ]
    insert(recording.connection, changes, rows)


def _write_new(recording: Recording, run_id: t.Optional[int]) -> None:
    """A row for each new VM: no key needs to come back."""
    found = [row.values["uuid"] for row in recording.plan.inserts.get(_VMS, ())]
    vm, table = virtual_machines, changes
    name = sa.func.coalesce(vm.c.name, vm.c.domain_uuid)
    values = {
        "seen_at": sa.literal(recording.moment, table.c.seen_at.type),
        "run_id": sa.literal(run_id, table.c.run_id.type),
        "host_id": vm.c.host_id,
        "vm_uuid": vm.c.uuid,
        "domain_uuid": vm.c.domain_uuid,
        "vm_name": name,
        "object_type": sa.literal(_VMS),
        "object_name": name,
        "object_id": vm.c.id,
        "change": sa.literal(ADDED),
    }
    for part in chunks(sorted(found)):
        query = sa.select(*values.values()).where(vm.c.uuid.in_(part)).order_by(vm.c.id)
        recording.connection.execute(sa.insert(table).from_select(list(values), query))
