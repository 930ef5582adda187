"""The schema: models and migrations agree, and an existing layout loses nothing."""

from __future__ import annotations

import io
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _revision
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateTable,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import parse_moment
from helpers import answer, domain, network, pool
from ledgers import GENERATED, Ledger, differences, old_layout, structure
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

PLANNED = {
    "volume_attachments": "device_type target_dev target_bus driver_format driver_queues driver_queue_size io_tune_json serial shareable snapshot_name",
    "ports": "source_type source_ref virtual_port_json filter_ref_json vlan_tags_json trust_guest_rx_filters",
    "filesystems": "type usage socket_path",
}


def test_revisions_are_numbered_without_a_gap() -> None:
    assert [revision.number for revision in runner.REVISIONS] == list(
        range(1, _revision.LATEST + 1)
    )


def test_models_and_migrations_agree(ledger: Ledger) -> None:
    assert differences(ledger, types=True) == []


def test_revision_two_is_the_planned_columns() -> None:
    steps = runner.REVISIONS[1].steps
    assert {
        step.table: " ".join(column.name for column in step.columns)
        for step in steps
        if isinstance(step, AddColumns)
    } == PLANNED


@pytest.mark.parametrize(
    ("dialect", "document", "index", "options"),
    [
        (postgresql.dialect(), "address_json TEXT", "(address)", ")"),
        (mysql.dialect(), "address_json MEDIUMTEXT", "(address(255))", "utf8mb4_0900_bin"),
        (MariaDBDialect(), "address_json MEDIUMTEXT", "(address(255))", "utf8mb4_nopad_bin"),
    ],
    ids=["postgresql", "mysql", "mariadb"],
)
def test_the_ddl_of_other_databases(dialect: Any, document: str, index: str, options: str) -> None:
    printed = io.StringIO()
    context = MigrationContext.configure(
        dialect=dialect, opts={"as_sql": True, "output_buffer": printed}
    )
    for revision in runner.REVISIONS:
        for step in revision.steps:
            runner._make([Operations(context)], step, dialect.name)
    statements = [text.strip() for text in printed.getvalue().split(";\n")]
    (table,) = (text for text in statements if text.startswith("CREATE TABLE other_devices"))
    assert document in table
    assert table.endswith(options)
    assert f"CREATE INDEX idx_host_devices_address ON host_devices {index}" in statements


def test_revisions_only_add() -> None:
    for revision in runner.REVISIONS[1:]:
        for step in revision.steps:
            if isinstance(step, (AddColumns, CreateTable)) and not isinstance(step, CreateTable):
                assert all(column.nullable for column in step.columns)


def test_an_existing_layout_upgrades_with_nothing_lost(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    before = ledger.dump(without=())
    queries = [
        "SELECT v.name, a.device_name FROM volumes v JOIN volume_attachments a ON a.volume_id = v.id",
        "SELECT m.name, p.mac_address FROM virtual_machines m JOIN ports p ON p.vm_uuid = m.uuid WHERE m.deleted_at IS NULL",
        "SELECT device_type, count(*) FROM attachment_indices GROUP BY device_type ORDER BY 1",
    ]
    answers = [ledger.query(sql) for sql in queries]
    assert runner.inspect(ledger.database) == (1, False)
    outcome = runner.upgrade(ledger.database)
    assert (outcome.before, outcome.after) == (1, _revision.LATEST)
    assert runner.inspect(ledger.database) == (_revision.LATEST, True)
    after = ledger.dump(without=())
    for table, rows in before.items():
        for old, new in zip(rows, after[table], strict=True):
            assert old.items() <= new.items(), table
            added = set(new) - set(old) - GENERATED
            assert all(new[name] is None for name in added), table
    assert [ledger.query(sql) for sql in queries] == answers
    assert differences(ledger, types=False) == []
    assert runner.upgrade(ledger.database).applied == []


def test_an_upgraded_database_is_taken_over_by_the_recorder(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    runner.upgrade(ledger.database)
    vm = domain(
        "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
        "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/><model type='virtio'/></interface>"
        "<filesystem><driver type='virtiofs'/><source dir='/srv'/><target dir='srv'/></filesystem>"
        "<graphics type='vnc' port='5901' listen='127.0.0.1'/>",
        state="running",
    )
    result = ledger.record(
        answer(vm, networks=[network()], storage_pools=[pool(volumes=["a.qcow2"])])
    )
    assert result["vms"]["changed"] == 1
    assert all(counts["inserted"] == 0 for counts in result["tables"].values())
    (row,) = ledger.query("SELECT id, uuid, created_at, state FROM virtual_machines")
    assert (row["id"], row["uuid"], row["state"]) == (
        1,
        "bbbbbbbb-0000-4000-8000-000000000001",
        "running",
    )
    assert parse_moment(row["created_at"]) == parse_moment("2025-01-02 03:04:05+00:00")
    assert ledger.query("SELECT id, volume_id, driver_format FROM volume_attachments") == [
        {"id": 70, "volume_id": 7, "driver_format": "qcow2"}
    ]
    assert ledger.value("SELECT path FROM volumes WHERE id = 7") == "/images/a.qcow2"
    ledger.check()


def test_check_mode_tells_the_ddl_and_writes_nothing(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    before = structure(ledger), ledger.dump(without=())
    planned = runner.upgrade(ledger.database, dry_run=True)
    assert (structure(ledger), ledger.dump(without=())) == before
    assert any("ADD COLUMN io_tune_json" in text for text in planned.ddl)
    assert runner.upgrade(ledger.database).ddl == planned.ddl


def test_check_mode_without_a_database(tmp_path: Path) -> None:
    nowhere = resolve(f"sqlite:///{tmp_path}/none/x.db")
    assert len(runner.upgrade(nowhere, dry_run=True).ddl) > 200
    assert not (tmp_path / "none").exists()


def test_the_printed_ddl_makes_the_same_tables(place: Path | str, ledger: Ledger) -> None:
    printed = Ledger(place, create=False)
    printed.script(";\n".join(runner.upgrade(printed.database, dry_run=True).ddl))
    assert structure(printed) == structure(ledger)


def test_an_interrupted_upgrade_goes_on(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    on_table = " ON ports" if ledger.dialect == "mariadb" else ""
    ledger.script(
        "ALTER TABLE ports ADD COLUMN source_type TEXT;\n"
        "CREATE INDEX idx_volumes_name ON volumes(name);\n"
        f"DROP INDEX idx_port_vm_mac{on_table};"
    )
    runner.upgrade(ledger.database)
    assert differences(ledger, types=False) == []


def test_a_failed_upgrade_leaves_nothing_or_goes_on(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MariaDB commits each statement, so a further run goes on where this one was stopped."""
    ledger = old_layout(place, fixtures, monkeypatch)
    before = structure(ledger), ledger.dump(without=())
    real = runner.stamp

    def fail(connection: Any, number: int, name: str) -> None:
        if number == 4:
            raise SchemaError("stopped here")
        real(connection, number, name)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "stamp", fail)
        with pytest.raises(SchemaError, match="stopped here"):
            runner.upgrade(ledger.database)
    if ledger.dialect == "mariadb":
        assert "other_devices" in structure(ledger)
    else:
        assert (structure(ledger), ledger.dump(without=())) == before
    runner.upgrade(ledger.database)
    assert differences(ledger, types=False) == []
    for table, rows in before[1].items():
        for old, new in zip(rows, ledger.dump(without=())[table], strict=True):
            assert old.items() <= new.items(), table


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE hosts (id INTEGER, ip TEXT)", r"another application: hosts \(no column"),
        (
            "CREATE TABLE ports (id INTEGER PRIMARY KEY, number INTEGER)",
            "another application: ports",
        ),
        (
            "CREATE TABLE tpms (id INTEGER, created_at TEXT, updated_at TEXT, deleted_at TEXT, "
            "model_name TEXT, backend_type TEXT, backend_path TEXT)",
            "tpms is there",
        ),
    ],
)
def test_a_database_of_another_application(place: Path | str, sql: str, message: str) -> None:
    ledger = Ledger(place, create=False)
    ledger.script(sql)
    before = structure(ledger)
    with pytest.raises(SchemaError, match=message) as caught:
        runner.upgrade(ledger.database)
    assert str(ledger.database) in str(caught.value)
    assert structure(ledger) == before


def test_a_table_of_another_application_in_the_way(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    ledger.script("CREATE TABLE hubs (id INTEGER PRIMARY KEY, city TEXT)")
    before = structure(ledger)
    with pytest.raises(SchemaError, match=r"another application: hubs \(no column"):
        runner.upgrade(ledger.database)
    assert structure(ledger) == before


def test_other_tables_beside_do_not_matter(place: Path | str) -> None:
    Ledger(place, create=False).script(
        "CREATE TABLE wiki (page TEXT);\nINSERT INTO wiki VALUES ('home');"
    )
    assert Ledger(place).value("SELECT page FROM wiki") == "home"


def test_a_newer_schema_is_left_alone(ledger: Ledger) -> None:
    ledger.execute("INSERT INTO virtledger_schema (revision, name) VALUES (99, 'future')")
    with pytest.raises(SchemaError, match="revision 99, newer than") as caught:
        runner.upgrade(ledger.database)
    assert str(ledger.database) in str(caught.value)


def test_two_upgrades_at_once(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    with multiprocessing.get_context("spawn").Pool(4) as processes:
        outcomes = processes.map(runner.upgrade, [ledger.database] * 4)
    assert sorted(len(outcome.applied) for outcome in outcomes) == [0, 0, 0, _revision.LATEST]
    assert differences(ledger, types=False) == []


@pytest.mark.parametrize("after", [3, 40, "uniq_virtual_machines_live"])
def test_tables_whose_making_was_interrupted(
    place: Path | str, monkeypatch: pytest.MonkeyPatch, after: int | str
) -> None:
    """Of a server some are there; whatever they are, they are ours and made complete."""
    steps = iter(range(after if isinstance(after, int) else 10000))

    def interrupted(part: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(steps, None) is None or after in arguments:
                raise KeyboardInterrupt
            return part(*arguments, **options)

        return call

    ledger = Ledger(place, create=False)
    with monkeypatch.context() as patched:
        patched.setattr(runner, "_make", interrupted(runner._make))
        if isinstance(after, str):
            patched.setattr(Operations, "create_index", interrupted(Operations.create_index))
        with pytest.raises(KeyboardInterrupt):
            runner.upgrade(ledger.database)
    assert runner.upgrade(ledger.database).after == _revision.LATEST
    assert differences(ledger, types=True) == []
    revisions = ledger.query("SELECT revision FROM virtledger_schema ORDER BY revision")
    assert [row["revision"] for row in revisions] == list(range(1, _revision.LATEST + 1))
