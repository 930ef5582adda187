"""Each rule finds what it says, and keeps quiet where only something like it is there."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import RULES
from finding_cases import CASES, Case, listed, volume
from fleets import bridged, disk, found, twin, vm
from helpers import answer
from ledgers import Ledger
from servers.session import KINDS

#: Tests of their own, since they are about time or several recordings.
APART = {"host_stale", "vm_gone", "vm_running_twice"}


def _where() -> Iterator[Any]:
    """The first case of each kind on all databases, for its statements; the others on one."""
    seen = set()
    for case in CASES:
        mark = (case.code, case.count > 0)
        for kind in KINDS if mark not in seen else ("sqlite",):
            yield pytest.param(kind, case, id=f"{kind}-{case.code}: {case.name}")
        seen.add(mark)


@pytest.mark.parametrize(("kind", "case"), list(_where()), indirect=["kind"])
def test_a_rule(ledger: Ledger, case: Case) -> None:
    for host_id, facts in case.fleet().items():
        ledger.record(facts, host_id)
    ledger.is_checked = False  # recording has its own tests
    # Volumes that were seen just now are somebody's work, the hosts are not stale by that.
    items = found(ledger, case.code, later=datetime.timedelta(hours=25))
    assert len(items) == case.count, items
    for item in items:
        assert case.words in item.summary + str(item.details)
        assert item.object_name


def test_every_rule_has_both_tests() -> None:
    codes = {rule.code for rule in RULES}
    assert {case.code for case in CASES if case.count} | APART == codes
    assert {case.code for case in CASES if not case.count} | APART == codes


def test_a_vm_that_runs_twice(ledger: Ledger) -> None:
    devices = bridged("01") + disk("/s/x")
    ledger.record(answer(vm(devices)), "hv1", shared_paths=["/s"])
    ledger.record(answer(twin(2, 1, devices=devices, running=False)), "hv2", shared_paths=["/s"])
    assert found(ledger, "vm_running_twice") == []
    ledger.execute("UPDATE virtual_machines SET state = 'running' WHERE host_id = 'hv2'")
    (item,) = found(ledger, "vm_running_twice")
    assert "runs on hv1 and hv2" in item.summary
    assert item.host_id is None
    # What follows from it is not told again.
    for code in ("vm_defined_twice", "duplicate_mac", "shared_disk"):
        assert found(ledger, code) == []


def test_a_host_that_is_stale(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "hv1")
    assert found(ledger, "host_stale") == []
    assert found(ledger, "host_stale", datetime.timedelta(hours=47)) == []
    (item,) = found(ledger, "host_stale", datetime.timedelta(hours=49))
    assert "Host hv1 was recorded completely for the last time at" in item.summary
    assert found(ledger, "host_stale", datetime.timedelta(hours=49), stale_hours=50) == []


def test_a_host_that_was_never_complete(ledger: Ledger) -> None:
    ledger.record(answer(vm(), complete=[]), "hv1")
    (item,) = found(ledger, "host_stale")
    assert "never recorded completely" in item.summary


def test_a_vm_that_is_gone(ledger: Ledger) -> None:
    ledger.record(answer(vm(), vm(number=2)), "hv1")
    assert found(ledger, "vm_gone") == []
    ledger.record(answer(vm()), "hv1")
    (item,) = found(ledger, "vm_gone")
    assert "VM vm2 on hv1 is gone since" in item.summary
    assert found(ledger, "vm_gone", datetime.timedelta(days=8)) == []
    assert len(found(ledger, "vm_gone", datetime.timedelta(days=8), gone_days=9)) == 1
    ledger.record(answer(vm(number=2)), "hv2")
    assert found(ledger, "vm_gone") == []


def test_a_volume_that_its_pool_does_not_list_any_more(ledger: Ledger) -> None:
    """Of a VM that has not changed; it comes back with the file."""
    facts = vm(volume("a"), running=False)
    ledger.record(answer(facts, **listed("a", "b")))
    assert found(ledger, "source_missing") == []
    ledger.record(answer(facts, **listed("b")))
    assert len(found(ledger, "source_missing")) == 1
    ledger.record(answer(facts, **listed("a", "b")))
    assert found(ledger, "source_missing") == []


def test_a_volume_that_is_new_is_not_told_yet(ledger: Ledger) -> None:
    ledger.record(answer(vm(), **listed("a")))
    assert found(ledger, "volume_unused") == []
    assert len(found(ledger, "volume_unused", unused_hours=0)) == 1


def test_what_a_pool_tells_of_a_backing_file(ledger: Ledger) -> None:
    pools = listed("a", "base")
    pools["storage_pools"][0]["volumes"][0]["backing_path"] = "/images/base"
    ledger.record(answer(vm(disk("/images/a"), running=False), **pools))
    assert len(found(ledger, "backing_format_missing")) == 1
    assert found(ledger, "volume_unused", unused_hours=0) == []


def test_files_of_snapshots_are_in_use(ledger: Ledger) -> None:
    facts = vm(disk("/images/a"))
    facts["snapshots"] = [
        {
            "name": "s",
            "kind": "snapshot",
            "parent_name": None,
            "state": "running",
            "description": None,
            "creation_time": 1,
            "is_current": True,
            "memory_mode": "external",
            "memory_file": "/images/memory",
            "disks": [{"@name": "vda", "source/@file": "/images/overlay"}],
            "config_xml": "<domainsnapshot/>",
            "redacted": [],
        }
    ]
    ledger.record(answer(facts, **listed("a", "memory", "overlay")))
    assert found(ledger, "volume_unused", unused_hours=0) == []
