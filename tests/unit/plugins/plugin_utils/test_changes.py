"""The history of changes: what is a row of it, what it says, and what is none."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import open_engine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import retire
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    Change,
    Thing,
    differences,
    named,
    shown,
    stored,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import select_all
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from helpers import UUID, answer, domain, domain_xml, network, pool
from ledgers import Ledger

Facts = dict[str, Any]

DISK = "<disk type='file'><driver type='qcow2'{2}/><source file='{1}'/><target dev='{0}'/></disk>"
NIC = "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/></interface>"
VDA = DISK.format("vda", "/images/a.qcow2", "")
USB = "<controller type='usb' index='0' model='{0}'/>"
PTY = (
    "<serial type='pty'>{0}<target port='0'/><alias name='serial0'/></serial>"
    "<interface type='bridge'><mac address='52:54:00:00:00:09'/><source bridge='br0'/>{1}</interface>"
)


def told(
    devices: str = "",
    live: str | None = None,
    number: int = 1,
    name: str = "vm1",
    run: int = 3,
    balloon: int = 1048576,
    autostart: bool = False,
) -> Facts:
    """A VM with its texts; ``live`` are the devices of the running domain."""
    config = domain_xml(devices, name, number)
    running = None
    if live is not None:
        current = f"<currentMemory unit='KiB'>{balloon}</currentMemory>"
        running = domain_xml(live, name, number, current)
        running = running.replace("<domain type='kvm'>", f"<domain type='kvm' id='{run}'>")
    status = Status("shutoff" if live is None else "running", True, autostart)
    return domain_facts(running, config, status=status, include_xml=True)


def history(ledger: Ledger, since: int = 0) -> list[dict[str, Any]]:
    """The rows after one of them."""
    return ledger.query("SELECT * FROM changes WHERE id > ? ORDER BY id", since)


def shape(rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What matters of rows: the thing, the change, and the values."""
    names = ("object_type", "object_name", "change", "attribute", "old_value", "new_value")
    return [tuple(row[name] for name in names) for row in rows]


def last(ledger: Ledger) -> int:
    return ledger.value("SELECT coalesce(max(id), 0) FROM changes")  # type: ignore[no-any-return]


def after(ledger: Ledger, *domains: Facts, **more: Any) -> list[tuple[Any, ...]]:
    """What another recording adds."""
    before = last(ledger)
    ledger.record(answer(*domains, **more))
    return shape(history(ledger, before))


def test_a_first_recording_is_a_row_for_the_host_and_each_vm(ledger: Ledger) -> None:
    parts = {"networks": [network()], "storage_pools": [pool(volumes=["a.qcow2", "b.qcow2"])]}
    ledger.record(answer(told(VDA + NIC), told(number=2, name="vm2"), **parts))
    rows = history(ledger)
    assert shape(rows) == [
        ("virtual_machines", "vm1", "added", None, None, None),
        ("virtual_machines", "vm2", "added", None, None, None),
        ("hosts", "hv1", "added", None, None, None),
    ]
    vm = ledger.query("SELECT * FROM virtual_machines ORDER BY id")[0]
    run = ledger.query("SELECT * FROM sync_runs")[0]
    assert {key: rows[0][key] for key in ("host_id", "vm_uuid", "domain_uuid", "vm_name")} == {
        "host_id": "hv1",
        "vm_uuid": vm["uuid"],
        "domain_uuid": UUID.format(1),
        "vm_name": "vm1",
    }
    assert rows[0]["object_id"] == vm["id"]
    assert {row["run_id"] for row in rows} == {run["id"]}
    seen = ledger.value("SELECT last_seen_at FROM hosts")
    assert {row["seen_at"] for row in rows} == {seen}
    assert rows[2]["vm_uuid"] is None


def test_unchanged_is_no_row(ledger: Ledger) -> None:
    facts = told(VDA + NIC, live=VDA + NIC)
    ledger.record(answer(facts, networks=[network("lan")]))
    before = last(ledger)
    for full in (False, True):
        again = told(VDA + NIC, live=VDA + NIC)
        result = ledger.record(answer(again, networks=[network("lan")]), full=full)
        assert result["changed"] is False
    assert last(ledger) == before


def test_attributes_of_a_vm(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    found = after(ledger, told(name="web1", autostart=True))
    assert found == [
        ("virtual_machines", "web1", "renamed", "name", "vm1", "web1"),
        ("virtual_machines", "web1", "changed", "autostart", "false", "true"),
    ]


def test_devices_come_change_and_go(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA + USB.format("ich9-ehci1"))))
    disk = ledger.query("SELECT * FROM volume_attachments")[0]
    usb = ledger.query("SELECT * FROM controllers")[0]
    before = last(ledger)
    devices = DISK.format("vda", "/images/a.qcow2", " cache='none'") + NIC
    ledger.record(answer(told(devices + USB.format("qemu-xhci"))))
    rows = {(row["object_type"], row["attribute"]): row for row in history(ledger, before)}
    cache = rows["volume_attachments", "driver_cache"]
    assert (cache["object_name"], cache["object_id"]) == ("vda", disk["id"])
    assert (cache["change"], cache["old_value"], cache["new_value"]) == ("changed", None, "none")
    model = rows["controllers", "model_name"]
    assert (model["object_name"], model["object_id"]) == ("usb 0", usb["id"])
    nic = rows["ports", None]
    assert (nic["object_name"], nic["change"]) == ("52:54:00:00:00:01", "added")
    assert nic["object_id"] == ledger.value("SELECT id FROM ports")
    assert json.loads(nic["new_value"]) == {
        "mac_address": "52:54:00:00:00:01",
        "network_name": "lan",
        "source_ref": "lan",
        "source_type": "network",
    }
    assert {row["vm_name"] for row in rows.values()} == {"vm1"}
    assert len(rows) == 3
    (gone,) = after(ledger, told(devices.replace(NIC, "") + USB.format("qemu-xhci")))
    assert gone[:3] == ("ports", "52:54:00:00:00:01", "removed")
    assert json.loads(gone[4])["network_name"] == "lan"


def test_new_devices_of_split_families_have_their_keys(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    after(ledger, told(USB.format("qemu-xhci")))
    row = history(ledger)[-1]
    assert row["object_type"] == "controllers"
    assert row["object_id"] == ledger.value("SELECT id FROM controllers")


def test_another_volume_behind_a_disk(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA)))
    old = ledger.value("SELECT id FROM volumes")
    found = after(ledger, told(VDA.replace("a.qcow2", "b.qcow2")))
    new = ledger.value("SELECT id FROM volumes WHERE path = '/images/b.qcow2'")
    assert ("volume_attachments", "vda", "changed", "volume_id", str(old), str(new)) in found
    wanted = ("changed", "source_ref", "/images/a.qcow2", "/images/b.qcow2")
    assert ("volume_attachments", "vda", *wanted) in found
    assert ("volumes", "/images/b.qcow2", "added", None, None, None) in found
    assert ("volumes", "/images/a.qcow2", "gone", None, None, None) in found


def test_what_moves_by_itself_is_no_row(ledger: Ledger) -> None:
    def running(pty: int, vnet: int, balloon: int, run: int, autostart: bool) -> Facts:
        devices = PTY.format(f"<source path='/dev/pts/{pty}'/>", f"<target dev='vnet{vnet}'/>")
        config = PTY.format("", "")
        return told(config, devices, run=run, balloon=balloon, autostart=autostart)

    ledger.record(answer(running(1, 1, 1048576, 3, False)))
    # A real change writes them along.
    found = after(ledger, running(2, 5, 524288, 9, True))
    assert found == [
        ("virtual_machines", "vm1", "changed", "autostart", "false", "true"),
        ("ports", "52:54:00:00:00:09", "changed", "device_name", "vnet1", "vnet5"),
    ]
    assert ledger.value("SELECT domain_id FROM virtual_machines") == 9


def test_a_start_and_a_stop_are_few_rows(ledger: Ledger) -> None:
    config = PTY.format("", "")
    live = PTY.format("<source path='/dev/pts/1'/>", "<target dev='vnet1'/>")
    ledger.record(answer(told(config)))
    started = after(ledger, told(config, live))
    assert started == [
        ("virtual_machines", "vm1", "changed", "state", "shutoff", "running"),
        ("virtual_machines", "vm1", "changed", "in_live", "false", "true"),
    ]
    assert ledger.value("SELECT device_name FROM ports") == "vnet1"
    stopped = after(ledger, told(config))
    assert [row[3:] for row in stopped] == [
        ("state", "running", "shutoff"),
        ("in_live", "true", "false"),
    ]


def test_a_tree_is_told_where_no_column_tells_it(ledger: Ledger) -> None:
    iscsi = (
        "<disk type='network'><source protocol='iscsi' name='{0}'><host name='{1}'/></source>"
        "<target dev='vda'/></disk>"
    )
    ledger.record(answer(told(iscsi.format("iqn.a/1", "one"))))

    def attributes(name: str, host: str) -> list[str]:
        found = after(ledger, told(iscsi.format(name, host)))
        return [row[3] for row in found if row[0] == "volume_attachments"]

    assert attributes("iqn.b/1", "one") == ["source_ref", "volume_id"]
    assert "source" in attributes("iqn.b/1", "two")


def test_persistent_and_live_may_differ(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA, live=VDA)))
    found = after(ledger, told("", live=VDA))
    assert ("volume_attachments", "vda", "changed", "in_config", "true", "false") in found
    found = after(ledger, told(VDA.replace("'qcow2'/", "'qcow2' cache='none'/"), live=VDA))
    assert [row for row in found if row[3] == "config_values"] == [
        (
            "volume_attachments",
            "vda",
            "changed",
            "config_values",
            None,
            '{"driver_cache":"none"}',
        )
    ]


def test_gone_and_returned(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA)))
    vm = ledger.query("SELECT * FROM virtual_machines")[0]
    before = last(ledger)
    found = after(ledger)
    assert found == [
        ("virtual_machines", "vm1", "gone", None, None, None),
        ("volumes", "/images/a.qcow2", "gone", None, None, None),
    ]
    row = history(ledger, before)[0]
    assert (row["vm_uuid"], row["object_id"]) == (vm["uuid"], vm["id"])
    found = after(ledger, told(VDA))
    back = [row for row in found if row[0] != "volumes"]
    assert [row[2:4] for row in back] == [("returned", "deleted_at")]
    assert datetime.datetime.fromisoformat(back[0][4]).tzinfo is not None
    assert [row[:3] for row in found if row[0] == "volumes"] == [
        ("volumes", "/images/a.qcow2", "returned")
    ]


def test_moved(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA, live=VDA)), "A")
    ledger.record(answer(), "B")
    before = last(ledger)
    ledger.record(answer(told(VDA, live=VDA)), "B")
    rows = history(ledger, before)
    (moved,) = (row for row in rows if row["change"] == "moved")
    assert shape([moved]) == [("virtual_machines", "vm1", "moved", "host_id", "A", "B")]
    assert moved["host_id"] == "B"
    assert not [row for row in rows if row["object_type"] == "virtual_machines" and row != moved]


def test_a_history_follows_a_vm_that_had_moved(ledger: Ledger) -> None:
    """It was found on B before A was asked again; then B's row turns out to be A's VM."""
    now = datetime.datetime.now(UTC)

    def record(host: str, minutes: int, *domains: Facts) -> None:
        asked_at = now + datetime.timedelta(minutes=minutes)
        ledger.record(answer(*domains), host, asked_at=asked_at)

    record("A", -50, told(VDA))
    record("B", -40)
    record("B", -30, told(VDA))
    record("A", -20)
    record("B", -10, told(VDA))
    uuid = ledger.value("SELECT uuid FROM virtual_machines WHERE deleted_at IS NULL")
    rows = ledger.query("SELECT * FROM changes WHERE object_type = 'virtual_machines' ORDER BY id")
    told_of = [(row["host_id"], row["vm_uuid"] == uuid) for row in rows]
    added = [row for row in rows if row["new_value"] is None and row["old_value"] is None]
    assert [row["host_id"] for row in added if row["vm_uuid"] == uuid] == ["A", "B", "A"]
    assert told_of[0] == ("A", True)


def test_a_renamed_host(ledger: Ledger) -> None:
    ledger.record(answer(told()), "old")
    before = last(ledger)
    result = ledger.record(answer(told()), "new", renamed_from="old")
    assert result["host_changes"] == ["host old renamed"]
    assert shape(history(ledger, before)) == [("hosts", "new", "renamed", "id", "old", "new")]
    assert {row["host_id"] for row in history(ledger)} == {"new"}


def test_hosts_networks_pools_and_volumes(ledger: Ledger) -> None:
    first = {
        "networks": [network("lan"), network("old")],
        "storage_pools": [pool(volumes=["a.qcow2"])],
    }
    ledger.record(answer(**first))
    facts = answer(
        networks=[network("lan", bridge="br7"), network("new")],
        storage_pools=[pool(volumes=["a.qcow2", "b.qcow2"]), pool("more", "/more")],
    )
    facts["hypervisor"]["libvirt_version"] = "10.0.0"
    facts["hypervisor"]["memory_bytes"] -= 1
    before = last(ledger)
    ledger.record(facts)
    assert sorted(shape(history(ledger, before)), key=str) == [
        ("hosts", "hv1", "changed", "libvirt_version", "9.0.0", "10.0.0"),
        ("networks", "lan", "changed", "bridge_name", "br0", "br7"),
        ("networks", "new", "added", None, None, None),
        ("networks", "old", "gone", None, None, None),
        ("storage_pools", "more", "added", None, None, None),
        ("volumes", "/images/b.qcow2", "added", None, None, None),
    ]
    ids = {row["object_name"]: row["object_id"] for row in history(ledger, before)}
    assert ids["new"] == ledger.value("SELECT id FROM networks WHERE name = 'new'")
    assert ids["/images/b.qcow2"] == ledger.value("SELECT id FROM volumes WHERE name = 'b.qcow2'")
    assert ids["hv1"] is None


def test_a_host_whose_networks_were_never_asked_for(ledger: Ledger) -> None:
    """They come with its first listing, as with a new host."""
    ledger.record(answer(domain(), hypervisor=None, networks=None, storage_pools=None))
    before = last(ledger)
    parts = {"networks": [network()], "storage_pools": [pool(volumes=["a.qcow2"])]}
    ledger.record(answer(domain(), **parts))
    assert history(ledger, before) == []
    found = after(ledger, domain(), **{**parts, "networks": [network(), network("dmz")]})
    assert found == [("networks", "dmz", "added", None, None, None)]


def test_another_volume_because_the_pools_are_others(ledger: Ledger) -> None:
    """The VM is as before; its changes are told with its name."""
    by_volume = "<disk type='volume'><source pool='p' volume='a'/><target dev='vda'/></disk>"
    ledger.record(answer(domain(by_volume), storage_pools=[pool("p", "/one", volumes=["a"])]))
    before = last(ledger)
    result = ledger.record(
        answer(
            storage_pools=[pool("p", "/two", volumes=["a"])],
            unchanged=[UUID.format(1)],
        )
    )
    assert any(line.startswith("VM vm1: disk vda: volume_id ") for line in result["host_changes"])
    (row,) = (row for row in history(ledger, before) if row["attribute"] == "volume_id")
    assert (row["vm_name"], row["domain_uuid"]) == ("vm1", UUID.format(1))
    assert row["vm_uuid"] == ledger.value("SELECT uuid FROM virtual_machines")


def test_snapshots(ledger: Ledger) -> None:
    def with_snapshots(*names: str) -> Facts:
        keys = ("parent_name", "description", "memory_mode", "memory_file")
        empty: Facts = {**dict.fromkeys(keys), "kind": "snapshot", "state": "shutoff"}
        empty.update(creation_time=1, is_current=False, disks=[], config_xml="<a/>", redacted=[])
        return {**told(), "snapshots": [{**empty, "name": name} for name in names]}

    ledger.record(answer(with_snapshots("one")))
    assert after(ledger, with_snapshots("two")) == [
        ("vm_snapshots", "two", "added", None, None, None),
        ("vm_snapshots", "one", "removed", None, None, None),
    ]
    added = history(ledger)[-2]
    assert added["object_id"] == ledger.value("SELECT id FROM vm_snapshots")


def test_a_remark_in_the_xml_is_in_the_archive_only(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    before = last(ledger)
    assert ledger.record(answer(told("<!-- remark -->")))["changed"] is True
    assert history(ledger, before) == []


def test_check_mode_writes_none(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    before = last(ledger)
    result = ledger.record(answer(told(autostart=True)), check_mode=True)
    assert result["changes"][0]["lines"] == ["autostart false -> true"]
    assert last(ledger) == before


def test_what_the_existing_system_did_not_record_is_no_change(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA)))
    ledger.execute(
        "UPDATE virtual_machines SET origin = NULL, mapping_version = NULL, digest = NULL, "
        "source_digest = NULL, autostart = NULL, title = 'old'"
    )
    ledger.execute("UPDATE volume_attachments SET target_dev = NULL")
    assert after(ledger, told(VDA)) == [
        ("virtual_machines", "vm1", "changed", "title", "old", None)
    ]


def test_what_another_version_did_not_record_is_no_change(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA + NIC)))
    ledger.execute("UPDATE virtual_machines SET mapping_version = 1, digest = NULL, arch = 'x'")
    ledger.execute("UPDATE virtual_machines SET autostart = NULL, source_digest = NULL")
    ledger.execute("UPDATE volume_attachments SET driver_format = NULL")
    assert after(ledger, told(VDA)) == [
        ("virtual_machines", "vm1", "changed", "arch", "x", None),
        ("ports", "52:54:00:00:00:01", "removed", None, history(ledger)[-1]["old_value"], None),
    ]


def test_retiring_is_a_change_without_a_run(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA)))
    before = last(ledger)
    with open_engine(ledger.database).begin() as connection:
        rows = [dict(row) for row in connection.execute(select_all(virtual_machines)).mappings()]
        retire.retire(connection, rows, datetime.datetime.now(UTC))
    rows = history(ledger, before)
    assert [(row["object_type"], row["change"], row["run_id"]) for row in rows] == [
        ("virtual_machines", "gone", None),
        ("volumes", "gone", None),
    ]


def test_rows_and_history_are_one_transaction(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    before = ledger.dump()
    with ledger.refusing("changes", "no history"), pytest.raises(DatabaseError):
        ledger.record(answer(told(autostart=True)))
    assert ledger.dump() == before


def test_names_and_values_of_any_length(ledger: Ledger) -> None:
    path = "/images/" + "x" * 300
    title = "<title>{0}</title>"

    def long(text: str) -> Facts:
        xml = domain_xml(DISK.format("vda", path, ""), more=title.format(text))
        return domain_facts(None, xml, status=Status("shutoff", True, False), include_xml=True)

    ledger.record(answer(told()))
    ledger.record(answer(long("a" * 5000)))
    ledger.record(answer(long("b" * 5000)))
    row = history(ledger)[-1]
    assert row["attribute"] == "title"
    for value in (row["old_value"], row["new_value"]):
        assert len(value) == 4000
        assert value.endswith("... (5000 characters)")
    (volume,) = (row for row in history(ledger) if row["object_type"] == "volumes")
    assert len(volume["object_name"]) == 255


def test_a_long_device_is_told_by_its_first_attributes(ledger: Ledger) -> None:
    ledger.record(answer(told()))
    hosts = "".join(f"<host name='mon{number}' port='6789'/>" for number in range(400))
    rbd = f"<disk type='network'><source protocol='rbd' name='p/i'>{hosts}</source>"
    ((*_thing, value),) = (
        row
        for row in after(ledger, told(rbd + "<target dev='vdb'/></disk>"))
        if row[0] == "volume_attachments"
    )
    assert json.loads(value)["target_dev"] == "vdb"
    assert len(value) <= 4000


def test_many_rows_at_once(ledger: Ledger) -> None:
    """More VMs than one statement names."""
    vms = [domain(name=f"vm{number}", number=number) for number in range(1, 602)]
    ledger.record(answer(*vms))
    assert ledger.value("SELECT count(*) FROM changes") == 602
    ledger.record(answer(*vms[:1]))
    assert ledger.value("SELECT count(*) FROM changes") == 1202


def test_a_diff_reads_like_a_change_log(ledger: Ledger) -> None:
    ledger.record(answer(told(VDA), told(number=2, name="vm2"), networks=[network("lan")]))
    changed = told(VDA.replace("'qcow2'/", "'qcow2' cache='writeback'/"))
    summary = recorder.record(
        ledger.database,
        "hv1",
        answer(changed, told(number=3, name="vm3"), networks=[network("lan", bridge="br1")]),
    )
    assert summary.diff("hv1")["prepared"].splitlines() == [
        "host hv1",
        "  network lan: bridge_name br0 -> br1",
        "  VM vm1: changed",
        "    disk vda: driver_cache unset -> writeback",
        "  VM vm3: new",
        "  VM vm2: gone",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unset"),
        ("none", "none"),
        ("unset", '"unset"'),
        ("null", '"null"'),
        ("", '""'),
        ("5", '"5"'),
        (5, "5"),
        (True, "true"),
        ("true", '"true"'),
        ("a b", "a b"),
        (" a", '" a"'),
        ("a -> b", '"a -> b"'),
        ("/var/lib/a_b-1.img", "/var/lib/a_b-1.img"),
        ("52:54:00:00:00:01", "52:54:00:00:00:01"),
        ("9.0.0", "9.0.0"),
        ("1.5", '"1.5"'),
        ("\x1b[1m", '"\\u001b[1m"'),
        ("\u202ea", '"\\u202ea"'),
        ({"b": 1, "a": None}, '{"a": null, "b": 1}'),
        (datetime.datetime(2026, 1, 2, 3, 4, 5, 6, UTC), "2026-01-02 03:04:05+00:00"),
        ("x" * 200, "x" * 117 + "..."),
    ],
)
def test_values_in_lines(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ([], None),
        ({}, None),
        ("", ""),
        (0, "0"),
        (False, "false"),
        ({"ä": [1, None]}, '{"ä":[1,null]}'),
        ("x" * 4000, "x" * 4000),
        (datetime.datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    ],
)
def test_values_in_rows(value: object, text: str | None) -> None:
    assert stored(value) == text


def test_names_in_rows() -> None:
    assert named(None) is None
    assert named("x" * 255) == "x" * 255
    assert named("x" * 256) == "x" * 252 + "..."


def test_lines_of_changes() -> None:
    lan = Thing("networks", "lan", "network lan")
    moment = datetime.datetime(2026, 1, 2, tzinfo=UTC)
    assert str(Change(lan, "returned", "deleted_at", moment, None)) == (
        "network lan is back, gone since 2026-01-02 00:00:00+00:00"
    )
    vm = Thing("virtual_machines", "vm1", "")
    assert str(Change(vm, "returned", "deleted_at", moment)).startswith("back, gone since 2026")
    assert str(Change(lan, "gone")) == "network lan is gone"
    bookkeeping = {"digest": "b", "updated_at": moment, "ordinal": 2}
    assert differences(lan, {"digest": "a"}, bookkeeping) == []


def test_a_ledger_that_is_upgraded_has_the_table(ledger: Ledger) -> None:
    with ledger.connected() as connection:
        indexes = {item["name"] for item in sa.inspect(connection).get_indexes("changes")}
    assert {"idx_changes_vm_uuid", "idx_changes_host_id", "idx_changes_seen_at"} <= indexes
