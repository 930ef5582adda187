"""Transactions on real servers: conflicts, lost connections, servers that come and go."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _database
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    open_engine,
    resolve,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from helpers import answer, domain
from ledgers import Ledger
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL
from servers.session import Servers

SERVERS = ("postgresql", "mariadb")

_SHARED = "<disk type='network'><source protocol='rbd' name='pool/shared'><host name='mon'/></source><target dev='vda' bus='virtio'/></disk>"

#: How the connection that asks is ended by the server.
END_OWN = {
    "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
    "mariadb": "KILL CONNECTION_ID()",
}


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of server."""
    chosen: str = request.param
    return chosen


def count_up(ledger: Ledger, pause: float = 0.0, before: Any = None) -> int:
    """Read and lock a number, wait, write the next one: what is lost if two do it at once."""
    query = "SELECT hostname FROM hosts WHERE id = 'n' FOR UPDATE"

    def work(connection: Any) -> int:
        if before is not None:
            before(connection)
        (text,) = connection.exec_driver_sql(query).fetchone()
        time.sleep(pause)
        connection.exec_driver_sql(f"UPDATE hosts SET hostname = '{int(text) + 1}' WHERE id = 'n'")
        return int(text)

    return run_transaction(ledger.database, open_engine(ledger.database), work)


@pytest.fixture
def counter(ledger: Ledger) -> Ledger:
    """A ledger with a number in it."""
    ledger.execute("INSERT INTO hosts (id, hostname) VALUES ('n', '0')")
    return ledger


def test_no_update_is_lost(counter: Ledger) -> None:
    def several() -> None:
        for _ in range(10):
            count_up(counter, 0.005)

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value("SELECT hostname FROM hosts") == "40"


def test_a_lost_connection_is_another_try(counter: Ledger) -> None:
    tries: list[int] = []

    def before(connection: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            connection.exec_driver_sql(END_OWN[counter.dialect])

    assert count_up(counter, before=before) == 0
    assert len(tries) == 3
    assert counter.value("SELECT hostname FROM hosts") == "1"


def test_a_row_that_somebody_else_put_there(ledger: Ledger) -> None:
    """Two recordings of one new host: both find none, and one is second."""
    both = threading.Barrier(2, timeout=20)
    first: list[bool] = []

    def work(connection: Any) -> None:
        found = connection.exec_driver_sql("SELECT id FROM hosts WHERE id = 'new'").fetchone()
        if len(first) < 2:
            first.append(True)
            both.wait()
        if found is None:
            connection.exec_driver_sql("INSERT INTO hosts (id) VALUES ('new')")
        else:
            connection.exec_driver_sql("UPDATE hosts SET hostname = 'twice' WHERE id = 'new'")

    def run() -> None:
        run_transaction(ledger.database, open_engine(ledger.database), work)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.query("SELECT id, hostname FROM hosts") == [{"id": "new", "hostname": "twice"}]


def test_a_volume_is_held_by_who_attaches_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only VM that has it gives it up at the moment in which another host's takes it."""

    def told(number: int | None) -> Any:
        return answer(*([] if number is None else [domain(_SHARED, f"vm{number}", number)]))

    ledger.record(told(1), "hv1")
    ending = threading.Thread(target=ledger.record, args=(told(None), "hv1"))
    apply = recorder.apply
    waited: list[bool] = []

    def hold(recording: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            ending.start()
            ending.join(2.0)
            waited.append(ending.is_alive())
        apply(recording)

    monkeypatch.setattr(recorder, "apply", hold)
    ledger.record(told(2), "hv2")
    ending.join(20.0)
    assert waited == [True]
    assert ledger.query("SELECT deleted_at FROM volumes") == [{"deleted_at": None}]


def test_a_row_that_is_always_there_is_a_message(counter: Ledger) -> None:
    def work(connection: Any) -> None:
        connection.exec_driver_sql("INSERT INTO hosts (id) VALUES ('n')")

    with pytest.raises(DatabaseError, match=r"\(4 tries\)"):
        run_transaction(counter.database, open_engine(counter.database), work)


def test_a_lock_that_stays_ends_in_a_message(
    counter: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server gives up waiting, so does the transaction after some tries."""
    monkeypatch.setattr(_database, "_TRIES", 2)
    shorter = {
        "postgresql": "SET LOCAL lock_timeout = '100ms'",
        "mariadb": "SET SESSION innodb_lock_wait_timeout = 1",
    }

    def before(connection: Any) -> None:
        connection.exec_driver_sql(shorter[counter.dialect])

    with open_engine(counter.database).begin() as holder:
        holder.exec_driver_sql("UPDATE hosts SET hostname = '7' WHERE id = 'n'")
        with pytest.raises(DatabaseError, match=r"\(2 tries\): .*[Ll]ock"):
            count_up(counter, before=before)
    assert counter.value("SELECT hostname FROM hosts") == "7"


def test_a_reader_cannot_write(counter: Ledger) -> None:
    engine = open_engine(counter.database, readonly=True)

    def work(connection: Any) -> None:
        connection.exec_driver_sql("DELETE FROM hosts")

    with pytest.raises(DatabaseError, match=r"read-only transaction|READ ONLY transaction"):
        run_transaction(counter.database, engine, work)
    assert counter.value("SELECT count(*) FROM hosts") == 1


@pytest.mark.parametrize("kind", ["postgresql"])
def test_serializable_where_the_database_says_so(place: str, servers: Servers) -> None:
    """Reads count as well: each writes what the other reads, so one is tried again."""
    ledger = Ledger(place)
    name = ledger.database.url.database
    servers.postgresql.execute(
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
    )
    ledger.execute("INSERT INTO hosts (id, hostname) VALUES ('a', '1'), ('b', '1')")
    tries: list[str] = []
    both = threading.Barrier(2, timeout=20)

    def move(here: str, there: str) -> None:
        def work(connection: Any) -> None:
            tries.append(here)
            query = f"SELECT hostname FROM hosts WHERE id = '{there}'"
            (other,) = connection.exec_driver_sql(query).fetchone()
            if len(tries) < 3:
                both.wait()
            if other == "1":
                connection.exec_driver_sql(f"UPDATE hosts SET hostname = '0' WHERE id = '{here}'")

        run_transaction(ledger.database, open_engine(ledger.database), work)

    threads = [threading.Thread(target=move, args=pair) for pair in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    assert sorted(row["hostname"] for row in ledger.query("SELECT hostname FROM hosts")) == [
        "0",
        "1",
    ]
    facts = answer(domain())
    recorders = [
        threading.Thread(target=ledger.record, args=(facts, f"hv{number}")) for number in range(6)
    ]
    for thread in recorders:
        thread.start()
    for thread in recorders:
        thread.join()
    assert ledger.value("SELECT count(*) FROM virtual_machines") == 6
    ledger.check()


@pytest.fixture(params=SERVERS)
def own_server(request: pytest.FixtureRequest) -> Any:
    """A server that the test may kill."""
    server = PostgreSQL() if request.param == "postgresql" else MariaDB()
    server.wait()
    yield server
    server.stop()


def test_a_server_that_crashes_and_comes_back(own_server: Any) -> None:
    own_server.create("crash")
    ledger = Ledger(own_server.url("crash"))
    ledger.execute("INSERT INTO hosts (id, hostname) VALUES ('n', '0')")
    tries: list[float] = []

    def before(_connection: Any) -> None:
        tries.append(time.monotonic())
        if len(tries) == 1:
            own_server.process.kill()
            threading.Timer(1.0, own_server.process.again).start()

    assert count_up(ledger, before=before) == 0
    assert len(tries) > 1
    assert ledger.value("SELECT hostname FROM hosts") == "1"
    assert runner.inspect(ledger.database)[1] is True


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_server_that_says_that_it_ends_may_come_back(counter: Ledger) -> None:
    """Between the two nobody listens, which else is the end."""
    engine = open_engine(counter.database)
    answers = [
        "FATAL:  the database system is shutting down",
        "connection to server on socket failed: No such file or directory",
    ]

    class Restarting:
        def connect(self) -> Any:
            if answers:
                error = psycopg.OperationalError(answers.pop(0))
                raise sa.exc.OperationalError("", None, error)
            return engine.connect()

    assert run_transaction(counter.database, Restarting(), lambda connection: 7) == 7
    assert answers == []
    answers.append("connection to server on socket failed: No such file or directory")
    with pytest.raises(DatabaseError, match="No such file"):
        run_transaction(counter.database, Restarting(), lambda connection: 7)


def test_a_server_that_never_was_there_is_asked_once(kind: str) -> None:
    database = resolve(f"{kind}://u:s3cret@127.0.0.1:1/d")
    started = time.monotonic()
    with pytest.raises(DatabaseError) as caught:
        run_transaction(database, open_engine(database), lambda connection: None)
    assert time.monotonic() - started < 5
    assert "tries" not in str(caught.value)
