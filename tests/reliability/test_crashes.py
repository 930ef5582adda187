"""Processes killed while they write: every host is as it was before, or as it is after."""

from __future__ import annotations

import itertools
from pathlib import Path

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from reliability.crashes import (
    kill_at_each_statement,
    kill_recordings,
    kill_upgrades,
)
from reliability.databases import Store
from reliability.fleet import Host, generations
from reliability.workers import Job, errors, run

HOSTS = [Host(number, vms=3) for number in range(2)]


def test_recordings_that_are_killed(url: str) -> None:
    tally = kill_recordings(url, kills=15, longest=0.6, hosts=HOSTS)
    assert tally.wrong == []
    assert tally.inside >= 5


def test_a_recording_killed_after_each_of_its_statements(url: str) -> None:
    host = Host(7, vms=3)
    assert not list(errors(run([Job(url, host, 1)], workers=1)))
    tally = kill_at_each_statement(url, host)
    assert tally.wrong == []
    assert tally.kills >= 10
    assert tally.next_state == 1  # only the last one, which nobody killed


def test_upgrades_that_are_killed(tmp_path: Path) -> None:
    """SQLite takes back what was done; what a server keeps of it is gone on with."""
    serial = itertools.count()
    tally = kill_upgrades(lambda: f"sqlite:///{tmp_path}/{next(serial)}.db", 10, longest=0.5)
    assert tally.wrong == []
    assert tally.inside >= 3


def test_the_database_goes_on_after_kills(store: Store, url: str) -> None:
    """No lock outlives the one who had it."""
    before = generations(resolve(url), HOSTS)
    kill_recordings(url, kills=2, longest=0.3, hosts=HOSTS)
    newest = max(before.values()) + 1000
    assert list(errors(run([Job(url, host, newest) for host in HOSTS], workers=2))) == []
    assert set(generations(resolve(url), HOSTS).values()) == {newest}
