"""Hosts that are larger than usual, or are reached in another way."""

from __future__ import annotations

import contextlib

from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest
from ansible_collections.virtledger.libvirt.tests.lab.lab import wait_until
from fleet.sight import Fleet
from fleet.test_faults import Played, is_read

MANY, WIDE = "hv15", "hv16"
VMS, DISKS = 500, 100

#: Of an Ansible event; AWX empties one that is larger than 700,000 characters.
MAX_RESULT = 100_000


def test_500_vms_a_vm_with_100_disks_and_a_power_loss(fleet: Fleet) -> None:
    hypervisor = fleet.hypervisor(MANY)
    with contextlib.closing(hypervisor.connect()) as connection:
        for number in range(VMS):
            disk = Disk("vda", source=f"/var/lib/libvirt/images/many-{number}.qcow2")
            connection.defineXML(Guest(f"many-{number}", disks=[disk]).xml())
    disks = [
        Disk(f"sd{chr(97 + n // 26)}{chr(97 + n % 26)}", "scsi", source=f"/srv/wide/{n}.qcow2")
        for n in range(DISKS)
    ]
    controllers = [("scsi", "virtio-scsi")] * 15
    wide = fleet.hypervisor(WIDE)
    wide.define(Guest("wide", disks=disks, controllers=controllers).xml())
    # two -v print a result whole
    numbers = fleet.sync(MANY, WIDE, options=("-vv",))
    assert {host: one["changed"] for host, one in numbers.items()} == {MANY: 1, WIDE: 1}
    assert f"{MANY}: {VMS + 1} VMs, {VMS + 1} new" in fleet.printed
    assert len(fleet.printed) < 2 * MAX_RESULT
    count = (
        "SELECT count(*) FROM volume_attachments a JOIN virtual_machines m ON m.uuid = a.vm_uuid"
    )
    assert fleet.ledger.value(f"{count} WHERE m.name = 'wide'") == DISKS
    assert len(fleet.vms("many-%")) == VMS
    wide.virsh("detach-disk", "wide", "sdaa", "--config")
    assert fleet.sync(WIDE, options=("--diff",))[WIDE]["changed"] == 1
    assert "disk sdaa removed" in fleet.printed
    assert fleet.ledger.value(f"{count} WHERE m.name = 'wide'") == DISKS - 1

    before = fleet.vms()
    played = Played(fleet, MANY, full=True)
    played.start()
    wait_until(lambda: is_read(hypervisor), f"{MANY} is read", 60)
    hypervisor.kill()
    played.join()
    # whether or not the answer had come already
    assert played.recap[MANY]["failed"] == 0
    assert fleet.vms() == before
    fleet.verify()
    hypervisor.power_on()
    assert fleet.sync(MANY)[MANY]["changed"] == 0
    assert fleet.vms() == before


def test_other_uris(fleet: Fleet) -> None:
    """The test driver, a user's own daemon, another machine's, and each host's in the inventory."""
    session, driver, remote, usual = "hv17", "hv18", "hv19", "hv20"
    own = fleet.hypervisor(session)
    own.run("tee", "/srv/mine.xml", stdin=Guest("mine").xml())
    own.run("su", "-", "ops", "-c", "virsh -c qemu:///session define /srv/mine.xml")
    inventory = fleet.runner.folder / "inventory.ini"
    inventory.write_text(
        fleet.lab.inventory.read_text().replace(
            "[hypervisors:vars]",
            f"[uris]\n{session} ansible_user=ops sync_uri=qemu:///session\n"
            f"{driver} sync_uri=test:///default\n"
            f"{remote} sync_uri=qemu+tcp://hv6/system\n{usual}\n\n[hypervisors:vars]",
        )
    )
    fleet.runner.inventory = inventory
    for _round in range(2):
        numbers = fleet.sync("uris")
        assert {one["failed"] + one["unreachable"] for one in numbers.values()} == {0}
    assert {one["changed"] for one in numbers.values()} == {0}
    found = {name: list(rows) for name, rows in fleet.vms().items()}
    assert found["mine"] == [session]
    assert found["test"] == [driver]
    assert found["seed-hv6"] == [remote]
    assert found[f"seed-{usual}"] == [usual]
    rows = fleet.ledger.query("SELECT id, uri FROM hosts ORDER BY id")
    assert [row["uri"] for row in rows] == [
        "qemu:///session",
        "test:///default",
        "qemu+tcp://hv6/system",
        "qemu:///system",
    ]
