"""Recording: what is written, what is not, and what a second run does."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import golden
import helpers
import planted
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    SchemaError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ansible_collections.virtledger.libvirt.plugins.module_utils._snapshots import snapshot_facts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
from helpers import answer, domain, network, pool
from ledgers import Ledger

DISK = "<disk type='file'><driver name='qemu' type='qcow2'/><source file='{1}'/><target dev='{0}' bus='virtio'/></disk>"
NIC = "<interface type='network'><mac address='{0}'/><source network='{1}'/></interface>"
BUS = "<controller type='usb' index='0' model='qemu-xhci'/><input type='tablet' bus='usb'/>"
FULL = (
    DISK.format("vda", "/images/a.qcow2")
    + NIC.format("52:54:00:00:00:01", "lan")
    + BUS
    + (
        "<filesystem><source dir='/srv'/><target dir='srv'/></filesystem>"
        "<graphics type='vnc' port='5901' listen='127.0.0.1'/><video><model type='virtio'/></video>"
    )
)
STORED = {
    family.fact: f"{family.table} a JOIN {family.fact} r ON r.id = a.{family.link}"
    if family.split
    else family.fact
    for family in FAMILIES
}


def same(stored: Any, fact: Any, kind: str) -> bool:
    """Whether a stored value is the fact; what does not fit its column is NULL there."""
    if kind in ("list", "dict"):
        return (json.loads(stored) if stored else None) == (fact or None)
    if kind == "bool":
        return stored == (None if not isinstance(fact, bool) else int(fact))
    if kind == "int" and isinstance(fact, str):
        return stored is None
    return bool(stored == fact)


@pytest.mark.parametrize("name", golden.names())
def test_every_fact_is_in_its_column(ledger: Ledger, name: str) -> None:
    facts = golden.expected(name)
    ledger.record(answer(facts))
    (vm,) = ledger.query("SELECT * FROM virtual_machines")
    for field in DOMAIN_FIELDS + STATUS_FIELDS:
        assert same(vm[field.column_name], facts[field.name], field.type), field.name
    for family in FAMILIES:
        rows = ledger.query(f"SELECT * FROM {STORED[family.fact]} ORDER BY ordinal")
        devices = sorted(facts[family.fact], key=lambda device: device["ordinal"])
        assert len(rows) == len(devices)
        for row, device in zip(rows, devices):
            for field in family.fields:
                if field.name == "unmapped":
                    kept = json.loads(row["unmapped_json"] or "{}")
                    assert device["unmapped"].items() <= kept.items()
                else:
                    assert same(row[field.column_name], device[field.name], field.type), (
                        family.name,
                        field.name,
                    )


def test_what_does_not_fit_is_kept_beside(ledger: Ledger) -> None:
    long = "/images/" + "x" * 1000
    ledger.record(
        answer(
            domain(
                f"<disk type='file'><driver queues='lots'/><source file='{long}'/><target dev='vda'/></disk>"
            )
        )
    )
    (row,) = ledger.query(
        "SELECT driver_queues, source_ref, source_json, unmapped_json FROM volume_attachments"
    )
    assert row["driver_queues"] is None
    assert json.loads(row["unmapped_json"]) == {"driver/@queues": "lots", "source_ref": long}
    assert long.startswith(row["source_ref"])
    assert json.loads(row["source_json"]) == {"@file": long}


def test_a_second_run_writes_only_the_sighting(ledger: Ledger) -> None:
    facts = answer(
        domain(FULL, state="running"),
        networks=[network()],
        storage_pools=[pool(volumes=["a.qcow2", "b.qcow2"])],
    )
    assert ledger.record(facts)["changed"] is True
    before = ledger.dump()
    result = ledger.record(copy.deepcopy(facts))
    assert result["changed"] is False
    assert result["tables"] == {"hosts": {"inserted": 0, "updated": 1, "deleted": 0}}
    assert ledger.dump() == before
    seen = ledger.query("SELECT last_seen_at, created_at, last_complete_at FROM hosts")[0]
    assert seen["last_seen_at"] == seen["last_complete_at"] > seen["created_at"]


def test_what_moves_by_itself_is_no_change(ledger: Ledger) -> None:
    facts = answer(
        domain(FULL, state="running"),
        networks=[network()],
        storage_pools=[pool(volumes=["a.qcow2"])],
    )
    ledger.record(facts)
    before = ledger.dump()
    moved = copy.deepcopy(facts)
    moved["networks"][0]["connections"] = 7
    moved["domains"][0]["current_memory_bytes"] = 4096
    moved["storage_pools"][0].update(allocation_bytes=17, available_bytes=18)
    moved["storage_pools"][0]["volumes"][0]["allocation_bytes"] = 19
    assert ledger.record(moved)["changed"] is False
    assert ledger.dump() == before


def test_check_mode_computes_the_same_and_writes_nothing(ledger: Ledger) -> None:
    facts = answer(domain(FULL), networks=[network()])
    before = ledger.dump(without=())
    planned = ledger.record(facts, check_mode=True)
    assert ledger.dump(without=()) == before
    written = ledger.record(facts)
    for key in ("changed", "vms", "tables", "host_changes"):
        assert planned[key] == written[key], key


def test_check_mode_before_the_first_run(tmp_path: Path) -> None:
    database = resolve(None, None, {"XDG_DATA_HOME": str(tmp_path)})
    recorder.prepare(database)
    summary = recorder.record(database, "hv1", answer(domain(FULL)), check_mode=True)
    assert summary.result("hv1")["vms"]["new"] == 1
    assert list(tmp_path.iterdir()) == []


def test_the_default_database_is_made_by_the_first_run(tmp_path: Path) -> None:
    database = resolve(None, None, {"XDG_DATA_HOME": str(tmp_path / "share")})
    recorder.prepare(database)
    recorder.record(database, "hv1", answer(domain(FULL)))
    folder = tmp_path / "share" / "virtledger"
    assert (folder / "ledger.db").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_changes_are_told_in_words(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL)))
    changed = FULL.replace("type='qcow2'/>", "type='qcow2' cache='none'/>").replace(
        "<video><model type='virtio'/></video>", ""
    )
    result = ledger.record(
        answer(domain(changed + DISK.format("vdb", "/images/b.qcow2"), name="renamed"))
    )
    (entry,) = result["changes"]
    assert (entry["name"], entry["change"]) == ("renamed", "changed")
    assert entry["lines"] == [
        "name vm1 -> renamed",
        "disk vda: driver_cache unset -> none",
        "disk vdb added",
        "video virtio removed",
    ]
    assert result["vms"] == {
        "seen": 1,
        "new": 0,
        "changed": 1,
        "moved": 0,
        "returned": 0,
        "unchanged": 0,
        "gone": 0,
        "failed": 0,
    }


def test_unchanged_rows_keep_their_keys(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL)))
    keys = "SELECT id, device_name FROM volume_attachments WHERE device_name = 'vda'"
    before = ledger.query(keys), ledger.query("SELECT id, uuid FROM virtual_machines")
    ledger.record(answer(domain(DISK.format("sda", "/images/new.qcow2") + FULL)))
    assert (ledger.query(keys), ledger.query("SELECT id, uuid FROM virtual_machines")) == before


def test_two_nics_with_one_mac_are_two_rows(ledger: Ledger) -> None:
    nics = NIC.format("52:54:00:00:00:01", "a") + NIC.format("52:54:00:00:00:01", "b")
    ledger.record(answer(domain(nics)))
    assert [
        row["source_ref"] for row in ledger.query("SELECT source_ref FROM ports ORDER BY id")
    ] == ["a", "b"]
    assert ledger.record(answer(domain(nics)))["changed"] is False
    ledger.record(answer(domain(NIC.format("52:54:00:00:00:01", "a"))))
    assert ledger.value("SELECT source_ref FROM ports") == "a"


def test_a_complete_listing_marks_what_is_gone(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL), domain(FULL, "vm2", 2)))
    result = ledger.record(answer(domain(FULL)))
    assert result["vms"]["gone"] == 1
    assert [(entry["name"], entry["change"]) for entry in result["changes"]] == [("vm2", "gone")]
    (row,) = ledger.query("SELECT uuid, deleted_at FROM virtual_machines WHERE name = 'vm2'")
    assert row["deleted_at"] is not None
    for table in (
        "volume_attachments",
        "ports",
        "filesystem_attachments",
        "consoles",
        "attachment_indices",
    ):
        assert ledger.value(f"SELECT count(*) FROM {table} WHERE vm_uuid = ?", row["uuid"]) == 0
    assert ledger.value("SELECT count(*) FROM controllers") == 1
    back = ledger.record(answer(domain(FULL), domain(FULL, "vm2", 2)))
    assert back["vms"]["returned"] == 1
    assert (
        ledger.value("SELECT uuid FROM virtual_machines WHERE name = 'vm2' AND deleted_at IS NULL")
        == row["uuid"]
    )


@pytest.mark.parametrize(
    "incomplete",
    [
        {"complete": []},
        {"domains": None, "complete": ["networks"]},
        {
            "errors": [
                {"object": "domain", "name": "vm2", "uuid": helpers.UUID.format(2), "message": "no"}
            ]
        },
    ],
)
def test_nothing_else_marks_anything_as_gone(ledger: Ledger, incomplete: helpers.Facts) -> None:
    ledger.record(answer(domain(FULL), domain(FULL, "vm2", 2)))
    result = ledger.record(answer(domain(FULL), **incomplete))
    assert result["vms"]["gone"] == 0
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL") == 2


def test_families_that_were_not_gathered_stay(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL)))
    partial = domain(FULL.replace("vda", "vdz"))
    partial.update({family.fact: None for family in FAMILIES if family.fact != "ports"})
    ledger.record(answer(partial))
    assert ledger.value("SELECT device_name FROM volume_attachments") == "vda"
    assert ledger.record(answer(domain(FULL.replace("vda", "vdz"))))["changed"] is True
    assert ledger.value("SELECT device_name FROM volume_attachments") == "vdz"


def test_a_volume_is_shared_and_reused(ledger: Ledger) -> None:
    shared = DISK.format("vdb", "/images/shared.raw")
    ledger.record(answer(domain(FULL + shared), domain(shared, "vm2", 2)))
    rows = ledger.query(
        "SELECT DISTINCT volume_id FROM volume_attachments WHERE device_name = 'vdb'"
    )
    assert len(rows) == 1
    assert (
        ledger.value(
            "SELECT count(*) FROM attachment_indices WHERE device_type = 'volume' AND device_id = ?",
            rows[0]["volume_id"],
        )
        == 2
    )


def test_two_hosts_have_two_volumes_of_one_path_unless_it_is_shared(ledger: Ledger) -> None:
    for host in ("hv1", "hv2"):
        vm = domain(
            DISK.format("vda", "/images/a.img") + DISK.format("vdb", "/srv/shared/../shared/b.img"),
            host,
            int(host[2:]),
        )
        ledger.record(answer(vm), host, shared_paths=["/srv/shared/"])
    rows = ledger.query("SELECT source, scope FROM volumes ORDER BY source, scope")
    assert [(row["source"], row["scope"]) for row in rows] == [
        ("/images/a.img", "host:hv1"),
        ("/images/a.img", "host:hv2"),
        ("/srv/shared/b.img", "fleet"),
    ]


def test_a_path_that_is_declared_shared_later(ledger: Ledger) -> None:
    facts = answer(domain(DISK.format("vda", "/srv/shared/a.img")))
    ledger.record(facts)
    result = ledger.record(facts, shared_paths=["/srv/shared"])
    assert result["changed"] is True
    scope = "SELECT scope FROM volumes v JOIN volume_attachments a ON a.volume_id = v.id"
    assert ledger.value(scope) == "fleet"
    assert ledger.value("SELECT count(*) FROM volumes WHERE deleted_at IS NOT NULL") == 1
    assert ledger.record(facts, shared_paths=["/srv/shared"])["changed"] is False


def test_facts_of_domain_info_leave_the_rest_alone(ledger: Ledger) -> None:
    pools = [pool("san", "/dev/disk/by-path", ["unit:0:0:1"], type="iscsi")]
    disk = "<disk type='volume'><source pool='san' volume='unit:0:0:1'/><target dev='vda'/></disk>"
    vm = domain(disk + NIC.format("52:54:00:00:00:01", "lan"))
    ledger.record(answer(vm, networks=[network()], storage_pools=pools))
    before = ledger.dump()
    partial = answer(vm, networks=None, storage_pools=None, complete=["domains"])
    assert ledger.record(partial)["changed"] is False
    assert ledger.dump() == before


def test_a_pool_volume_and_its_path_are_one_volume(ledger: Ledger) -> None:
    by_pool = (
        "<disk type='volume'><source pool='default' volume='a.qcow2'/><target dev='vda'/></disk>"
    )
    ledger.record(
        answer(
            domain(by_pool),
            domain(DISK.format("vda", "/images/a.qcow2"), "vm2", 2),
            storage_pools=[pool(volumes=["a.qcow2"])],
        )
    )
    assert ledger.value("SELECT count(DISTINCT volume_id) FROM volume_attachments") == 1
    (row,) = ledger.query(
        "SELECT v.name, v.format, p.name AS pool FROM volumes v "
        "JOIN storage_pools p ON p.id = v.storage_pool_id"
    )
    assert row == {"name": "a.qcow2", "format": "qcow2", "pool": "default"}


def test_network_volumes_are_the_fleets(ledger: Ledger) -> None:
    disk = (
        "<disk type='network'><source protocol='rbd' name='p/i'><host name='{0}'/><host name='{1}' port='6789'/>"
        "</source><target dev='vda'/></disk>"
    )
    ledger.record(answer(domain(disk.format("m1", "m2"))), "hv1")
    ledger.record(answer(domain(disk.format("m2", "m1"), number=2)), "hv2")
    (row,) = ledger.query("SELECT scope, source FROM volumes")
    assert (row["scope"], row["source"]) == ("fleet", "rbd://m1:6789,m2:6789/p/i")


def test_a_volume_that_nobody_uses_or_lists_is_gone(ledger: Ledger) -> None:
    pools = [pool(volumes=["a.qcow2", "b.qcow2"])]
    ledger.record(answer(domain(FULL + DISK.format("vdb", "/elsewhere.img")), storage_pools=pools))
    ledger.record(answer(domain(FULL), storage_pools=[pool(volumes=["a.qcow2"])]))
    rows = {
        row["source"]: row["deleted_at"] is None
        for row in ledger.query("SELECT source, deleted_at FROM volumes")
    }
    assert rows == {"/images/a.qcow2": True, "/images/b.qcow2": False, "/elsewhere.img": False}


def test_ports_are_bound_to_their_network(ledger: Ledger) -> None:
    nics = (
        NIC.format("52:54:00:00:00:01", "lan")
        + "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>"
        + NIC.format("52:54:00:00:00:03", "missing")
    )
    ledger.record(answer(domain(nics), networks=[network()]))
    bound = "SELECT p.mac_address FROM port_bindings b JOIN ports p ON p.id = b.port_id JOIN networks n ON n.id = b.network_id ORDER BY 1"
    assert [row["mac_address"][-1] for row in ledger.query(bound)] == ["1", "2"]
    result = ledger.record(
        answer(domain(nics), networks=[network(), network("missing", "nat", "virbr9")])
    )
    assert result["changed"] is True
    assert [row["mac_address"][-1] for row in ledger.query(bound)] == ["1", "2", "3"]
    ledger.record(answer(domain(nics), networks=[]))
    assert ledger.query(bound) == []
    assert ledger.value("SELECT count(*) FROM networks WHERE deleted_at IS NOT NULL") == 2


def test_a_vm_that_migrated_keeps_its_row(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL, state="running")), "hv1")
    (before,) = ledger.query("SELECT id, uuid FROM virtual_machines")
    result = ledger.record(answer(domain(FULL, state="running")), "hv2")
    assert result["vms"]["moved"] == 1
    (after,) = ledger.query("SELECT id, uuid, host_id FROM virtual_machines")
    assert after == {**before, "host_id": "hv2"}
    assert ledger.value("SELECT host_id FROM consoles") == "hv2"
    assert (
        ledger.value("SELECT scope FROM volumes v JOIN volume_attachments a ON a.volume_id = v.id")
        == "host:hv2"
    )
    assert ledger.record(answer(), "hv1")["vms"]["gone"] == 0


def test_a_vm_defined_on_two_hosts_is_two_rows(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL, state="running")), "hv1")
    assert ledger.record(answer(domain(FULL)), "hv2")["vms"]["new"] == 1
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL") == 2


def test_an_offline_move_keeps_the_uuid(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL)), "hv1")
    uuid = ledger.value("SELECT uuid FROM virtual_machines")
    ledger.record(answer(), "hv1")
    assert ledger.record(answer(domain(FULL)), "hv2")["vms"]["moved"] == 1
    (row,) = ledger.query("SELECT uuid, host_id, deleted_at FROM virtual_machines")
    assert row == {"uuid": uuid, "host_id": "hv2", "deleted_at": None}


def test_a_domain_without_uuid_has_a_stable_key(ledger: Ledger) -> None:
    nameless = domain(FULL)
    nameless["uuid"] = None
    result = ledger.record(answer(nameless))
    assert "no usable UUID" in result["warnings"][0]
    assert ledger.record(answer(nameless))["changed"] is False


def test_an_error_in_the_middle_leaves_nothing(ledger: Ledger) -> None:
    ledger.record(answer(domain(FULL)))
    before = ledger.dump(without=())
    with ledger.refusing("ports", "disk is full"), pytest.raises(DatabaseError, match="is full"):
        ledger.record(answer(domain(FULL), domain(FULL, "vm2", 2)))
    assert ledger.dump(without=()) == before


def test_the_result_stays_small(ledger: Ledger) -> None:
    devices = "".join(DISK.format(f"vd{number}", f"/images/{number}.img") for number in range(20))
    many = [domain(devices, f"vm{number}" * 10, number) for number in range(400)]
    assert len(json.dumps(ledger.record(answer(*many)))) < 33_000
    for vm in many:
        for disk in vm["volume_attachments"]:
            disk["driver_cache"] = "none"
        vm["warnings"] = ["w" * 1000]
    summary = recorder.record(ledger.database, "hv1", answer(*many))
    result = summary.result("hv1")
    assert result["vms"]["changed"] == 400
    assert result["changes_omitted"] > 0
    # an event of a job has it up to three times
    assert len(json.dumps({**result, "diff": summary.diff("hv1")})) < 33_000


def test_control_characters_are_escaped_in_a_diff(ledger: Ledger) -> None:
    vm = domain(FULL, name="vm\u009b31m\u202e")
    summary = recorder.record(ledger.database, "hv1", answer(vm))
    assert "\\x9b31m\\u202e" in summary.diff("hv1")["prepared"]
    assert ledger.value("SELECT name FROM virtual_machines") == "vm\u009b31m\u202e"


def test_a_ledger_that_is_not_there(tmp_path: Path) -> None:
    database = resolve(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(DatabaseError, match=r"none.db does not exist.*virtledger.libvirt.schema"):
        recorder.prepare(database)
    assert list(tmp_path.iterdir()) == []


def test_an_old_and_a_new_schema(place: Path | str) -> None:
    ledger = Ledger(place)
    for sql, message in (
        (
            f"DELETE FROM virtledger_schema WHERE revision = {LATEST}",
            f"schema revision {LATEST - 1}.*virtledger.libvirt.schema",
        ),
        (
            "INSERT INTO virtledger_schema (revision) VALUES (99)",
            "revision 99, newer.*Upgrade the collection",
        ),
        ("DELETE FROM virtledger_schema", "There is no ledger in it yet"),
        ("DROP TABLE virtledger_schema", "There is no ledger in it yet"),
    ):
        ledger.execute(sql)
        with pytest.raises(SchemaError, match=message) as caught:
            ledger.record(answer(domain(FULL)))
        assert str(caught.value).startswith(f"Database {ledger.database}: ")


def test_a_ballooned_hypervisor_is_not_changed(ledger: Ledger) -> None:
    facts = answer(domain(FULL))
    ledger.record(facts)
    before = ledger.dump()
    facts["hypervisor"]["memory_bytes"] += 2**28
    assert ledger.record(facts)["changed"] is False
    assert ledger.dump() == before


def test_no_secret_is_recorded(ledger: Ledger) -> None:
    chosen = "".join(xml for xml, _paths in planted.CHOSEN.values())
    text = planted.domain(chosen=chosen)
    live = text.replace("<domain ", "<domain id='3' ")
    snapshot = f"<domainsnapshot><name>s</name>{text}</domainsnapshot>"
    facts = domain_facts(
        live,
        text,
        include_xml=True,
        redact=REMOVABLE,
        snapshots=[snapshot_facts(snapshot, "snapshot", True, REMOVABLE)],
    )
    result = ledger.record(answer(facts))
    assert result["vms"]["new"] == 1
    assert "qz" not in json.dumps(result)
    assert "(redacted)" in str(ledger.dump())
    assert b"qz" not in ledger.stored()
