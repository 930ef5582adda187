"""A fleet whose hosts change as a whole, so that a state in between is seen at once.

Everything about a host follows from its number and a generation: which VMs it has, their titles,
disks, NICs and XML. What the ledger has of a host is then the state of one generation, or broken.
"""

from __future__ import annotations

import datetime
import functools
from typing import Any, NamedTuple

import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import document
from helpers import answer, network, pool

Facts = dict[str, Any]

#: One VM as it is compared: name, title, targets of disks, MACs of NICs, digest of its definition.
State = list[tuple[str, str, tuple[str, ...], tuple[str, ...], str]]

_DISK = "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/images/{0}'/><target dev='{1}' bus='virtio'/></disk>"
#: A volume that every VM of the fleet has, which all recordings therefore contend for.
_SHARED = "<disk type='network' device='cdrom'><source protocol='rbd' name='pool/tools'><host name='mon1'/></source><target dev='sda' bus='sata'/><readonly/></disk>"
_NIC = "<interface type='network'><mac address='{0}'/><source network='lan'/><model type='virtio'/></interface>"


class Host(NamedTuple):
    """A host of the fleet."""

    number: int
    vms: int = 10

    @property
    def name(self) -> str:
        """Its name in the ledger."""
        return f"host{self.number:04d}"


def _domain_xml(host: Host, vm: int, generation: int) -> str:
    name = f"vm{host.number:04d}-{vm:02d}"
    disks = [
        _DISK.format(f"{name}-{n}.qcow2", f"vd{'abcdef'[n]}") for n in range(generation % 3 + 1)
    ]
    nics = [
        _NIC.format(f"52:54:{n:02x}:{vm:02x}:{host.number >> 8:02x}:{host.number & 255:02x}")
        for n in range(generation % 2 + 1)
    ]
    return (
        f"<domain type='kvm'><name>{name}</name>"
        f"<uuid>{host.number:08x}-0000-4000-8000-{vm:012x}</uuid><title>g{generation}</title>"
        "<memory unit='KiB'>1048576</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os>"
        f"<devices>{''.join(disks)}{_SHARED}{''.join(nics)}"
        "<controller type='usb' index='0' model='qemu-xhci'/><input type='tablet' bus='usb'/>"
        "<graphics type='vnc' port='-1' autoport='yes'/><video><model type='virtio'/></video>"
        "</devices></domain>"
    )


@functools.lru_cache(maxsize=256)
def _domains(host: Host, generation: int) -> list[Facts]:
    """The VMs of a generation; one of them is there in every second one only."""
    count = host.vms if generation % 2 else host.vms - 1
    return [
        domain_facts(
            None,
            _domain_xml(host, vm, generation),
            status=Status("shutoff", True, False),
            include_xml=True,
            snapshots=[],
        )
        for vm in range(count)
    ]


def facts(host: Host, generation: int) -> Facts:
    """What the host answers in a generation; a new host is generation 1."""
    domains = _domains(host, generation)
    names = [f"vm{host.number:04d}-{vm:02d}-0.qcow2" for vm in range(host.vms)]
    found = answer(
        *domains,
        networks=[network()],
        storage_pools=[pool(volumes=[*names, f"g{generation}.iso"])],
    )
    found["hypervisor"]["host_uuid"] = f"00000000-0000-4000-8000-{host.number:012x}"
    return found


def expected(host: Host, generation: int) -> State:
    """What the ledger has of the host in a generation; nothing in generation 0."""
    return sorted(
        (
            domain["name"],
            domain["title"],
            tuple(sorted(disk["target_dev"] for disk in domain["volume_attachments"])),
            tuple(sorted(port["mac_address"] for port in domain["ports"])),
            document(domain["xml"], "config").digest,
        )
        for domain in (_domains(host, generation) if generation else ())
    )


def recorded(connection: Any, host: Host) -> State:
    """What the ledger has of the host."""
    vms, disks, ports = _tables.virtual_machines, _tables.volume_attachments, _tables.ports
    told = _tables.vm_configurations
    mine = (vms.c.host_id == host.name) & vms.c.deleted_at.is_(None)

    def of_vms(table: Any, column: Any, *conditions: Any) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        query = sa.select(table.c.vm_uuid, column).join(vms, vms.c.uuid == table.c.vm_uuid)
        for uuid, value in connection.execute(query.where(mine, *conditions)):
            found.setdefault(uuid, []).append(value)
        return found

    targets = of_vms(disks, disks.c.target_dev, disks.c.deleted_at.is_(None))
    macs = of_vms(ports, ports.c.mac_address, ports.c.deleted_at.is_(None))
    digests = of_vms(told, told.c.digest, told.c.last_seen_at.is_(None))
    query = sa.select(vms.c.uuid, vms.c.name, vms.c.title).where(mine)
    return sorted(
        (
            name,
            title,
            tuple(sorted(targets.get(uuid, ()))),
            tuple(sorted(macs.get(uuid, ()))),
            ",".join(digests.get(uuid, ())),
        )
        for uuid, name, title in connection.execute(query)
    )


def generation_of(connection: Any, host: Host) -> int:
    """The generation that the ledger has of the host; -1 for none of them, a broken state."""
    found = recorded(connection, host)
    if not found:
        return 0
    generation = int(found[0][1][1:])
    return generation if found == expected(host, generation) else -1


def generations(database: Database, hosts: list[Host]) -> dict[Host, int]:
    """The generations of some hosts, all at one moment."""
    engine = open_engine(database, readonly=True)
    try:
        return run_transaction(
            database,
            engine,
            lambda connection: {host: generation_of(connection, host) for host in hosts},
        )
    finally:
        engine.dispose()


def now() -> datetime.datetime:
    """The time."""
    return datetime.datetime.now(datetime.timezone.utc)
