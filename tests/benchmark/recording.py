"""Recording 1,000 VMs on each database, against the bare driver that inserts the very same rows."""

from __future__ import annotations

import cProfile
import functools
import pstats
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import pack
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.known import Known
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
    prepare,
    record,
)
from benchmark.databases import Place, places
from benchmark.fleet import EVEN, Fleet, Rate
from benchmark.tables import RUNS, Table, at_most, duration, median, paired, ratio, timed

VMS = 1000
UNCHANGED = (10, 100, 500, 1000)
_FIRST, _UNCHANGED = 3.0, 0.005
_ROUNDS = 11
_ONE_PERCENT = Rate(changed=0.01, devices=0, switched=0, deleted=0, created=0)


def measure() -> Iterator[Table]:
    """First recording, unchanged recording, and one VM of a hundred changed."""
    first = Table(
        f"First recording of {VMS:,} VMs with 4 disks and 3 NICs",
        ("database", "rows", "ours", "rows/s", "bare executemany", "ratio", "target", "verdict"),
    )
    again = Table(
        "The host again: what is known is read, the answer recorded",
        (
            "database",
            "VMs",
            "changed",
            "time",
            "of the database",
            "bare driver",
            "target",
            "verdict",
        ),
    )
    with tempfile.TemporaryDirectory() as name, places() as kinds:
        folder = Path(name)
        facts = {"packed": pack(Fleet(variety=EVEN).host(1, VMS).facts(folder))}
        for place in kinds:
            _first(place, facts, first)
            for vms in UNCHANGED:
                _again(place, folder, vms, again)
    first.notes.append(
        "The floor: one connection, one transaction, one executemany per table with all rows of the "
        "ledger after the recording, their keys known. Ours is all that the action does with the "
        "module's answer: unpacking and checking the facts, comparing, index, archive, history, commit."
    )
    again.notes.append(
        "The time is that of all work on the controller for such a host: two connections, two "
        f"transactions, and the planning in between; medians of {_ROUNDS} runs. Of the database: the "
        "controller waits for it, which is the time less that of the processor; SQLite works in the "
        "same process, so there it is what as many further runs spend in its driver. The bare driver connects as often, reads the "
        "digests of the VMs, and updates the host's row. In 1 % changed, the facts of these VMs come "
        "with the answer."
    )
    yield first
    yield again


def _first(place: Place, facts: Any, table: Table) -> None:
    place.empty()
    record(resolve(place.url), "h1", facts)
    rows = place.dump()

    def ours() -> float:
        place.empty()
        return timed(lambda: record(resolve(place.url), "h1", facts))

    def floor() -> float:
        place.empty()
        return timed(lambda: place.insert(rows))

    seconds = paired({"ours": ours, "floor": floor}, RUNS)
    count = sum(len(values) for _names, values in rows.values())
    factor = ratio(seconds["ours"], seconds["floor"])
    table.add(
        place.label,
        f"{count:,}",
        duration(median(seconds["ours"])),
        f"{count / median(seconds['ours']):,.0f}",
        duration(median(seconds["floor"])),
        f"{factor:.2f}",
        f"<= {_FIRST:g}",
        at_most(factor, _FIRST),
    )


def _again(place: Place, folder: Path, vms: int, table: Table) -> None:
    database = resolve(place.url)
    place.empty()
    host = Fleet(variety=EVEN).host(1, vms)
    record(database, "h1", host.facts(folder))
    known = prepare(database, "h1")
    unchanged = host.facts(folder, known)
    assert len(unchanged["unchanged"]) == vms
    waits: list[float] = []
    seconds = paired(
        {
            "ours": functools.partial(_round, place, unchanged, waits),
            "floor": lambda: timed(lambda: place.glance("h1")),
        },
        _ROUNDS,
    )
    if _is_embedded(place):
        waits = [_in_sqlite(place, unchanged) for _round in range(_ROUNDS)]
    verdict = at_most(median(waits), _UNCHANGED) if vms <= 500 else ""
    target = f"<= {_UNCHANGED * 1000:g} ms" if vms <= 500 else ""
    times = duration(median(seconds["ours"])), duration(median(waits))
    floor = duration(median(seconds["floor"]))
    table.add(place.label, f"{vms:,}", "0", *times, floor, target, verdict)
    if vms != VMS:
        return

    def changing() -> Iterator[Any]:
        states = [host.after(_ONE_PERCENT), host]
        for run in range(RUNS + 1):
            answer = states[run % 2].facts(folder, prepare(database, "h1"))
            assert len(answer["domains"]) == vms // 100
            yield answer

    waits = []
    changed = [_round(place, answer, waits) for answer in changing()]
    if _is_embedded(place):
        waits = [_in_sqlite(place, answer) for answer in changing()]
    times = duration(median(changed)), duration(median(waits))
    table.add(place.label, f"{vms:,}", "1 %", *times, "", "", "")


def _work(place: Place, answer: Any) -> None:
    """What the controller does with a host that is recorded already."""
    database = resolve(place.url)
    known: Known = prepare(database, "h1")
    record(database, "h1", answer, known=known)


def _round(place: Place, answer: Any, waits: list[float]) -> float:
    """The seconds of that.

    :param waits: gets those of them in which the controller waits for the database.
    """
    busy = time.process_time()
    seconds = timed(lambda: _work(place, answer))
    waits.append(seconds - (time.process_time() - busy))
    return seconds


def _is_embedded(place: Place) -> bool:
    return place.url.startswith("sqlite")


def _in_sqlite(place: Place, answer: Any) -> float:
    """The seconds in calls of SQLite's driver, which works in the same process."""
    profile = cProfile.Profile()
    profile.runcall(_work, place, answer)
    found: Any = pstats.Stats(profile)
    return sum(entry[2] for call, entry in found.stats.items() if "sqlite3" in call[2])
