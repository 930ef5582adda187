"""A made-up fleet: hosts with VMs as a data centre has them, the same for the same seed.

``Fleet(seed=1).host(7, vms=50)`` is a host; its ``after(rate)`` is the same host some time later.
Hosts are made one by one, so that a fleet of any size takes the memory of one host.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request, gather
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.known import (
    NOTHING,
    Known,
)
from benchmark import fleet_xml

#: What VMs are for: name, weight, virtual CPUs, GiB of memory.
_ROLES = (
    ("web", 30, (1, 2, 4), (1, 2, 4)),
    ("app", 25, (2, 4, 8), (4, 8, 16)),
    ("db", 15, (4, 8, 16), (16, 32, 64)),
    ("build", 10, (8, 16), (16, 32)),
    ("desk", 15, (2, 4), (4, 8)),
    ("router", 5, (1, 2), (1, 2)),
)
_DISKS = (("file", 55), ("block", 15), ("network", 20), ("volume", 10))
_NICS = (("network", 60), ("bridge", 25), ("direct", 10), ("hostdev", 5))

#: Letters of disks that a VM can have.
_LETTERS = "abcdefghijklmnop"


class Variety(NamedTuple):
    """Between which limits the VMs of a fleet differ; the rest are probabilities."""

    disks: tuple[int, int] = (1, 8)
    nics: tuple[int, int] = (1, 4)
    cdrom: float = 0.3
    snapshots: float = 0.05
    running: float = 0.85


#: What a data centre has.
MIXED = Variety()

#: What the targets are stated for: four disks and three NICs each.
EVEN = Variety(disks=(4, 4), nics=(3, 3), cdrom=0.0)


class Rate(NamedTuple):
    """Which part of a host's VMs is concerned from one round to the next."""

    changed: float = 0.02
    devices: float = 0.01
    switched: float = 0.01
    deleted: float = 0.005
    created: float = 0.005


#: A quiet day.
USUAL = Rate()


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk; ``kind`` is the type of its source."""

    letter: str
    kind: str
    bus: str
    format: str
    gibibytes: int
    limited: bool = False


@dataclasses.dataclass(frozen=True)
class Nic:
    """A NIC; ``number`` is unique within its VM."""

    number: int
    kind: str
    vlan: int | None
    model: str = "virtio"


@dataclasses.dataclass(frozen=True)
class Machine:
    """A VM.

    :ivar host: the number of the host that it was made on.
    :ivar round: grows with every change of its definition.
    """

    host: int
    number: int
    role: str
    cpus: int
    gibibytes: int
    running: bool
    disks: tuple[Disk, ...]
    nics: tuple[Nic, ...]
    cdrom: bool
    snapshots: int
    graphics: str
    round: int = 0

    @property
    def name(self) -> str:
        """Its name, unique in the fleet."""
        return f"{host_name(self.host)}-{self.role}{self.number:04d}"

    @property
    def uuid(self) -> str:
        """Its UUID, unique in the fleet."""
        return f"{self.host:08x}-0000-4000-8000-{self.number:012x}"

    def mac(self, nic: Nic) -> str:
        """A NIC's address, unique in the fleet: 16 bits of host, 12 of VM, 4 of NIC."""
        number = (self.host & 0xFFFF) << 16 | (self.number & 0xFFF) << 4 | nic.number & 0xF
        return "52:54:" + ":".join(f"{number:08x}"[start : start + 2] for start in (0, 2, 4, 6))


def host_name(number: int) -> str:
    """A host's name."""
    return f"h{number:06d}"


class Host:
    """A host with its VMs at one moment."""

    def __init__(
        self, seed: int, number: int, variety: Variety, machines: tuple[Machine, ...], turn: int = 0
    ) -> None:
        self._seed = seed
        self._variety = variety
        self._turn = turn
        self.number = number
        self.machines = machines

    @property
    def name(self) -> str:
        """Its name."""
        return host_name(self.number)

    def after(self, rate: Rate = USUAL) -> Host:
        """The same host in the next round."""
        turn = self._turn + 1
        chance = random.Random(f"{self._seed}/{self.number}/turn/{turn}")
        living = list(self.machines)
        gone = set(chance.sample(living, _part(len(living), rate.deleted)))
        kept = [machine for machine in living if machine not in gone]
        for part, change in (
            (rate.changed, _redefined),
            (rate.devices, _rebuilt),
            (rate.switched, _switched),
        ):
            for index in chance.sample(range(len(kept)), min(len(kept), _part(len(living), part))):
                kept[index] = change(kept[index], chance)
        first = max((machine.number for machine in living), default=-1) + 1
        for number in range(first, first + _part(len(living), rate.created)):
            kept.append(_machine(self._seed, self.number, number, self._variety))
        return Host(self._seed, self.number, self._variety, tuple(kept), turn)

    def node(self) -> str:
        """The host as a file of libvirt's test driver."""
        return fleet_xml.node(self)

    def write(self, folder: Path) -> str:
        """Write that file; the URI to it."""
        path = folder / f"{self.name}.xml"
        path.write_text(self.node())
        return f"test://{path}"

    def facts(self, folder: Path, known: Known = NOTHING) -> dict[str, Any]:
        """What ``hypervisor_info`` answers of it, its XML included, as libvirt formats it.

        :param folder: where its file is written; another one makes another URI, which is a fact.
        :param known: what the asker has recorded.
        """
        selection = Selection(include_xml=True, known=known.domains)
        uri = self.write(folder)
        return gather(Request(uri, selection=selection, known_inventory=known.inventory))


class Fleet:
    """Hosts, made when they are asked for."""

    def __init__(self, seed: int = 1, variety: Variety = MIXED) -> None:
        self._seed = seed
        self._variety = variety

    def host(self, number: int, vms: int) -> Host:
        """A host in its first round."""
        machines = tuple(_machine(self._seed, number, vm, self._variety) for vm in range(vms))
        return Host(self._seed, number, self._variety, machines)

    def hosts(self, count: int, vms: int) -> Iterator[Host]:
        """Hosts one after the other."""
        return (self.host(number, vms) for number in range(count))


def _part(count: int, part: float) -> int:
    """How many of so many; a rate above zero concerns at least one."""
    return min(count, max(1, round(count * part))) if part > 0 else 0


def _pick(chance: random.Random, weighted: tuple[tuple[Any, ...], ...]) -> tuple[Any, ...]:
    chosen: tuple[Any, ...] = chance.choices(weighted, [item[1] for item in weighted])[0]
    return chosen


def _machine(seed: int, host: int, number: int, variety: Variety) -> Machine:
    chance = random.Random(f"{seed}/{host}/{number}")
    role, _weight, cpus, memory = _pick(chance, _ROLES)
    return Machine(
        host=host,
        number=number,
        role=role,
        cpus=chance.choice(cpus),
        gibibytes=chance.choice(memory),
        running=chance.random() < variety.running,
        disks=tuple(_disk(chance, letter) for letter in _LETTERS[: chance.randint(*variety.disks)]),
        nics=tuple(_nic(chance, nic) for nic in range(chance.randint(*variety.nics))),
        cdrom=chance.random() < variety.cdrom,
        snapshots=chance.randint(1, 3) if chance.random() < variety.snapshots else 0,
        graphics=chance.choice(("vnc", "vnc", "spice", "")),
    )


def _disk(chance: random.Random, letter: str) -> Disk:
    kind = _pick(chance, _DISKS)[0]
    return Disk(
        letter=letter,
        kind=kind,
        bus=chance.choice(("vd", "vd", "vd", "sd")),
        format="qcow2" if kind in ("file", "volume") else "raw",
        gibibytes=chance.choice((10, 20, 50, 100, 500)),
        limited=chance.random() < 0.1,
    )


def _nic(chance: random.Random, number: int) -> Nic:
    kind = _pick(chance, _NICS)[0]
    tagged = kind == "hostdev" or (kind == "bridge" and chance.random() < 0.5)
    model = chance.choice(("virtio", "virtio", "virtio", "e1000e"))
    return Nic(number, kind, chance.randint(2, 4000) if tagged else None, model)


def _redefined(machine: Machine, _chance: random.Random) -> Machine:
    """Other attributes."""
    return dataclasses.replace(machine, round=machine.round + 1, cpus=machine.cpus + 1)


def _rebuilt(machine: Machine, chance: random.Random) -> Machine:
    """A disk or NIC more, or the last one less."""
    disks, nics = machine.disks, machine.nics
    if chance.random() < 0.5:
        if len(disks) > 1 and chance.random() < 0.5:
            disks = disks[:-1]
        elif len(disks) < len(_LETTERS):
            disks = (*disks, _disk(chance, _LETTERS[len(disks)]))
    elif len(nics) > 1 and chance.random() < 0.5:
        nics = nics[:-1]
    elif len(nics) < 16:
        nics = (*nics, _nic(chance, len(nics)))
    return dataclasses.replace(machine, round=machine.round + 1, disks=disks, nics=nics)


def _switched(machine: Machine, _chance: random.Random) -> Machine:
    """Started or stopped."""
    return dataclasses.replace(machine, running=not machine.running)
