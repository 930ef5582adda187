# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marking VMs as gone that their host will not tell of any more."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.apply import apply
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    ArchivePlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.chronicle import (
    note_gone,
    note_host,
    write,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.devices import DevicePlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import (
    HostPlan,
    host_row,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.locks import (
    lock_hosts,
    lock_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    plan_gone,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Plan,
    Recording,
    Values,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.snapshots import (
    SnapshotPlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volume_plan import (
    VolumePlan,
)


def remove_devices(
    devices: DevicePlan,
    snapshots: SnapshotPlan,
    archive: ArchivePlan,
    gone: t.Iterable[Values],
) -> None:
    """Plan the end of what VMs had that are gone; their archive stays."""
    for row in gone:
        devices.remove(row["uuid"])
        snapshots.remove(row["uuid"])
        archive.close(row["uuid"])


def retire(connection: t.Any, vms: t.Sequence[Values], now: datetime.datetime) -> None:
    """Mark VMs as gone, as a complete listing without them would."""
    by_host: t.Dict[str, t.List[Values]] = {}
    for vm in vms:
        by_host.setdefault(vm["host_id"], []).append(vm)
    locks = connection.dialect.name != "sqlite"
    lock_hosts(connection, by_host)
    for host_id, gone in sorted(by_host.items()):
        host_before = host_row(connection, host_id)
        recording = Recording(connection, Plan(), host_id, now, now, host_before, locks=locks)
        lock_machines(recording, gone)
        host = HostPlan(recording)
        uuids = [vm["uuid"] for vm in gone]
        disks = VolumePlan(recording, host, (), ())
        devices = DevicePlan(recording, host, disks, uuids)
        disks.plan((), devices.volume_ids)
        seen = host.seen_at()
        plan_gone(recording, gone, seen)
        archive = ArchivePlan(recording, uuids, seen)
        remove_devices(devices, SnapshotPlan(recording, uuids), archive, gone)
        disks.forget(devices.released, devices.removed)
        note_gone(recording, gone)
        note_host(recording, disks.changes, is_listed=False)
        apply(recording)
        write(recording, None)
