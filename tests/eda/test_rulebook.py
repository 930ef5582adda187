"""The rulebook of the collection, run by ansible-rulebook (``make eda``)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.virtledger.libvirt.tests.lab.guests import Guest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from conftest import COLLECTIONS, ROOT

RULEBOOK = ROOT / ".build" / "eda-venv" / "bin" / "ansible-rulebook"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as opened:
        opened.up(2)
        yield opened


def states(ledger: Path) -> dict[tuple[str, str], str]:
    """What the ledger has: states by host and name."""
    with contextlib.suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
        with contextlib.closing(connection):
            rows = connection.execute(
                "SELECT host_id, name, state FROM virtual_machines WHERE deleted_at IS NULL"
            )
            return {(host, name): state for host, name, state in rows}
    return {}


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    latest = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < latest, log.read_text()
        time.sleep(0.5)


def test_a_hypervisor_is_recorded_when_something_happens_on_it(lab: Lab, tmp_path: Path) -> None:
    hosts = [lab.hypervisor(1), lab.hypervisor(2)]
    variables = tmp_path / "vars.yml"
    variables.write_text(yaml.safe_dump({"libvirt_uris": {h.name: h.read_only_uri for h in hosts}}))
    ledger, log = tmp_path / "share" / "virtledger" / "ledger.db", tmp_path / "log"
    environment = {
        **os.environ,
        "PATH": f"{RULEBOOK.parent}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "XDG_DATA_HOME": str(tmp_path / "share"),
    }
    command = [str(RULEBOOK), "-r", "virtledger.libvirt.record_on_change", "-i", str(lab.inventory)]
    hosts[0].define(Guest("old").xml())
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "-e", str(variables)],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            # Each connection is a reason to record.
            wait_for(lambda: ("hv1", "old") in states(ledger), log)
            hosts[1].define(Guest("new").xml())
            hosts[1].start("new")
            wait_for(lambda: states(ledger).get(("hv2", "new")) == "running", log)
            hosts[1].destroy("new")
            wait_for(lambda: states(ledger).get(("hv2", "new")) == "shutoff", log)
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(30)
    assert "ERROR" not in log.read_text()
