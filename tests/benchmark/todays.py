"""Against what people do today, with the collections of PyPI's ``ansible`` and the same database."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import PostgresqlPlace
from benchmark.fleet import EVEN, Fleet
from benchmark.hypervisors import hypervisors
from benchmark.plays import PING, ROOT, Plays, sync_tasks
from benchmark.tables import RUNS, Table, at_least, duration, median, paired
from servers.session import Servers

SIZES = (10, 50, 100)
#: Where the way that takes minutes is measured as well.
SLOW_SIZES = tuple(int(text) for text in os.environ.get("SLOW_SIZES", "10,50,100").split(","))
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
    """The time above ``ping``, by VM; a table for every size."""
    servers = Servers()
    try:
        with tempfile.TemporaryDirectory() as name, hypervisors(1) as (real,):
            server = servers.postgresql
            place = PostgresqlPlace(server)
            server.create("today")
            server.execute(*_TABLES, database="today")
            for size in SIZES:
                real.define(Fleet(variety=EVEN).host(1, size))
                folder = Path(name) / str(size)
                seconds = _measured(folder, size, real.uri, place, str(server.folder), server.port)
                yield _shown(size, seconds)
    finally:
        servers.stop()


def _measured(
    folder: Path, size: int, uri: str, place: PostgresqlPlace, socket: str, port: int
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
        if way.runs > 1 or size in SLOW_SIZES:
            run = functools.partial(_run, today, way, socket, port)
            seconds.update(paired({way.name: run}, way.runs))
    return seconds


def _run(today: Plays, way: Way, socket: str, port: int) -> float:
    return today.run(_WAYS / f"{way.play}.yml", database_socket=socket, database_port=port)


def _shown(size: int, seconds: dict[str, list[float]]) -> Table:
    table = Table(
        f"{size} VMs with 4 disks and 3 NICs of a real libvirt daemon, into PostgreSQL",
        (
            "way",
            "runs",
            "in all",
            "above ping, per VM",
            "ours takes",
            "target",
            "verdict",
            "ours, unchanged",
        ),
    )
    ping = median(seconds["ping"])
    each = {name: (median(found) - ping) / size for name, found in seconds.items()}
    for name in ("first", "unchanged"):
        cells = (str(len(seconds[name])), duration(median(seconds[name])), duration(each[name]))
        table.add(f"ours, {name}", *cells, "", "", "", "")
    for way in WAYS:
        if way.name not in seconds:
            table.notes.append(f"{way.name}: not measured with {size} VMs, which takes long.")
            continue
        factor, again = (each[way.name] / each[ours] for ours in ("first", "unchanged"))
        found = seconds[way.name]
        cells = (str(len(found)), duration(median(found)), duration(each[way.name]))
        goal = (f">= {way.target}", at_least(factor, way.target)) if size == 100 else ("", "")
        table.add(way.name, *cells, f"1/{factor:,.1f}", *goal, f"1/{again:,.1f}")
    return table
