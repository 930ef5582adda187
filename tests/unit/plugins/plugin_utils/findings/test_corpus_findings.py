"""False alarms on domain XML of the world: a running VM that is as its definition has no drift."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from fleets import found
from helpers import answer
from ledgers import Ledger

FILES = sorted((Path(os.environ.get("VIRTLEDGER_CORPUS", ".")) / "domains").glob("*.xml"))

#: One of them has 1200 devices.
EXTREME = "extreme"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_no_pending_changes_where_there_are_none(ledger: Ledger) -> None:
    domains = []
    for number, path in enumerate(FILES):
        text = path.read_bytes()
        if EXTREME in path.name:
            continue
        facts = domain_facts(text, text, status=Status("running", True, False))
        facts["uuid"] = f"cccccccc-0000-4000-8000-{number:012d}"
        facts["name"] = f"vm{number}"
        domains.append(facts)
    assert len(domains) > 150
    ledger.record(answer(*domains))
    ledger.is_checked = False
    assert found(ledger, "pending_changes") == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_pair_of_a_running_vm_and_its_definition(ledger: Ledger) -> None:
    live, config = (
        next(path for path in FILES if path.name == f"craft__pair-a-{side}-secure.xml").read_bytes()
        for side in ("live", "inactive")
    )
    ledger.record(answer(domain_facts(live, config, status=Status("running", True, False))))
    assert found(ledger, "pending_changes") == []
