"""Archived documents: history, and rows that nobody has recorded better."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.layout import LAYOUT
from helpers import answer, domain, domain_xml
from ledgers import Ledger, old_layout

Facts = dict[str, Any]

DISK = (
    "<disk type='file'><driver name='qemu' type='{0}'/><source file='/images/{1}'/>"
    "<target dev='vda' bus='virtio'/></disk>"
)
OLD, MIDDLE, NEW = (f"2026-0{month}-01T12:00:00Z" for month in (1, 2, 3))


def archived(
    devices: str, dated_at: str, path: str = "/archive/vm1.xml", live: bool = False, **more: Any
) -> Facts:
    """The facts of one archived document."""
    text = domain_xml(devices, **more)
    if live:
        text = text.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    facts = domain_facts(text if live else None, None if live else text, include_xml=True)
    facts["archived"] = {
        "path": path,
        "member": None,
        "root": "domain",
        "dated_at": dated_at,
        "dated_by": "modified",
    }
    return facts


def answered(*domains: Facts) -> Facts:
    """What ``archive_info`` returns."""
    return {
        "mapping_version": MAPPING_VERSION,
        "domains": list(domains),
        "errors": [],
        "complete": [],
        "counts": {"documents": len(domains)},
    }


def rows(ledger: Ledger) -> dict[str, Any]:
    """All rows of what is there, but for their numbers and when they were written."""
    numbers = ("id", "uuid", "vm_uuid", "volume_id", "attachment_id", "device_id")
    numbers += ("object_id", "run_id", "seen_at")
    dump = ledger.dump(without=(*numbers, "created_at", "updated_at", "used_at", "content"))
    return {
        table: sorted(repr(row) for row in found if row.get("deleted_at") is None)
        for table, found in dump.items()
        if table != "virtledger_schema"
    }


DOCUMENTS = [
    archived(DISK.format("raw", "one"), OLD),
    archived(DISK.format("qcow2", "two") + "<memballoon model='virtio'/>", MIDDLE),
    archived(DISK.format("qcow2", "three"), NEW, path="/archive/new.xml"),
]


def test_every_order_of_import_gives_the_same_ledger(ledger: Ledger) -> None:
    found = []
    for order in itertools.permutations(DOCUMENTS):
        for facts in order:
            ledger.record(answered(facts))
        ledger.check()
        found.append(rows(ledger))
        ledger.empty()
    ledger.record(answered(*DOCUMENTS))
    assert all(one == rows(ledger) for one in found)


def test_the_rows_follow_the_newest_document(ledger: Ledger) -> None:
    result = ledger.record(answered(*DOCUMENTS))
    assert result["vms"]["new"] == 1
    (disk,) = ledger.query("SELECT * FROM volume_attachments")
    assert (disk["source_ref"], disk["driver_format"]) == ("/images/three", "qcow2")
    (vm,) = ledger.query("SELECT * FROM virtual_machines")
    assert (vm["state"], vm["origin"], vm["deleted_at"]) == (None, "archive", None)
    assert vm["observed_at"].startswith("2026-03-01")
    points = ledger.query("SELECT * FROM vm_configurations ORDER BY first_seen_at")
    assert [point["first_seen_at"][:10] for point in points] == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]
    assert points[2]["origin_path"] == "/archive/new.xml"
    assert ledger.value("SELECT count(*) FROM xml_documents") == 3


def test_a_second_import_changes_nothing(ledger: Ledger) -> None:
    ledger.record(answered(*DOCUMENTS))
    before = ledger.dump()
    result = ledger.record(answered(*DOCUMENTS))
    assert (result["changed"], result["vms"]["unchanged"]) == (False, 1)
    assert ledger.dump() == before


def test_check_mode_says_the_same_and_writes_nothing(ledger: Ledger) -> None:
    before = ledger.dump(without=())
    planned = ledger.record(answered(*DOCUMENTS), check_mode=True)
    assert ledger.dump(without=()) == before
    made = ledger.record(answered(*DOCUMENTS))
    for key in ("changed", "tables", "vms"):
        assert planned[key] == made[key]


def test_what_a_hypervisor_told_stays(ledger: Ledger) -> None:
    ledger.record(answer(domain(DISK.format("qcow2", "real"))))
    before = ledger.dump()
    result = ledger.record(answered(*DOCUMENTS))
    assert (result["changed"], result["vms"]["changed"]) == (True, 1)
    after = ledger.dump()
    for table in ("virtual_machines", "volume_attachments", "volumes", "attachment_indices"):
        assert after[table] == before[table], table
    assert ledger.value("SELECT count(*) FROM vm_configurations") == 3


def test_a_hypervisor_takes_over_what_only_documents_told(ledger: Ledger) -> None:
    ledger.record(answered(*DOCUMENTS), host_id="dead")
    uuid = ledger.value("SELECT uuid FROM virtual_machines")
    result = ledger.record(answer(domain(DISK.format("qcow2", "now"))), host_id="hv1")
    assert result["vms"]["moved"] == 1
    (vm,) = ledger.query("SELECT * FROM virtual_machines")
    assert (vm["uuid"], vm["host_id"], vm["origin"]) == (uuid, "hv1", "hypervisor")
    assert ledger.value("SELECT state FROM hosts WHERE id = 'dead'") == "DISCONNECTED"
    ledger.check()


def layout_vm(ledger: Ledger) -> dict[str, Any]:
    (vm,) = ledger.query("SELECT * FROM virtual_machines")
    return vm


def test_null_columns_of_the_existing_layout_are_filled(
    place: Path | str, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = old_layout(place, fixtures, monkeypatch)
    runner.upgrade(ledger.database)
    ledger.execute("UPDATE volume_attachments SET serial = 'BY HAND'")
    before = ledger.dump(without=())
    more = "<serial>S</serial></disk>"
    found = [
        archived(DISK.format("raw", "a.img").replace("</disk>", more), OLD),
        archived(DISK.format("qcow2", "a.qcow2").replace("</disk>", more), NEW),
    ]
    for facts in (*found, found[0]):
        ledger.record(answered(facts))
    after = ledger.dump(without=())
    (disk,) = after["volume_attachments"]
    assert (disk["target_dev"], disk["driver_format"], disk["source_ref"]) == (
        "vda",
        "qcow2",
        "/images/a.qcow2",
    )
    assert disk["serial"] == "BY HAND"
    assert (layout_vm(ledger)["virt_type"], layout_vm(ledger)["origin"]) == ("kvm", None)
    for table, rows_before in before.items():
        own = LAYOUT.get(table, set()) - {"updated_at"}
        for one, other in zip(rows_before, after[table], strict=False):
            assert {key: one[key] for key in own} == {key: other[key] for key in own}
    assert len(after["ports"]) == len(before["ports"]) == 1
    ledger.check()


def test_a_bad_document_is_named(ledger: Ledger) -> None:
    broken = {**DOCUMENTS[0], "archived": {"path": "/a.xml", "dated_at": "yesterday"}}
    with pytest.raises(FactsError, match=r"domains\[0\].archived.dated_at: not a timestamp"):
        ledger.record(answered(broken))
    without = {**DOCUMENTS[0], "xml": None}
    with pytest.raises(FactsError, match="include_xml"):
        ledger.record(answered(without))


def test_documents_are_history_of_their_own(ledger: Ledger) -> None:
    """That the ledger has a VM now is a change; what it was once is not."""
    ledger.record(answered(DOCUMENTS[0]))
    ledger.record(answered(DOCUMENTS[2]))
    found = ledger.query("SELECT * FROM changes ORDER BY id")
    assert [(row["object_type"], row["object_name"]) for row in found] == [
        ("virtual_machines", "vm1"),
        ("hosts", "hv1"),
    ]
    ledger.record(answer(domain(DISK.format("qcow2", "four"))))
    (disk,) = ledger.query("SELECT * FROM changes WHERE attribute = 'source_ref'")
    assert (disk["old_value"], disk["new_value"]) == ("/images/three", "/images/four")
    query = "SELECT * FROM changes WHERE object_type = 'virtual_machines' AND attribute = 'state'"
    assert not ledger.query(query)
