"""The views for other programs: what was promised stays, on every database."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import contract
import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.evaluate import (
    Evaluation,
    chosen,
    evaluate,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views
from helpers import answer
from ledgers import Ledger, old_layout
from sqlalchemy.engine.reflection import ObjectKind
from wired import record_wired

#: What a kind of column may be in a database.
TYPES: dict[str, dict[str, tuple[type[Any], ...]]] = {
    "text": {"": (sa.String,)},
    "JSON": {"": (sa.String,)},
    "integer": {"": (sa.Integer,)},
    "number": {"": (sa.Numeric, sa.Float)},
    "boolean": {"postgresql": (sa.Boolean,), "mariadb": (sa.Integer,)},
    "timestamp": {"": (sa.DateTime,)},
}

#: What SQLite stores of each kind.
STORED = {
    "text": {"text"},
    "JSON": {"text"},
    "integer": {"integer"},
    "number": {"real"},
    "boolean": {"integer"},
    "timestamp": {"text"},
}


def test_what_was_promised_is_kept() -> None:
    assert contract.broken(contract.agreed(), contract.declared()) == []
    # What is new is promised from now on: tests/contract.py --write.
    assert contract.declared() == contract.agreed()


@pytest.mark.parametrize("change", ["view", "column", "kind", "order", "definition"])
def test_a_broken_promise_is_noticed(change: str) -> None:
    before, now = contract.agreed(), copy.deepcopy(contract.agreed())
    columns = now["views"]["ledger_vms"]
    if change == "view":
        del now["views"]["ledger_vms"]
    elif change == "column":
        del columns["state"]
    elif change == "kind":
        columns["memory_bytes"] = "text"
    elif change == "order":
        now["views"]["ledger_vms"] = {"title": columns.pop("title"), **columns}
    else:
        now["definitions"] = "another"
    assert len(contract.broken(before, now)) == 1


def test_a_further_column_breaks_nothing() -> None:
    now = copy.deepcopy(contract.agreed())
    now["views"]["ledger_vms"]["colour"] = "text"
    now["views"]["ledger_moons"] = {"name": "text"}
    assert contract.broken(contract.agreed(), now) == []


def test_columns_and_their_types(ledger: Ledger) -> None:
    with ledger.connected() as connection:
        found = sa.inspect(connection).get_multi_columns(kind=ObjectKind.VIEW)
    columns = {place[1]: {item["name"]: item["type"] for item in of} for place, of in found.items()}
    assert set(columns) == set(contract.agreed()["views"])
    for view, promised in contract.agreed()["views"].items():
        assert list(columns[view]) == list(promised), view
        for name, kind in promised.items():
            if ledger.dialect == "sqlite":
                continue
            wanted = TYPES[kind].get(ledger.dialect) or TYPES[kind][""]
            assert isinstance(columns[view][name], wanted), (view, name, columns[view][name])


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_sqlite_stores(ledger: Ledger) -> None:
    """It has no types of columns where something is computed, so look at the values."""
    record_wired(ledger)
    evaluate(ledger.database, Evaluation(chosen([], []), {}))
    seen: set[tuple[str, str]] = set()
    for view, promised in contract.agreed()["views"].items():
        kinds = ", ".join(f"typeof({name}) AS {name}" for name in promised)
        for row in ledger.query(f"SELECT {kinds} FROM {view}"):
            known = {name: stored for name, stored in row.items() if stored != "null"}
            for name, stored in known.items():
                assert stored in STORED[promised[name]], (view, name, stored)
            seen.update((view, name) for name in known)
    assert len({view for view, _name in seen}) == len(views())


def rows(ledger: Ledger, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(reversed(row.values())) for row in ledger.query(sql)]


GIB = 2**30

#: What the fleet of wired.py is in the views.
SHOWN: dict[str, list[tuple[Any, ...]]] = {
    "SELECT name, host_id, state, memory_bytes, disk_count, nic_count, disk_bytes "
    "FROM ledger_vms ORDER BY name": [
        ("db1", "hv2", "shutoff", GIB, 1, 1, 20 * GIB),
        ("web1", "hv1", "running", GIB, 2, 5, 20 * GIB),
        ("web2", "hv1", "shutoff", GIB, 2, 2, None),
    ],
    "SELECT name, os_id FROM ledger_vms WHERE os_id IS NOT NULL": [
        ("db1", "http://debian.org/debian/12")
    ],
    "SELECT vm_name, mac_address, vlan_id, vlan_origin FROM ledger_nics ORDER BY mac_address": [
        ("web1", "52:54:00:00:00:01", 30, "port_group"),
        ("web1", "52:54:00:00:00:02", 42, "nic"),
        ("web1", "52:54:00:00:00:03", 10, "port_group"),
        ("web1", "52:54:00:00:00:04", None, None),
        ("web1", "52:54:00:00:00:05", 7, "network"),
        ("web2", "52:54:00:00:00:06", None, None),
        ("web2", "52:54:00:00:00:07", None, None),
        ("db1", "52:54:00:00:00:08", 420, "nic"),
    ],
    "SELECT vlan_id, vm_name, mac_address FROM ledger_vlans ORDER BY vlan_id": [
        (7, "web1", "52:54:00:00:00:05"),
        (10, "web1", "52:54:00:00:00:03"),
        (30, "web1", "52:54:00:00:00:01"),
        (42, "web1", "52:54:00:00:00:02"),
        (47, "web1", "52:54:00:00:00:02"),
        (420, "db1", "52:54:00:00:00:08"),
    ],
    "SELECT name, user_count, pool_name FROM ledger_volumes WHERE host_id = 'hv1' ORDER BY name": [
        ("a.qcow2", 1, "default"),
        ("base.qcow2", 0, "default"),
        ("free.qcow2", 0, "default"),
    ],
    "SELECT volume_name, vm_name, device_name FROM ledger_volume_users "
    "WHERE volume_source LIKE '/images/%' ORDER BY 1, 2": [
        ("a.qcow2", "web1", "vda"),
        ("shared.raw", "web1", "vdb"),
        ("shared.raw", "web2", "vdb"),
    ],
    "SELECT volume_count, promised_bytes FROM ledger_pools WHERE host_id = 'hv1'": [(3, 60 * GIB)],
    "SELECT device_type, device_name FROM ledger_devices WHERE vm_name = 'web2' ORDER BY 1, 2": [
        ("host_device", "pci:0000:03:00.1"),
        ("port", "52:54:00:00:00:06"),
        ("port", "52:54:00:00:00:07"),
        ("volume", "vdb"),
        ("volume", "vdn"),
    ],
    "SELECT host_id, vm_count, active_vcpu_count, pool_capacity_bytes FROM ledger_hosts "
    "ORDER BY host_id": [("hv1", 2, 1, 0), ("hv2", 1, 0, 0)],
    "SELECT type, source_path FROM ledger_filesystems": [("mount", "/a")],
    "SELECT name, nic_count FROM ledger_networks ORDER BY name": [("lan", 4), ("tagged", 2)],
    "SELECT vm_name, kind FROM ledger_configurations": [("db1", "config")],
}


def test_what_they_show(ledger: Ledger) -> None:
    record_wired(ledger)
    for sql, shown in SHOWN.items():
        assert rows(ledger, sql) == shown, sql
    (ratios,) = rows(
        ledger, "SELECT vcpu_ratio, memory_ratio FROM ledger_hosts WHERE host_id = 'hv1'"
    )
    assert [float(ratio) for ratio in ratios] == [0.25, 0.125]
    active = rows(ledger, "SELECT name, is_active FROM ledger_vms")
    assert [name for name, is_active in active if is_active] == ["web1"]
    for view, subject in SUBJECT_OF.items():
        found = ask(ledger.database, subject, Filters(), 1000)[0]
        assert ledger.value(f"SELECT count(*) FROM {view}") == len(found), view
    # What is gone is in no view.
    ledger.record(answer(), "hv2")
    for view in ("ledger_vms", "ledger_disks", "ledger_nics", "ledger_devices", "ledger_vlans"):
        assert ledger.value(f"SELECT count(*) FROM {view} WHERE host_id = 'hv2'") == 0, view


def test_they_show_what_changed_and_who_saw_it(ledger: Ledger) -> None:
    record_wired(ledger)
    ledger.record(answer(), "hv2")
    seen = {row["id"]: row for row in ledger.query("SELECT * FROM ledger_changes")}
    told = ask(ledger.database, "changes", Filters(), 1000)[0]
    assert {row["id"] for row in told} == set(seen)
    gone = {row["object_type"]: row for row in seen.values() if row["change"] == "gone"}
    assert set(gone) == {"virtual_machines", "storage_pools"}
    vm = gone["virtual_machines"]
    assert (vm["host_id"], vm["vm_name"], vm["object_name"]) == ("hv2", "db1", "db1")
    (run,) = ledger.query(f"SELECT * FROM ledger_runs WHERE id = {vm['run_id']}")
    assert vm["recorded_by"] == run["recorded_by"] is not None


def test_they_show_which_findings_are_open_and_which_are_ignored(ledger: Ledger) -> None:
    record_wired(ledger)
    evaluate(ledger.database, Evaluation(chosen([], []), {}))

    def shown() -> dict[int, tuple[bool, bool]]:
        found = ledger.query("SELECT * FROM ledger_findings")
        return {row["id"]: (bool(row["is_open"]), bool(row["is_ignored"])) for row in found}

    keys = sorted(shown())
    assert len(keys) >= 4
    assert set(shown().values()) == {(True, False)}
    past = "first_seen_at" if ledger.dialect == "sqlite" else "first_seen_at - INTERVAL '1' DAY"
    for key, values in (
        (keys[0], "closed_at = last_seen_at"),
        (keys[1], "ignore_reason = 'meant so'"),
        (keys[2], f"ignore_reason = 'meant so', ignored_until = {past}"),
        (keys[3], "ignore_reason = 'meant so', ignored_until = '2100-01-01 00:00:00.000000'"),
    ):
        ledger.execute(f"UPDATE findings SET {values} WHERE id = {key}")
    now = shown()
    assert [now[key] for key in keys[:4]] == [
        (False, False),
        (True, True),
        (True, False),
        (True, True),
    ]


#: The query that has the same rows.
SUBJECT_OF = {
    "ledger_vms": "virtual_machines",
    "ledger_disks": "volume_attachments",
    "ledger_nics": "ports",
    "ledger_filesystems": "filesystems",
    "ledger_devices": "attachments",
    "ledger_volumes": "volumes",
    "ledger_volume_users": "volume_users",
    "ledger_pools": "storage_pools",
    "ledger_networks": "networks",
    "ledger_vlans": "vlans",
    "ledger_hosts": "hosts",
    "ledger_runs": "sync_runs",
    "ledger_configurations": "vm_configurations",
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_old_layout_gets_them(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    assert runner.upgrade(ledger.database).views == [view.name for view in views()]
    for view in views():
        ledger.query(f"SELECT * FROM {view.name}")
    assert rows(ledger, "SELECT name, state, disk_count FROM ledger_vms") == [("vm1", "ACTIVE", 1)]


def test_missing_ones_are_noticed_and_made(ledger: Ledger) -> None:
    ledger.execute("DROP VIEW ledger_vms")
    ledger.execute("DROP VIEW ledger_nics")
    ledger.execute("CREATE VIEW ledger_nics AS SELECT id FROM ports")
    lacking = ["ledger_vms", "ledger_nics"]
    assert runner.lacking_views(ledger.database) == lacking
    told = [one.table for one in verify(ledger.database).violations]
    assert told == lacking
    outcome = runner.upgrade(ledger.database)
    assert (outcome.applied, outcome.views) == ([], lacking)
    assert runner.lacking_views(ledger.database) == []
    assert runner.upgrade(ledger.database).ddl == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_later_revisions_find_views_there(
    place: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view on a table that is altered is no hindrance, and one of a user's own stays."""
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
        AddColumns,
        RelaxUnique,
        Revision,
        columns,
    )

    ledger = Ledger(place)
    ledger.execute("CREATE VIEW mine AS SELECT name FROM ledger_vms")
    further = Revision(
        runner.REVISIONS[-1].number + 1,
        "further",
        (
            AddColumns("virtual_machines", columns("colour text")),
            RelaxUnique("uniq_volumes_identity", "volumes"),
        ),
    )
    with monkeypatch.context() as patch:
        patch.setattr(runner, "REVISIONS", (*runner.REVISIONS, further))
        patch.setattr(runner, "LATEST", further.number)
        assert runner.upgrade(ledger.database).views == [view.name for view in views()]
    assert ledger.query("SELECT name FROM mine") == []
    assert runner.lacking_views(ledger.database) == []


def test_a_table_with_the_name_of_a_view(place: Path | str) -> None:
    ledger = Ledger(place, create=False)
    ledger.script("CREATE TABLE ledger_vms (name TEXT)")
    with pytest.raises(SchemaError, match="another application: ledger_vms is a table"):
        runner.upgrade(ledger.database)
    assert ledger.tables() == ["ledger_vms"]
