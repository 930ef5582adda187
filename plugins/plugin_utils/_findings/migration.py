# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about VMs that cannot be migrated while they run."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Reading,
    of_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    INFO,
    Found,
    Rule,
    names,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    ports,
    virtual_machines,
    volume_attachments,
)

Reasons = t.Iterator[t.Tuple[str, str]]

#: A NIC or device that gives way to another one of its team.
_TRANSIENT = "transient"

#: So many reasons of one VM are in its details.
_TOLD = 40


def _blocked(reading: Reading) -> t.Iterator[Found]:
    reasons: t.Dict[str, t.List[str]] = {}
    for find in (_host_devices, _nics, _filesystems, _disks, _others):
        for uuid, reason in find(reading):
            machine = reading.machines.get(uuid)
            # Containers are not migrated.
            if machine is not None and machine.os_type not in ("exe", "uml"):
                reasons.setdefault(uuid, []).append(reason)
    for uuid, found in reasons.items():
        machine = reading.machines[uuid]
        text = " cannot be migrated while it runs: {0}".format(names(found))
        details = {"devices": found[:_TOLD], "device_count": len(found)}
        yield of_vm(machine, virtual_machines, machine.name, text, details)


def _attached(name: str, link: str, *columns: str) -> t.Any:
    """The devices of a family with two tables, and the condition that they are there."""
    device = metadata.tables[name]
    attachment = metadata.tables[link + "_attachments"]
    join = attachment.join(device, device.c.id == attachment.c[link + "_id"])
    query = sa.select(attachment.c.vm_uuid, *(device.c[column] for column in columns))
    return query.select_from(join).where(attachment.c.deleted_at.is_(None))


def _host_devices(reading: Reading) -> Reasons:
    query = _attached("host_devices", "host_device", "type", "address", "teaming_type")
    for row in reading.rows(query):
        if row["teaming_type"] != _TRANSIENT:
            yield row["vm_uuid"], "host device {0}".format(row["address"] or row["type"])


def _nics(reading: Reading) -> Reasons:
    columns = (ports.c.vm_uuid, ports.c.mac_address, ports.c.source_type, ports.c.unmapped_json)
    query = sa.select(*columns).where(
        ports.c.deleted_at.is_(None), ports.c.source_type.in_(("hostdev", "vdpa"))
    )
    for row in reading.rows(query):
        if (row["unmapped_json"] or {}).get("teaming/@type") != _TRANSIENT:
            reason = "NIC {0} ({1})".format(row["mac_address"], row["source_type"])
            yield row["vm_uuid"], reason


def _filesystems(reading: Reading) -> Reasons:
    query = _attached("filesystems", "filesystem", "target_path", "driver_type", "type")
    for row in reading.rows(query):
        if row["type"] in (None, "mount"):
            driver = "virtiofs" if row["driver_type"] == "virtiofs" else "9p"
            yield row["vm_uuid"], "file system {0} ({1})".format(row["target_path"], driver)


def _disks(reading: Reading) -> Reasons:
    disk = volume_attachments
    query = sa.select(disk.c.vm_uuid, disk.c.device_name)
    query = query.where(disk.c.deleted_at.is_(None), disk.c.source_type == "nvme")
    for row in reading.rows(query):
        yield row["vm_uuid"], "disk {0} (NVMe passed through)".format(row["device_name"])


def _others(reading: Reading) -> Reasons:
    tpms = _attached("tpms", "tpm", "backend_type")
    tpms = tpms.where(metadata.tables["tpms"].c.backend_type == "passthrough")
    for row in reading.rows(tpms):
        yield row["vm_uuid"], "TPM of the host"
    for row in reading.rows(_attached("shmem_devices", "shmem_device", "name", "role")):
        if row["role"] != "master":
            yield row["vm_uuid"], "shared memory {0}".format(row["name"])
    vm = virtual_machines.c
    query = sa.select(vm.uuid, vm.launch_security_type)
    query = query.where(vm.deleted_at.is_(None), vm.launch_security_type.is_not(None))
    for row in reading.rows(query):
        yield row["uuid"], "launch security {0}".format(row["launch_security_type"])


RULES = (
    Rule(
        "migration_blocked",
        INFO,
        "A VM cannot be migrated while it runs",
        "The VM has what libvirt or QEMU do not migrate: devices of the host (PCI, USB, "
        "mediated, SCSI), NICs that are such devices or vDPA, directories of the host (9p, "
        "virtiofs), NVMe disks passed through, the host's TPM, shared memory of a peer, memory "
        "encryption. Partners of a team (teaming type 'transient') are none. Newer versions can "
        "migrate some of these.",
        "Know it before the host has to be emptied: unplug the device first, or shut the VM off.",
        _blocked,
    ),
)
