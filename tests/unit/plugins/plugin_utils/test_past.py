"""Rows as they were at a time, what changed since one, and how times are written."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import golden
import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._moments import (
    moment_of,
    written_moment,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import (
    Filters,
    ask,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention import remove
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import KINDS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from helpers import UUID, answer, domain_xml, network
from ledgers import Ledger

Facts = dict[str, Any]

NOW = datetime.datetime.now(UTC).replace(microsecond=0)

NIC = "<interface type='network'><mac address='52:54:00:00:00:0{0}'/><source network='{1}'/></interface>"


def ago(hours: float) -> datetime.datetime:
    return NOW - datetime.timedelta(hours=hours)


def iso(hours: float) -> str:
    return ago(hours).isoformat()


def disk(name: str) -> str:
    return f"<disk type='file'><source file='/images/{name}'/><target dev='vda'/></disk>"


def vm(
    config: str | None, live: str | None = None, number: int = 1, name: str | None = None
) -> Facts:
    """A VM with these devices in its definition and in the running domain."""
    name = name or f"vm{number}"
    texts = [
        None if devices is None else domain_xml(devices, name, number) for devices in (live, config)
    ]
    if texts[0] is not None:
        texts[0] = texts[0].replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    state = "shutoff" if live is None else "running"
    return domain_facts(*texts, status=Status(state, config is not None, False), include_xml=True)


def record(ledger: Ledger, hours: float, *domains: Facts, host: str = "hv1", **more: Any) -> None:
    """What a host answered so many hours ago."""
    ledger.record(answer(*domains, **more), host, asked_at=ago(hours))


def begin(ledger: Ledger, hours: float) -> None:
    """Let the history have begun so long ago."""
    table = _tables.schema_revisions
    with open_engine(ledger.database).begin() as connection:
        connection.execute(sa.update(table).values(applied_at=ago(hours)))


def rows(
    ledger: Ledger, subject: str, hours: float, limit: int = 100, **more: Any
) -> list[dict[str, Any]]:
    """The rows of a subject so many hours ago."""
    found, _more = ask(ledger.database, subject, Filters(at=iso(hours), **more), limit)
    return found


def sources(ledger: Ledger, hours: float, **more: Any) -> list[tuple[str, str]]:
    """The disks of that time."""
    found = rows(ledger, "volume_attachments", hours, **more)
    return [(row["vm_name"], row["source_ref"].rpartition("/")[2]) for row in found]


def names(ledger: Ledger, hours: float, **more: Any) -> list[str]:
    return [row["name"] for row in rows(ledger, "virtual_machines", hours, **more)]


@pytest.fixture
def past(ledger: Ledger) -> Ledger:
    """A VM with three disks one after the other, and another that is gone since six hours."""
    begin(ledger, 100)
    record(ledger, 10, vm(disk("a")), vm(disk("x"), disk("x"), 2))
    record(ledger, 8, vm(disk("b")), vm(disk("x"), disk("x"), 2))
    record(ledger, 6, vm(disk("b"), disk("b")))
    record(ledger, 4, vm(disk("c"), disk("c"), name="renamed"))
    record(ledger, 2, vm(disk("c"), name="renamed"))
    return ledger


def test_rows_are_those_of_the_time(past: Ledger) -> None:
    assert sources(past, 11) == []
    assert sources(past, 9) == [("vm1", "a"), ("vm2", "x")]
    assert sources(past, 7) == [("vm1", "b"), ("vm2", "x")]
    assert sources(past, 5) == [("vm1", "b")]
    assert sources(past, 3) == [("renamed", "c")]
    assert sources(past, 0) == [("renamed", "c")]


def test_a_vm_of_the_time(past: Ledger) -> None:
    now, _more = ask(past.database, "virtual_machines", Filters(), 10)
    (row,) = rows(past, "virtual_machines", 5)
    assert set(row) == set(now[0])
    assert (row["name"], row["uuid"], row["id"]) == ("vm1", now[0]["uuid"], now[0]["id"])
    assert (row["state"], row["persistent"], row["autostart"]) == ("running", True, False)
    assert (row["in_live"], row["in_config"]) == (True, True)
    assert (row["host_id"], row["domain_uuid"]) == ("hv1", UUID.format(1))
    assert row["memory_bytes"] == 2**30
    assert row["deleted_at"] is None
    assert row["observed_at"] == iso(6)
    assert [one["state"] for one in rows(past, "virtual_machines", 9)] == ["shutoff", "running"]
    assert [one["state"] for one in rows(past, "virtual_machines", 1)] == ["shutoff"]


def test_a_device_of_the_time(past: Ledger) -> None:
    now, _more = ask(past.database, "volume_attachments", Filters(), 10)
    (row,) = rows(past, "volume_attachments", 5)
    assert set(row) == set(now[0])
    assert (row["vm_name"], row["vm_state"], row["host_id"]) == ("vm1", "running", "hv1")
    assert (row["target_dev"], row["in_live"], row["in_config"]) == ("vda", True, True)
    assert row["vm_uuid"] == now[0]["vm_uuid"]
    assert (row["id"], row["volume_id"], row["volume_name"]) == (None, None, None)


def test_without_history_of_changes_states_are_not_known(past: Ledger) -> None:
    begin(past, 3)
    (row,) = rows(past, "virtual_machines", 5)
    assert (row["state"], row["persistent"]) == (None, None)
    assert [one["state"] for one in rows(past, "virtual_machines", 1)] == ["shutoff"]


@pytest.mark.parametrize("name", ["devices", "running"])
def test_rows_of_today_and_of_then_say_the_same(ledger: Ledger, name: str) -> None:
    """Of every family, in every value that the XML tells."""
    status = Status("running", True, False)
    ledger.record(
        answer(domain_facts(*golden.texts(name), status=status, include_xml=True)), asked_at=ago(2)
    )
    filled = 0
    for subject in ("virtual_machines", *(family.fact for family in FAMILIES)):
        now, _more = ask(ledger.database, subject, Filters(), 1000)
        then = rows(ledger, subject, 1, 1000)
        assert [set(row) for row in then] == [set(row) for row in now]
        for one, other in zip(then, now, strict=True):
            one.pop("vm_state", None), one.pop("state", None)
            told = {key: value for key, value in one.items() if value is not None}
            assert told == {key: other[key] for key in told}
            filled += len(told)
    assert filled > 130


def test_a_split_family(ledger: Ledger) -> None:
    usb = "<controller type='usb' index='0' model='{0}'/>"
    record(ledger, 4, vm(usb.format("qemu-xhci")))
    record(ledger, 2, vm(usb.format("ich9-ehci1")))
    now, _more = ask(ledger.database, "controllers", Filters(), 10)
    (row,) = rows(ledger, "controllers", 3)
    assert set(row) == set(now[0])
    told = ("type", "index", "model_name", "vm_name", "host_id")
    assert {key: row[key] for key in told} == {
        **{key: now[0][key] for key in told},
        "model_name": "qemu-xhci",
    }
    assert now[0]["model_name"] == "ich9-ehci1"


def test_filters_choose_by_then_and_by_now(past: Ledger) -> None:
    assert names(past, 5, vm="renamed") == ["vm1"]
    assert names(past, 5, vm="vm1") == ["vm1"]
    assert names(past, 3, vm="vm?") == ["renamed"]
    assert names(past, 9, vm=UUID.format(2)) == ["vm2"]
    assert names(past, 9, vm="none") == []
    assert names(past, 9, host_id="hv1") == ["vm1", "vm2"]
    assert sources(past, 9, volume="/images/x") == [("vm2", "x")]
    assert sources(past, 9, volume="x") == [("vm2", "x")]
    assert names(past, 9, volume="*/a") == ["vm1"]
    assert names(past, 9, volume="[ax]") == []
    with pytest.raises(VirtledgerError, match="Host 'none' is not in the ledger"):
        rows(past, "virtual_machines", 9, host_id="none")


def test_filters_by_nics(ledger: Ledger) -> None:
    both = NIC.format(1, "lan") + NIC.format(2, "dmz")
    record(ledger, 4, vm(both), vm(NIC.format(3, "lan"), number=2))
    record(ledger, 2, vm(""), vm("", number=2))
    found = rows(ledger, "ports", 3, mac="52:54:00:00:00:02")
    assert [row["mac_address"] for row in found] == ["52:54:00:00:00:02"]
    assert [row["vm_name"] for row in rows(ledger, "ports", 3, network="lan")] == ["vm1", "vm2"]
    assert names(ledger, 3, network="dmz") == ["vm1"]
    assert names(ledger, 1, network="dmz") == []


def test_a_limit(past: Ledger) -> None:
    found, truncated = ask(past.database, "volume_attachments", Filters(at=iso(9)), 1)
    assert (len(found), truncated) == (1, True)
    found, truncated = ask(past.database, "volume_attachments", Filters(at=iso(9)), 2)
    assert (len(found), truncated) == (2, False)


def test_a_vm_that_moved(ledger: Ledger) -> None:
    begin(ledger, 100)
    record(ledger, 6, vm(disk("a"), disk("a")), host="A")
    record(ledger, 5, host="B")
    record(ledger, 4, vm(disk("a"), disk("a")), host="B")
    record(ledger, 3, host="A", networks=[network()])
    assert [row["host_id"] for row in rows(ledger, "virtual_machines", 5)] == ["A"]
    assert [row["host_id"] for row in rows(ledger, "virtual_machines", 1)] == ["B"]
    assert names(ledger, 5, host_id="A") == ["vm1"]
    assert names(ledger, 5, host_id="B") == []
    assert names(ledger, 1, host_id="B") == ["vm1"]


def test_a_vm_that_was_gone_for_a_while(ledger: Ledger) -> None:
    begin(ledger, 100)
    record(ledger, 9, vm(disk("a")))
    record(ledger, 8, vm(disk("a")))
    record(ledger, 6)
    record(ledger, 3, vm(disk("a")))
    assert [sources(ledger, hours) for hours in (8.5, 7, 5, 4, 2)] == [
        [("vm1", "a")],
        [("vm1", "a")],
        [],
        [],
        [("vm1", "a")],
    ]


def test_between_two_sightings_it_is_what_the_ledger_had(ledger: Ledger) -> None:
    begin(ledger, 100)
    record(ledger, 6, vm(disk("a"), disk("a")))
    record(ledger, 2, vm(disk("b"), disk("a")))
    (row,) = rows(ledger, "volume_attachments", 4)
    assert (row["source_ref"], row["config_values"]) == ("/images/a", None)
    assert (row["in_live"], row["in_config"]) == (True, True)
    record(ledger, 1, vm(disk("b")))
    assert [row["in_live"] for row in rows(ledger, "volume_attachments", 1.5)] == [True]
    assert [row["in_live"] for row in rows(ledger, "volume_attachments", 0.5)] == [False]


def test_a_transient_vm(ledger: Ledger) -> None:
    begin(ledger, 100)
    record(ledger, 6, vm(disk("a"), disk("a")))
    record(ledger, 4, vm(None, disk("a")))
    (row,) = rows(ledger, "virtual_machines", 3)
    assert (row["in_live"], row["in_config"], row["persistent"]) == (True, False, False)


def test_documents_tell_of_earlier_times(ledger: Ledger) -> None:
    begin(ledger, 100)
    xml = domain_xml(disk("old"))
    facts = domain_facts(None, xml, include_xml=True)
    facts["archived"] = {"path": "/b.xml", "member": None, "dated_at": iso(20)}
    documents = {"mapping_version": MAPPING_VERSION, "domains": [facts], "errors": []}
    ledger.record({**documents, "complete": [], "counts": {"documents": 1}})
    record(ledger, 3, vm(disk("new")))
    (row,) = rows(ledger, "virtual_machines", 10)
    assert (row["origin"], row["state"]) == ("archive", None)
    assert sources(ledger, 10) == [("vm1", "old")]
    assert sources(ledger, 1) == [("vm1", "new")]


def test_secrets_of_the_past_stay_hidden(ledger: Ledger) -> None:
    record(ledger, 3, vm("<graphics type='vnc' passwd='geheim'/>"))
    (row,) = rows(ledger, "virtual_machines", 1)
    assert row["redacted"] == ["devices/graphics/@passwd"]
    assert "geheim" not in repr(rows(ledger, "consoles", 1))


def test_what_was_removed_is_an_error(past: Ledger) -> None:
    remove.remove_old(past.database, 1, KINDS, 1000, runs.begun("retention"))
    assert sources(past, 9), "nothing was old"
    record(past, 24 * 9, vm(disk("y"), number=3), host="hv2")
    record(past, 24 * 7, vm(disk("z"), number=3), host="hv2")
    removed = remove.remove_old(past.database, 5, KINDS, 1000, runs.begun("retention")).removed
    assert removed["vm_configurations"] == 1
    with pytest.raises(VirtledgerError, match="not in the ledger any more"):
        rows(past, "virtual_machines", 24 * 8)
    assert ("vm3", "z") in sources(past, 24 * 4)


def test_a_damaged_archive_is_told(past: Ledger) -> None:
    table = _tables.xml_documents
    with open_engine(past.database).begin() as connection:
        connection.execute(sa.update(table).values(content=b"?"))
    past.is_checked = False
    with pytest.raises(DatabaseError, match="is damaged"):
        rows(past, "virtual_machines", 5)


@pytest.mark.parametrize(
    ("subject", "filters", "message"),
    [
        ("hosts", {}, "Option 'at' does not apply to query 'hosts'"),
        ("changes", {}, "does not apply to query 'changes'"),
        ("virtual_machines", {"stale": 2.0}, "Option 'stale' does not go with 'at'"),
        ("virtual_machines", {"since": "2d"}, "Option 'since' does not go with 'at'"),
        ("virtual_machines", {"include_gone": True}, "Option 'include_gone' does not go"),
        ("virtual_machines", {"at": "yesterday"}, "Option 'at': 'yesterday' is no time"),
        ("virtual_machines", {"at": "2999-01-01"}, "has not come yet"),
    ],
)
def test_questions_that_make_no_sense(
    tmp_path: Path, subject: str, filters: dict[str, Any], message: str
) -> None:
    database = resolve(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(VirtledgerError, match=message):
        ask(database, subject, Filters(**{"at": iso(5), **filters}), 10)


def changes(ledger: Ledger, **filters: Any) -> list[tuple[Any, ...]]:
    """The answer of the history."""
    found, _more = ask(ledger.database, "changes", Filters(**filters), 100)
    return [(row["object_name"], row["change"], row["attribute"]) for row in found]


def test_changes_are_asked_by_time_newest_first(past: Ledger) -> None:
    found, _more = ask(past.database, "changes", Filters(vm="renamed", since="5h"), 100)
    assert [row["seen_at"] for row in found] == sorted(
        (row["seen_at"] for row in found), reverse=True
    )
    assert {row["seen_at"] for row in found} == {iso(4), iso(2)}
    assert {row["run_action"] for row in found} == {"record"}
    assert all(row["recorded_by"] for row in found)
    first = changes(past, until=iso(9))
    assert first == [("hv1", "added", None), ("vm2", "added", None), ("vm1", "added", None)]
    assert changes(past, since="1h") == []


def test_changes_are_asked_by_what_they_are_of(past: Ledger) -> None:
    assert changes(past, vm="vm2") == [("vm2", "gone", None), ("vm2", "added", None)]
    assert changes(past, vm=UUID.format(2)) == changes(past, vm="vm2")
    assert changes(past, vm="vm1") == changes(past, vm="renamed")
    found = changes(past, volume="/images/b")
    assert ("vda", "changed", "source_ref") in found
    assert ("/images/b", "added", None) in found
    assert not [row for row in found if row[0] in ("vm1", "/images/c")]
    assert changes(past, host_id="hv1") == changes(past)
    with pytest.raises(VirtledgerError, match="Host 'x' is not in the ledger"):
        changes(past, host_id="x")
    with pytest.raises(VirtledgerError, match="Option 'stale' does not apply"):
        changes(past, stale=1.0)


def test_changes_of_nics_and_networks(ledger: Ledger) -> None:
    record(ledger, 5, vm(""), networks=[network("lan")])
    record(ledger, 4, vm(NIC.format(1, "lan")), networks=[network("lan", bridge="br7")])
    record(ledger, 3, vm(NIC.format(1, "dmz")), networks=[network("lan", bridge="br7")])
    record(ledger, 2, vm(""), networks=[network("lan", bridge="br7")])
    mac = "52:54:00:00:00:01"
    assert sorted(changes(ledger, mac=mac.upper()), key=str) == [
        (mac, "added", None),
        (mac, "changed", "network_name"),
        (mac, "changed", "source_ref"),
        (mac, "removed", None),
    ]
    found = changes(ledger, network="lan")
    assert ("lan", "changed", "bridge_name") in found
    assert (mac, "added", None) in found
    assert (mac, "removed", None) not in found
    assert (mac, "removed", None) in changes(ledger, network="dm?")


def test_configurations_and_runs_by_time(past: Ledger) -> None:
    def seen(subject: str, key: str, **filters: Any) -> list[Any]:
        found, _more = ask(past.database, subject, Filters(**filters), 100)
        return [row[key] for row in found]

    every = seen("vm_configurations", "first_seen_at", vm="renamed")
    assert len(every) == 5
    later = seen("vm_configurations", "first_seen_at", vm="renamed", since="3h")
    assert later == [iso(4)]
    before = seen("vm_configurations", "first_seen_at", vm="renamed", until=iso(9))
    assert before == [iso(10)]
    assert len(seen("sync_runs", "id")) == len(seen("sync_runs", "id", since="1h"))
    assert seen("sync_runs", "id", until="1d") == []


@pytest.mark.parametrize(
    ("text", "age"),
    [("30m", 30), ("12h", 720), (" 2d ", 2880), ("6w", 60480)],
)
def test_ages(text: str, age: int) -> None:
    moment = written_moment(text)
    assert moment is not None
    minutes = (datetime.datetime.now(UTC) - moment).total_seconds() / 60
    assert abs(minutes - age) < 1


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T12:00", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31 12:00:01", "2026-01-31T12:00:01+00:00"),
        ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000+00:00"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00+00:00"),
    ],
)
def test_times(text: str, iso: str) -> None:
    assert moment_of(text, "since").isoformat() == iso


@pytest.mark.parametrize("text", ["", "x", "2d3h", "999999w", "2026-13-01", "1 d", "-2d", "2026"])
def test_no_times(text: str) -> None:
    with pytest.raises(VirtledgerError, match="Option 'since': .* is no time. A time looks like"):
        moment_of(text, "since")
