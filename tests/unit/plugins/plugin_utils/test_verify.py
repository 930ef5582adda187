"""The checker: a ledger that was recorded is right, and everything planted is found and named."""

from __future__ import annotations

import datetime
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import open_engine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._indexes import indexes_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify import verify as checker
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import TOLD
from helpers import answer, domain, domain_xml, network, pool
from ledgers import Ledger

T = _tables.metadata.tables
DEVICES = (
    "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/images/{0}.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:0{1}'/><source network='lan'/></interface>"
    "<controller type='usb' index='0'/><graphics type='vnc' port='5901'/><video><model type='vga'/></video>"
)
LONG_AGO = datetime.datetime(2001, 1, 1, tzinfo=UTC)
LATER = datetime.datetime(2101, 1, 1, tzinfo=UTC)


def running(name: str, number: int, more: str = "") -> dict[str, Any]:
    """A running VM with its texts and a snapshot."""
    text = domain_xml(DEVICES.format(name, number) + more, name, number)
    live = text.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    facts = domain_facts(
        live, text, status=Status("running", True, False), include_xml=True, snapshots=[]
    )
    facts["snapshots"] = [
        {
            "name": "s1",
            "kind": "snapshot",
            "description": None,
            "parent_name": None,
            "state": "running",
            "creation_time": 1,
            "is_current": True,
            "memory_mode": None,
            "memory_file": None,
            "disks": [],
            "config_xml": "<domainsnapshot/>",
            "redacted": [],
        }
    ]
    return facts


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hosts with a VM each, one of which has changed once; a third VM is gone."""
    ledger = Ledger(tmp_path_factory.mktemp("verify") / "ledger.db")
    parts = {"networks": [network()], "storage_pools": [pool(volumes=["a.qcow2"])]}
    ledger.record(answer(running("a", 1), running("c", 3), **parts), "hv1")
    ledger.record(answer(running("a", 1, "<hub type='usb'/>"), **parts), "hv1")
    ledger.record(answer(running("b", 2)), "hv2")
    ledger.check()
    return ledger.path


@pytest.fixture
def fleet(recorded: Path, tmp_path: Path) -> Ledger:
    """A copy of it, to be spoiled."""
    shutil.copyfile(recorded, tmp_path / "ledger.db")
    return Ledger(tmp_path / "ledger.db", create=False)


def plant(ledger: Ledger, *statements: Any) -> None:
    """Change the ledger behind the recorder's back; an index stands for its removal."""
    engine = open_engine(ledger.database)
    with engine.begin() as connection:
        for statement in statements:
            if isinstance(statement, sa.Index):
                statement.drop(connection)
            else:
                connection.execute(statement)
    engine.dispose()


def index(table: str, name: str) -> sa.Index:
    return next(item for item in indexes_of(T[table]) if item.name == name)


def first(table: str, **conditions: Any) -> Any:
    """The key of the first row of a table, as an expression that MariaDB takes as well."""
    query = sa.select(sa.func.min(T[table].c.id)).filter_by(**conditions)
    return sa.select(query.subquery().c[0]).scalar_subquery()


def change(table: str, where: dict[str, Any] | None = None, **values: Any) -> Any:
    return sa.update(T[table]).where(T[table].c.id == first(table, **(where or {}))).values(values)


def copy_of(table: str, **values: Any) -> Any:
    """A second row that differs in these values only."""
    columns = [column for column in T[table].c if column.name != "id"]
    chosen = [
        sa.literal(values[column.name], column.type) if column.name in values else column
        for column in columns
    ]
    query = sa.select(*chosen).where(T[table].c.id == first(table))
    return sa.insert(T[table]).from_select([column.name for column in columns], query)


def delete(table: str, **conditions: Any) -> Any:
    return sa.delete(T[table]).where(T[table].c.id == first(table, **conditions))


GONE = {"name": "c"}
OPEN = {"last_seen_at": None}
PLANTED: dict[str, tuple[list[Any], set[tuple[str, str]], str]] = {
    "an index row is missing": (
        [delete("attachment_indices", device_type="port")],
        {("index_row_missing", "ports")},
        "no row for this interface of VM",
    ),
    "an index row is marked as gone": (
        [change("attachment_indices", {"device_type": "hub"}, deleted_at=LONG_AGO)],
        {("index_row_missing", "hubs")},
        "no row for this hub of VM",
    ),
    "an index row names another VM": (
        [change("attachment_indices", {"device_type": "port"}, vm_uuid="x")],
        {("index_row_differs", "attachment_indices")},
        "it says VM x and device",
    ),
    "an index row names another device": (
        [change("attachment_indices", {"device_type": "volume"}, device_id=None)],
        {("index_row_differs", "attachment_indices")},
        "device None; volume_attachments 1",
    ),
    "an attachment is missing": (
        [delete("consoles")],
        {("index_row_orphaned", "attachment_indices")},
        "consoles has no row 1 (VM ",
    ),
    "an attachment of a split family is missing": (
        [delete("controller_attachments")],
        {
            ("index_row_orphaned", "attachment_indices"),
            ("device_without_attachment", "controllers"),
        },
        "no row of controller_attachments refers to it",
    ),
    "a kind of device that nobody knows": (
        [copy_of("attachment_indices", device_type="warp_drive")],
        {("index_kind_unknown", "attachment_indices")},
        "'warp_drive' is no kind of device",
    ),
    "an attachment is indexed twice": (
        [
            index("attachment_indices", "uniq_attachment_index"),
            index("attachment_indices", "uniq_attachment_index_device"),
            copy_of("attachment_indices", device_id=None),
        ],
        {
            ("index_attachment_twice", "attachment_indices"),
            ("index_row_differs", "attachment_indices"),
        },
        "there 2 times",
    ),
    "a device is indexed twice": (
        [
            index("attachment_indices", "uniq_attachment_index_device"),
            change("attachment_indices", {"device_type": "controller"}, device_id=3),
        ],
        {
            ("index_device_twice", "attachment_indices"),
            ("index_row_differs", "attachment_indices"),
        },
        "device_type controller, device_id 3 is there 2 times",
    ),
    "a device of no VM": (
        [
            change("ports", vm_uuid="nobody"),
            change("attachment_indices", {"device_type": "port"}, vm_uuid="nobody"),
        ],
        {("device_without_vm", "ports")},
        "belongs to VM nobody, which is not there",
    ),
    "devices of a VM that is gone": (
        [change("virtual_machines", {"name": "b"}, deleted_at=LONG_AGO)],
        {
            ("device_of_gone_vm", "volume_attachments"),
            ("device_of_gone_vm", "ports"),
            ("device_of_gone_vm", "controller_attachments"),
            ("device_of_gone_vm", "consoles"),
            ("device_of_gone_vm", "video_devices"),
            ("snapshot_of_gone_vm", "vm_snapshots"),
            ("configuration_open_of_gone_vm", "vm_configurations"),
        },
        "this disk belongs to VM b (",
    ),
    "a device of an attachment is missing": (
        [delete("controllers")],
        {("attachment_without_device", "controller_attachments")},
        "controller_id is 1",
    ),
    "a device that nothing attaches": (
        [copy_of("controllers")],
        {("device_without_attachment", "controllers")},
        "no row of controller_attachments",
    ),
    "a volume is missing": (
        [delete("volumes")],
        {("volume_missing", "volume_attachments")},
        "its volume 1 is not there",
    ),
    "a volume in use is marked as gone": (
        [change("volumes", deleted_at=LONG_AGO)],
        {("volume_missing", "volume_attachments")},
        "or marked as gone",
    ),
    "a pool is missing": (
        [delete("storage_pools")],
        {("pool_missing", "volumes")},
        "storage_pool_id is 1, but storage_pools",
    ),
    "a network is missing": (
        [delete("networks")],
        {("network_missing", "port_bindings")},
        "network_id is 1",
    ),
    "a binding to nothing": (
        [change("port_bindings", network_id=None)],
        {("network_missing", "port_bindings")},
        "to nothing",
    ),
    "a binding of a port that is not there": (
        [change("port_bindings", port_id=999)],
        {("port_missing", "port_bindings")},
        "port 999",
    ),
    "a port is bound twice": (
        [copy_of("port_bindings")],
        {("port_bound_twice", "port_bindings")},
        "port_id 1 is there 2 times",
    ),
    "a VM of an unknown host": (
        [change("virtual_machines", host_id="hv9")],
        {("host_missing", "virtual_machines")},
        "host_id is hv9, but hosts",
    ),
    "a VM of no host": (
        [change("virtual_machines", host_id=None)],
        {("host_missing", "virtual_machines")},
        "a belongs to no host",
    ),
    "a network, a pool and a console of an unknown host": (
        [change(table, host_id="hv9") for table in ("networks", "storage_pools", "consoles")],
        {("host_missing", table) for table in ("networks", "storage_pools", "consoles")},
        "hv9",
    ),
    "a snapshot of no VM": (
        [change("vm_snapshots", vm_uuid="nobody")],
        {("vm_missing", "vm_snapshots")},
        "VM nobody",
    ),
    "a snapshot is there twice": (
        [copy_of("vm_snapshots")],
        {("snapshot_twice", "vm_snapshots")},
        "kind snapshot, name s1 is there 2 times",
    ),
    "a configuration of no VM": (
        [change("vm_configurations", vm_uuid="nobody")],
        {("vm_missing", "vm_configurations")},
        "VM nobody",
    ),
    "a change of no VM": (
        [change("changes", vm_uuid="nobody")],
        {("vm_missing", "changes")},
        "vm_uuid is nobody",
    ),
    "a change that no run saw": (
        [change("changes", run_id=999)],
        {("run_missing", "changes")},
        "run_id is 999",
    ),
    "a change of no kind": (
        [change("changes", change="x")],
        {("change_unknown", "changes")},
        "change x of one of ",
    ),
    "a configuration without its document": (
        [change("vm_configurations", digest="0" * 64)],
        {("document_missing", "vm_configurations"), ("document_unused", "xml_documents")},
        "digest is 0000",
    ),
    "a configuration that names no document": (
        [change("vm_configurations", digest=None)],
        {("document_missing", "vm_configurations"), ("document_unused", "xml_documents")},
        "names no document",
    ),
    "two open configurations": (
        [copy_of("vm_configurations", last_seen_at=None)],
        {
            ("configuration_open_twice", "vm_configurations"),
            ("configurations_overlap", "vm_configurations"),
        },
        "kind ",
    ),
    "sightings that overlap": (
        [copy_of("vm_configurations", last_seen_at=LATER)],
        {("configurations_overlap", "vm_configurations")},
        "begins before this one ends",
    ),
    "an unknown kind of configuration": (
        [change("vm_configurations", kind="dead")],
        {("configuration_kind_unknown", "vm_configurations")},
        "kind dead",
    ),
    "a configuration without a date": (
        [change("vm_configurations", first_seen_at=None)],
        {("configuration_without_time", "vm_configurations")},
        "no date",
    ),
    "a sighting that ends before it begins": (
        [change("vm_configurations", last_seen_at=LONG_AGO)],
        {("times_reversed", "vm_configurations")},
        "first_seen_at is later than last_seen_at",
    ),
    "a finding that was closed before it was seen": (
        [
            sa.insert(T["findings"]).values(
                fingerprint="f", last_seen_at=LONG_AGO + datetime.timedelta(1), closed_at=LONG_AGO
            )
        ],
        {("times_reversed", "findings")},
        "last_seen_at is later than closed_at",
    ),
    "a host that was complete before it was seen": (
        [sa.update(T["hosts"]).where(T["hosts"].c.id == "hv1").values(last_seen_at=LONG_AGO)],
        {("times_reversed", "hosts")},
        "last_complete_at is later than last_seen_at",
    ),
    "two VMs with one uuid": (
        [copy_of("virtual_machines", host_id="hv2", state="shutoff")],
        {("vm_uuid_twice", "virtual_machines")},
        "is there 2 times",
    ),
    "one VM twice on a host": (
        [
            index("virtual_machines", "uniq_virtual_machines_live"),
            copy_of("virtual_machines", uuid="another"),
        ],
        {("vm_twice", "virtual_machines")},
        "host_id hv1, domain_uuid aaaaaaaa",
    ),
    "a VM without uuid": (
        [copy_of("virtual_machines", uuid=None, host_id="hv2", state="shutoff")],
        {("vm_uuid_missing", "virtual_machines")},
        "VM a on hv2 has no uuid",
    ),
    "a VM that runs on two hosts": (
        [copy_of("virtual_machines", uuid="another", host_id="hv2")],
        {("vm_running_twice", "virtual_machines")},
        "runs on hv1 and on hv2",
    ),
    "two volumes with one identity": (
        [index("volumes", "uniq_volumes_identity"), copy_of("volumes")],
        {("volume_twice", "volumes")},
        "identity ",
    ),
    "two networks and two pools of one name": (
        [
            index("networks", "idx_network_host_name"),
            copy_of("networks"),
            copy_of("storage_pools"),
        ],
        {("network_twice", "networks"), ("pool_twice", "storage_pools")},
        "host_id hv1, name lan",
    ),
    "JSON of the wrong type": (
        [change("ports", source_json=["a"])],
        {("json_wrong", "ports")},
        """source_json is '["a"]', which is no dictionary""",
    ),
    "no JSON": (
        [sa.text("UPDATE virtual_machines SET cpu_topology_json = '{' WHERE name = 'a'")],
        {("json_wrong", "virtual_machines")},
        "cpu_topology_json is '{', which is no JSON",
    ),
    "a damaged document": (
        [sa.update(T["xml_documents"]).values(content=b"x")],
        {("document_damaged", "xml_documents")},
        "is damaged",
    ),
    "a document of another size": (
        [sa.update(T["xml_documents"]).values(size_bytes=5)],
        {("document_damaged", "xml_documents")},
        "size_bytes is 5, but it has ",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(fleet: Ledger, name: str) -> None:
    statements, expected, words = PLANTED[name]
    plant(fleet, *statements)
    found = checker.verify(fleet.database, structure=False)
    assert {(one.rule, one.table) for one in found.violations} == expected
    assert any(words in one.problem for one in found.violations), found.violations
    assert all(one.key for one in found.violations)


def test_every_rule_was_planted() -> None:
    planted = {pair for _statements, expected, _words in PLANTED.values() for pair in expected}
    names = {rule.name for rule in checker.rules()}
    assert names <= {rule for rule, _table in planted}


def test_a_time_that_is_none(fleet: Ledger) -> None:
    plant(fleet, sa.text("UPDATE ports SET created_at = 'yesterday' WHERE id = 1"))
    (one,) = checker.verify(fleet.database, structure=False).violations
    assert (one.rule, one.table, one.key) == ("time_wrong", "ports", "1")
    assert one.problem == "created_at is 'yesterday', which is no time"


@pytest.mark.parametrize(
    ("sql", "table", "key", "problem"),
    [
        ("DROP TABLE tpms", "tpms", "", "the table is not there"),
        (
            "DROP VIEW ledger_nics;DROP VIEW ledger_vlans;ALTER TABLE ports DROP COLUMN port_group",
            "ports",
            "port_group",
            "column is not there",
        ),
        ("DROP VIEW ledger_nics", "ledger_nics", "", "the view is not there"),
        ("DROP INDEX idx_volumes_name", "volumes", "idx_volumes_name", "index is not there"),
        (
            "DROP INDEX uniq_volumes_identity; CREATE INDEX uniq_volumes_identity ON volumes (identity)",
            "volumes",
            "uniq_volumes_identity",
            "not unique",
        ),
        (
            "DROP INDEX idx_volumes_name; CREATE INDEX idx_volumes_name ON volumes (path)",
            "volumes",
            "idx_volumes_name",
            "index is over path",
        ),
    ],
)
def test_tables_that_are_not_the_models(
    fleet: Ledger, sql: str, table: str, key: str, problem: str
) -> None:
    assert checker.verify(fleet.database).violations == []
    plant(fleet, *(sa.text(part) for part in sql.split(";")))
    (one,) = checker.verify(fleet.database).violations
    assert (one.rule, one.table, one.key) == ("schema_differs", table, key)
    assert problem in one.problem


def test_the_result_names_some_and_counts_all(fleet: Ledger) -> None:
    bare = [domain("<input type='mouse'/>", f"vm{n}", n) for n in range(10, 130)]
    fleet.record(answer(*bare), "hv3")
    assert checker.verified(fleet.database)["violation_count"] == 0
    plant(
        fleet,
        *(sa.delete(T[name]) for name in ("attachment_indices", "input_devices")),
        sa.update(T["virtual_machines"]).values(unmapped_json=["x" * 1000]),
    )
    result = checker.verified(fleet.database)
    assert result["failed"] is True
    assert result["violations_by_rule"]["index_row_missing"] > 120
    assert result["violations_by_rule"]["attachment_without_device"] == 120
    assert result["violations_by_rule"]["json_wrong"] == 123
    assert result["violation_count"] == sum(result["violations_by_rule"].values())
    assert "attachment_without_device (120)" in result["msg"]
    told = [one["rule"] for one in result["violations"]]
    assert told.count("json_wrong") == TOLD
    assert len(json.dumps(result)) < 100_000


def test_nothing_is_written(fleet: Ledger) -> None:
    before = fleet.dump(without=())
    checker.verify(fleet.database)
    assert fleet.dump(without=()) == before


def test_a_thousand_vms_take_seconds(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.record(answer(*(running(f"vm{n}", n) for n in range(1, 1001))))
    started = time.monotonic()
    assert checker.verify(ledger.database).violations == []
    assert time.monotonic() - started < 20
