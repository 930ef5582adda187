"""Which database, how it is opened, and what is said when it cannot be."""

from __future__ import annotations

import datetime
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import (
    _database,
    _engine,
    _types,
    _url,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    explain,
    open_engine,
    resolve,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from helpers import answer, domain
from ledgers import Ledger


def test_the_order_in_which_a_url_is_looked_for() -> None:
    environ = {"VIRTLEDGER_DATABASE_URL": "sqlite:////env.db", "XDG_DATA_HOME": "/data"}
    assert resolve("sqlite:////option.db", "sqlite:////variable.db", environ).path == "/option.db"
    assert resolve(None, "sqlite:////variable.db", environ).path == "/variable.db"
    assert resolve(None, None, environ).path == "/env.db"
    default = resolve(None, None, {"XDG_DATA_HOME": "/data"})
    assert (default.path, default.is_default) == ("/data/virtledger/ledger.db", True)
    assert resolve(None, None, {}).path.endswith("/.local/share/virtledger/ledger.db")


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
        ("mysql://u@h/d", "mysql+pymysql"),
        ("mariadb://u@h/d", "mariadb+pymysql"),
    ],
)
def test_the_driver_of_a_server(url: str, driver: str) -> None:
    assert resolve(url).url.drivername == driver


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("no url", "cannot be read"),
        ("postgresql://u:a/b@secret/c@h/d", "cannot be read"),
        ("mariadb://u:a@b/secret@h/d", "cannot be read"),
        ("oracle://u:secret@h/d", "'oracle' are not supported"),
        ("postgresql+asyncpg://u:secret@h/d", "asyncpg is not supported"),
        ("sqlite://", "in memory would be lost"),
        ("sqlite:///:memory:", "in memory would be lost"),
    ],
)
def test_urls_that_cannot_be_used(url: str, message: str) -> None:
    with pytest.raises(DatabaseError, match=message) as caught:
        resolve(url)
    assert "database_url" in str(caught.value) or "Use " in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_driver_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        _url._DRIVERS,
        "postgresql",
        ("postgresql+psycopg", "no_such_driver", "psycopg[binary]"),
    )
    with pytest.raises(
        DatabaseError, match=r"no_such_driver is not installed.*pip install 'psycopg\[binary\]'"
    ):
        resolve("postgresql://u:secret@h/d")


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cret@127.0.0.1:1/d", "mariadb://u:s3cret@127.0.0.1:1/d"]
)
def test_a_dead_server_is_named_without_its_password(url: str) -> None:
    database = resolve(url)
    with pytest.raises(DatabaseError, match=r"u:\*\*\*@127.0.0.1:1/d") as caught:
        run_transaction(database, open_engine(database), lambda connection: None)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_password_in_a_drivers_words_is_replaced() -> None:
    error = explain(resolve("postgresql://u:s3cret@h/d"), Exception("login with s3cret failed"))
    assert "s3cret" not in str(error)
    assert "login with *** failed" in str(error)


@pytest.mark.parametrize("kind", ["a directory", "no database", "below a file"])
def test_sqlite_files_that_cannot_be_used(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.db"
    if kind == "a directory":
        path.mkdir()
    else:
        path.write_text("this is a text and not a database\n" * 100)
    if kind == "below a file":
        path = path / "ledger.db"
    with pytest.raises(DatabaseError, match="x.db") as caught:
        runner.upgrade(resolve(f"sqlite:///{path}"))
    assert "database_url" in str(caught.value)


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="is a directory"):
        resolve(f"sqlite:///{tmp_path}")


def test_a_reader_never_writes(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    engine = open_engine(ledger.database, readonly=True)
    with pytest.raises(DatabaseError, match="readonly"):
        run_transaction(
            ledger.database,
            engine,
            lambda connection: connection.exec_driver_sql("DELETE FROM hosts"),
        )
    missing = resolve(f"sqlite:///{tmp_path}/missing.db")
    with pytest.raises(DatabaseError, match="unable to open"):
        run_transaction(missing, open_engine(missing, readonly=True), lambda connection: None)
    assert not (tmp_path / "missing.db").exists()


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    holder = sqlite3.connect(ledger.path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, holder.commit).start()
    started = time.monotonic()
    assert ledger.record(answer(domain()))["changed"] is True
    assert time.monotonic() - started > 0.3


def test_a_lock_that_stays_ends_in_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    monkeypatch.setattr(_engine, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(_database, "_TRIES", 3)
    holder = sqlite3.connect(ledger.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(
        DatabaseError, match=r"\(3 tries\): database is locked.*Another program holds"
    ):
        ledger.record(answer(domain()))
    holder.close()


def test_transient_errors_are_tried_again_as_a_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    attempts: list[int] = []

    def work(connection: Any) -> str:
        connection.exec_driver_sql("INSERT INTO hosts (id) VALUES ('x')")
        attempts.append(1)
        if len(attempts) < 3:
            raise sa.exc.OperationalError("COMMIT", {}, _Deadlock())
        return "done"

    class _Deadlock(Exception):
        sqlstate = "40001"

    assert run_transaction(ledger.database, open_engine(ledger.database), work) == "done"
    assert len(attempts) == 3
    assert ledger.value("SELECT count(*) FROM hosts") == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-09-14 10:00:00+00:00", (2025, 9, 14, 10, 0, 0, 0)),
        ("2025-09-14 10:00:00.123456789+00:00", (2025, 9, 14, 10, 0, 0, 123456)),
        ("2025-09-14T12:00:00.5+02:00", (2025, 9, 14, 10, 0, 0, 500000)),
        ("2025-09-14 10:00:00", (2025, 9, 14, 10, 0, 0, 0)),
        ("2025-09-14T10:00:00Z", (2025, 9, 14, 10, 0, 0, 0)),
        ("0001-01-01 00:00:00+00:00", (1, 1, 1, 0, 0, 0, 0)),
    ],
)
def test_timestamps_of_others_are_read(text: str, moment: tuple[int, ...]) -> None:
    year, month, day, *rest = moment
    assert _types.parse_moment(text) == datetime.datetime(
        year, month, day, *rest, tzinfo=datetime.timezone.utc
    )


def test_json_that_is_none_comes_back_as_text() -> None:
    column = _types.JsonText()
    assert column.process_result_value("{broken", None) == "{broken"
    assert column.process_bind_param({}, None) is None
    assert column.process_bind_param({"ü": 2**64}, None) == '{"ü":18446744073709551616}'


def test_a_database_is_shown_without_password() -> None:
    assert str(Database(sa.make_url("postgresql://u:pw@h/d"))) == "postgresql://u:***@h/d"
