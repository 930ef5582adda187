# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents of an archive change in the ledger, as one plan."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import ARCHIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.backfill import (
    ArchivedMachine,
    BackfillPlan,
    sighted,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.chronicle import (
    note_host,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.devices import DevicePlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.fill import Filling
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import HostPlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.locks import (
    lock_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    plan_machine,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import Recording
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.snapshots import (
    SnapshotPlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.summary import Summary
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volume_plan import (
    VolumePlan,
)

Facts = t.Dict[str, t.Any]


def plan_history(recording: Recording, facts: Facts, shared_paths: t.Sequence[str]) -> Summary:
    """Plan what an answer of ``archive_info`` adds, and say it."""
    warnings: t.List[str] = []
    machines = sighted(facts, recording.host_id, warnings)
    host = HostPlan(recording)
    if machines:
        host.known()
    lock_machines(recording, [vm.before for vm in machines if vm.before is not None])
    backfill = BackfillPlan(recording, machines)
    backfill.archive()
    rewritten = [vm for vm in machines if vm.follows and not vm.is_filled]
    for vm in machines:
        if vm.follows and vm.is_filled:
            _fill(recording, backfill, vm)
    _rewrite(recording, host, rewritten, shared_paths)
    for vm in machines:
        if not vm.changes:
            vm.add(vm.archived)
    # What documents tell is of their dates and in the archive; what is new is that they are known.
    if recording.host is None:
        note_host(recording, host.changes, is_listed=True)
    return Summary(recording.plan, machines, (), host.changes, facts, warnings)


def _fill(recording: Recording, backfill: BackfillPlan, vm: ArchivedMachine) -> None:
    row = vm.before or {}
    filling = Filling(recording, vm.domain, backfill.previous_facts(vm))
    noted = {"mapping_version": MAPPING_VERSION, "observed_at": vm.newest.moment}
    vm.add(filling.machine(row, noted) + filling.devices(vm.vm_uuid))


def _rewrite(
    recording: Recording,
    host: HostPlan,
    machines: t.Sequence[ArchivedMachine],
    shared_paths: t.Sequence[str],
) -> None:
    """The rows of VMs that only documents tell become what the newest one says."""
    disks = VolumePlan(recording, host, shared_paths, ())
    uuids = [vm.vm_uuid for vm in machines]
    devices = DevicePlan(recording, host, disks, uuids)
    told = [disk for vm in machines for disk in vm.domain["volume_attachments"]]
    disks.plan(told, devices.volume_ids)
    snapshots = SnapshotPlan(recording, uuids)
    noted = {"origin": ARCHIVE, "mapping_version": MAPPING_VERSION}
    for vm in machines:
        plan_machine(recording, vm, noted, vm.newest.moment)
        if vm.changes and vm.change == "unchanged":
            vm.change = "changed"
        vm.add(devices.machine(vm))
        found = [item for one in vm.sightings for item in one.domain.get("snapshots") or ()]
        vm.add(snapshots.merge(vm.vm_uuid, found))
    disks.forget(devices.released, devices.removed)
    host.changes += disks.changes
