"""One fleet for all tests here: twenty hypervisors with a VM each, and Ansible over SSH."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.tests.lab.guests import Guest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from fleet.sight import Fleet
from ledgers import close
from runs import Runner
from servers.session import Servers, new_name

HYPERVISORS = 20


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The hypervisors; the VM is there because a host without any is a case of its own."""
    with Lab() as opened:
        for hypervisor in opened.up(HYPERVISORS):
            with contextlib.closing(hypervisor.connect()) as connection:
                connection.defineXML(Guest(f"seed-{hypervisor.name}").xml())
        yield opened


@pytest.fixture
def fleet(lab: Lab, tmp_path: Path) -> Iterator[Fleet]:
    """The fleet with a new ledger, in which everything holds together at the end."""
    opened = Fleet(lab, Runner(tmp_path, inventory=lab.inventory))
    yield opened
    opened.verify()


@pytest.fixture
def postgresql(servers: Servers) -> Iterator[str]:
    """The URL of a new database."""
    name = new_name()
    servers.postgresql.create(name)
    url = servers.postgresql.url(name)
    yield url
    close(url)
    servers.postgresql.drop(name)
