"""The existing layout's own DDL and rows, where VIRTLEDGER_BASELINE names the file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ledgers import Ledger, differences, structure

LAYOUT = Path(os.environ["VIRTLEDGER_BASELINE"])


@pytest.fixture
def existing(tmp_path: Path) -> Ledger:
    path = tmp_path / "existing.db"
    connection = sqlite3.connect(path)
    connection.executescript(LAYOUT.read_text(encoding="utf-8"))
    connection.close()
    return Ledger(path, create=False)


def test_revision_one_is_this_layout(
    existing: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REVISIONS", runner.REVISIONS[:1])
    made = structure(Ledger(tmp_path / "made.db"))
    del made["virtledger_schema"]
    given = structure(existing)
    assert set(made) == set(given)
    for table, found in given.items():
        assert set(made[table]["columns"]) == set(found["columns"]), table
        assert made[table]["indexes"] == found["indexes"], table


def test_it_upgrades_with_nothing_lost(existing: Ledger) -> None:
    before = existing.dump(without=())
    assert sum(len(rows) for rows in before.values()) > 80
    runner.upgrade(existing.database)
    after = existing.dump(without=())
    for table, rows in before.items():
        for old, new in zip(rows, after[table], strict=True):
            assert old.items() <= new.items(), table
            assert all(value is None for name, value in new.items() if name not in old), table
    assert runner.inspect(existing.database) == (LATEST, True)
    assert differences(existing, types=False) == []
