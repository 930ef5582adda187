# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from several sheets together: how many of what a VM, volume or host has."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._status import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import sheets, vm_sheets
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet

Rows = t.List[t.List[t.Any]]
AllRows = t.Dict[str, Rows]


def derive(rows: AllRows) -> None:
    """Fill in the computed columns."""
    _volumes(rows)
    _nics(rows)
    _machines(rows)
    _pools(rows)
    _networks(rows)
    _hosts(rows)


def column(rows: AllRows, sheet: Sheet, name: str) -> t.List[t.Any]:
    """The cells of a column."""
    place = sheet.place(name)
    return [row[place] for row in rows[sheet.name]]


def columns(rows: AllRows, sheet: Sheet, *names: str) -> t.Iterator[t.Tuple[t.Any, ...]]:
    """The cells of some columns, row by row."""
    places = [sheet.place(name) for name in names]
    return (tuple(row[place] for place in places) for row in rows[sheet.name])


def _fill(rows: AllRows, sheet: Sheet, key: str, **found: t.Mapping[t.Any, t.Any]) -> None:
    """Fill in columns by the value of another one."""
    by = sheet.place(key)
    for name, values in found.items():
        place = sheet.place(name)
        for row in rows[sheet.name]:
            row[place] = values.get(row[by])


class _Sum(t.Dict[t.Any, int]):
    """Numbers that start at 0, also for who asks for one that is not there."""

    def get(self, key: t.Any, default: t.Any = None) -> t.Any:
        """The number, 0 if nothing was counted."""
        return super().get(key, 0)

    def add(self, key: t.Any, number: t.Optional[int] = 1) -> None:
        """Count."""
        self[key] = self.get(key) + (number or 0)


def _counted(keys: t.Iterable[t.Any]) -> _Sum:
    found = _Sum()
    for key in keys:
        found.add(key)
    return found


def _each(rows: AllRows, name: str, between: str) -> t.Iterator[str]:
    """What the findings that are not ignored are about, one by one."""
    for text, ignored in columns(rows, sheets.HEALTH, name, "ignored"):
        if text and not ignored:
            yield from text.split(between)


def _volumes(rows: AllRows) -> None:
    """Who uses a volume; a VM that has it twice uses it once."""
    users: t.Dict[t.Any, t.Dict[str, str]] = collections.defaultdict(dict)
    for sheet in (vm_sheets.DISK, vm_sheets.CD):
        for volume, uuid, name in columns(rows, sheet, "volume_id", "vm_uuid", "vm_name"):
            if volume is not None:
                users[volume][uuid] = name or uuid
    counts = _Sum({volume: len(names) for volume, names in users.items()})
    texts = {volume: ", ".join(sorted(names.values())) for volume, names in users.items()}
    _fill(rows, sheets.VOLUME, "id", vm_count=counts, vms=texts)
    for sheet in (vm_sheets.DISK, vm_sheets.CD):
        _fill(rows, sheet, "volume_id", vm_count={**counts})


def _nics(rows: AllRows) -> None:
    macs = _counted(mac for mac in column(rows, vm_sheets.NETWORK, "mac_address") if mac)
    _fill(rows, vm_sheets.NETWORK, "mac_address", mac_count={**macs})


def _machines(rows: AllRows) -> None:
    size = _Sum()
    for uuid, capacity in columns(rows, vm_sheets.DISK, "vm_uuid", "capacity_bytes"):
        size.add(uuid, capacity)
    addresses: t.Dict[str, t.List[str]] = collections.defaultdict(list)
    for uuid, found in columns(rows, vm_sheets.NETWORK, "vm_uuid", "ip_addresses"):
        if found:
            addresses[uuid].append(found)
    _fill(
        rows,
        vm_sheets.INFO,
        "uuid",
        disk_count=_counted(column(rows, vm_sheets.DISK, "vm_uuid")),
        disk_bytes={uuid: total for uuid, total in size.items() if total},
        nic_count=_counted(column(rows, vm_sheets.NETWORK, "vm_uuid")),
        ip_addresses={uuid: ", ".join(found) for uuid, found in addresses.items()},
        snapshot_count=_counted(column(rows, vm_sheets.SNAPSHOT, "vm_uuid")),
        finding_count=_counted(_each(rows, "vm_uuids", " ")),
    )


def _pools(rows: AllRows) -> None:
    promised = _Sum()
    for pool, capacity in columns(rows, sheets.VOLUME, "storage_pool_id", "capacity_bytes"):
        promised.add(pool, capacity)
    volumes = _counted(column(rows, sheets.VOLUME, "storage_pool_id"))
    _fill(rows, sheets.POOL, "id", volume_count=volumes, promised_bytes=promised)


def _networks(rows: AllRows) -> None:
    used = _counted(columns(rows, vm_sheets.NETWORK, "host_id", "network_name"))
    place = sheets.NET.place("nic_count")
    keys = columns(rows, sheets.NET, "host_id", "name")
    for row, key in zip(rows[sheets.NET.name], keys):
        row[place] = used.get(key)


def _hosts(rows: AllRows) -> None:
    machines, running, cpus, memory = _Sum(), _Sum(), _Sum(), _Sum()
    names = ("host_id", "state", "vcpu_count", "memory_bytes", "deleted_at")
    for host, state, vcpus, bytes_, gone in columns(rows, vm_sheets.INFO, *names):
        if gone:
            continue
        machines.add(host)
        if state in ACTIVE:
            running.add(host)
            cpus.add(host, vcpus)
            memory.add(host, bytes_)
    _fill(
        rows,
        sheets.HOST,
        "host_id",
        vm_count=machines,
        active_vm_count=running,
        active_vcpu_count=cpus,
        active_memory_bytes=memory,
        finding_count=_counted(_each(rows, "hosts", ", ")),
    )
