"""A cluster whose VMs hop between its hosts, on volumes that all of them share.

At each tick every VM runs on the next host. It has a volume of its own in a Ceph pool, another one
that is there at every second tick only, and one that all VMs have. An NFS export that every host
has as a pool lists volumes that come and go, and grow. So recordings of different hosts at one time
contend for the rows of VMs and of volumes, in every order.
"""

from __future__ import annotations

import datetime
import random
import time
from typing import Any, NamedTuple

import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from helpers import answer, domain_xml, pool
from reliability import fleet, workers

Facts = dict[str, Any]

_DISK = (
    "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='rbd' "
    "name='vms/{0}'><host name='mon1'/></source><target dev='{1}' bus='virtio'/>{2}</disk>"
)


class Cluster(NamedTuple):
    """So many hosts, and so many VMs on them."""

    hosts: int = 6
    vms: int = 12

    def host_of(self, vm: int, tick: int) -> int:
        """Where a VM runs; every other one hops back and forth, the others go round."""
        return (vm + (tick % 2 if vm % 2 else tick)) % self.hosts

    @staticmethod
    def name_of(host: int) -> str:
        """A host's name in the ledger."""
        return f"node{host}"

    def _domain(self, vm: int, tick: int) -> Facts:
        names = [f"vm{vm}", "shared", *([f"scratch{vm % 4}"] if (vm + tick) % 2 else [])]
        disks = "".join(
            _DISK.format(name, f"vd{'abc'[place]}", "<shareable/>" if place else "")
            for place, name in enumerate(names)
        )
        text = domain_xml(disks, f"vm{vm}", vm + 1)
        live = text.replace("<domain type='kvm'>", f"<domain type='kvm' id='{tick + 1}'>")
        return domain_facts(
            live, text, status=Status("running", True, False), include_xml=True, snapshots=[]
        )

    def facts(self, host: int, tick: int) -> Facts:
        """What a host answers at a tick."""
        vms = [vm for vm in range(self.vms) if self.host_of(vm, tick) == host]
        names = ["tools.iso", *(f"image{n}.iso" for n in range(8) if (n + tick) % 3)]
        source = {"host/@name": "nfs1", "dir/@path": "/export", "format/@type": "nfs"}
        export = pool("isos", "/isos", volumes=names, type="netfs", source=source)
        for volume in export["volumes"]:
            volume["capacity_bytes"] = 2**30 + tick
        found = answer(*(self._domain(vm, tick) for vm in vms), storage_pools=[export])
        found["hypervisor"]["host_uuid"] = f"00000000-0000-4000-9000-{host:012x}"
        return found

    def history(self, host: int, tick: int) -> Facts:
        """A file of the definition of one of a host's VMs, of some days ago."""
        vm = next((vm for vm in range(self.vms) if self.host_of(vm, tick) == host), 0)
        text = domain_xml(_DISK.format(f"old{vm}", "vda", ""), f"vm{vm}", vm + 1)
        found = domain_facts(
            None, text, status=Status("shutoff", True, False), include_xml=True, snapshots=[]
        )
        dated = fleet.now() - datetime.timedelta(days=1 + tick)
        found["archived"] = {"path": f"/backup/vm{vm}.xml", "dated_at": dated.isoformat()}
        found["archived"]["dated_by"] = "mtime"
        nothing = {"hypervisor": None, "networks": None, "storage_pools": None, "complete": []}
        return answer(found, **nothing)

    def expected(self, tick: int) -> list[tuple[str, str]]:
        """Every VM and its host."""
        return sorted((f"vm{vm}", self.name_of(self.host_of(vm, tick))) for vm in range(self.vms))


def places(database: Database) -> list[tuple[str, str]]:
    """Every VM and its host, as the ledger has them."""
    table = _tables.virtual_machines
    query = sa.select(table.c.name, table.c.host_id).where(table.c.deleted_at.is_(None))
    with open_engine(database, readonly=True).begin() as connection:
        return sorted((name, host) for name, host in connection.execute(query))


class Step(NamedTuple):
    """One recording of a host at a tick; of its past if it is history."""

    url: str
    cluster: Cluster
    host: int
    tick: int
    is_history: bool = False


def perform(step: Step) -> tuple[int, str]:
    """Record; how many tries that took, and what went wrong."""
    time.sleep(random.uniform(0, 0.05))
    cluster, asked_at = step.cluster, fleet.now()
    facts = (cluster.history if step.is_history else cluster.facts)(step.host, step.tick)
    try:
        name = cluster.name_of(step.host)
        summary = recorder.record(resolve(step.url), name, facts, asked_at=asked_at)
    except Exception as error:
        return 0, f"{cluster.name_of(step.host)} tick {step.tick}: {error}"
    return summary.tries, ""


class Hopped(NamedTuple):
    """What recordings of a cluster did: how many there were, their further tries, errors."""

    recordings: int
    further_tries: int
    errors: list[str]


def hop(url: str, cluster: Cluster, ticks: int, number: int) -> Hopped:
    """Record every host at every tick, and archived XML with it, by so many workers at once."""
    steps = [
        Step(url, cluster, host, tick, is_history)
        for tick in range(1, ticks + 1)
        for host in range(cluster.hosts)
        for is_history in (False, *([True] if host % 3 == tick % 3 else []))
    ]
    with workers.fork.Pool(number) as pool_of_workers:
        results = pool_of_workers.imap_unordered(perform, steps)
        done = [results.next(workers.DEADLINE) for _step in steps]
    errors = [words for _tries, words in done if words]
    return Hopped(len(done), sum(max(0, tries - 1) for tries, _words in done), errors)


def settle(url: str, cluster: Cluster, tick: int) -> None:
    """Record every host twice, one after the other: each VM is where it is then."""
    for _time in range(2):
        for host in range(cluster.hosts):
            recorder.record(resolve(url), cluster.name_of(host), cluster.facts(host, tick))
