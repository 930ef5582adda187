"""Recording a host and asking the ledger, with ever more VMs in PostgreSQL."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
    prepare,
    record,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from benchmark.copies import multiply
from benchmark.fleet import Fleet, Host, Machine, Rate
from benchmark.tables import Table, at_most, duration, median, paired, ratio, timed
from servers.postgresql import PostgreSQL

#: How many VMs; the first are recorded, the rest are copies.
SIZES = tuple(int(text) for text in os.environ.get("SIZES", "1000,100000,1000000").split(","))
_HOSTS, _VMS = 20, 50
_TARGET = 1.2
#: How many hosts are recorded, and how often each question is asked.
_HOSTS_RECORDED, _ASKED = 9, 31

#: Of these hosts the ledgers have no copies.
_OTHERS = range(960_000, 960_000 + _HOSTS_RECORDED)

#: As a machine for so many VMs has them.
_SETTINGS = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


def measure() -> Iterator[Table]:
    """The same work in every ledger, in turns."""
    table = Table(
        "One host of 50 VMs, and the main queries, by the number of VMs in the ledger",
        ("", *(f"{size:,} VMs" for size in SIZES), "ratio of the largest", "target", "verdict"),
    )
    server = PostgreSQL(_SETTINGS, is_large=True)
    try:
        server.wait()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            table.notes += _fill(server, folder)
            recordings, questions = _recordings(server, folder), _questions(server)
            for what, work in recordings.items():
                _add(table, what, work, _HOSTS_RECORDED)
            for what, work in questions.items():
                _add(table, what, work, _ASKED)
    finally:
        server.stop()
    yield table


def _add(table: Table, what: str, work: Callable[[int], float], runs: int) -> None:
    seconds = paired({str(size): functools.partial(work, size) for size in SIZES}, runs)
    factor = ratio(seconds[str(SIZES[-1])], seconds[str(SIZES[0])])
    cells = [duration(median(seconds[str(size)])) for size in SIZES]
    table.add(what, *cells, f"{factor:.2f}", f"<= {_TARGET:g}", at_most(factor, _TARGET))


def _fill(server: PostgreSQL, folder: Path) -> list[str]:
    """Make the ledgers; what is to be said about them."""
    server.create("template")
    runner.upgrade(resolve(server.url("template")))
    for host in Fleet().hosts(_HOSTS, _VMS):
        record(resolve(server.url("template")), host.name, host.facts(folder))
    server.execute("ANALYZE", database="template")
    notes = []
    for size in SIZES:
        started = time.monotonic()
        server.create(f"l{size}", template="template")
        copies = size // (_HOSTS * _VMS) - 1
        if copies:
            multiply(server, f"l{size}", copies)
        query = f"SELECT pg_database_size('l{size}'), (SELECT count(*) FROM virtual_machines)"
        ((stored, vms),) = server.execute(query, database=f"l{size}")
        assert vms == size
        minutes = (time.monotonic() - started) / 60
        notes.append(f"{size:,} VMs: {stored / 2**30:.1f} GiB, made in {minutes:.1f} minutes.")
    free = shutil.disk_usage(server.folder).free / 2**30
    notes.append(f"All ledgers are in one server, on a disk with {free:.0f} GiB left.")
    return notes


def _recordings(server: PostgreSQL, folder: Path) -> dict[str, Callable[[int], float]]:
    """What is recorded, by its name: functions of the ledger's size."""
    hosts = [Fleet().host(number, _VMS) for number in _OTHERS]
    recording = _Recordings(server, folder, hosts)
    return {
        "first recording": recording.first,
        "unchanged recording": recording.unchanged,
        "recording with one changed VM": recording.changed,
    }


def _questions(server: PostgreSQL) -> dict[str, Callable[[int], float]]:
    """What is asked, likewise."""

    def question(subject: str, **filters: str) -> Callable[[int], float]:
        def work(size: int) -> float:
            database = resolve(server.url(f"l{size}"))
            wanted = Filters(**filters)  # type: ignore[arg-type]
            found: list[Any] = []
            seconds = timed(lambda: found.extend(ask(database, subject, wanted, 1000)[0]))
            assert found, f"{subject} {filters}: nothing found"
            return seconds

        return work

    asked = _asked()
    disk = next(disk for disk in asked.disks if disk.kind == "file")
    source = f"/var/lib/libvirt/images/{asked.name}-{disk.letter}.qcow2"
    return {
        "VM by name": question("virtual_machines", vm=asked.name),
        "all attachments of a VM": question("attachments", vm=asked.name),
        "disks of a VM": question("volume_attachments", vm=asked.name),
        "who uses this volume": question("virtual_machines", volume=source),
        "who has this MAC": question("virtual_machines", mac=asked.mac(asked.nics[0])),
    }


def _asked() -> Machine:
    """The VM that is asked for: one of those that are recorded, with a file as a disk."""
    machines = Fleet().host(3, _VMS).machines
    return next(one for one in machines if any(disk.kind == "file" for disk in one.disks))


class _Recordings:
    """Recordings of hosts that the ledgers have no copies of, each host once in each ledger."""

    def __init__(self, server: PostgreSQL, folder: Path, hosts: list[Host]) -> None:
        self._server = server
        self._folder = folder
        self._hosts = hosts
        self._facts = {host.name: host.facts(folder) for host in hosts}
        self._turns: dict[tuple[str, int], int] = {}

    def first(self, size: int) -> float:
        """A host that is new to the ledger."""
        host, database = self._next("first", size)
        return timed(lambda: record(database, host.name, self._facts[host.name]))

    def unchanged(self, size: int) -> float:
        """What is known is read, the answer recorded."""
        host, database = self._next("unchanged", size)
        known = prepare(database, host.name)
        answer = host.facts(self._folder, known)
        return timed(lambda: self._again(database, host, answer))

    def changed(self, size: int) -> float:
        """The same with one VM that is defined otherwise."""
        host, database = self._next("changed", size)
        known = prepare(database, host.name)
        one = Rate(changed=1 / _VMS, devices=0, switched=0, deleted=0, created=0)
        answer = host.after(one).facts(self._folder, known)
        assert len(answer["domains"]) == 1
        return timed(lambda: self._again(database, host, answer))

    def _next(self, what: str, size: int) -> tuple[Host, Any]:
        turn = self._turns.get((what, size), 0)
        self._turns[what, size] = turn + 1
        return self._hosts[turn], resolve(self._server.url(f"l{size}"))

    @staticmethod
    def _again(database: Any, host: Host, answer: Any) -> None:
        known = prepare(database, host.name)
        record(database, host.name, answer, known=known)
