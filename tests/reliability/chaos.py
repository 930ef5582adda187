"""The full run: `make chaos` does everything many times and writes the table of docs/reliability.md.

    chaos.py [--only KIND]... [--scale PERCENT]

Progress goes to standard output. The table is written when every experiment on every database has
been run in full; whatever is wrong ends the run with status 1, and is in the table all the same.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import conftest
import sqlalchemy
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import (
    verify,
)
from reliability import faults, fleet, workers
from reliability.cluster import Cluster as Fleet
from reliability.cluster import hop, places, settle
from reliability.crashes import kill_recordings, kill_upgrades
from reliability.databases import Cluster, File, Service, Store
from reliability.fleet import Host
from reliability.workers import Done, Job, Watch
from servers.session import Servers

DOCUMENT = conftest.ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: made by make chaos -->", "<!-- end of figures -->"


class Result(NamedTuple):
    """What one experiment found on one database.

    :ivar many: what was done, and how often.
    :ivar lost: hosts without what was recorded of them last.
    :ivar partial: hosts, or looks at them, in no complete state.
    :ivar errors: what workers said that failed.
    :ivar tries: further tries of transactions; null where nobody counts them.
    :ivar violations: of the checker.
    :ivar note: what else there is to say.
    """

    many: str
    lost: int
    partial: int
    errors: list[str]
    tries: int | None
    violations: int
    note: str = ""

    @property
    def is_good(self) -> bool:
        """Nothing was wrong."""
        return not (self.lost or self.partial or self.errors or self.violations)


def _violations(url: str) -> int:
    return len(verify(resolve(url)).violations)


def _found(
    url: str,
    many: str,
    done: Iterable[Done],
    wanted: dict[Host, int],
    wrong: Iterable[str] = (),
    note: str = "",
) -> Result:
    """The result of recordings after which each host shall be in the generation that is wanted."""
    done = list(done)
    now = fleet.generations(resolve(url), list(wanted))
    partial = sum(generation == -1 for generation in now.values()) + len(list(wrong))
    lost = sum(now[host] not in (-1, wanted[host]) for host in wanted)
    tries = sum(one.tries - 1 for one in done)
    errors = list(workers.errors(done))
    return Result(many, lost, partial, errors, tries, _violations(url), note)


def _all(store: Store, url: str, hosts: list[Host], generation: int) -> list[Done]:
    """Record all hosts in one generation."""
    return workers.run([Job(store.way(url, host.number), host, generation) for host in hosts])


def fifty_workers(store: Store, scale: float) -> Result:
    """50 workers, each with a host of its own, in two generations; someone looks all the time."""
    url = store.new()
    hosts = [Host(number) for number in range(50)]
    workers.warm(url)
    with Watch(url, hosts[:3]) as watch:
        done = [one for g in (1, 2) for one in _all(store, url, hosts, g)]
        looks, wrong = watch.stop()
    many = f"{len(done)} recordings of 50 hosts with 10 VMs, 50 workers"
    return _found(url, many, done, dict.fromkeys(hosts, 2), wrong, f"{looks} looks")


def large_fleet(store: Store, scale: float) -> Result:
    """A whole fleet."""
    url = store.new()
    hosts = [Host(number) for number in range(max(50, int(1000 * scale)))]
    workers.warm(url)
    done = _all(store, url, hosts, 1)
    many = f"{len(hosts):,} hosts with 10 VMs, 50 workers"
    return _found(url, many, done, dict.fromkeys(hosts, 1))


def several_controllers(store: Store, scale: float) -> Result:
    """Whoever asked last counts, and nobody sees a mixture."""
    url = store.new()
    hosts = [Host(number, vms=3) for number in range(3)]
    workers.warm(url)
    count = max(30, int(300 * scale))
    with Watch(url, hosts) as watch:
        done = workers.run(
            [Job(store.way(url, n // 3), hosts[n % 3]) for n in range(count)], workers=15
        )
        looks, wrong = watch.stop()
    newest = {host: max(one.generation for one in done if one.host == host) for host in hosts}
    late = sum(one.superseded for one in done)
    many = f"{count} recordings of 3 hosts, 15 controllers"
    return _found(url, many, done, newest, wrong, f"{looks} looks; {late} came too late")


def hopping_vms(store: Store, scale: float) -> Result:
    """Migrations and shared volumes, with archived XML at the same time."""
    url, cluster, ticks = store.new(), Fleet(hosts=12, vms=36), max(3, int(10 * scale))
    workers.warm(url)
    settle(url, cluster, 0)
    before = store.deadlocks()
    seen = hop(url, cluster, ticks, 20)
    deadlocks = store.deadlocks() - before
    settle(url, cluster, ticks + 1)
    found = set(places(resolve(url)))
    lost = sum(place not in found for place in cluster.expected(ticks + 1))
    many = f"{seen.recordings} recordings of 12 hosts whose 36 VMs migrate, 20 workers"
    note = f"{deadlocks} deadlocks"
    return Result(many, lost, 0, seen.errors, seen.further_tries, _violations(url), note)


def upgrade_among_workers(store: Store, scale: float) -> Result:
    """A schema upgrade while workers record."""
    rounds, errors, wrong, violations = max(1, int(5 * scale)), [], 0, 0
    for _round in range(rounds):
        url = faults.old(store)
        applied, said = faults.upgrade_while_recording(url, hosts=10, upgrades=2)
        errors += said
        wrong += sorted(applied) != [0, 2]
        hosts = [Host(number, vms=2) for number in range(10)]
        wrong += sum(one != 1 for one in fleet.generations(resolve(url), hosts).values())
        violations += _violations(url)
    many = f"{rounds} times 2 upgrades among 10 workers"
    return Result(many, wrong, 0, errors, None, violations)


def killed_recordings(store: Store, scale: float) -> Result:
    """kill -9 of the recording process at random moments."""
    url = store.new()
    hosts = [Host(number, vms=3) for number in range(3)]
    workers.warm(url)
    tally = kill_recordings(url, max(10, int(200 * scale)), longest=0.3, hosts=hosts)
    wrong = [words for words in tally.wrong if " is " in words]
    others = [words for words in tally.wrong if words not in wrong]
    many = f"{tally.kills} times kill -9 of a recording process"
    note = f"{tally.inside} recordings cut off, {tally.next_state} of them after the commit"
    return Result(many, 0, len(wrong), others, None, _violations(url), note)


def killed_upgrades(store: Store, scale: float) -> Result:
    """kill -9 of the making of a schema; the next attempt completes it."""
    tally = kill_upgrades(store.empty, max(5, int(20 * scale)), longest=0.6)
    many = f"{tally.kills} times kill -9 of a schema upgrade"
    return Result(many, 0, 0, tally.wrong, None, 0, f"{tally.inside} cut off")


def _through(store: Service, what: str, fault: Callable[[], object], times: int) -> Result:
    url = store.new()
    hosts = [Host(number, vms=3) for number in range(60)]
    seen = faults.record_through(url, hosts, fault, times, way=store.way)
    now = fleet.generations(resolve(url), hosts)
    lost = sum(now[host] != 2 for host in hosts)
    tries = sum(one.tries - 1 for one in seen.done)
    note = f"{len(seen.told)} workers found no server, said so and were run again"
    many = f"{len(hosts)} recordings, {what}"
    violations = _violations(url)
    if isinstance(store, Cluster):
        violations += store.differences(url)
    return Result(many, lost, seen.partial, seen.errors, tries, violations, note)


def crashed_server(store: Service, scale: float) -> Result:
    """kill -9 of the server."""
    return _through(store, "kill -9 of the server in between", store.crash, 1)


def restarted_server(store: Service, scale: float) -> Result:
    """A server that is stopped and started."""
    return _through(store, "a restart of the server in between", lambda: faults.restart(store), 1)


def cut_connections(store: Service, scale: float) -> Result:
    """Connections that end in mid-transaction."""
    return _through(store, "all connections cut 15 times", store.cut, 15)


def lost_node(store: Cluster, scale: float) -> Result:
    """kill -9 of a node, which comes back; in the end all nodes have the same."""
    return _through(store, "kill -9 of a node in between", store.lose, 1)


#: What is done on every database, and what only where there is a server of its own.
EVERYWHERE: dict[str, Callable[..., Result]] = {
    "workers on hosts of their own": fifty_workers,
    "a large fleet": large_fleet,
    "several controllers on the same hosts": several_controllers,
    "migrating VMs, shared volumes, backfill": hopping_vms,
    "schema upgraded while workers record": upgrade_among_workers,
    "recording processes killed": killed_recordings,
    "schema upgrades killed": killed_upgrades,
}
ON_SERVERS: dict[str, Callable[..., Result]] = {
    "server killed": crashed_server,
    "server restarted": restarted_server,
    "connections cut": cut_connections,
}

#: What is done on a cluster; an upgrade that is killed there is taken over after 20 seconds only.
ON_CLUSTERS: dict[str, Callable[..., Result]] = {
    **{what: work for what, work in EVERYWHERE.items() if what != "schema upgrades killed"},
    "node killed": lost_node,
}

#: The databases by kind; one more is one more line here.
STORES: dict[str, Callable[[Servers, Path], Store]] = {
    "sqlite": lambda _servers, folder: File(folder),
    "postgresql": lambda servers, _folder: Service(servers.postgresql),
    "mariadb": lambda servers, _folder: Service(servers.mariadb),
    "galera": lambda servers, _folder: Cluster(servers.galera),
}

COLUMNS = (
    ("what", "database", "how many", "lost updates", "partial hosts")
    + ("`database is locked`", "errors", "further tries", "violations", "seconds", "besides")
)  # fmt: skip


def row(what: str, store: Store, result: Result, seconds: float) -> str:
    """A line of the table."""
    locked = sum("is locked" in words for words in result.errors)
    cells = (
        *(what, store.name, result.many, result.lost, result.partial, locked, len(result.errors)),
        *("-" if result.tries is None else result.tries, result.violations, f"{seconds:.0f}"),
        result.note or "-",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def machine() -> str:
    """What the figures are of."""
    versions = f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}"
    day = datetime.date.today().isoformat()
    return f"`make chaos` on {day}: {os.cpu_count()} cores, Linux, {versions}."


def write(rows: list[str], keep: bool) -> None:
    """Put lines into the table of the document, whose text stays.

    :param keep: lines of other experiments stay, too.
    """
    text = DOCUMENT.read_text()
    table = text.partition(BEGIN)[2].partition(END)[0]
    known = {_of(line): line for line in table.splitlines()[5:] if keep and line.startswith("| ")}
    known.update({_of(line): line for line in rows})
    order = [*EVERYWHERE, *ON_SERVERS, *ON_CLUSTERS]
    rows = sorted(known.values(), key=lambda line: order.index(_of(line)[0]))
    head = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    table = "\n".join([BEGIN, "", machine(), "", *head, *rows, "", END])
    before, _begin, rest = text.partition(BEGIN)
    DOCUMENT.write_text(before + table + rest.partition(END)[2])


def _of(line: str) -> tuple[str, str]:
    """What a line of the table is of: experiment and database."""
    what, database = (cell.strip() for cell in line.split("|")[1:3])
    return what, database


def experiments(store: Store) -> dict[str, Callable[..., Result]]:
    """What is done on a database."""
    if isinstance(store, Cluster):
        return ON_CLUSTERS
    return {**EVERYWHERE, **(ON_SERVERS if isinstance(store, Service) else {})}


def main() -> int:
    """Run everything; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=STORES)
    parser.add_argument("--scale", type=float, default=100.0, metavar="PERCENT")
    options = parser.parse_args()
    servers, rows, is_good = Servers(), [], True
    with tempfile.TemporaryDirectory() as folder:
        try:
            for kind in options.only or STORES:
                store = STORES[kind](servers, Path(folder))
                for what, experiment in experiments(store).items():
                    print(f"{store.name}: {what} ...", flush=True)
                    started = time.monotonic()
                    result = experiment(store, options.scale / 100)
                    line = row(what, store, result, time.monotonic() - started)
                    print(line, *result.errors[:5], sep="\n", flush=True)
                    rows.append(line)
                    is_good &= result.is_good
        finally:
            servers.stop()
    if options.scale >= 100:
        write(rows, keep=bool(options.only))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
