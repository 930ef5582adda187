"""Domain XML from the ledger: which VM, which configuration, which columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    RegenerationError,
    SchemaError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Regenerated,
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
from helpers import UUID, answer, domain_xml
from ledgers import Ledger

DISK = """
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <!-- the system -->
      <source file='/images/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <vendor>ACME</vendor>
    </disk>
"""
NIC = """    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='lan'/>
    </interface>
  """


def facts(devices: str = DISK + NIC, live: str | None = None, **more: Any) -> dict[str, Any]:
    text = domain_xml(devices, **more)
    running = None if live is None else domain_xml(live, **more)
    if running is not None:
        running = running.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    state = "shutoff" if live is None else "running"
    return domain_facts(running, text, status=Status(state, True, False), include_xml=True)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """A ledger in which rows are changed by hand, so nothing checks its invariants."""
    ledger.is_checked = False
    return ledger


@pytest.fixture
def recorded(ledger: Ledger) -> Ledger:
    ledger.record(answer(facts()))
    return ledger


def run(ledger: Ledger, term: str = "hv1/vm1", **wanted: Any) -> Regenerated:
    (found,) = regenerate_all(ledger.database, [term], Wanted(**wanted))
    return found


def test_an_untouched_vm_is_its_text(recorded: Ledger) -> None:
    found = run(recorded)
    assert (found.text, found.kind, found.edits) == (facts()["xml"], "config", [])


def test_an_edited_column_changes_its_element_only(recorded: Ledger) -> None:
    recorded.execute("UPDATE volume_attachments SET io_tune_json = '{\"read_iops_sec\": 500}'")
    found = run(recorded)
    assert found.edits == ["disk vda: io_tune_json"]
    added = "  <iotune>\n        <read_iops_sec>500</read_iops_sec>\n      </iotune>\n    "
    assert found.text == facts()["xml"].replace(
        "bus='virtio'/>\n      ", f"bus='virtio'/>\n      {added.strip()}\n      "
    )


def test_a_value_that_libvirt_would_refuse_is_named(recorded: Ledger) -> None:
    for column, value, message in (
        ("driver_queues", 2**32, "column driver_queues is 4294967296: libvirt takes 4294967295"),
        ("target_bus", "teleport", "column target_bus is 'teleport': libvirt takes "),
        ("io_tune_json", '{"read_iops_sec": -1}', "read_iops_sec '-1' is no number"),
        ("io_tune_json", '{"total_iops_sec": 1, "read_iops_sec": 1}', "exclude each other"),
        ("serial", "a\x01b", "XML cannot hold the character"),
    ):
        before = recorded.value(f"SELECT {column} FROM volume_attachments")
        recorded.execute(f"UPDATE volume_attachments SET {column} = ?", value)
        with pytest.raises(RegenerationError, match="VM vm1 on hv1 .*, disk vda: ") as caught:
            run(recorded)
        assert message in str(caught.value)
        assert run(recorded, columns=False).text == facts()["xml"]
        recorded.execute(f"UPDATE volume_attachments SET {column} = ?", before)


def test_what_libvirt_refuses_of_the_whole(recorded: Ledger) -> None:
    recorded.execute(
        "INSERT INTO volume_attachments (vm_uuid, target_dev, source_type, source_json) "
        "SELECT uuid, 'vda', 'file', '{\"@file\":\"/b\"}' FROM virtual_machines",
    )
    with pytest.raises(RegenerationError, match="two disks have the target device vda"):
        run(recorded)


def test_rows_removed_and_added(recorded: Ledger) -> None:
    recorded.execute("DELETE FROM ports")
    recorded.execute(
        "INSERT INTO volume_attachments (vm_uuid, device_name, bus_type, source_type, source_ref) "
        "SELECT uuid, 'vdb', 'virtio', 'block', '/dev/vg/b' FROM virtual_machines",
    )
    found = run(recorded)
    assert found.edits == ["disk vdb added", "interface 52:54:00:00:00:01 removed"]
    assert "<interface" not in found.text
    assert found.text.index("'/dev/vg/b'") > found.text.index("</disk>")
    lines = ("<source dev='/dev/vg/b'/>", "<target dev='vdb' bus='virtio'/>")
    assert "\n      ".join(lines) in found.text


def test_a_volume_attached_in_the_ledger(ledger: Ledger) -> None:
    """Rows that name a volume get its source: a path, a device, a network image."""
    rbd = (
        "<disk type='network'><driver type='raw'/><source protocol='rbd' name='vms/b'>"
        "<host name='mon1' port='6789'/><host name='mon2'/></source><target dev='vdb'/></disk>"
    )
    block = "<disk type='block'><source dev='/dev/vg/c'/><target dev='vdc'/></disk>"
    ledger.record(answer(facts(DISK + rbd + block)))
    ledger.record(answer(facts("", name="vm2", number=2), facts(DISK + rbd + block)))
    ledger.execute(
        "INSERT INTO volume_attachments (vm_uuid, volume_id, target_dev, target_bus) "
        "SELECT m.uuid, a.volume_id, a.target_dev, 'virtio' FROM volume_attachments a, "
        "virtual_machines m WHERE m.name = 'vm2'",
    )
    text = run(ledger, "hv1/vm2").text
    for part in (
        "<source file='/images/a.qcow2'/>",
        "<driver type='qcow2'/>",
        "<source protocol='rbd' name='vms/b'>",
        "<host name='mon1' port='6789'/>",
        "<host name='mon2' port='6789'/>",
        "<source dev='/dev/vg/c'/>",
        "<disk type='block'>",
    ):
        assert part in text


def test_soft_deleted_rows_are_removed(recorded: Ledger) -> None:
    recorded.execute("UPDATE ports SET deleted_at = updated_at")
    assert "<interface" not in run(recorded).text


def test_live_and_persistent(ledger: Ledger) -> None:
    ledger.record(answer(facts(DISK, live=DISK + NIC)))
    config, live = run(ledger), run(ledger, kind="live")
    assert "<interface" not in config.text
    assert "<interface" in live.text
    ledger.execute("UPDATE volume_attachments SET serial = 'S1'")
    for kind in ("config", "live"):
        assert "<serial>S1</serial>" in run(ledger, kind=kind).text
    ledger.execute("DELETE FROM ports")
    assert "<interface" not in run(ledger, kind="live").text


def test_values_that_the_definition_has_otherwise(ledger: Ledger) -> None:
    other = DISK.replace("/images/a.qcow2", "/images/next.qcow2")
    ledger.record(answer(facts(other, live=DISK)))
    assert "/images/next.qcow2" in run(ledger).text
    ledger.execute(
        "UPDATE volume_attachments SET config_values_json = replace(config_values_json, 'next', 'last')",
    )
    assert "/images/last.qcow2" in run(ledger).text
    assert "/images/a.qcow2" in run(ledger, kind="live").text


def test_a_vm_by_its_names(recorded: Ledger) -> None:
    (vm,) = recorded.query("SELECT * FROM virtual_machines")
    text = run(recorded).text
    for term in (vm["uuid"], vm["domain_uuid"], vm["domain_uuid"].upper(), "hv1/vm1"):
        assert run(recorded, term).text == text
    for term, message in (
        ("hv1/vm2", "The ledger has no VM hv1/vm2. Record its host"),
        ("vm1", "'vm1' names no VM. Name a VM by its UUID or as host_id/name"),
        (UUID.format(99), "The ledger has no VM"),
    ):
        with pytest.raises(RegenerationError, match=message):
            run(recorded, term)


def test_one_domain_uuid_on_two_hosts(recorded: Ledger) -> None:
    recorded.record(answer(facts()), host_id="hv2")
    with pytest.raises(RegenerationError, match="stands for 2 VMs: .* on hv1, .* on hv2"):
        run(recorded, UUID.format(1))
    assert run(recorded, "hv2/vm1").vm["host_id"] == "hv2"


def test_times_and_digests(ledger: Ledger) -> None:
    moments = []
    for devices in (DISK, DISK + NIC, DISK):
        ledger.record(answer(facts(devices)))
        moments.append(ledger.value("SELECT last_seen_at FROM hosts"))
    for moment, devices in zip(moments, (DISK, DISK + NIC, DISK), strict=True):
        assert run(ledger, at=moment).text == facts(devices)["xml"]
    assert run(ledger, at="2999-01-01").text == facts(DISK)["xml"]
    digest = run(ledger, at=moments[1]).digest
    assert (
        run(ledger, at=digest[:8]).text == run(ledger, at=digest).text == facts(DISK + NIC)["xml"]
    )
    for at, message in (
        ("2000-01-01", "no config or live configuration of VM .* from 2000-01-01 00:00:00"),
        ("yesterday", "'yesterday' is neither a time nor a digest"),
        ("0" * 8, "0 configurations whose digest begins with 00000000"),
    ):
        with pytest.raises(RegenerationError, match=message):
            run(ledger, at=at)
    with pytest.raises(RegenerationError, match="no live configuration"):
        run(ledger, kind="live")


def test_columns_of_today_are_not_laid_over_yesterday(recorded: Ledger) -> None:
    moment = recorded.value("SELECT last_seen_at FROM hosts")
    recorded.execute("UPDATE volume_attachments SET serial = 'S1'")
    assert run(recorded, at=moment).text == facts()["xml"]


def test_a_vm_that_is_gone(recorded: Ledger) -> None:
    recorded.record(answer())
    assert run(recorded).text == facts()["xml"]


def test_rows_of_another_mapping_are_left_aside(recorded: Ledger) -> None:
    recorded.execute("UPDATE virtual_machines SET mapping_version = 1, title = 'other'")
    found = run(recorded)
    assert found.text == facts()["xml"]
    assert "recorded by another version of the collection" in found.warnings[0]


def test_secrets_are_named(ledger: Ledger) -> None:
    ledger.record(answer(facts(DISK + "<graphics type='vnc' passwd='hush'/>")))
    found = run(ledger)
    assert found.secrets == ["devices/graphics/@passwd"]
    assert "passwd='(redacted)'" in found.text
    assert b"hush" not in ledger.stored()


def test_without_archive_or_ledger(ledger: Ledger, tmp_path: Path) -> None:
    bare = facts()
    del bare["xml"], bare["xml_config"]
    ledger.record(answer(bare))
    with pytest.raises(RegenerationError, match="The ledger has no XML of VM vm1 on hv1"):
        run(ledger)
    with pytest.raises(VirtledgerError, match="There is no ledger yet at"):
        regenerate_all(resolve(f"sqlite:///{tmp_path}/none.db"), ["hv1/vm1"])
    ledger.execute(f"DELETE FROM virtledger_schema WHERE revision = {LATEST}")
    with pytest.raises(SchemaError):
        run(ledger)


def test_a_damaged_archive(recorded: Ledger) -> None:
    recorded.execute("UPDATE xml_documents SET content = ?", b"\0")
    with pytest.raises(DatabaseError, match="is damaged"):
        run(recorded)
    recorded.execute("DELETE FROM xml_documents")
    with pytest.raises(DatabaseError, match="is damaged"):
        run(recorded)
