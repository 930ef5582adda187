"""Servers that crash, restart and cut connections; files that cannot be written; clocks."""

from __future__ import annotations

import datetime
import io
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _database, _engine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from reliability import fleet, workers
from reliability.cluster import Cluster, hop, places, settle
from reliability.databases import File, Service
from reliability.faults import Survived, record_through, restart
from reliability.fleet import Host
from reliability.workers import Job
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL
from servers.session import Servers

HOSTS = [Host(number, vms=2) for number in range(16)]


@pytest.fixture(params=["postgresql", "mariadb"])
def own(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A server that the test may kill."""
    server = PostgreSQL() if request.param == "postgresql" else MariaDB()
    server.wait()
    yield Service(server)
    server.stop()


def _check(url: str, seen: Survived) -> None:
    assert (seen.errors, seen.partial) == ([], 0)
    assert set(fleet.generations(resolve(url), HOSTS).values()) == {2}
    assert verify(resolve(url)).violations == []


def test_a_server_that_is_killed_and_comes_back(own: Service) -> None:
    url = own.new()
    _check(url, record_through(url, HOSTS, own.crash, times=1, number=8))


def test_a_server_that_is_restarted(own: Service) -> None:
    url = own.new()
    _check(url, record_through(url, HOSTS, lambda: restart(own), times=1, number=8))


def test_connections_that_are_cut(own: Service) -> None:
    """Whatever a worker does at that moment, it does again."""
    url = own.new()
    seen = record_through(url, HOSTS, own.cut, times=6, number=8)
    assert seen.told == []
    _check(url, seen)


def test_serializable_as_the_default_of_the_database(servers: Servers) -> None:
    """Each that commits sends the others back, who try again until it is their turn."""
    url = Service(servers.postgresql).new()
    name = resolve(url).url.database
    servers.postgresql.execute(
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
    )
    workers.warm(url)
    hosts = HOSTS[:2]
    done = workers.run([Job(url, hosts[number % 2]) for number in range(40)], workers=20)
    assert list(workers.errors(done)) == []
    assert sum(one.tries for one in done) > 40
    newest = {host: max(one.generation for one in done if one.host == host) for host in hosts}
    assert fleet.generations(resolve(url), hosts) == newest
    assert verify(resolve(url)).violations == []


def test_vms_that_hop_under_serializable(servers: Servers) -> None:
    url = Service(servers.postgresql).new()
    name = resolve(url).url.database
    servers.postgresql.execute(
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
    )
    cluster = Cluster(hosts=4, vms=8)
    assert hop(url, cluster, ticks=3, number=8).errors == []
    settle(url, cluster, 4)
    assert places(resolve(url)) == cluster.expected(4)
    assert verify(resolve(url)).violations == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=3m", "tmpfs"]
    subprocess.run(["mount", *options, str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: io.FileIO) -> None:
    while True:
        file.write(b"x" * 4096)


def test_a_full_disk(small: Path) -> None:
    """Nothing is recorded, and once there is room everything is."""
    url = File(small).new()
    host = Host(1, vms=10)
    assert not workers.perform(Job(url, Host(1, vms=10), 1)).error
    filling = small / "filling"
    with filling.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        _fill(file)
    errors = [workers.perform(Job(url, Host(number, vms=10), 2)).error for number in range(1, 9)]
    failed = [words for words in errors if words]
    assert failed
    assert all("full" in words and "nothing was recorded" in words for words in failed), failed
    filling.unlink()
    kept = fleet.generations(resolve(url), [host])
    assert kept[host] == (1 if errors[0] else 2)
    assert not workers.perform(Job(url, host, 3)).error
    assert fleet.generations(resolve(url), [host]) == {host: 3}
    assert verify(resolve(url)).violations == []


def test_a_read_only_file_system(small: Path) -> None:
    url = File(small).new()
    host = Host(1, vms=2)
    assert not workers.perform(Job(url, host, 1)).error
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    words = workers.perform(Job(url, host, 2)).error
    assert "DatabaseError" in words
    assert "writable" in words or "able to write" in words
    subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
    assert fleet.generations(resolve(url), [host]) == {host: 1}
    assert not workers.perform(Job(url, host, 2)).error


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[str, sqlite3.Connection]]:
    """A ledger that another program writes, which does not come to an end."""
    url = File(tmp_path).new()
    other = sqlite3.connect(str(resolve(url).path), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield url, other
    other.close()


def test_a_file_that_another_program_holds(
    held: tuple[str, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for, with a limit; then the message says what to do."""
    url, other = held
    monkeypatch.setattr(_engine, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(_database, "_TRIES", 3)
    with pytest.raises(DatabaseError, match=r"\(3 tries\).*locked.*Another program holds"):
        workers.record(resolve(url), HOSTS[0], 1)
    other.execute("ROLLBACK")
    workers.record(resolve(url), HOSTS[0], 1)
    assert fleet.generations(resolve(url), HOSTS[:1]) == {HOSTS[0]: 1}


def test_who_has_waited_longer_looks_more_often(
    held: tuple[str, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one of many writers is not always late; the clock stands still but for the pauses."""
    pauses: list[float] = []

    class Clock:
        sleep = staticmethod(pauses.append)
        monotonic = staticmethod(lambda: sum(pauses))

    monkeypatch.setattr(_engine, "time", Clock)
    engine = _engine.open_engine(resolve(held[0]))
    with pytest.raises(sqlite3.OperationalError, match="locked"), engine.connect() as connection:
        connection.begin()
    assert _engine.BUSY_SECONDS <= sum(pauses) < _engine.BUSY_SECONDS + 0.1
    assert min(pauses[:5]) >= 0.04
    assert max(pauses[-5:]) <= 0.005


def test_a_file_that_another_program_releases(held: tuple[str, sqlite3.Connection]) -> None:
    url, other = held
    done: list[object] = []
    thread = threading.Thread(
        target=lambda: done.append(workers.record(resolve(url), HOSTS[0], 1).tries)
    )
    thread.start()
    thread.join(1.0)
    assert thread.is_alive()
    other.execute("ROLLBACK")
    thread.join(workers.DEADLINE)
    assert done == [1]
    assert fleet.generations(resolve(url), HOSTS[:1]) == {HOSTS[0]: 1}


def test_a_clock_that_goes_backwards(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers whose clocks differ, and one that is set: what is asked for last is recorded."""
    for generation, hours in enumerate((24, 0, -1, 2, -24, 0), 1):
        shift = datetime.timedelta(hours=hours)

        class Clock:
            timezone = datetime.timezone

            class datetime:
                now = staticmethod(lambda zone, by=shift: datetime.datetime.now(zone) + by)

        with monkeypatch.context() as patched:
            patched.setattr(recorder, "datetime", Clock)
            patched.setattr(fleet, "datetime", Clock)
            done = workers.run([Job(url, host, generation) for host in HOSTS[:3]], workers=3)
        assert list(workers.errors(done)) == []
        assert not any(one.superseded for one in done)
        assert set(fleet.generations(resolve(url), HOSTS[:3]).values()) == {generation}
