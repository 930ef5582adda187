"""Databases for the tests of concurrency and crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledgers import Ledger


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty ledger."""
    return Ledger(tmp_path / "ledger.db").url
