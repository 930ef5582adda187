"""Which VM is which: movement, doubles, names and UUIDs, and answers that came too late."""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import new_uuid
from helpers import UUID, answer, domain_xml, network, pool
from ledgers import Ledger

Facts = dict[str, Any]
Moment = datetime.datetime

DISK = "<disk type='file'><source file='/images/a.img'/><target dev='vda'/></disk>"
OTHER = DISK.replace("a.img", "b.img")
SNAPSHOT = {
    "name": "before",
    "kind": "snapshot",
    "parent_name": None,
    "state": "shutoff",
    "description": None,
    "creation_time": 1700000000,
    "is_current": True,
    "memory_mode": "no",
    "memory_file": None,
    "disks": [],
    "config_xml": "<domainsnapshot/>",
    "redacted": [],
}


def vm(
    number: int = 1,
    name: str = "vm1",
    run: int | None = None,
    state: str = "running",
    config: bool = True,
    devices: str = DISK,
    texts: bool = True,
    snapshots: list[Facts] | None = None,
) -> Facts:
    """A domain: shut off, or running under number ``run``; without ``config`` it is transient."""
    text = domain_xml(devices, name=name, number=number)
    live = text.replace("<domain type='kvm'>", f"<domain type='kvm' id='{run}'>")
    return domain_facts(
        None if run is None else live,
        text if config else None,
        status=Status("shutoff" if run is None else state, config, False),
        include_xml=texts,
        snapshots=snapshots,
    )


@pytest.fixture
def ledger(ledger: Ledger) -> Iterator[Ledger]:
    """A ledger whose history is checked as well at the end of the test."""
    yield ledger
    check_history(ledger)


def check_history(ledger: Ledger) -> None:
    """The configurations of one VM and kind follow each other, and end after they began."""
    rows = ledger.query(
        "SELECT * FROM vm_configurations WHERE origin = 'hypervisor' "
        "ORDER BY vm_uuid, kind, first_seen_at, id"
    )
    for row in rows:
        assert row["last_seen_at"] is None or row["first_seen_at"] <= row["last_seen_at"]
    for row, following in zip(rows, rows[1:], strict=False):
        if (row["vm_uuid"], row["kind"]) == (following["vm_uuid"], following["kind"]):
            assert row["last_seen_at"] is not None, "two are open"
            assert row["last_seen_at"] <= following["first_seen_at"], "they overlap"


def at(minutes: float) -> Moment:
    """A time some minutes before or after now."""
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)


def living(ledger: Ledger) -> dict[str, str]:
    """The host of every VM that is not marked as gone to the VM's UUID in the ledger."""
    rows = ledger.query("SELECT host_id, uuid FROM virtual_machines WHERE deleted_at IS NULL")
    found = {row["host_id"]: row["uuid"] for row in rows}
    assert len(found) == len(rows)
    return found


def history(ledger: Ledger, uuid: str, kind: str = "live") -> list[tuple[str, bool]]:
    """The hosts that told of a VM, in order, and whether they still say so."""
    rows = ledger.query(
        "SELECT host_id, last_seen_at FROM vm_configurations WHERE vm_uuid = ? AND kind = ? "
        "ORDER BY first_seen_at, id",
        uuid,
        kind,
    )
    return [(row["host_id"], row["last_seen_at"] is None) for row in rows]


def started(ledger: Ledger, **more: Any) -> str:
    """A VM that runs on A under number 3, in a ledger that knows B as well; its UUID."""
    ledger.record(answer(), "B")
    ledger.record(answer(vm(run=3, **more)), "A")
    return living(ledger)["A"]


# Live migration


@pytest.mark.parametrize("texts", [True, False])
def test_live_migration_with_the_target_first(ledger: Ledger, texts: bool) -> None:
    uuid = started(ledger, texts=texts)
    moved = ledger.record(answer(vm(run=7, texts=texts)), "B")
    assert (moved["vms"]["moved"], moved["vms"]["new"]) == (1, 0)
    assert "host_id A -> B" in moved["changes"][0]["lines"]
    assert ledger.record(answer(), "A")["vms"]["gone"] == 0
    assert living(ledger) == {"B": uuid}
    if texts:
        assert history(ledger, uuid) == [("A", False), ("B", True)]
        assert history(ledger, uuid, "config") == [("A", False), ("B", True)]


def test_live_migration_with_the_source_first(ledger: Ledger) -> None:
    uuid = started(ledger, snapshots=[SNAPSHOT])
    assert ledger.record(answer(), "A")["vms"]["gone"] == 1
    moved = ledger.record(answer(vm(run=7, snapshots=[SNAPSHOT])), "B")
    assert moved["vms"]["moved"] == 1
    assert living(ledger) == {"B": uuid}
    assert history(ledger, uuid) == [("A", False), ("B", True)]
    assert ledger.value("SELECT vm_uuid FROM vm_snapshots") == uuid
    assert ledger.value("SELECT count(*) FROM volume_attachments") == 1


@pytest.mark.parametrize("source_first", [False, True])
def test_a_definition_that_is_left_behind_is_a_row_of_its_own(
    ledger: Ledger, source_first: bool
) -> None:
    """``virsh migrate`` without ``--undefinesource``; a transient domain runs on the target."""
    uuid = started(ledger)
    answers = [("B", answer(vm(run=7, config=False))), ("A", answer(vm()))]
    for host, facts in answers[::-1] if source_first else answers:
        ledger.record(facts, host)
    ledger.record(answers[1][1], "A")
    rows = living(ledger)
    assert rows["B"] == uuid
    assert rows["A"] != uuid
    # And back: the definition is where it was, and the VM has its own row again.
    back = ledger.record(answer(vm(run=4)), "A")
    assert f"takes the place of VM {rows['A']}" in back["changes"][0]["lines"]
    ledger.record(answer(), "B")
    assert living(ledger) == {"A": uuid}
    assert history(ledger, uuid)[-2:] == [("B", False), ("A", True)]


def test_there_and_back_again(ledger: Ledger) -> None:
    uuid = started(ledger)
    for number, host in enumerate(("B", "C", "A", "B"), 10):
        ledger.record(answer(vm(run=number)), host)
        assert living(ledger) == {host: uuid}
    assert [host for host, _open in history(ledger, uuid)] == ["A", "B", "C", "A", "B"]


def test_a_migration_within_one_round(ledger: Ledger) -> None:
    """It was in neither answer: it left after B was asked, and arrived after C was."""
    uuid = started(ledger)
    for host in ("A", "B"):
        ledger.record(answer(), host)
    assert living(ledger) == {}
    assert ledger.record(answer(vm(run=7)), "B")["vms"]["moved"] == 1
    assert living(ledger) == {"B": uuid}


def test_a_migration_that_both_answers_have(ledger: Ledger) -> None:
    """A was asked before it left and B when it was there; A's answer comes in later."""
    uuid = started(ledger)
    asked = at(0)
    ledger.record(answer(vm(run=7)), "B")
    late = ledger.record(answer(vm(run=3)), "A", asked_at=asked)
    assert late["changed"] is False
    assert "host B, which was asked later, told that it runs there" in late["warnings"][0]
    assert living(ledger) == {"B": uuid}
    ledger.record(answer(), "A")
    assert living(ledger) == {"B": uuid}


def test_a_vm_that_is_just_arriving(ledger: Ledger) -> None:
    """While memory is copied, the target has the domain paused and the source runs it."""
    uuid = started(ledger)
    arriving = ledger.record(answer(vm(run=7, state="paused", config=False)), "B")
    assert arriving["changed"] is False
    assert "it may be arriving" in arriving["warnings"][0]
    assert living(ledger) == {"A": uuid}
    ledger.record(answer(), "B")
    assert ledger.record(answer(vm(run=3)), "A")["changed"] is False
    ledger.record(answer(vm(run=8)), "B")
    assert living(ledger) == {"B": uuid}


def test_a_paused_vm_that_moved(ledger: Ledger) -> None:
    uuid = started(ledger)
    facts = answer(vm(run=7, state="paused"))
    ledger.record(facts, "B")
    ledger.record(answer(), "A")
    assert ledger.record(facts, "B")["vms"]["moved"] == 1
    assert living(ledger) == {"B": uuid}


# Moves of VMs that do not run


def test_an_offline_move_with_the_source_first(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A")
    uuid = living(ledger)["A"]
    ledger.record(answer(), "A")
    ledger.record(answer(vm()), "B")
    assert living(ledger) == {"B": uuid}
    assert history(ledger, uuid, "config") == [("A", False), ("B", True)]


@pytest.mark.parametrize("texts", [True, False])
def test_an_offline_move_with_the_target_first(ledger: Ledger, texts: bool) -> None:
    """It looks like two VMs until the source has been asked again."""
    ledger.record(answer(vm(texts=texts)), "A")
    uuid = living(ledger)["A"]
    assert ledger.record(answer(vm(texts=texts)), "B")["vms"]["new"] == 1
    ledger.record(answer(), "A")
    moved = ledger.record(answer(vm(texts=texts)), "B")
    assert (moved["vms"]["moved"], moved["vms"]["gone"]) == (1, 0)
    assert living(ledger) == {"B": uuid}
    if texts:
        assert history(ledger, uuid, "config") == [("A", False), ("B", True)]
    assert ledger.record(answer(vm(texts=texts)), "B")["changed"] is False


def test_a_move_while_the_vm_was_stopped_and_started(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A")
    uuid = living(ledger)["A"]
    ledger.record(answer(vm(run=7)), "B")
    assert len(living(ledger)) == 2
    ledger.record(answer(), "A")
    ledger.record(answer(vm(run=7)), "B")
    assert living(ledger) == {"B": uuid}


def test_copies_that_were_seen_together_stay_two(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A")
    ledger.record(answer(vm()), "B")
    ledger.record(answer(vm()), "A")
    rows = living(ledger)
    assert len(set(rows.values())) == 2
    ledger.record(answer(), "A")
    ledger.record(answer(vm()), "B")
    assert living(ledger) == {"B": rows["B"]}


def test_a_vm_defined_on_two_hosts_runs_on_either(ledger: Ledger) -> None:
    """A cluster manager that has it defined everywhere: each host keeps its row."""
    ledger.record(answer(vm(run=3)), "A")
    ledger.record(answer(vm()), "B")
    rows = living(ledger)
    ledger.record(answer(vm(run=9)), "B")
    ledger.record(answer(vm()), "A")
    assert living(ledger) == rows
    states = ledger.query("SELECT host_id, state FROM virtual_machines ORDER BY host_id")
    assert [row["state"] for row in states] == ["shutoff", "running"]


# Running on two hosts


@pytest.mark.parametrize("texts", [True, False])
def test_split_brain_is_two_rows(ledger: Ledger, texts: bool) -> None:
    """The first sighting on B looks like a migration; A tells that it never left."""
    uuid = started(ledger, texts=texts)
    ledger.record(answer(vm(run=7, texts=texts)), "B")
    result = ledger.record(answer(vm(run=3, texts=texts)), "A")
    assert result["vms"]["new"] == 1
    rows = living(ledger)
    assert rows["B"] == uuid
    assert rows["A"] != uuid
    for host, number in (("B", 7), ("A", 3), ("B", 7)):
        assert ledger.record(answer(vm(run=number, texts=texts)), host)["changed"] is False
    assert living(ledger) == rows


def test_a_return_within_one_interval_is_put_right(ledger: Ledger) -> None:
    """A restarted meanwhile and gives the same number again: B tells that it was no double."""
    uuid = started(ledger)
    ledger.record(answer(vm(run=7)), "B")
    ledger.record(answer(vm(run=3)), "A")
    assert len(living(ledger)) == 2
    ledger.record(answer(), "B")
    assert ledger.record(answer(vm(run=3)), "A")["vms"]["moved"] == 1
    assert living(ledger) == {"A": uuid}
    assert history(ledger, uuid) == [("A", False), ("B", False), ("A", True)]


def test_a_return_after_the_host_was_seen_without_it(ledger: Ledger) -> None:
    uuid = started(ledger)
    ledger.record(answer(vm(run=7)), "B")
    ledger.record(answer(), "A")
    ledger.record(answer(vm(run=3)), "A")
    assert living(ledger) == {"A": uuid}


# UUIDs and names


def test_a_uuid_that_is_used_again(ledger: Ledger) -> None:
    """A VM is its UUID: what is made with one that is known is the same VM, with its history."""
    ledger.record(answer(vm()), "A")
    uuid = living(ledger)["A"]
    ledger.record(answer(), "A")
    again = ledger.record(answer(vm(name="new", devices=OTHER)), "A")
    assert again["vms"]["returned"] == 1
    assert living(ledger) == {"A": uuid}
    assert history(ledger, uuid, "config") == [("A", False), ("A", True)]


def test_the_same_name_with_another_uuid_is_another_vm(ledger: Ledger) -> None:
    ledger.record(answer(vm(1)), "A")
    uuid = living(ledger)["A"]
    result = ledger.record(answer(vm(2)), "A")
    assert (result["vms"]["new"], result["vms"]["gone"]) == (1, 1)
    assert living(ledger)["A"] != uuid


def test_a_renamed_vm_is_the_same(ledger: Ledger) -> None:
    uuid = started(ledger)
    ledger.record(answer(vm(run=3, name="renamed")), "A")
    assert living(ledger) == {"A": uuid}
    assert ledger.value("SELECT name FROM virtual_machines") == "renamed"


def test_names_exchanged_between_two_vms(ledger: Ledger) -> None:
    ledger.record(answer(vm(1, "a"), vm(2, "b")), "A")
    names = "SELECT domain_uuid, uuid FROM virtual_machines ORDER BY 1"
    before = ledger.query(names)
    result = ledger.record(answer(vm(1, "b"), vm(2, "a")), "A")
    assert (result["vms"]["changed"], ledger.query(names)) == (2, before)


def test_of_two_that_are_gone_the_one_that_was_here_returns(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A")
    ledger.record(answer(vm()), "B")
    ledger.record(answer(vm()), "A")
    rows = living(ledger)
    ledger.record(answer(), "A")
    ledger.record(answer(), "B")
    assert ledger.record(answer(vm()), "A")["vms"]["returned"] == 1
    assert living(ledger) == {"A": rows["A"]}
    ledger.record(answer(), "A")
    ledger.record(answer(vm()), "C")
    assert living(ledger) == {"C": rows["A"]}


# A host with another name


def test_a_renamed_host_takes_everything_along(ledger: Ledger) -> None:
    pools = [pool(volumes=["a.img", "c.img"])]
    nameless = {**vm(4, "nameless"), "uuid": None}
    nic = "<interface type='network'><source network='lan'/></interface><graphics type='vnc'/>"
    vms = [vm(run=3, devices=DISK + nic, snapshots=[SNAPSHOT]), vm(2, "vm2"), nameless]
    facts = answer(*vms, storage_pools=pools, networks=[network()])
    ledger.record(facts, "old")
    ledger.record(answer(vm(9, "vm9", run=5)), "old")
    ledger.record(facts, "old")
    ledger.record(answer(vm(9, "vm9", run=6)), "B")
    uuids = "SELECT domain_uuid, uuid FROM virtual_machines WHERE name <> 'nameless' ORDER BY 1"
    before = ledger.query(uuids), ledger.value("SELECT count(*) FROM volumes")
    planned = ledger.record(facts, "new", renamed_from="old", check_mode=True)
    renamed = ledger.record(facts, "new", renamed_from="old")
    for result in (planned, renamed):
        assert result["host_changes"] == ["host old renamed"]
        assert (result["changed"], result["vms"]["unchanged"]) == (True, 3)
    assert (ledger.query(uuids), ledger.value("SELECT count(*) FROM volumes")) == before
    # What was told of it once had its name of that time.
    told = ledger.dump().pop("changes")
    assert {row["host_id"] for row in told} == {"new", "B"}
    assert "old" not in str({**ledger.dump(), "changes": None})
    for again in (ledger.record(facts, "new", renamed_from="old"), ledger.record(facts, "new")):
        assert again["changed"] is False


def test_a_renamed_host_that_is_another_one(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "old")
    before = ledger.dump(without=())
    other = answer(vm())
    other["hypervisor"]["host_uuid"] = "00000000-0000-4000-8000-0000000000bb"
    with pytest.raises(FactsError, match=r"new is not what was old before: their UUIDs are .*bb"):
        ledger.record(other, "new", renamed_from="old")
    assert ledger.dump(without=()) == before
    ledger.record(answer(), "new")
    with pytest.raises(FactsError, match="the ledger has both"):
        ledger.record(answer(), "new", renamed_from="old")
    assert ledger.record(answer(vm()), "old", renamed_from="old")["changed"] is False


# Transient domains, snapshots


def test_a_transient_vm_comes_and_goes(ledger: Ledger) -> None:
    uuid = started(ledger, config=False)
    assert ledger.record(answer(), "A")["vms"]["gone"] == 1
    assert ledger.record(answer(vm(run=4, config=False)), "A")["vms"]["returned"] == 1
    ledger.record(answer(vm(run=9, config=False)), "B")
    assert living(ledger) == {"B": uuid}
    assert history(ledger, uuid) == [("A", False), ("A", False), ("B", True)]
    assert history(ledger, uuid, "config") == []


def test_a_snapshot_reverted(ledger: Ledger) -> None:
    ledger.record(answer(vm(snapshots=[SNAPSHOT])), "A")
    uuid = living(ledger)["A"]
    aside = {**SNAPSHOT, "is_current": False}
    ledger.record(answer(vm(devices=DISK + OTHER.replace("vda", "vdb"), snapshots=[aside])), "A")
    ledger.record(answer(vm(snapshots=[SNAPSHOT])), "A")
    assert living(ledger) == {"A": uuid}
    assert history(ledger, uuid, "config") == [("A", False), ("A", False), ("A", True)]
    assert ledger.value("SELECT count(*) FROM xml_documents") == 2
    assert ledger.value("SELECT is_current FROM vm_snapshots") == 1


# What could not be read


@pytest.mark.parametrize(
    "error",
    [
        {"uuid": UUID.format(1), "name": "vm1"},
        {"uuid": UUID.format(1).upper(), "name": "vm1"},
        {"uuid": None, "name": "vm1"},
    ],
)
def test_a_vm_that_fails_to_read_keeps_everything(ledger: Ledger, error: Facts) -> None:
    """So does one that left between listing and reading, until the next answer."""
    ledger.record(answer(vm(), vm(2, "vm2")), "A")
    before = ledger.dump()
    failed = {"object": "domain", "message": "no", **error}
    result = ledger.record(answer(vm(2, "vm2"), errors=[failed]), "A")
    assert (result["vms"]["gone"], result["vms"]["failed"]) == (0, 1)
    assert ledger.dump() == before


def test_libvirtd_restarted_while_it_was_read(ledger: Ledger) -> None:
    """Every domain after the restart is an error: none of them is gone."""
    vms = [vm(number, f"vm{number}") for number in range(1, 9)]
    ledger.record(answer(*vms), "A")
    before = ledger.dump()
    errors = [
        {"object": "domain", "uuid": one["uuid"], "name": one["name"], "message": "end of file"}
        for one in vms[3:]
    ]
    ledger.record(answer(*vms[:3], errors=errors), "A")
    assert ledger.dump() == before
    (host,) = ledger.query("SELECT last_complete_at, last_seen_at FROM hosts")
    assert host["last_complete_at"] < host["last_seen_at"]


# Answers that came too late, and clocks


def test_an_older_answer_changes_nothing(ledger: Ledger) -> None:
    """Two controllers asked one host; the one that asked first records last."""
    first, second = at(-2), at(-1)
    ledger.record(answer(vm(), vm(2, "vm2")), "A", asked_at=second)
    before = ledger.dump()
    result = ledger.record(answer(vm(devices=OTHER)), "A", asked_at=first)
    assert (result["superseded"], result["changed"]) == (True, False)
    assert "newer ones" in result["warnings"][0]
    assert ledger.dump() == before
    assert ledger.record(answer(vm()), "A", asked_at=second)["superseded"] is False
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL") == 1


def test_the_later_answer_takes_over(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A", asked_at=at(-2))
    result = ledger.record(answer(vm(devices=OTHER)), "A", asked_at=at(-1))
    assert (result["superseded"], result["vms"]["changed"]) == (False, 1)


def test_facts_say_themselves_when_they_were_asked_for(ledger: Ledger) -> None:
    ledger.record(answer(vm()), "A")
    old = answer(asked_at=at(-5).isoformat())
    assert ledger.record(old, "A")["superseded"] is True
    ahead = answer(vm(), asked_at=at(+60).isoformat())
    assert ledger.record(ahead, "A")["superseded"] is False
    seen = ledger.value("SELECT last_seen_at FROM hosts")
    assert seen <= at(0).isoformat(" ")


def test_a_clock_that_is_set_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes on, and no interval of the history ends before it began."""
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record

    class Ahead:
        timezone = datetime.timezone

        class datetime:
            now = staticmethod(lambda _zone: at(24 * 60))

    with monkeypatch.context() as patched:
        patched.setattr(record, "datetime", Ahead)
        ledger.record(answer(vm(run=3)), "A")
        ledger.record(answer(), "B")
    uuid = living(ledger)["A"]
    changed = ledger.record(answer(vm(run=3, devices=OTHER)), "A")
    assert (changed["superseded"], changed["vms"]["changed"]) == (False, 1)
    assert ledger.record(answer(vm(run=7, devices=OTHER)), "B")["vms"]["moved"] == 1
    assert ledger.record(answer(), "B")["vms"]["gone"] == 1
    assert ledger.record(answer(vm(run=8)), "B")["vms"]["returned"] == 1
    assert living(ledger) == {"B": uuid}
    assert ledger.value("SELECT max(last_seen_at) FROM hosts") <= at(0).isoformat(" ")


def test_places_that_somebody_else_wrote_count_for_nothing(ledger: Ledger) -> None:
    uuid = started(ledger)
    texts = ('["B", {"host_id": "A"}, {"host_id": "A", "until": "x"}]', "7", "no JSON")
    for number, text in enumerate(texts, 10):
        ledger.record(answer(vm(run=number)), "B")
        ledger.execute("UPDATE virtual_machines SET whereabouts_json = ?", text)
        ledger.record(answer(vm(run=3)), "A")
        assert living(ledger) == {"A": uuid}


def test_so_many_places_are_remembered(ledger: Ledger) -> None:
    uuid = started(ledger)
    for number in range(40):
        ledger.record(answer(vm(run=number)), f"host{number}")
    assert living(ledger) == {"host39": uuid}
    places = ledger.value("SELECT whereabouts_json FROM virtual_machines")
    assert places.count("host_id") == 20
    assert "host38" in places


def test_new_uuids_are_of_version_7_and_begin_with_the_time() -> None:
    before = time.time_ns() // 1000000
    texts = [new_uuid() for _number in range(1000)]
    after = time.time_ns() // 1000000
    found = [uuid.UUID(text) for text in texts]
    assert {(one.version, one.variant) for one in found} == {(7, uuid.RFC_4122)}
    assert len(set(texts)) == 1000
    assert all(before <= one.int >> 80 <= after for one in found)
