# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots and checkpoints of VMs, as libvirt lists them."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.snapshot import (
    SNAPSHOT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    REMOVED,
    Change,
    Thing,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Key,
    Recording,
    Values,
    difference,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import vm_snapshots

Facts = t.Dict[str, t.Any]

_FITTING = Fitting(vm_snapshots, SNAPSHOT_FIELDS)

#: Rows of the existing layout do not say which they are; it knew snapshots only.
SNAPSHOT = "snapshot"


class SnapshotPlan:
    """Plans the snapshots of some VMs."""

    def __init__(self, recording: Recording, vm_uuids: t.Collection[str]) -> None:
        self._recording = recording
        self._recorded: t.Dict[str, t.Dict[t.Tuple[str, str], Values]] = {}
        query = select_all(vm_snapshots).where(vm_snapshots.c.deleted_at.is_(None))
        for row in load(recording.connection, query, vm_snapshots.c.vm_uuid, vm_uuids):
            self._recorded.setdefault(row["vm_uuid"], {})[_key(row)] = row

    def machine(self, vm_uuid: str, found: t.Optional[t.Sequence[Facts]]) -> t.List[Change]:
        """Plan a VM's snapshots; null stands for "not asked". What changes."""
        if found is None:
            return []
        recorded = dict(self._recorded.get(vm_uuid, {}))
        changes = []
        for facts in found:
            values = {**_FITTING.values(facts, {}), "vm_uuid": vm_uuid}
            before = recorded.pop(_key(facts), None)
            if before is None:
                changes.append(self._add(values))
                continue
            changed = difference(before, values)
            self._recording.update(vm_snapshots, before["id"], changed)
            changes += differences(_thing(facts, before["id"]), before, changed)
        self._delete(recorded.values())
        return changes + [Change(_thing(row, row["id"]), REMOVED) for row in recorded.values()]

    def _add(self, values: Values) -> Change:
        key = self._recording.insert(vm_snapshots, values)
        return Change(_thing(values, key), ADDED)

    def merge(self, vm_uuid: str, found: t.Sequence[Facts]) -> t.List[Change]:
        """Plan what archived documents tell of snapshots; of two with one name the later."""
        recorded = self._recorded.get(vm_uuid, {})
        newest: t.Dict[t.Tuple[str, str], Facts] = {}
        for facts in sorted(found, key=_time):
            newest[_key(facts)] = facts
        changes = []
        for key, facts in newest.items():
            values = {**_FITTING.values(facts, {}), "vm_uuid": vm_uuid}
            before = recorded.get(key)
            if before is None:
                changes.append(self._add(values))
            elif _time(facts) > _time(before):
                changed = difference(before, values)
                self._recording.update(vm_snapshots, before["id"], changed)
                changes += differences(_thing(facts, before["id"]), before, changed)
        return changes

    def remove(self, vm_uuid: str) -> None:
        """Plan the removal of all snapshots of a VM."""
        self._delete(self._recorded.get(vm_uuid, {}).values())

    def _delete(self, rows: t.Iterable[Values]) -> None:
        self._recording.plan.delete(vm_snapshots, [row["id"] for row in rows])


def _key(item: t.Mapping[str, t.Any]) -> t.Tuple[str, str]:
    return item["kind"] or SNAPSHOT, item["name"]


def _thing(item: t.Mapping[str, t.Any], key: Key) -> Thing:
    return Thing(vm_snapshots.name, item["name"], "{0} {1}".format(*_key(item)), key)


def _time(item: t.Mapping[str, t.Any]) -> int:
    time = item["creation_time"]
    return time if isinstance(time, int) else 0
