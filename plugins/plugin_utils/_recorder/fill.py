# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling null columns of the existing layout's rows from an archived document."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import Family
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    Change,
    Thing,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    VM_FITTING,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    difference,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.layout import LAYOUT
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines

Facts = t.Dict[str, t.Any]


class Filling:
    """Plans what a document adds to the rows of one VM.

    A column of the existing layout itself is never changed, and none that somebody has set: only
    what is null, or what an older document has put there.

    :param before: what the document said that the rows were filled from so far, if any.
    """

    def __init__(self, recording: Recording, facts: Facts, before: t.Optional[Facts]) -> None:
        self._recording = recording
        self._facts = facts
        self._before = before

    def machine(self, row: Values, more: Values) -> t.List[Change]:
        """Plan the VM's own row; what changes.

        :param more: what is noted of the filling itself.
        """
        values = _machine_values(self._facts)
        before = _machine_values(self._before) if self._before is not None else {}
        changed = self._fillable("virtual_machines", row, values, before)
        self._recording.update(virtual_machines, row["id"], {**changed, **more})
        return differences(Thing("virtual_machines", row["name"], "", row["id"]), row, changed)

    def devices(self, vm_uuid: str) -> t.List[Change]:
        """Plan the rows of the VM's devices that the document has as well."""
        lines = []
        for store in STORES:
            rows = store.load(self._recording.connection, [vm_uuid]).get(vm_uuid, [])
            family = store.family
            wanted = _keyed(family, self._facts)
            before = _keyed(family, self._before) if self._before is not None else {}
            for key, row in family.keyed(rows).items():
                if key in wanted:
                    lines += self._device(store, row, wanted[key], before.get(key))
        return lines

    def _device(
        self, store: Store, row: Values, device: Facts, before: t.Optional[Facts]
    ) -> t.List[Change]:
        parts = store.fit(device)
        old = store.fit(before) if before is not None else ({}, {})
        thing = store.thing(row, store.own_key(row))
        lines = []
        for table, key, values, previous in zip(
            (store.attachment, store.resource), ("id", store.link), parts, old
        ):
            if table is not None and row[key] is not None:
                changed = self._fillable(table.name, row, values, previous)
                self._recording.update(table, row[key], changed)
                lines += differences(thing, row, changed)
        return lines

    @staticmethod
    def _fillable(table: str, row: Values, values: Values, before: Values) -> Values:
        own = LAYOUT.get(table, set())
        return {
            column: value
            for column, value in difference(row, values).items()
            if column not in own and (row[column] is None or row[column] == before.get(column))
        }


def _machine_values(facts: Facts) -> Values:
    unmapped = dict(facts["unmapped"] or {})
    return {**VM_FITTING.values(facts, unmapped), "unmapped_json": unmapped}


def _keyed(family: Family, facts: Facts) -> t.Dict[t.Tuple[t.Any, ...], Facts]:
    return family.keyed(facts[family.fact])
