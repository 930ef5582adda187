"""Databases for the tests of concurrency and crashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from reliability.databases import File, Service, Store
from servers.session import KINDS, Servers


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, servers: Servers) -> Store:
    """A kind of database."""
    if request.param == "sqlite":
        return File(tmp_path)
    return Service(servers.server(request.param))


@pytest.fixture
def url(store: Store) -> Iterator[str]:
    """An empty ledger, whose invariants are checked at the end of the test."""
    made = store.new()
    yield made
    assert verify(resolve(made)).violations == []
