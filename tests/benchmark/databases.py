"""The databases that are measured, with their bare drivers beside the ledger."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL
from servers.process import memory
from servers.session import Servers

#: By table: the names of the columns, and all rows as the driver has them.
Rows = dict[str, tuple[Sequence[str], list[Any]]]

#: Those that a recording writes, referred to before those that refer.
_TABLES = [table.name for table in _tables.metadata.sorted_tables]
_RECORDED = [name for name in _TABLES if name != "virtledger_schema"]


class Place:
    """An empty ledger at a database, again and again.

    :ivar url: the ledger.
    :ivar label: the database with its version.
    :ivar mark: how the driver writes a parameter.
    """

    url: str
    label: str
    mark = "%s"
    quote = '"'

    def connect(self) -> Any:
        """The bare driver's connection."""
        raise NotImplementedError

    def empty(self) -> None:
        """Make the ledger as new."""
        raise NotImplementedError

    def dump(self) -> Rows:
        """Every row that was recorded."""
        rows: Rows = {}
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            for name in _RECORDED:
                # MariaDB has columns beside those of the models, which it computes itself.
                columns = [column.name for column in _tables.metadata.tables[name].columns]
                cursor.execute(f"SELECT {self._listed(columns)} FROM {name}")
                found = list(cursor.fetchall())
                if found:
                    rows[name] = (columns, found)
        return rows

    def insert(self, rows: Rows) -> None:
        """Write rows with the driver alone, in one transaction."""
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            for name, (columns, values) in rows.items():
                names, marks = self._listed(columns), ", ".join([self.mark] * len(columns))
                cursor.executemany(f"INSERT INTO {name} ({names}) VALUES ({marks})", values)
            connection.commit()

    def glance(self, host_id: str) -> None:
        """The least for a host that is as before: read the VMs' digests, note that it was seen."""
        query = "SELECT domain_uuid, source_digest FROM virtual_machines WHERE host_id = {0}"
        update = (
            "UPDATE hosts SET task_state = NULL, last_seen_at = last_complete_at WHERE id = {0}"
        )
        for statement in (query, update):
            with contextlib.closing(self.connect()) as connection:
                cursor = connection.cursor()
                cursor.execute(statement.format(self.mark), (host_id,))
                if statement is query:
                    cursor.fetchall()
                connection.commit()

    def _listed(self, columns: Sequence[str]) -> str:
        return ", ".join(f"{self.quote}{column}{self.quote}" for column in columns)


class SqlitePlace(Place):
    """A file, with the settings that the ledger has as well."""

    mark = "?"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ledger.db"
        self._new = folder / "new.db"
        self.url = f"sqlite:///{self._path}"
        self.label = f"SQLite {sqlite3.sqlite_version}"
        runner.upgrade(resolve(f"sqlite:///{self._new}"))

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def empty(self) -> None:
        for path in self._path.parent.glob("ledger.db*"):
            path.unlink()
        shutil.copyfile(self._new, self._path)


class PostgresqlPlace(Place):
    """A database that is made of a template."""

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        server.create("new")
        runner.upgrade(resolve(server.url("new")))
        self.url = server.url("ledger")
        version = server.execute("SHOW server_version")[0][0].split()[0]
        self.label = f"PostgreSQL {version}"

    def connect(self) -> Any:
        return psycopg.connect(self.url)

    def empty(self) -> None:
        self._server.drop("ledger")
        self._server.create("ledger", template="new")


class MariadbPlace(Place):
    """A database whose tables are emptied."""

    quote = "`"

    def __init__(self, server: MariaDB) -> None:
        server.create("ledger")
        self.url = server.url("ledger")
        self._database = resolve(self.url)
        runner.upgrade(self._database)
        with contextlib.closing(self.connect()) as connection:
            version = connection.get_server_info().split("-")
        self.label = f"MariaDB {version[0] if version[0] != '5.5.5' else version[1]}"

    def connect(self) -> Any:
        url = self._database.url
        return pymysql.connect(
            user=url.username,
            password=url.password or "",
            host=url.host or "localhost",
            unix_socket=url.query.get("unix_socket"),
            database=url.database,
            charset="utf8mb4",
        )

    def empty(self) -> None:
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("SET foreign_key_checks = 0")
            for name in _RECORDED:
                cursor.execute(f"TRUNCATE {name}")


@contextlib.contextmanager
def places() -> Iterator[Iterator[Place]]:
    """One place of each kind, each made when its turn comes."""
    servers = Servers()
    with tempfile.TemporaryDirectory(prefix="vl-bench-", dir=memory()) as folder:

        def each() -> Iterator[Place]:
            yield SqlitePlace(Path(folder))
            yield PostgresqlPlace(servers.postgresql)
            yield MariadbPlace(servers.mariadb)

        try:
            yield each()
        finally:
            servers.stop()
