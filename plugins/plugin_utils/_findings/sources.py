# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what VMs refer to: volumes, storage pools and networks of their host."""

from __future__ import annotations

import posixpath
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    of_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    WARNING,
    Found,
    Rule,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    ports,
    volume_attachments,
    volumes,
)

_disk = volume_attachments

#: Pools that list every file of their directory, and none below that.
_DIRECTORIES = frozenset(("dir", "fs", "netfs"))


def _source_missing(reading: Reading) -> t.Iterator[Found]:
    """Disks whose volume is where a pool would list it, and is not listed."""
    listing = set(
        reading.connection.execute(
            sa.select(volumes.c.storage_pool_id).where(volumes.c.deleted_at.is_(None)).distinct()
        ).scalars()
    )
    listed = {key: pool for key, pool in reading.pools.items() if pool["id"] in listing}
    directories = {
        (pool["host_id"], posixpath.normpath(pool["path"])): pool
        for pool in listed.values()
        if pool["type"] in _DIRECTORIES and pool["path"] and pool["active"] is not False
    }
    query = (
        sa.select(
            _disk.c.vm_uuid,
            _disk.c.device_name,
            _disk.c.source_type,
            _disk.c.source_ref,
            _disk.c.source_json,
        )
        .select_from(_disk.join(volumes, volumes.c.id == _disk.c.volume_id))
        .where(
            _disk.c.deleted_at.is_(None),
            _disk.c.source_type.in_(("file", "volume")),
            volumes.c.storage_pool_id.is_(None),
        )
    )
    for machine, row in reading.devices(query):
        if (row["source_json"] or {}).get("@startupPolicy") == "optional":
            continue
        pool = _pool_of(machine, row, listed, directories)
        if pool is not None:
            name = row["device_name"] or "?"
            text = ", disk {0}: pool {1} has no {2}".format(name, pool["name"], row["source_ref"])
            details = {"source": row["source_ref"], "pool": pool["name"]}
            yield of_vm(machine, _disk, name, text, details, name)


def _pool_of(
    machine: Machine,
    row: Row,
    listed: t.Mapping[t.Tuple[str, str], Row],
    directories: t.Mapping[t.Tuple[str, str], Row],
) -> t.Optional[Row]:
    """The pool that should have listed the volume of a disk; null if that is not certain."""
    reference = row["source_ref"] or ""
    if row["source_type"] == "volume":
        pool = listed.get((machine.host_id, reference.partition("/")[0]))
        return pool if pool is not None and pool["active"] is not False else None
    # What runs has the file open: it may be newer than what the pool knows.
    if machine.is_active:
        return None
    return directories.get((machine.host_id, posixpath.dirname(posixpath.normpath(reference))))


def _by_pool(reading: Reading) -> t.Iterator[t.Tuple[Machine, t.Any, str, str]]:
    """What VMs take from pools by name: VM, table, the device's name, the pool's name."""
    query = sa.select(_disk.c.vm_uuid, _disk.c.device_name, _disk.c.source_ref)
    query = query.where(_disk.c.deleted_at.is_(None), _disk.c.source_type == "volume")
    for machine, row in reading.devices(query):
        yield machine, _disk, row["device_name"] or "?", (row["source_ref"] or "").partition("/")[0]
    filesystem = metadata.tables["filesystems"]
    link = metadata.tables["filesystem_attachments"]
    query = (
        sa.select(link.c.vm_uuid, filesystem.c.target_path, filesystem.c.source_path)
        .select_from(link.join(filesystem, filesystem.c.id == link.c.filesystem_id))
        .where(link.c.deleted_at.is_(None), filesystem.c.type == "volume")
    )
    for machine, row in reading.devices(query):
        pool = (row["source_path"] or "").partition("/")[0]
        yield machine, filesystem, row["target_path"] or "?", pool


def _pool_missing(reading: Reading) -> t.Iterator[Found]:
    for machine, table, device, name in _by_pool(reading):
        known = (machine.host_id, name) in reading.pools or not reading.is_listed(machine.host_id)
        if name and not known:
            text = ", {0}: its host has no storage pool {1}".format(device, name)
            yield of_vm(machine, table, device, text, {"pool": name}, device)


def _pool_inactive(reading: Reading) -> t.Iterator[Found]:
    for machine, table, device, name in _by_pool(reading):
        pool = reading.pools.get((machine.host_id, name))
        if pool is not None and pool["active"] is False:
            text = ", {0}: storage pool {1} is not started".format(device, name)
            yield of_vm(machine, table, device, text, {"pool": name}, device)


def _by_network(reading: Reading) -> t.Iterator[t.Tuple[Machine, Row]]:
    query = sa.select(ports.c.vm_uuid, ports.c.mac_address, ports.c.network_name)
    yield from reading.devices(
        query.where(ports.c.deleted_at.is_(None), ports.c.network_name.is_not(None))
    )


def _of_nic(machine: Machine, row: Row, problem: str) -> Found:
    name, network = row["mac_address"] or "?", row["network_name"]
    text = ", NIC {0}: {1}".format(name, problem.format(network))
    return of_vm(machine, ports, name, text, {"network": network}, name, network)


def _network_missing(reading: Reading) -> t.Iterator[Found]:
    for machine, row in _by_network(reading):
        known = (machine.host_id, row["network_name"]) in reading.networks
        if not known and reading.is_listed(machine.host_id):
            yield _of_nic(machine, row, "its host has no network {0}")


def _network_inactive(reading: Reading) -> t.Iterator[Found]:
    for machine, row in _by_network(reading):
        network = reading.networks.get((machine.host_id, row["network_name"]))
        if network is not None and network["active"] is False:
            yield _of_nic(machine, row, "network {0} is not started")


RULES = (
    Rule(
        "source_missing",
        WARNING,
        "The volume of a disk is not there",
        "A disk names a volume of a storage pool that is started, was listed and does not have "
        "it; or a file in the directory of such a pool, of a VM that does not run. Media that "
        "may be absent (startupPolicy='optional') are not told.",
        "Refresh the pool (virsh pool-refresh) and record the host again; if it is still not "
        "there, restore the volume or take the disk out of the VM.",
        _source_missing,
    ),
    Rule(
        "pool_missing",
        WARNING,
        "The storage pool of a disk is not there",
        "A disk or file system names a storage pool that its host does not have. The VM does not "
        "start.",
        "Define and start the pool, or correct the disk.",
        _pool_missing,
    ),
    Rule(
        "pool_inactive",
        WARNING,
        "The storage pool of a disk is not started",
        "A disk or file system names a storage pool that is not started. The VM does not start.",
        "Start it: virsh pool-start, and virsh pool-autostart so that it stays so.",
        _pool_inactive,
    ),
    Rule(
        "network_missing",
        WARNING,
        "The network of a NIC is not there",
        "A NIC names a libvirt network that its host does not have. The VM does not start there "
        "again.",
        "Define and start the network, or correct the NIC.",
        _network_missing,
    ),
    Rule(
        "network_inactive",
        WARNING,
        "The network of a NIC is not started",
        "A NIC names a libvirt network that is not started. The VM does not start, or is cut off.",
        "Start it: virsh net-start, and virsh net-autostart so that it stays so.",
        _network_inactive,
    ),
)
