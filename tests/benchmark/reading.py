"""What is made of a ledger of 10,000 VMs: the inventory, the findings, the report, the main queries."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings import evaluate
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import RULES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import record
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import make as report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from benchmark.databases import Place, places
from benchmark.fleet import Fleet, host_name
from benchmark.plays import BIN, COLLECTIONS
from benchmark.tables import RUNS, Table, at_most, duration, median, paired, ratio, timed
from report.browser import Browser, Page

HOSTS, VMS = 50, 200
#: MB of the page, seconds until it is on the screen.
_SIZE, _OPEN = 30, 3.0
_EVALUATIONS = 3

#: Prints as a script what the plugin made, for Ansible to read.
_SCRIPT = """#!/bin/sh
exec cat {0}
"""


def measure() -> Iterator[Table]:
    """The ledger is the same on each database; inventory and report read SQLite's."""
    count = HOSTS * VMS
    findings = Table(
        f"Evaluating all findings of {count:,} VMs",
        ("database", "first time", "again", "findings"),
    )
    with tempfile.TemporaryDirectory() as name, places() as kinds:
        folder = Path(name)
        facts = {host.name: host.facts(folder) for host in Fleet().hosts(HOSTS, VMS)}
        for number, place in enumerate(kinds):
            place.empty()
            for host, answer in facts.items():
                record(resolve(place.url), host, answer)
            _findings(place, findings)
            if number == 0:
                yield _inventory(folder, place)
                yield _report(folder, place)
    findings.notes.append(
        f"{len(RULES)} rules, with reading and storing; again: the median of {_EVALUATIONS}."
    )
    yield findings


def _findings(place: Place, table: Table) -> None:
    what = evaluate.Evaluation(RULES, {})
    found: list[evaluate.Outcome] = []

    def work() -> float:
        return timed(lambda: found.append(evaluate.evaluate(resolve(place.url), what)))

    first = work()
    again = median([work() for _run in range(_EVALUATIONS)])
    table.add(place.label, duration(first), duration(again), f"{len(found[-1].rows):,}")


def _inventory(folder: Path, place: Place) -> Table:
    """Against a script that prints the same inventory out of a file."""
    own = {"plugin": "virtledger.libvirt.ledger", "database_url": place.url}
    cache = {"cache_plugin": "ansible.builtin.jsonfile", "cache_connection": f"{folder}/cache"}
    for name, more in (
        ("fleet", {}),
        ("cached", {"cache": True, **cache}),
        ("one", {"hosts": [host_name(1)]}),
    ):
        (folder / f"{name}.ledger.yml").write_text(json.dumps({**own, **more}))
    answer = _listed(folder, "fleet.ledger.yml")
    vms = answer["_meta"]["hostvars"]
    assert len(vms) == HOSTS * VMS
    (folder / "same.json").write_text(json.dumps(answer))
    script = folder / "same"
    script.write_text(_SCRIPT.format(folder / "same.json"))
    script.chmod(0o755)
    _listed(folder, "cached.ledger.yml")
    ways = {
        "a script that prints the same": "same",
        "the plugin": "fleet.ledger.yml",
        "the plugin, from its cache": "cached.ledger.yml",
        f"the plugin, one hypervisor with {VMS} VMs": "one.ledger.yml",
    }
    seconds = paired(
        {
            way: lambda source=source: timed(lambda: _listed(folder, source))
            for way, source in ways.items()
        },
        RUNS,
    )
    floor = next(iter(seconds.values()))
    table = Table(f"ansible-inventory --list of {len(vms):,} VMs, SQLite", ("way", "time", "ratio"))
    for way, found in seconds.items():
        table.add(way, duration(median(found)), f"{ratio(found, floor):.2f}")
    return table


def _listed(folder: Path, source: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_INVENTORY_ENABLED": "virtledger.libvirt.ledger,ansible.builtin.script",
    }
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", str(folder / source), "--list"],
        env=environment,
        capture_output=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _report(folder: Path, place: Place) -> Table:
    """Each format by itself; then the page in a browser."""
    table = Table(
        f"A report of {HOSTS * VMS:,} VMs, SQLite",
        ("", "made in", "size", "on the screen in", "target", "verdict"),
    )
    out = folder / "report"
    for name in report.FORMATS:
        request = report.Request(Scope(), "Fleet", f"{out}/", [name])
        started = time.process_time()
        made = report.make(resolve(place.url), request)
        seconds = time.process_time() - started
        size = sum(len(one.file.content) for one in made.written) / 1e6
        cells = ["", "", ""]
        if name == "html":
            opened = _opened(out / "report.html")
            cells = [
                duration(opened),
                f"<= {_SIZE} MB, {_OPEN:g} s",
                max(at_most(size, _SIZE), at_most(opened, _OPEN), key=len),
            ]
        table.add(name, duration(seconds), f"{size:.1f} MB", *cells)
    table.notes.append(
        "Seconds of the processor, one run each. On the screen: until the overview is drawn in "
        f"headless Chromium, the median of {RUNS}."
    )
    return table


def _opened(path: Path) -> float:
    browser = Browser()
    try:
        seconds = []
        for _run in range(RUNS):
            page = Page(browser)
            seconds.append(page.open(path))
            page.close()
        return median(seconds)
    finally:
        browser.close()
