"""Fixtures of the tests that have a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgers import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, whose invariants are checked at the end of the test."""
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.check()
