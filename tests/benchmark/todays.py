"""Against what people do today, with the collections of PyPI's ``ansible`` and the same database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import PostgresqlPlace
from benchmark.fleet import EVEN, Fleet
from benchmark.hypervisors import hypervisor
from benchmark.plays import PING, ROOT, Plays, sync_tasks
from benchmark.tables import RUNS, Table, at_least, duration, median, paired
from servers.session import Servers

SIZES = (10, 50, 100)
_WAYS = Path(__file__).resolve().parent / "ways"
_BIN = ROOT / ".build" / "benchmark-venv" / "bin"
_TABLES = (
    "CREATE TABLE vms (name text, uuid text, memory text, vcpus text)",
    "CREATE TABLE disks (vm text, type text, format text, source text, target text, bus text)",
    "CREATE TABLE nics (vm text, type text, mac text, source text)",
)


class Way(NamedTuple):
    """How people do it.

    :ivar target: how many times less a VM is to take by ours, with 100 VMs.
    :ivar runs: how often it is measured.
    """

    name: str
    play: str
    target: int
    runs: int


WAYS = (
    Way("(a) get_xml, xml, an insert per row", "one_by_one", 500, 1),
    Way("(b) get_xml, from_xml, one query", "from_xml", 50, 3),
    Way("(c) virsh loop, from_xml, one query", "shell", 5, RUNS),
)


def measure() -> Iterator[Table]:
    """The time above ``ping``, by VM."""
    table = Table(
        "One host with a real libvirt daemon, 4 disks and 3 NICs per VM, into PostgreSQL",
        ("VMs", "way", "runs", "in all", "above ping, per VM", "ours takes", "target", "verdict"),
    )
    servers = Servers()
    try:
        with tempfile.TemporaryDirectory() as name, hypervisor() as real:
            server = servers.postgresql
            place = PostgresqlPlace(server)
            server.create("today")
            server.execute(*_TABLES, database="today")
            for size in SIZES:
                real.define(Fleet(variety=EVEN).host(1, size))
                folder = Path(name) / str(size)
                seconds = _measured(folder, real.uri, place, str(server.folder), server.port)
                _show(table, size, seconds)
    finally:
        servers.stop()
    table.notes.append(
        "The other ways record 6 fields of a disk, 4 of a NIC, 4 of a VM, once, and know nothing of "
        "what was there before. Ours records every field, index, archive and history. 'Ours takes' "
        "says how many times less time above ping a VM takes by our first recording."
    )
    return iter([table])


def _measured(
    folder: Path, uri: str, place: PostgresqlPlace, socket: str, port: int
) -> dict[str, list[float]]:
    own = Plays(folder, {"h1": uri})
    today = Plays(folder.with_name(f"{folder.name}-today"), {"h1": uri}, _BIN, own=False)
    ping, sync = own.write("ping", PING), own.write("sync", sync_tasks(place.url))

    def first() -> float:
        place.empty()
        return own.run(sync)

    seconds = paired(
        {
            "ping": lambda: own.run(ping),
            "first": first,
            "unchanged": lambda: own.run(sync),
            **{way.name: lambda way=way: _run(today, way, socket, port) for way in WAYS[2:]},
        }
    )
    for way in WAYS[:2]:
        seconds.update(paired({way.name: lambda way=way: _run(today, way, socket, port)}, way.runs))
    return seconds


def _run(today: Plays, way: Way, socket: str, port: int) -> float:
    return today.run(_WAYS / f"{way.play}.yml", database_socket=socket, database_port=port)


def _show(table: Table, size: int, seconds: dict[str, list[float]]) -> None:
    ping = median(seconds["ping"])
    each = {name: (median(found) - ping) / size for name, found in seconds.items()}
    for name in ("first", "unchanged"):
        cells = (str(len(seconds[name])), duration(median(seconds[name])), duration(each[name]))
        table.add(str(size), f"ours, {name}", *cells, "", "", "")
    for way in WAYS:
        factor = each[way.name] / each["first"]
        found = seconds[way.name]
        cells = (str(len(found)), duration(median(found)), duration(each[way.name]))
        goal = (f">= {way.target}", at_least(factor, way.target)) if size == 100 else ("", "")
        table.add(str(size), way.name, *cells, f"1/{factor:,.0f}", *goal)
