# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which row of a VM is which of its recorded devices."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import Store
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import (
    Device,
    Place,
)

Values = t.Dict[str, t.Any]


class Matched(t.NamedTuple):
    """The devices of one family.

    :ivar pairs: recorded ones with their rows.
    :ivar removed: recorded ones without a row.
    :ivar added: rows that are none of the recorded ones.
    """

    pairs: t.List[t.Tuple[Device, Values]]
    removed: t.List[Device]
    added: t.List[Values]


class _Identified(t.Dict[str, t.Any]):
    """A recorded device's columns, for matching by identity."""

    def __init__(self, device: Device) -> None:
        super().__init__(device.values)
        self.device = device


def match(store: Store, recorded: t.Sequence[Device], rows: t.Sequence[Values]) -> Matched:
    """Bring recorded devices and rows together.

    A row stands for the device at its place; one that was written without a place, for the device
    with the same identity.
    """
    places: t.Dict[Place, Device] = {device.place: device for device in recorded}
    pairs: t.List[t.Tuple[Device, Values]] = []
    rest = []
    for row in rows:
        place = (bool(row["in_live"]), row["ordinal"])
        device = places.pop(place, None) if row["ordinal"] is not None else None
        if device is None:
            rest.append(row)
        else:
            pairs.append((device, row))
    left = store.family.keyed(_Identified(device) for device in places.values())
    added = []
    for key, row in store.family.keyed(rest).items():
        found = left.pop(key, None)
        if found is None:
            added.append(row)
        else:
            pairs.append((found.device, row))
    return Matched(pairs, [found.device for found in left.values()], added)
