"""The driver of the database that the environment names is there before workers are forked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    ENVIRONMENT,
    FILE_ENVIRONMENT,
)
from conftest import COLLECTIONS

ACTION = """
import sys
sys.path.insert(0, {collections!r})
from ansible_collections.virtledger.libvirt.plugins.action import sync
print("\\n".join(sys.modules))
"""


def imported(**environment: str) -> set[str]:
    """What the action has imported of drivers and SQLAlchemy's dialects, whoever is connected."""
    done = subprocess.run(
        [sys.executable, "-c", ACTION.format(collections=str(COLLECTIONS))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert not done.stderr
    known = ("psycopg", "pymysql", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.mysql")
    return set(known) & set(done.stdout.splitlines())


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
def test_the_one_that_the_environment_names(scheme: str) -> None:
    backend, driver = ("postgresql", "psycopg") if scheme == "postgresql" else ("mysql", "pymysql")
    url = f"{scheme}://user:secret@db.example.com/ledger"
    assert imported(**{ENVIRONMENT: url}) == {driver, f"sqlalchemy.dialects.{backend}"}


def test_the_one_that_a_file_names(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("postgresql://user:secret@db.example.com/ledger\n")
    assert "psycopg" in imported(**{FILE_ENVIRONMENT: str(path)})


def test_a_pipe_is_left_to_the_worker(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert imported(**{FILE_ENVIRONMENT: str(path)}) == set()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {ENVIRONMENT: "sqlite:////var/lib/virtledger/ledger.db"},
        {ENVIRONMENT: "nonsense"},
        {ENVIRONMENT: "oracle://db.example.com/ledger"},
        {FILE_ENVIRONMENT: "/nowhere"},
        {ENVIRONMENT: "postgresql://db.example.com/ledger", FILE_ENVIRONMENT: "/nowhere"},
    ],
)
def test_none_and_no_word_about_what_is_wrong(environment: dict[str, str]) -> None:
    assert imported(**environment) == set()
