"""A VM's life on a hypervisor, recorded step by step over SSH, without root."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest, Nic, device_xml
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from fleet.sight import Fleet

HOST, OTHER = "hv13", "hv14"
NAME = "busy"
MAC, HOT_MAC = "52:54:00:f1:ee:01", "52:54:00:f1:ee:02"


def disks(fleet: Fleet) -> dict[str, tuple[bool, bool]]:
    """Target to (in_live, in_config)."""
    rows = fleet.ledger.query(
        "SELECT a.target_dev, a.in_live, a.in_config FROM volume_attachments a "
        "JOIN virtual_machines m ON m.uuid = a.vm_uuid WHERE m.name = ? ORDER BY a.target_dev",
        NAME,
    )
    return {row["target_dev"]: (bool(row["in_live"]), bool(row["in_config"])) for row in rows}


def snapshots(fleet: Fleet) -> list[str]:
    rows = fleet.ledger.query(
        "SELECT name FROM vm_snapshots WHERE deleted_at IS NULL ORDER BY name"
    )
    return [row["name"] for row in rows]


def test_hot_plug_snapshots_and_a_new_start(fleet: Fleet) -> None:
    hypervisor = fleet.hypervisor(HOST)

    def image(name: str) -> Disk:
        return Disk(name, source=create_image(hypervisor, f"{NAME}-{name}.qcow2"))

    hypervisor.add_bridge("br-busy")
    nics = [Nic(MAC, "bridge", "br-busy")]
    hypervisor.define(Guest(NAME, disks=[image("vda")], nics=nics, free_slots=4).xml())
    hypervisor.start(NAME)
    fleet.sync(HOST)
    assert disks(fleet) == {"vda": (True, True)}

    hypervisor.virsh("snapshot-create-as", NAME, "first")
    hypervisor.attach(NAME, device_xml(image("vdb")), "--live")
    hypervisor.attach(NAME, device_xml(image("vdc")), "--config")
    hypervisor.attach(NAME, device_xml(image("vdd")), "--live", "--config")
    hypervisor.attach(NAME, device_xml(Nic(HOT_MAC, "bridge", "br-busy")), "--live")
    assert fleet.sync(HOST, options=("--diff",))[HOST]["changed"] == 1
    assert "disk vdb added" in fleet.printed
    assert f"interface {HOT_MAC} added" in fleet.printed
    fleet.verify()
    assert disks(fleet) == {
        "vda": (True, True),
        "vdb": (True, False),
        "vdc": (False, True),
        "vdd": (True, True),
    }
    assert snapshots(fleet) == ["first"]

    hypervisor.destroy(NAME)
    hypervisor.virsh("snapshot-delete", NAME, "first")
    hypervisor.start(NAME)
    assert fleet.sync(HOST)[HOST]["changed"] == 1
    assert disks(fleet) == dict.fromkeys(("vda", "vdc", "vdd"), (True, True))
    assert snapshots(fleet) == []
    macs = "SELECT mac_address FROM ports ORDER BY mac_address"
    assert [row["mac_address"] for row in fleet.ledger.query(macs)] == [MAC]


def test_with_the_read_only_socket_alone(fleet: Fleet) -> None:
    """A login without any right but that; what guest agents would tell is all that is lost."""
    hypervisor = fleet.hypervisor(OTHER)
    nic = Nic("52:54:00:f1:ee:03", "user")
    agent = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
    hypervisor.define(Guest("asked", nics=[nic], more_devices=agent).xml())
    hypervisor.start("asked")
    fleet.sync(OTHER)
    before = fleet.ledger.dump()
    hypervisor.run("gpasswd", "--delete", "ops", "libvirt")
    denied = hypervisor.run("su", "ops", "-c", "virsh -c qemu:///system list 2>&1 || true")
    assert "Permission denied" in denied
    login = ("-e", "ansible_user=ops")
    assert fleet.sync(OTHER, options=login)[OTHER]["changed"] == 0
    assert fleet.ledger.dump() == before
    told: dict[str, Any] = fleet.sync(OTHER, options=login, addresses=["agent"])[OTHER]
    assert (told["failed"], told["changed"]) == (0, 0)
    warned = " ".join(json.dumps(fleet.printed).replace("\\n", " ").split())
    assert "write access" in warned
    assert fleet.vms()["asked"]
    hypervisor.destroy("asked")
