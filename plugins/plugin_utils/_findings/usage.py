# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files and volumes are in use besides the volumes behind disks."""

from __future__ import annotations

import posixpath
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import Reading
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    vm_snapshots,
    volume_attachments,
    volumes,
)

#: Columns in which files of the host are named, by table.
_COLUMNS = {
    "virtual_machines": (
        "loader_path",
        "nvram_path",
        "nvram_template",
        "nvram_source_json",
        "kernel",
        "initrd",
        "dtb",
        "shim",
        "acpi_tables_json",
        "bootloader",
        "qemu_args_json",
        "config_values_json",
        "unmapped_json",
    ),
    "volume_attachments": (
        "source_json",
        "backing_chain_json",
        "config_values_json",
        "unmapped_json",
    ),
    "filesystems": ("source_path", "source_json"),
    "host_devices": ("address", "rom_file"),
    "ports": ("unmapped_json",),
    "serial_devices": ("source_path", "log_file"),
    "parallel_devices": ("source_path", "log_file"),
    "text_consoles": ("source_path", "log_file"),
    "channel_devices": ("source_path", "log_file"),
    "tpms": ("backend_path", "source_path"),
    "memory_devices": ("source_path",),
    "pstore_devices": ("path",),
    "device_leases": ("target_path",),
    "other_devices": ("xml",),
}

_PATH = re.compile(r"/[^,;:'\"<>\s]+")

#: Names that people and programs give to images which configure one VM.
_SEEDS = (
    "cidata",
    "cloud-init",
    "cloudinit",
    "cloud_init",
    "seed",
    "config-drive",
    "configdrive",
    "ignition",
    "combustion",
)


class Usage:
    """Tells what is in use.

    :ivar paths: all paths that VMs, their snapshots and other volumes name, whatever the host.
    """

    def __init__(self, reading: Reading) -> None:
        self.paths: t.Set[str] = set()
        for name, wanted in _COLUMNS.items():
            self._read(reading, metadata.tables[name], wanted)
        self._read(reading, vm_snapshots, ("memory_file", "disks_json"))
        self._read(reading, volumes, ("backing_path",))
        self._vms: t.Dict[str, t.Set[str]] = {}
        self._uuids: t.Dict[str, t.Set[str]] = {}
        for machine in reading.machines.values():
            self._vms.setdefault(machine.host_id, set()).add(machine.name)
            self._uuids.setdefault(machine.host_id, set()).add(machine.domain_uuid)

    def _read(self, reading: Reading, table: t.Any, wanted: t.Sequence[str]) -> None:
        columns = [table.c[name] for name in wanted]
        query = sa.select(*columns).where(
            table.c.deleted_at.is_(None), sa.or_(*(column.is_not(None) for column in columns))
        )
        for row in reading.connection.execute(query):
            for value in row:
                self._add(value)

    def _add(self, value: t.Any) -> None:
        """A text may be a path, or have some in it; a tree has texts."""
        if isinstance(value, str):
            if "/" in value:
                self.paths.add(value)
                self.paths.update(_PATH.findall(value))
        elif isinstance(value, dict):
            for item in value.values():
                self._add(item)
        elif isinstance(value, list):
            for item in value:
                self._add(item)

    def has(self, host_id: str, pool: str, volume: t.Mapping[str, t.Any]) -> bool:
        """Whether a volume is in use, or belongs to a VM that is there.

        :param volume: ``name``, ``path`` and ``source``.
        """
        name, path = volume["name"] or "", volume["path"] or ""
        named = {path, volume["source"] or "", "{0}/{1}".format(pool, name)}
        return bool(named & self.paths) or self._is_state(host_id, name, path)

    def _is_state(self, host_id: str, name: str, path: str) -> bool:
        """The UEFI variables and the TPM's state of a VM, and what configures it at its start."""
        if any(part in self._uuids.get(host_id, ()) for part in path.split("/")):
            return True
        vms = self._vms.get(host_id, set())
        stem = posixpath.splitext(name)[0]
        if stem.endswith("_VARS") and stem[: -len("_VARS")] in vms:
            return True
        lowered = name.lower()
        if not any(seed in lowered for seed in _SEEDS):
            return False
        return any(name.startswith(vm + end) for vm in vms for end in ("-", "_", "."))


def attached(reading: Reading) -> t.Set[int]:
    """The volumes behind disks of VMs, archived ones too."""
    disk = volume_attachments
    query = sa.select(disk.c.volume_id).where(
        disk.c.deleted_at.is_(None), disk.c.volume_id.is_not(None)
    )
    return set(reading.connection.execute(query.distinct()).scalars())
