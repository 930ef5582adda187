"""How much memory a synchronisation takes on both sides, and how large its result is."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import places
from benchmark.fleet import Fleet
from benchmark.hypervisors import hypervisors
from benchmark.plays import PlaybookError, Plays
from benchmark.tables import Table, at_most

SIZES = (100, 2000)
#: MB of the module and of the worker, kB of the result.
_MODULE, _WORKER, _RESULT = 150, 200, 100
_MODULE_NAME = "AnsiballZ_hypervisor_info"


class Sizes(NamedTuple):
    """The largest resident sizes in bytes, and the result's length."""

    module: int
    worker: int
    result: int


def measure() -> Iterator[Table]:
    """A real libvirt daemon, and a ledger in SQLite."""
    table = Table(
        "One host with a real libvirt daemon, its VMs shut off",
        ("VMs", "", "module on the hypervisor", "worker on the controller", "result", "verdict"),
    )
    with tempfile.TemporaryDirectory() as name, places() as kinds, hypervisors(1) as (real,):
        place = next(kinds)
        for size in SIZES:
            real.define(Fleet().host(1, size))
            plays = Plays(Path(name) / str(size), {"h1": real.read_only_uri})
            place.empty()
            for what in ("first", "unchanged"):
                found = _synchronised(plays, place.url)
                verdicts = (
                    at_most(found.module / 1e6, _MODULE),
                    at_most(found.worker / 1e6, _WORKER),
                    at_most(found.result / 1e3, _RESULT),
                )
                verdict = max(verdicts, key=len)
                cells = (f"{found.module / 1e6:.0f} MB", f"{found.worker / 1e6:.0f} MB")
                table.add(f"{size:,}", what, *cells, f"{found.result / 1e3:.1f} kB", verdict)
    table.notes.append(
        f"One run each. Targets: module <= {_MODULE} MB and worker <= {_WORKER} MB with 2,000 VMs, "
        f"result <= {_RESULT} kB. The worker is the process that Ansible forks for a host; what it "
        "shares with its parent, Ansible itself, is in its number."
    )
    yield table


def _synchronised(plays: Plays, url: str) -> Sizes:
    """Run the action ad hoc and watch its processes."""
    arguments = json.dumps({"uri": "{{ uri }}", "database_url": url})
    tree = plays.folder / "tree"
    command = ["all", "-m", "virtledger.libvirt.sync", "-a", arguments, "-t", str(tree)]
    process = plays.start("ansible", *command)
    module = worker = 0
    while process.poll() is None:
        for pid in _descendants(process.pid):
            size, command_line = _peak(pid), _command(pid)
            if _MODULE_NAME in command_line:
                module = max(module, size)
            elif "virtledger.libvirt.sync" in command_line:
                worker = max(worker, size)
        time.sleep(0.005)
    if process.returncode:
        raise PlaybookError(str(process.communicate()))
    return Sizes(module, worker, (tree / "h1").stat().st_size)


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _peak(pid: int) -> int:
    """The largest resident size of a process so far, in bytes; 0 where it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
