"""Failure never deletes: answers of another host, of an empty one, and those that are not whole."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RefusedError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.attempt import attempt
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import record
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.refuse import Permits
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import begun
from helpers import UUID, Facts, answer, domain, network, pool
from ledgers import Ledger

ONE = "00000000-0000-4000-8000-0000000000a1"
TWO = "00000000-0000-4000-8000-0000000000a2"
NOTHING = Permits()


def told(*domains: Facts, **hypervisor: Any) -> Facts:
    """An answer of a hypervisor with these properties."""
    facts = answer(*domains)
    facts["hypervisor"].update({"hostname": "hv1.example.com", "host_uuid": ONE, **hypervisor})
    return facts


def vm(number: int) -> Facts:
    return domain(name=f"vm{number}", number=number)


def living(ledger: Ledger, host_id: str = "hv1") -> int:
    sql = "SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL AND host_id = ?"
    count: int = ledger.value(sql, host_id)
    return count


def refused(ledger: Ledger, facts: Facts, host_id: str = "hv1", **permits: bool) -> str:
    """The message of a refusal, which has changed nothing, neither in check mode."""
    before = ledger.dump(without=())
    permitted = Permits(**permits)
    for check_mode in (True, False):
        with pytest.raises(RefusedError) as error:
            ledger.record(facts, host_id, permits=permitted, check_mode=check_mode)
    assert ledger.dump(without=()) == before
    return str(error.value)


def test_an_empty_answer_is_refused(ledger: Ledger) -> None:
    ledger.record(told(*(vm(number) for number in range(1, 8))), permits=NOTHING)
    message = refused(ledger, told(), other_host=True, second_name=True)
    assert "Host hv1 answers that it has no VMs; the ledger has 7 of it: vm1, vm2, vm3" in message
    assert "vm5 and 2 more. They stay" in message
    assert "'allow_empty'" in message
    assert living(ledger) == 7
    assert ledger.record(told(), permits=Permits(empty=True))["vms"]["gone"] == 7
    assert ledger.record(told(), permits=NOTHING)["changed"] is False


def test_an_empty_host_from_the_start(ledger: Ledger) -> None:
    assert ledger.record(told(), permits=NOTHING)["changed"] is True
    assert ledger.record(told(vm(1)), permits=NOTHING)["vms"]["new"] == 1


def test_an_answer_with_one_of_many_is_recorded(ledger: Ledger) -> None:
    ledger.record(told(vm(1), vm(2), vm(3)), permits=NOTHING)
    assert ledger.record(told(vm(2)), permits=NOTHING)["vms"]["gone"] == 2


def test_vms_that_are_not_told_again_are_there(ledger: Ledger) -> None:
    ledger.record(told(vm(1)), permits=NOTHING)
    same = {**told(), "unchanged": [UUID.format(1)]}
    assert ledger.record(same, permits=NOTHING)["vms"]["gone"] == 0
    assert living(ledger) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"complete": []},
        {"complete": ["networks", "storage_pools"], "domains": None},
        {"errors": [{"object": "domain", "name": "vm1", "uuid": UUID.format(1), "message": "no"}]},
        {"errors": [{"object": "domain", "name": None, "uuid": None, "message": "no"}]},
    ],
    ids=["filter", "subset", "one VM fails", "something fails"],
)
def test_an_answer_that_is_not_whole_loses_nothing(ledger: Ledger, more: Facts) -> None:
    """A filter (domain_info by name), a subset, partial errors: recorded, and nothing is gone."""
    ledger.record(told(vm(1)), permits=NOTHING)
    result = ledger.record({**told(), **more}, permits=NOTHING)
    assert (result["vms"]["gone"], living(ledger)) == (0, 1)


def test_a_filter_through_record_loses_nothing(ledger: Ledger) -> None:
    ledger.record(
        {**told(vm(1), vm(2)), "networks": [network()], "storage_pools": [pool(volumes=["a"])]},
        permits=NOTHING,
    )
    by_name = {
        "mapping_version": answer()["mapping_version"],
        "domains": [vm(2)],
        "errors": [],
        "complete": [],
        "not_found": ["vm9"],
    }
    assert ledger.record(by_name, permits=NOTHING)["changed"] is False
    assert living(ledger) == 2
    for table in ("networks", "storage_pools", "volumes"):
        assert ledger.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL") == 1


def test_another_machine_under_this_name(ledger: Ledger) -> None:
    ledger.record(told(vm(1), vm(2)), permits=NOTHING)
    other = told(vm(2), vm(3), host_uuid=TWO)
    message = refused(ledger, other, empty=True, second_name=True)
    assert f"The ledger knows its host UUID as {ONE}, and this one has {TWO}" in message
    assert "'allow_other_host'" in message
    assert living(ledger) == 2
    result = ledger.record(other, permits=Permits(other_host=True))
    assert (result["vms"]["new"], result["vms"]["gone"]) == (1, 1)
    assert f"host hv1: host_uuid {ONE} -> {TWO}" in result["host_changes"]
    assert ledger.record(other, permits=NOTHING)["changed"] is False


def test_a_new_and_empty_machine_needs_both(ledger: Ledger) -> None:
    ledger.record(told(vm(1)), permits=NOTHING)
    bare = told(host_uuid=TWO)
    refused(ledger, bare, other_host=True)
    refused(ledger, bare, empty=True)
    assert ledger.record(bare, permits=Permits(True, True))["vms"]["gone"] == 1


@pytest.mark.parametrize("before", [None, ONE])
def test_a_machine_that_tells_no_uuid(ledger: Ledger, before: str | None) -> None:
    ledger.record(told(vm(1), host_uuid=before), permits=NOTHING)
    ledger.record(told(vm(1), host_uuid=None), permits=NOTHING)
    assert living(ledger) == 1


@pytest.mark.parametrize(
    ("alias", "evidence"),
    [
        (told(vm(9)), "and hostname hv1.example.com"),
        (told(vm(1), hostname="renamed.example.com"), "and a VM in common"),
        (told(vm(1), uri="qemu+ssh://hv1/system"), "and a VM in common"),
    ],
    ids=["hostname", "VM", "connection"],
)
def test_two_names_for_one_hypervisor(ledger: Ledger, alias: Facts, evidence: str) -> None:
    ledger.record(told(vm(1), vm(2)), "hv1", permits=NOTHING)
    message = refused(ledger, alias, "alias", empty=True, other_host=True)
    assert (
        f"Host alias is the hypervisor that the ledger has as hv1: both have host UUID {ONE} "
        in message
    )
    assert evidence in message
    assert "'renamed_from' to hv1" in message
    assert "'host_id' to hv1" in message
    assert ledger.value("SELECT count(*) FROM hosts") == 1
    ledger.record(alias, "alias", permits=Permits(second_name=True))
    ledger.record(alias, "alias", permits=NOTHING)
    assert ledger.value("SELECT count(*) FROM hosts") == 2


@pytest.mark.parametrize(
    "other",
    [
        told(vm(9), hostname="hv2.example.com"),
        told(vm(9), uri="lxc:///system", type="LXC"),
        told(vm(1), host_uuid=TWO),
        told(vm(1), host_uuid=None),
        told(vm(1), hostname=None, uri="lxc:///system", type="LXC"),
    ],
    ids=["boards of one UUID", "containers", "moved VM", "no UUID", "another driver"],
)
def test_two_hosts_that_have_something_in_common(ledger: Ledger, other: Facts) -> None:
    ledger.record(told(vm(1)), "hv1", permits=NOTHING)
    ledger.record(other, "hv2", permits=NOTHING)
    assert ledger.value("SELECT count(*) FROM hosts") == 2


def test_a_host_that_was_renamed_is_no_second_name(ledger: Ledger) -> None:
    ledger.record(told(vm(1)), "old", permits=NOTHING)
    refused(ledger, told(vm(1)), "new")
    result = ledger.record(told(vm(1)), "new", renamed_from="old", permits=NOTHING)
    assert (result["changed"], living(ledger, "new")) == (True, 1)
    assert ledger.value("SELECT host_id FROM sync_runs ORDER BY id DESC LIMIT 1") == "new"


def test_a_refusal_is_noted(ledger: Ledger) -> None:
    ledger.record(told(vm(1)), permits=NOTHING)
    for _time in range(2):
        with pytest.raises(RefusedError):
            attempt(
                ledger.database,
                "hv1",
                begun("sync"),
                told,
                lambda facts, run: record(ledger.database, "hv1", facts, run=run),
                print,
            )
    rows, _more = ask(ledger.database, "sync_runs", Filters(), 10)
    assert [(row["outcome"], row["repeats"]) for row in rows] == [("refused", 1), ("recorded", 0)]
    assert rows[0]["reason"].startswith("Host hv1 answers that it has no VMs")
