"""Whole playbooks: the first and the unchanged synchronisation, against nothing but ``ping``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import libvirt
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import ENVIRONMENT
from benchmark.databases import Place, places
from benchmark.fleet import Fleet
from benchmark.hypervisors import hypervisors
from benchmark.plays import PING, Plays, sync_tasks
from benchmark.tables import RUNS, Table, at_most, duration, median, paired, ratio, timed

SIZES = (10, 100, 500)
HOSTS, VMS, FORKS = 20, 50, 20
#: Ratio to the playbook with ping, for the host with 100 VMs and for the fleet.
_ONE = {"first": 1.8, "unchanged": 1.4}
_FLEET = {"first": 1.5, "unchanged": 1.25}
#: Seconds that a further VM may take, from 100 to 500.
_FURTHER = {"first": 0.003, "unchanged": 0.001}


def measure() -> Iterator[Table]:
    """One host of several sizes, by libvirt's test driver and by a real daemon; then a fleet."""
    with tempfile.TemporaryDirectory() as name, places() as kinds:
        folder = Path(name)
        place = next(kinds)
        yield _test_driver(folder, place)
        yield _daemon(folder, place)
        yield _fleet(folder, [place, next(kinds)])


def _test_driver(folder: Path, place: Place) -> Table:
    uris = {size: Fleet(seed=4).host(size, size).write(folder) for size in SIZES}
    table = _shown("One host of libvirt's test driver", _measured(folder, place, uris))
    opening = {
        size: median(
            [timed(lambda uri=uri: libvirt.openReadOnly(uri).close()) for _run in range(5)]
        )
        for size, uri in uris.items()
    }
    table.notes.append(
        "Most VMs run, so libvirt is asked for two texts of each. To open the connection, the test "
        "driver reads all domains from a file, in the process of the module: "
        + ", ".join(f"{size} VMs {duration(opening[size])}" for size in SIZES)
        + ". A real daemon has no such cost."
    )
    return table


def _daemon(folder: Path, place: Place) -> Table:
    uris = {}
    with hypervisors(len(SIZES)) as real:
        for size, daemon in zip(SIZES, real):
            daemon.define(Fleet().host(1, size))
            uris[size] = daemon.read_only_uri
        title = "One host with a real libvirt daemon, its VMs shut off"
        return _shown(title, _measured(folder, place, uris))


def _measured(folder: Path, place: Place, uris: dict[int, str]) -> dict[str, list[float]]:
    """The seconds of every run, by what and how many VMs."""
    contenders = {}
    plays = Plays(folder / "ping", {"h1": "test:///default"})
    ping = plays.write("ping", PING)
    contenders["ping"] = lambda: plays.run(ping)
    for size, uri in uris.items():
        own = Plays(folder / f"one{size}", {"h1": uri})
        sync = own.write("sync", sync_tasks(place.url))

        def first(own: Plays = own, sync: Path = sync) -> float:
            place.empty()
            return own.run(sync)

        contenders[f"first {size}"] = first
        contenders[f"unchanged {size}"] = lambda own=own, sync=sync: own.run(sync)
    return paired(contenders, RUNS)


def _shown(title: str, seconds: dict[str, list[float]]) -> Table:
    table = Table(title, ("VMs", "", "ours", "ping", "ratio", "target", "verdict"))
    for size in SIZES:
        for what, target in _ONE.items():
            ours, ping = seconds[f"{what} {size}"], seconds["ping"]
            factor = ratio(ours, ping)
            goal = (f"<= {target:g}", at_most(factor, target)) if size == 100 else ("", "")
            cells = (duration(median(ours)), duration(median(ping)), f"{factor:.2f}")
            table.add(str(size), what, *cells, *goal)
    for what, target in _FURTHER.items():
        pairs = zip(seconds[f"{what} 500"], seconds[f"{what} 100"])
        each = median([(many - few) / 400 for many, few in pairs])
        goal = (f"<= {duration(target)}", at_most(each, target))
        table.add("100 to 500", f"{what}, each further VM", duration(each), "", "", *goal)
    return table


def _fleet(folder: Path, kinds: list[Place]) -> Table:
    table = Table(
        f"{HOSTS} hosts with {VMS} VMs each, {FORKS} forks, libvirt's test driver",
        ("database", "", "ours", "ping", "ratio", "target", "verdict"),
    )
    nodes = folder / "fleet"
    nodes.mkdir()
    uris = {host.name: host.write(nodes) for host in Fleet(seed=7).hosts(HOSTS, VMS)}
    plays = Plays(nodes, uris)
    ping = plays.write("ping", PING)
    sync = plays.write("sync", sync_tasks())
    forks = ("--forks", str(FORKS))
    for place in kinds:
        plays.environment[ENVIRONMENT] = place.url

        def first(place: Place = place) -> float:
            place.empty()
            return plays.run(sync, *forks)

        seconds = paired(
            {
                "ping": lambda: plays.run(ping, *forks),
                "first": first,
                "unchanged": lambda: plays.run(sync, *forks),
            },
            RUNS,
        )
        for what, target in _FLEET.items():
            factor = ratio(seconds[what], seconds["ping"])
            times = (duration(median(seconds[what])), duration(median(seconds["ping"])))
            goal = (f"{factor:.2f}", f"<= {target:g}", at_most(factor, target))
            table.add(place.label, what, *times, *goal)
    table.notes.append(
        "The environment names the database, so its driver is imported once for all hosts."
    )
    return table
