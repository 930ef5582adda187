# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archived texts of a VM, and what its rows were when they were recorded from them."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import Family
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    VM_FITTING,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)

Facts = t.Dict[str, t.Any]
Values = t.Dict[str, t.Any]

#: Whether the running domain has a device, and its position among the devices of the side that
#: it was read from: what tells one device of a VM from another in rows and texts alike.
Place = t.Tuple[bool, int]


class Device(t.NamedTuple):
    """A device as it was recorded.

    :ivar values: its columns.
    :ivar ordinals: its position in each text that has it, by ``live`` and ``config``.
    """

    store: Store
    values: Values
    ordinals: t.Dict[str, int]

    @property
    def place(self) -> Place:
        """Where its row says that it stands."""
        return bool(self.values["in_live"]), self.values["ordinal"]


class Sides:
    """What the archived texts say, in the columns of the rows.

    :ivar machine: the columns of the VM.
    :ivar devices: those of its devices.
    """

    def __init__(self, texts: t.Mapping[str, str]) -> None:
        live, config = texts.get("live"), texts.get("config")
        facts = domain_facts(live, config)
        unmapped = dict(facts["unmapped"] or {})
        self.machine = VM_FITTING.values(facts, unmapped)
        self.machine["unmapped_json"] = unmapped
        alone = {
            kind: domain_facts(text if kind == "live" else None, text if kind == "config" else None)
            for kind, text in texts.items()
        }
        self.devices = [
            Device(store, _columns(store, device), ordinals)
            for store in STORES
            for device, ordinals in _placed(store.family, facts, alone)
        ]


def _columns(store: Store, device: Facts) -> Values:
    attachment, resource = store.fit(device)
    return {**resource, **attachment}


def _placed(
    family: Family, facts: Facts, alone: t.Mapping[str, Facts]
) -> t.Iterator[t.Tuple[Facts, t.Dict[str, int]]]:
    """Each device with its position in the texts that have it."""
    twins: t.Dict[int, int] = {}
    if len(alone) > 1:
        config = family.keyed(alone["config"][family.fact])
        for key, device in family.keyed(alone["live"][family.fact]).items():
            if key in config:
                twins[device["ordinal"]] = config[key]["ordinal"]
    for device in facts[family.fact]:
        ordinal = device["ordinal"]
        if not device["in_live"]:
            yield device, {"config": ordinal}
        elif ordinal in twins:
            yield device, {"live": ordinal, "config": twins[ordinal]}
        else:
            yield device, {"live": ordinal}
