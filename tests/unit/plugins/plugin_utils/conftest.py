"""Fixtures of the tests that have a ledger: on SQLite, PostgreSQL and MariaDB alike."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgers import Ledger, close
from servers.process import memory
from servers.session import KINDS, Servers, new_name


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of database."""
    chosen: str = request.param
    return chosen


class Kept:
    """The ledgers that tests have one after the other: to make a new one takes longer than most."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self._folder = folder
        self._servers = servers
        self._made: dict[str, Ledger] = {}

    def ledger(self, kind: str) -> Ledger:
        """The empty ledger of a kind."""
        if kind not in self._made:
            place: Path | str = self._folder / "ledger.db"
            if kind != "sqlite":
                self._servers.server(kind).create("kept")
                place = self._servers.server(kind).url("kept")
            self._made[kind] = Ledger(place)
        return self._made[kind]

    def close(self) -> None:
        """Give up all connections."""
        for ledger in self._made.values():
            close(ledger.url)


@pytest.fixture(scope="session")
def kept(servers: Servers) -> Iterator[Kept]:
    """The ledgers of the session."""
    with tempfile.TemporaryDirectory(prefix="vl-kept-", dir=memory()) as folder:
        made = Kept(Path(folder), servers)
        yield made
        made.close()


@pytest.fixture
def ledger(kind: str, kept: Kept) -> Iterator[Ledger]:
    """An empty ledger, whose invariants are checked at the end of the test.

    Its tables stay as they are; a test that changes them makes a ledger at a ``place``.
    """
    opened = kept.ledger(kind)
    yield opened
    try:
        if opened.is_checked:
            opened.check()
    finally:
        opened.is_checked = True
        opened.empty()


@pytest.fixture
def place(kind: str, tmp_path: Path, servers: Servers) -> Iterator[Path | str]:
    """Where a ledger can be made: a file, or the URL of a database in which there is nothing."""
    if kind == "sqlite":
        yield tmp_path / "ledger.db"
        return
    name = new_name()
    server = servers.server(kind)
    server.create(name)
    url = server.url(name)
    yield url
    close(url)
    server.drop(name)
