"""Where the time goes: of a whole playbook by stage, of parsing and recording by module."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import pack
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import record
from benchmark.databases import Place, places
from benchmark.fleet import EVEN, Fleet
from benchmark.hypervisors import hypervisors
from benchmark.parse_domain import domain_xml
from benchmark.plays import COLLECTIONS, PING, ROOT, Plays, sync_tasks
from benchmark.tables import RUNS, Table, duration, median, paired

VMS = 100
_DOMAINS, _RECORDED = 300, 1000
#: So many lines each; the rest is one more.
_LINES = 12

_STAGES = (
    ("import", "the action and what it needs is imported (SQLAlchemy, tables, planning)"),
    ("packing", "Ansible collects the module's files into one"),
    ("module", "the module: Python starts, imports, asks libvirt, answers"),
    ("database", "two transactions on the controller"),
)


def measure() -> Iterator[Table]:
    """Stages of one unchanged host, then two profiles."""
    with tempfile.TemporaryDirectory() as name, places() as kinds, hypervisors(1) as (real,):
        folder, place = Path(name), next(kinds)
        real.define(Fleet().host(1, VMS))
        yield _stages(folder, place, real.read_only_uri)
        yield _profile(f"Parsing {_DOMAINS} domains, every family", _parsing())
        for kind in (place, next(kinds)):
            work = _recording(kind, folder)
            yield _profile(f"First recording of {_RECORDED:,} VMs on {kind.label}", work)


def _stages(folder: Path, place: Place, uri: str) -> Table:
    """Each stage by itself, beside the same one of ``ping``, and the whole."""
    plays = Plays(folder / "plays", {"h1": uri})
    ping, sync = plays.write("ping", PING), plays.write("sync", sync_tasks(place.url))
    place.empty()
    plays.run(sync)
    found: dict[str, list[float]] = {}
    whole = paired({"ping": lambda: plays.run(ping), "sync": lambda: plays.run(sync)}, RUNS)
    for _run in range(RUNS):
        for stage, seconds in _alone(uri, place.url, folder).items():
            found.setdefault(stage, []).append(seconds)
    table = Table(
        f"An unchanged host of {VMS} VMs with a real libvirt daemon, SQLite",
        ("stage", "ping", "sync", "more"),
    )
    explained = 0.0
    for stage, words in _STAGES:
        ours = median(found[f"{stage}, sync"])
        floor = median(found.get(f"{stage}, ping", [0.0]))
        explained += ours - floor
        table.add(words, duration(floor), duration(ours), duration(ours - floor))
    ours, floor = median(whole["sync"]), median(whole["ping"])
    rest = (ours - floor - explained) if ours - floor > explained else 0.0
    table.add("what is not in a stage of its own", "", "", duration(rest))
    table.add("the whole playbook", duration(floor), duration(ours), duration(ours - floor))
    table.notes.append(
        "Each stage was run by itself, five times, in a process of its own; the whole playbooks in "
        "turns. Of SQLAlchemy's import nothing is saved by asking for less of it."
    )
    return table


def _alone(uri: str, url: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmark.stages", uri, url, str(folder)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
    }
    answer = subprocess.run(
        command, cwd=ROOT / "tests", env=environment, stdout=subprocess.PIPE, check=True
    )
    stages: dict[str, float] = json.loads(answer.stdout)
    return stages


def _parsing() -> Callable[[], Any]:
    text = domain_xml()

    def work() -> None:
        for _number in range(_DOMAINS):
            domain_facts(text, None)

    return work


def _recording(place: Place, folder: Path) -> Callable[[], Any]:
    """Once without a profile, so that no statement is compiled in it."""
    facts = {"packed": pack(Fleet(variety=EVEN).host(1, _RECORDED).facts(folder))}
    place.empty()
    record(resolve(place.url), "h1", facts)
    place.empty()
    return lambda: record(resolve(place.url), "h1", facts)


def _profile(title: str, work: Callable[[], Any]) -> Table:
    """Which part of the time is spent in the code of which module."""
    profile = cProfile.Profile()
    profile.enable()
    work()
    profile.disable()
    shares: dict[str, float] = {}
    statistics: Any = pstats.Stats(profile)
    for (file, _line, function), figures in statistics.stats.items():
        place = _module(file, function)
        shares[place] = shares.get(place, 0.0) + figures[2]
    total = sum(shares.values())
    table = Table(title, ("code", "share of the time"))
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    for name, seconds in ranked[:_LINES]:
        table.add(name, f"{100 * seconds / total:.1f} %")
    rest = sum(seconds for _name, seconds in ranked[_LINES:])
    table.add("all other", f"{100 * rest / total:.1f} %")
    table.notes.append(
        "By Python's cProfile, which makes calls of functions dearer than they are: shares, no times. "
        "What is written in C counts for itself where it says so, else for its caller."
    )
    return table


#: What is written in C, by a word of its name.
_BUILT_IN = (
    ("psycopg", "psycopg (driver)"),
    ("sqlite3", "sqlite3 (driver)"),
    ("lxml", "lxml"),
    ("zlib", "zlib (documents of the archive)"),
    ("_hashlib", "hashlib"),
    ("_json", "json"),
    ("json", "json"),
    ("re.", "regular expressions"),
)


def _module(file: str, function: str) -> str:
    """What a line of the table is called."""
    if file == "~":
        found = [label for word, label in _BUILT_IN if word in function]
        return found[0] if found else "built-in functions and methods of Python's types"
    path = Path(file)
    if "ansible_collections" in path.parts or "plugins" in path.parts:
        folder = path.parent.name
        inner = f"{folder}/{path.name}" if folder.startswith("_") else path.name
        return f"`{inner}`"
    for word, label in (("sqlalchemy", "SQLAlchemy"), ("psycopg", "psycopg (driver)")):
        if word in path.parts:
            return label
    return path.parent.name if path.parent.name in ("json", "re") else "Python's library"
