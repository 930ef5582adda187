"""Ledgers for tests: recording into them, and the invariants that always hold."""

from __future__ import annotations

import atexit
import contextlib
import datetime
import functools
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _indexes, _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.refuse import Permits
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import CreateIndex
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC, parse_moment
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.references import (
    RUNNING_TWICE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify

#: Each kind of attachment, and its table.
ATTACHMENTS = {family.index_type: family.table for family in FAMILIES}


#: Columns that note that a host was seen.
SIGHTING = ("last_seen_at", "last_complete_at")


#: Lets PostgreSQL take 0 and 1 for a boolean, in this database.
_NUMBERS_ARE_FLAGS = (
    "UPDATE pg_cast SET castcontext = 'a' "
    "WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype"
)

_MOMENT = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d:\d\d)'")

#: How inserts into a table are refused, and how they are allowed again.
_TRIGGERS = {
    "sqlite": (
        [
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ],
        "DROP TRIGGER refuse",
    ),
    "postgresql": (
        [
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '{words}'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()",
        ],
        "DROP FUNCTION refuse CASCADE",
    ),
    "mariadb": (
        [
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW "
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{words}'"
        ],
        "DROP TRIGGER refuse",
    ),
}


#: Connections to servers, by URL.
_HELD: dict[str, Any] = {}


def close(url: str) -> None:
    """Give up the connection to a database."""
    if url in _HELD:
        _HELD.pop(url).close()


def _is_mysql(ledger: Ledger) -> bool:
    return ledger.dialect in ("mysql", "mariadb")


def _statement(sql: str, parameters: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """A statement with question marks for its parameters, as SQLAlchemy takes it."""
    parts = sql.split("?")
    assert len(parts) == len(parameters) + 1
    text = parts[0] + "".join(f":p{number}{part}" for number, part in enumerate(parts[1:]))
    return sa.text(text), {f"p{number}": value for number, value in enumerate(parameters)}


def _shown(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat(" ", "microseconds")
    return bytes(value) if isinstance(value, memoryview) else value


def _without_zone(match: re.Match[str]) -> str:
    return f"'{parse_moment(match[1]).replace(tzinfo=None).isoformat(' ')}'"


@functools.cache
def _empty(revisions: tuple[int, ...]) -> Path:
    """An empty ledger of these revisions, made once: that takes longer than most tests."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    path = folder / "empty.db"
    runner.upgrade(resolve(f"sqlite:///{path}"))
    return path


class Ledger:
    """One ledger: in an SQLite file, or in a database of a server.

    :ivar path: the file; none of a server.
    :ivar is_checked: the invariants hold at the end of the test.
    """

    def __init__(self, place: Path | str, create: bool = True) -> None:
        """
        :param place: a file or a URL.
        """
        self.url = place if isinstance(place, str) else f"sqlite:///{place}"
        self.database: Database = resolve(self.url)
        self.dialect = self.database.url.get_backend_name()
        self.is_checked = True
        if create and self.database.path and not self.path.exists():
            numbers = tuple(revision.number for revision in runner.REVISIONS)
            shutil.copyfile(_empty(numbers), self.path)
        elif create:
            runner.upgrade(self.database)

    @property
    def path(self) -> Path:
        """The SQLite file."""
        assert self.database.path
        return Path(self.database.path)

    def record(self, facts: Any, host_id: str = "hv1", **options: Any) -> dict[str, Any]:
        """Record facts; the result as the action returns it.

        Whatever a test says of its hosts is meant so; tests of refusals say what is permitted.
        """
        options.setdefault("permits", Permits(True, True, True))
        summary = recorder.record(self.database, host_id, facts, **options)
        return summary.result(host_id)

    @contextlib.contextmanager
    def connected(self) -> Iterator[Any]:
        """A transaction. A server's connection is kept, for a test asks many questions."""
        if self.dialect == "sqlite":
            with open_engine(self.database, readonly=True).begin() as connection:
                yield connection
            return
        if self.url not in _HELD:
            _HELD[self.url] = self._engine.connect()
        with _HELD[self.url].begin():
            yield _HELD[self.url]

    @functools.cached_property
    def _engine(self) -> Any:
        """To write by hand; it makes the file where there is none."""
        return open_engine(self.database)

    def query(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries; of columns of one name the first counts.

        Timestamps are texts, as SQLite has them.
        """
        with self.connected() as connection:
            result = connection.execute(*_statement(sql, parameters))
            names = list(result.keys())
            return [
                {name: _shown(value) for name, value in reversed(list(zip(names, row)))}
                for row in result
            ]

    def value(self, sql: str, *parameters: Any) -> Any:
        """The only column of the only row."""
        ((value,),) = (row.values() for row in self.query(sql, *parameters))
        return value

    def execute(self, sql: str, *parameters: Any) -> None:
        """Change rows by hand, as a user does."""
        with self._engine.begin() as connection:
            connection.execute(*_statement(sql, parameters))

    def script(self, sql: str) -> None:
        """Run several statements, each ending its line, written for SQLite."""
        if self.dialect == "sqlite":
            script(self.path, sql)
            return
        with self._engine.begin() as connection:
            if self.dialect == "postgresql":
                connection.exec_driver_sql(_NUMBERS_ARE_FLAGS)
            for statement in re.split(r";\s*(?:\n|$)", sql):
                if statement.strip():
                    text = _MOMENT.sub(_without_zone, statement) if _is_mysql(self) else statement
                    connection.execute(*_statement(text, ()))

    def tables(self) -> list[str]:
        """The names of all tables."""
        with self.connected() as connection:
            names: list[str] = sa.inspect(connection).get_table_names()
        return names

    def dump(self, without: tuple[str, ...] = SIGHTING) -> dict[str, Any]:
        """Every row of every table, but for the notes that a host was seen.

        :param without: columns to leave out; with none of them the notes are there as well.
        """
        return {
            name: [
                {key: item for key, item in row.items() if key not in without}
                for row in self.query(f"SELECT * FROM {name} ORDER BY 1")
            ]
            for name in self.tables()
            if not without or name != "sync_runs"
        }

    def stored(self) -> bytes:
        """What is stored: the bytes of an SQLite file and its log, else the rows."""
        if self.dialect != "sqlite":
            return repr(self.dump(without=())).encode()
        files = sorted(self.path.parent.glob(self.path.name + "*"))
        return b"".join(path.read_bytes() for path in files)

    def empty(self) -> None:
        """Remove all rows, but for the version."""
        numbers = [revision.number for revision in runner.REVISIONS]
        with self._engine.begin() as connection:
            for table in _tables.metadata.sorted_tables:
                connection.execute(sa.delete(table))
            rows = [{"revision": number, "name": "test"} for number in numbers]
            connection.execute(sa.insert(_tables.schema_revisions), rows)

    @contextlib.contextmanager
    def refusing(self, table: str, words: str) -> Iterator[None]:
        """No row can be inserted into a table meanwhile."""
        make, remove = _TRIGGERS["mariadb" if _is_mysql(self) else self.dialect]
        for statement in make:
            self._driver(statement.format(table=table, words=words))
        try:
            yield
        finally:
            self._driver(remove.format(table=table))

    def _driver(self, sql: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(sql)

    def check(self) -> None:
        """Everything in the ledger holds together; what is wrong with the fleet is not its fault."""
        found = verify(self.database, structure=False)
        assert [one for one in found.violations if one.rule != RUNNING_TWICE] == []


def structure(ledger: Ledger) -> dict[str, Any]:
    """Tables of a database with their columns and indexes."""
    with ledger.connected() as connection:
        inspector = sa.inspect(connection)
        columns, indexes = inspector.get_multi_columns(), inspector.get_multi_indexes()
    return {
        key[1]: {
            "columns": [column["name"] for column in found],
            "indexes": sorted(
                (
                    str(item["name"]),
                    bool(item["unique"]),
                    any(name.endswith("_where") for name in item.get("dialect_options", {})),
                    tuple(item["column_names"]),
                )
                for item in indexes.get(key, ())
            ),
        }
        for key, found in columns.items()
    }


#: What stands on MariaDB and MySQL for an index with a condition: the generated column.
_KEYED = {
    step.name: step
    for revision in runner.REVISIONS
    for step in revision.steps
    if isinstance(step, CreateIndex) and step.where
}


#: Columns that MariaDB and MySQL compute.
GENERATED = {step.keyed[0] for step in _KEYED.values()}


def differences(ledger: Ledger, types: bool) -> list[Any]:
    """What the database has otherwise than the models."""
    is_mysql = _is_mysql(ledger)

    def is_compared(_item: Any, name: str, kind: str, *_more: Any) -> bool:
        return not is_mysql or not (
            (kind == "index" and name in _KEYED) or (kind == "column" and name in GENERATED)
        )

    options = {"compare_type": types, "include_object": is_compared}
    with ledger.connected() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert _indexes.indexes_of(_tables.ports), "the models have their indexes"
        found = compare_metadata(context, _tables.metadata)
        if is_mysql:
            found += _conditions_missing(connection)
    # A primary key that SQLite's own DDL does not call NOT NULL is one all the same.
    flat = [item for entry in found for item in (entry if isinstance(entry, list) else [entry])]
    return [item for item in flat if not (item[0] == "modify_nullable" and item[3] == "id")]


def _conditions_missing(connection: Any) -> list[tuple[str, str]]:
    """Unique indexes with a condition that are not what the revisions make of them."""
    inspector = sa.inspect(connection)
    missing = []
    for name, step in _KEYED.items():
        column, expression = step.keyed
        wanted = [*step.columns[:-1], column]
        indexes = {item["name"]: item for item in inspector.get_indexes(step.table)}
        columns = {item["name"]: item for item in inspector.get_columns(step.table)}
        computed = columns[column]["computed"]["sqltext"].strip("()").replace('"', "").lower()
        if not indexes[name]["unique"] or indexes[name]["column_names"] != wanted:
            missing.append(("index", name))
        if computed.split() != expression.lower().split():
            missing.append(("column", column))
    return missing


def script(path: Path, sql: str) -> None:
    """Run SQL statements on an SQLite file."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA synchronous=OFF;" + sql)
    connection.close()


def old_layout(place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A database of revision 1 with rows, and without the version table."""
    with monkeypatch.context() as patch:
        patch.setattr(runner, "REVISIONS", runner.REVISIONS[:1])
        ledger = Ledger(place)
    ledger.script("DROP TABLE virtledger_schema;\n" + (fixtures / "existing_rows.sql").read_text())
    return ledger
