"""What a report reads from the ledger: every sheet, what follows from several, and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.evaluate import (
    Evaluation,
    chosen,
    evaluate,
    thresholds,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.ignore import Ignore
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import others
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import (
    Report,
    collect,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.overview import overview
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import SHEETS
from ledgers import Ledger
from report.made_up import HOSTS, record


@pytest.fixture
def fleet(ledger: Ledger) -> Ledger:
    """Two hosts with a bit of everything."""
    record(ledger)
    return ledger


@pytest.fixture
def small(tmp_path: Path) -> Ledger:
    """The same in a file, for what does not depend on the database."""
    made = Ledger(tmp_path / "ledger.db")
    record(made)
    return made


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    sheet = next(one for one in SHEETS if one.name == name)
    names = [column.name for column in sheet.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows[name]]


def read(fleet: Ledger, **options: Any) -> Report:
    return collect(fleet.database, Scope(**options))


def test_every_sheet_has_its_rows(fleet: Ledger) -> None:
    report = read(fleet)
    assert report.counts == {
        "vInfo": 4,
        "vCPU": 4,
        "vMemory": 4,
        "vDisk": 4,
        "vNetwork": 4,
        "vCD": 1,
        "vSnapshot": 0,
        "vFS": 1,
        "vController": 1,
        "vConsole": 1,
        "vHostdev": 1,
        "vDevice": 3,
        "vPool": 1,
        "vVolume": 5,
        "vNet": 3,
        "vHost": 2,
        "vHealth": 0,
        "vChange": 6,
        "vSource": 2,
    }
    assert (
        report.as_of
        == fleet.value("SELECT max(last_seen_at) FROM hosts")[:19].replace(" ", "T") + "Z"
    )


def test_values_are_those_of_the_ledger(fleet: Ledger) -> None:
    report = read(fleet)
    disk = next(row for row in rows(report, "vDisk") if row["source_ref"] == "/images/web1.qcow2")
    assert disk == {
        **disk,
        "vm_name": "web1",
        "host_id": "hv1",
        "vm_state": "running",
        "target_bus": "virtio",
        "device_type": "disk",
        "source_ref": "/images/web1.qcow2",
        "volume_name": "web1.qcow2",
        "capacity_bytes": 2**30,
        "driver_format": "qcow2",
        "shareable": False,
        "in_live": True,
        "vm_count": 1,
    }
    (cd,) = rows(report, "vCD")
    assert (cd["device_type"], cd["source_ref"], cd["is_read_only"]) == (
        "cdrom",
        "/images/a.iso",
        True,
    )
    nic = next(row for row in rows(report, "vNetwork") if row["vm_name"] == "db1")
    assert (nic["mac_address"], nic["vlan_tags"], nic["network_name"]) == (
        "52:54:00:00:00:03",
        "10, 20 (trunk)",
        "lan",
    )
    assert rows(report, "vHostdev")[0]["source_ref"] == "pci:0000:03:00.0"
    assert rows(report, "vFS")[0]["target_path"] == "export"
    kinds = {row["family"]: row["details"] for row in rows(report, "vDevice")}
    assert kinds["memory balloon"].startswith("model_name=virtio")
    assert set(kinds) == {"memory balloon", "input device", "video device"}


def test_what_follows_from_several_sheets(fleet: Ledger) -> None:
    report = read(fleet)
    machines = {row["name"]: row for row in rows(report, "vInfo")}
    assert (machines["web1"]["disk_count"], machines["web1"]["nic_count"]) == (2, 1)
    assert machines["web1"]["disk_bytes"] == 2 * 2**30
    assert machines["idle"]["disk_bytes"] is None
    assert machines["web1"]["os"] == "debian 12"
    shared = next(row for row in rows(report, "vVolume") if row["name"] == "shared.raw")
    assert (shared["vm_count"], shared["vms"]) == (2, "web1, web2")
    (free,) = (row for row in rows(report, "vVolume") if row["name"] == "free.qcow2")
    assert (free["vm_count"], free["vms"]) == (0, None)
    (pool,) = rows(report, "vPool")
    assert (pool["volume_count"], pool["promised_bytes"]) == (4, 4 * 2**30)
    assert {row["mac_count"] for row in rows(report, "vNetwork") if row["vm_name"] != "db1"} == {
        1,
        2,
    }
    lan = {row["host_id"]: row["nic_count"] for row in rows(report, "vNet") if row["name"] == "lan"}
    assert lan == {"hv1": 2, "hv2": 1}
    host = rows(report, "vHost")[0]
    assert (host["vm_count"], host["active_vm_count"], host["active_vcpu_count"]) == (3, 1, 1)
    assert (host["active_memory_bytes"], host["last_outcome"]) == (2**30, "recorded")


def test_only_a_part(fleet: Ledger) -> None:
    for options, machines, hosts, networks, volumes in (
        ({"host_id": "hv2"}, ["db1"], ["hv2"], 1, ["db1.qcow2"]),
        ({"host_id": "hv*"}, ["db1", "idle", "web1", "web2"], ["hv1", "hv2"], 3, None),
        ({"vm": "web?"}, ["web1", "web2"], ["hv1"], 2, ["a.iso", "shared.raw", "web1.qcow2"]),
        ({"vm": "web1", "host_id": "hv2"}, [], [], 0, []),
        ({"states": ("running",)}, ["web1"], ["hv1"], 1, ["a.iso", "shared.raw", "web1.qcow2"]),
    ):
        report = read(fleet, **options)
        assert [row["name"] for row in rows(report, "vInfo")] == machines
        assert [row["host_id"] for row in rows(report, "vHost")] == hosts
        assert report.counts["vNet"] == networks
        if volumes is not None:
            assert sorted(row["name"] for row in rows(report, "vVolume")) == volumes
        for name in ("vDisk", "vCD", "vNetwork", "vDevice", "vCPU", "vMemory"):
            assert {row["vm_name"] for row in rows(report, name)} <= set(machines), name


def test_what_is_gone_is_there_only_when_asked_for(small: Ledger) -> None:
    facts = HOSTS["hv1"]()
    facts["domains"] = facts["domains"][:1]
    small.record(facts, "hv1")
    assert [row["name"] for row in rows(read(small), "vInfo")] == ["db1", "web1"]
    gone = [row for row in rows(read(small, include_gone=True), "vInfo") if row["deleted_at"]]
    assert [row["name"] for row in gone] == ["idle", "web2"]


def test_an_empty_ledger_is_an_empty_report(tmp_path: Path) -> None:
    report = read(Ledger(tmp_path / "empty.db"))
    assert report.as_of is None
    assert set(report.counts.values()) == {0}


def test_an_unknown_host_is_named(small: Ledger) -> None:
    with pytest.raises(VirtledgerError, match="Host 'hv9' is not in the ledger"):
        read(small, host_id="hv9")


@pytest.mark.parametrize("since", ["yesterday", "", "2026-13-01", "5x", "99999w"])
def test_a_time_that_is_none(small: Ledger, since: str) -> None:
    with pytest.raises(VirtledgerError, match="Option 'since'"):
        read(small, since=since)


def test_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(VirtledgerError, match="There is no ledger yet"):
        collect(resolve(f"sqlite:///{tmp_path}/none.db"), Scope())


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("something else" * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        collect(resolve(f"sqlite:///{tmp_path}/x.db"), Scope())


def test_an_age_counts_back_from_the_last_recording(small: Ledger) -> None:
    small.execute("UPDATE hosts SET last_seen_at = '2026-03-10 12:00:00' WHERE id = 'hv1'")
    small.execute("UPDATE hosts SET last_seen_at = '2026-03-01 12:00:00' WHERE id = 'hv2'")
    report = read(small, since="2d")
    assert (report.as_of, report.since) == ("2026-03-10T12:00:00Z", "2026-03-08T12:00:00Z")
    assert read(small, since="2026-03-01").since == "2026-03-01T00:00:00Z"


def test_runs_before_that_time_are_left_out(small: Ledger) -> None:
    small.execute("UPDATE sync_runs SET last_at = '2020-01-01 00:00:00' WHERE host_id = 'hv2'")
    assert [row["host_id"] for row in rows(read(small), "vSource")] == ["hv1"]


def _find(ledger: Ledger, *ignore: Ignore) -> None:
    evaluate(ledger.database, Evaluation(chosen([], []), thresholds({}), ignore))


def test_findings_have_their_texts_and_all_their_vms(fleet: Ledger) -> None:
    twin = HOSTS["hv1"]()
    for machine in twin["domains"][:2]:
        machine["state"] = "running"
        for port in machine["ports"]:
            port["in_live"] = True
    fleet.record(twin, "hv1")
    _find(fleet)
    report = read(fleet)
    found = {row["code"]: row for row in rows(report, "vHealth")}
    assert [row["severity"] for row in found.values()] == sorted(
        (row["severity"] for row in found.values()), key=others.SEVERITIES.index
    )
    mac = found["duplicate_mac"]
    uuids = {row["uuid"] for row in rows(report, "vInfo") if row["name"] in ("web1", "web2")}
    assert (mac["vms"], mac["hosts"], mac["ignored"]) == ("web1, web2", "hv1", False)
    assert set(mac["vm_uuids"].split(" ")) == uuids
    assert mac["explanation"]
    assert mac["remedy"]
    counts = {row["name"]: row["finding_count"] for row in rows(report, "vInfo")}
    assert counts["web1"] == sum("web1" in (row["vms"] or "") for row in rows(report, "vHealth"))
    for options in ({"vm": "web2"}, {"host_id": "hv1"}):
        assert "duplicate_mac" in {row["code"] for row in rows(read(fleet, **options), "vHealth")}
    for options in ({"vm": "db1"}, {"host_id": "hv2"}, {"findings": False}):
        told = {row["code"] for row in rows(read(fleet, **options), "vHealth")}
        assert "duplicate_mac" not in told
    reason = Ignore("two ends of one bridge", None, code="duplicate_mac")
    _find(fleet, reason)
    told = {row["code"]: row for row in rows(read(fleet), "vHealth")}["duplicate_mac"]
    assert (told["ignored"], told["ignore_reason"]) == (True, "two ends of one bridge")


def test_no_findings_are_told_from_none_looked_for(small: Ledger) -> None:
    assert _findings_card(small) == (
        "0",
        "nothing was ever found, or looked for: run the playbook findings",
    )
    _find(small)
    small.execute("UPDATE findings SET closed_at = last_seen_at")
    assert _findings_card(small) == ("0", "0 critical")


def _findings_card(ledger: Ledger) -> tuple[str, str]:
    card = next(card for card in overview(read(ledger))["cards"] if card.label == "Findings")
    return card.value, card.detail


def test_changes_since_a_time(small: Ledger) -> None:
    facts = HOSTS["hv1"]()
    facts["domains"][0]["volume_attachments"][0]["driver_cache"] = "writeback"
    facts["domains"][0]["digest"] = "another"
    small.record(facts, "hv1")
    (change,) = (row for row in rows(read(small), "vChange") if row["change"] == "changed")
    assert change == {
        **change,
        "host_id": "hv1",
        "vm_name": "web1",
        "object_type": "volume_attachments",
        "object_name": "vda",
        "attribute": "driver_cache",
        "old_value": None,
        "new_value": "writeback",
    }
    assert change["run_id"] in {row["id"] for row in rows(read(small), "vSource")}
    assert "web1" not in {row["vm_name"] for row in rows(read(small, vm="db1"), "vChange")}
    assert rows(read(small, since="2999-01-01"), "vChange") == []


def test_severities_are_ordered_from_the_worst() -> None:
    assert others.SEVERITIES == ("critical", "warning", "info")
