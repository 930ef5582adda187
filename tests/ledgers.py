"""Ledgers for tests: an SQLite file, recording into it, and the invariants that always hold."""

from __future__ import annotations

import atexit
import functools
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.references import (
    RUNNING_TWICE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify

#: Each kind of attachment, and its table.
ATTACHMENTS = {family.index_type: family.table for family in FAMILIES}


#: Columns that note that a host was seen.
SIGHTING = ("last_seen_at", "last_complete_at")


@functools.cache
def _empty(revisions: tuple[int, ...]) -> Path:
    """An empty ledger of these revisions, made once: that takes longer than most tests."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    path = folder / "empty.db"
    runner.upgrade(resolve(f"sqlite:///{path}"))
    return path


class Ledger:
    """One SQLite ledger."""

    def __init__(self, path: Path, create: bool = True) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"
        self.database: Database = resolve(self.url)
        if create and path.exists():
            runner.upgrade(self.database)
        elif create:
            shutil.copyfile(_empty(tuple(revision.number for revision in runner.REVISIONS)), path)

    def record(self, facts: Any, host_id: str = "hv1", **options: Any) -> dict[str, Any]:
        """Record facts; the result as the action returns it."""
        summary = recorder.record(self.database, host_id, facts, **options)
        return summary.result(host_id)

    def query(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        connection = sqlite3.connect(self.path)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, parameters)]
        finally:
            connection.close()

    def value(self, sql: str, *parameters: Any) -> Any:
        """The only column of the only row."""
        ((value,),) = (row.values() for row in self.query(sql, *parameters))
        return value

    def dump(self, without: tuple[str, ...] = SIGHTING) -> dict[str, Any]:
        """Every row of every table, but for the notes that a host was seen.

        :param without: columns to leave out; with none of them the notes are there as well.
        """
        names = [
            row["name"] for row in self.query("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {
            name: [
                {key: item for key, item in row.items() if key not in without}
                for row in self.query(f"SELECT * FROM {name} ORDER BY 1")
            ]
            for name in names
            if not without or name not in ("sync_runs", "sqlite_sequence")
        }

    def check(self) -> None:
        """Everything in the ledger holds together; what is wrong with the fleet is not its fault."""
        found = verify(self.database, structure=False)
        assert [one for one in found.violations if one.rule != RUNNING_TWICE] == []


def structure(path: Path) -> dict[str, Any]:
    """Tables of an SQLite file with their columns and indexes."""
    connection = sqlite3.connect(path)
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    found: dict[str, Any] = {}
    for table in tables:
        found[table] = {
            "columns": [row[1] for row in connection.execute(f"PRAGMA table_info({table})")],
            "indexes": sorted(
                (
                    row[1],
                    row[2],
                    row[4],
                    tuple(part[2] for part in connection.execute(f"PRAGMA index_info({row[1]})")),
                )
                for row in connection.execute(f"PRAGMA index_list({table})")
                if not row[1].startswith("sqlite_")
            ),
        }
    connection.close()
    return found


def differences(ledger: Ledger, types: bool) -> list[Any]:
    """What the database has otherwise than the models."""
    engine = open_engine(ledger.database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": types})
        found = compare_metadata(context, _tables.metadata)
    engine.dispose()
    # A primary key that SQLite's own DDL does not call NOT NULL is one all the same.
    flat = [item for entry in found for item in (entry if isinstance(entry, list) else [entry])]
    return [item for item in flat if not (item[0] == "modify_nullable" and item[3] == "id")]


def script(path: Path, sql: str) -> None:
    """Run SQL statements on an SQLite file."""
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def old_layout(path: Path, fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A database of revision 1 with rows, and without the version table."""
    with monkeypatch.context() as patch:
        patch.setattr(runner, "REVISIONS", runner.REVISIONS[:1])
        ledger = Ledger(path)
    script(path, "DROP TABLE virtledger_schema;" + (fixtures / "existing_rows.sql").read_text())
    return ledger
