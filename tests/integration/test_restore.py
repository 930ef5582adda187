"""A hypervisor is lost; its VMs are defined and started on another one, from the ledger."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest, Nic
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.networks import (
    bridged_network,
    isolated_network,
)
from ansible_collections.virtledger.libvirt.tests.lab.storage import (
    create_image,
    create_volume,
    dir_pool,
)
from ledgers import Ledger
from runs import Runner

UUID = "6f0d1c1e-0000-4000-8000-0000000000{}"
IMAGES = "/srv/shared/images"
PASSWORD = "pw7qz"
HYPERVISORS = 2
CPU = re.compile("<cpu .*</cpu>", re.DOTALL)

#: What is called otherwise on the new host.
MAPS = {
    "networks": {"closed": "inner", "lan": "inner-lan"},
    "bridges": {"br-old": "br-new"},
    "pools": {"vault": "store"},
    "paths": {IMAGES: "/mnt/images"},
}


@pytest.fixture(scope="module")
def runner(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("controller"), inventory=lab.inventory)


@dataclasses.dataclass
class Fleet:
    """Two hypervisors, the first of which had VMs and lost its power.

    :ivar old: the definitions that its libvirt printed, by name.
    """

    lab: Lab
    first: Hypervisor
    second: Hypervisor
    ledger: Ledger
    old: dict[str, str]

    def rows(self) -> dict[str, dict[str, Any]]:
        """The VMs that are there, by host and name."""
        query = "SELECT * FROM virtual_machines WHERE deleted_at IS NULL ORDER BY id"
        return {f"{row['host_id']}/{row['name']}": row for row in self.ledger.query(query)}


def guests(hypervisor: Hypervisor) -> list[Guest]:
    def image(name: str) -> str:
        return create_image(hypervisor, name, directory=IMAGES)

    volume = create_volume(hypervisor, "vault", "db.qcow2")
    return [
        Guest(
            "web",
            UUID.format("21"),
            disks=[Disk("vda", source=image("web.qcow2"), serial="WEB-1", queues=1)],
            nics=[Nic("52:54:00:1a:b0:21", source="closed", model="e1000e")],
            free_slots=2,
            vnc=True,
            video="vga",
            inputs=[("tablet", "usb")],
        ),
        Guest(
            "db",
            UUID.format("22"),
            disks=[
                Disk("vda", volume=volume, io_tune={"read_iops_sec": 500}),
                Disk("sda", "sata", "cdrom"),
            ],
            nics=[Nic("52:54:00:1a:b0:22", "bridge", "br-old", mtu=1400)],
        ),
        Guest(
            "passing",
            UUID.format("23"),
            machine="pc",
            disks=[Disk("vda", source=image("passing.qcow2"))],
            nics=[
                Nic("52:54:00:1a:b0:23", source="closed"),
                Nic("52:54:00:1a:b0:33", source="lan", portgroup="quick"),
            ],
        ),
    ]


@pytest.fixture(scope="module")
def fleet(lab: Lab, runner: Runner) -> Fleet:
    """hv1 with one VM running, one shut off and one transient; recorded; without power."""
    first, second = lab.hypervisor(1), lab.hypervisor(2)
    first.add_network(isolated_network("closed", "virbr1", "192.168.123"))
    first.add_bridge("br-old")
    first.add_network(bridged_network("lan", "br-old"))
    first.add_pool(dir_pool("vault", "/srv/shared/vault"))
    old = {}
    for guest in guests(first):
        xml = guest.xml()
        if guest.vnc:
            xml = xml.replace("<graphics ", f"<graphics passwd='{PASSWORD}' ")
        first.define(xml)
        # libvirt puts controllers that it adds itself in order when it reads its own text
        first.define(first.dumpxml(guest.name, "--inactive", "--security-info"))
        old[guest.name] = first.dumpxml(guest.name, "--inactive")
    first.start("web")
    first.virsh("autostart", "db")
    first.start("passing")
    first.undefine("passing")
    # of its CPU nobody but the definition that is gone told what it was before it ran
    was = CPU.search(first.dumpxml("passing"))
    assert was is not None
    old["passing"] = CPU.sub(was.group(), old["passing"])
    assert "hv1: 3 VMs, 3 new" in runner.playbook("virtledger.libvirt.sync", "-e", "target=hv1")
    first.kill()
    return Fleet(lab, first, second, Ledger(runner.ledger, create=False), old)


def restore(runner: Runner, *options: str, check: bool = True, **values: Any) -> str:
    """Run the playbook for hv2; values are the role's, without their prefix."""
    values = {"source_host": "hv1", **values}
    names = {f"restore_{name}": item for name, item in values.items()}
    path = runner.folder / "values.json"
    path.write_text(json.dumps({"target": "hv2", **names}))
    printed = runner.playbook("virtledger.libvirt.restore", "-e", f"@{path}", *options, check=check)
    return " ".join(printed.split())


def mapped(text: str) -> str:
    """A definition of the first host with the second one's names."""
    for names in MAPS.values():
        for before, after in names.items():
            text = text.replace(f"'{before}'", f"'{after}'").replace(f"'{before}/", f"'{after}/")
    return text


def states(hypervisor: Hypervisor) -> dict[str, str]:
    """The domains that a hypervisor has, with their states."""
    names = hypervisor.virsh("list", "--all", "--name").split()
    return {name: hypervisor.virsh("domstate", name) for name in names}


def test_refused_while_the_old_host_may_come_back(fleet: Fleet, runner: Runner) -> None:
    printed = restore(runner, check=False)
    assert "Host hv1 has these VMs according to the ledger: db, passing, web." in printed
    assert "source_lost" in printed
    assert states(fleet.second) == {}


def test_check_mode_shows_the_xml_and_defines_nothing(fleet: Fleet, runner: Runner) -> None:
    before = fleet.ledger.dump(without=())
    printed = restore(runner, "--check", "--diff", source_lost=True)
    for name in ("web", "db", "passing"):
        assert f"<name>{name}</name>" in printed
    assert "<source network='closed'/>" in printed
    assert "The host has no network 'closed', which passing, web will need to start." in printed
    assert "The host has no network 'lan', which passing will need to start." in printed
    assert "The host has no storage pool 'vault', which db will need to start." in printed
    assert "changed=1 " in printed
    assert states(fleet.second) == {}
    assert fleet.ledger.dump(without=()) == before


def test_the_vms_run_on_the_other_host(fleet: Fleet, runner: Runner) -> None:
    second = fleet.second
    second.add_network(isolated_network("inner", "virbr1", "192.168.123"))
    second.add_bridge("br-new")
    second.add_network(bridged_network("inner-lan", "br-new"))
    second.add_pool(dir_pool("store", "/srv/shared/vault"))
    second.sh(f"ln -s {IMAGES} /mnt/images")
    maps = {f"map_{name}": names for name, names in MAPS.items()}
    printed = restore(
        runner, "-vvv", "--diff", source_lost=True, start=True, autostart=True, **maps
    )
    assert "will need to start" not in printed
    assert "web: defined, started; libvirt does not tell a reader whether" in printed
    assert "passing: defined, started; it had no persistent definition" in printed
    assert "qz" not in printed
    assert states(second) == {"web": "running", "db": "running", "passing": "running"}
    for name, text in fleet.old.items():
        assert second.dumpxml(name, "--inactive") == mapped(text), name
    assert second.virsh("list", "--all", "--autostart", "--name").split() == ["db"]
    printed = restore(runner, check=False, source_lost=True)
    assert "All VMs of host hv1 are marked as gone." in printed
    printed = restore(runner, check=False, source_lost=True, vms=["web"])
    assert "web refused: it is running on the host" in printed


def test_they_are_the_same_vms_with_their_history(fleet: Fleet, runner: Runner) -> None:
    ledger = fleet.ledger
    lost = {
        row["domain_uuid"]: row["uuid"]
        for row in ledger.query("SELECT * FROM virtual_machines WHERE deleted_at IS NOT NULL")
    }
    assert len(lost) == 3
    assert fleet.rows() == {}
    printed = runner.playbook("virtledger.libvirt.sync", "-e", "target=hv2")
    (told,) = (line for line in printed.splitlines() if "hv2: 3 VMs, " in line)
    assert " new" not in told
    rows = fleet.rows()
    assert sorted(rows) == ["hv2/db", "hv2/passing", "hv2/web"]
    assert {row["domain_uuid"]: row["uuid"] for row in rows.values()} == lost
    assert {row["state"] for row in rows.values()} == {"running"}
    assert rows["hv2/passing"]["persistent"] == rows["hv2/db"]["autostart"] == 1
    for row in rows.values():
        history = ledger.query(
            "SELECT host_id, kind, last_seen_at FROM vm_configurations WHERE vm_uuid = ? ORDER BY id",
            row["uuid"],
        )
        assert {one["host_id"] for one in history if one["last_seen_at"]} == {"hv1"}
        still = [(one["host_id"], one["kind"]) for one in history if not one["last_seen_at"]]
        assert sorted(still) == [("hv2", "config"), ("hv2", "live")]
    ledger.check()
    assert "changed=0 " in runner.playbook("virtledger.libvirt.sync", "-e", "target=hv2")


def test_what_is_there_is_not_touched(fleet: Fleet, runner: Runner) -> None:
    second = fleet.second
    before = {name: second.dumpxml(name, "--inactive") for name in fleet.old}
    own = {"source_host": "hv2"}
    printed = restore(runner, **own)
    for name in before:
        assert f"{name}: unchanged" in printed
    assert "changed=0 " in printed
    for name in ("web", "db"):
        second.virsh("setvcpus", name, "2", "--maximum", "--config")
    second.destroy("web")
    printed = restore(runner, check=False, **own, vms=["web", "db"])
    assert "web refused: it is defined on the host; option 'replace' defines it again" in printed
    assert "db refused: it is running on the host" in printed
    assert "2</vcpu>" in second.dumpxml("web", "--inactive")
    printed = restore(runner, "--diff", **own, vms=["web"], replace=True)
    assert "web: redefined" in printed
    assert "- <vcpu placement='static' current='1'>2</vcpu>" in printed
    second.virsh("setvcpus", "db", "1", "--maximum", "--config")
    assert {name: second.dumpxml(name, "--inactive") for name in fleet.old} == before


def test_another_domain_of_that_name(fleet: Fleet, runner: Runner) -> None:
    second = fleet.second
    saved = second.dumpxml("web", "--inactive")
    second.undefine("web")
    second.define(Guest("web", UUID.format("29")).xml())
    printed = restore(runner, check=False, source_host="hv2", vms=["web"], replace=True)
    assert f"web refused: the host has another domain of this name, {UUID.format('29')}" in printed
    second.undefine("web")
    second.define(saved)
    second.start("web")


def test_the_old_host_comes_back(fleet: Fleet, runner: Runner) -> None:
    """It has its definitions still: the same UUIDs on two hosts are two VMs, not one."""
    before = fleet.rows()
    fleet.first.power_on()
    assert set(states(fleet.first).values()) == {"shut off"}
    printed = runner.playbook("virtledger.libvirt.sync")
    assert "hv1: 2 VMs, 2 new" in printed
    rows = fleet.rows()
    assert {name: row["uuid"] for name, row in rows.items() if row["host_id"] == "hv2"} == {
        name: row["uuid"] for name, row in before.items()
    }
    for name in ("db", "web"):
        one, other = rows[f"hv1/{name}"], rows[f"hv2/{name}"]
        assert one["domain_uuid"] == other["domain_uuid"]
        assert one["uuid"] != other["uuid"]
        assert (one["state"], other["state"]) == ("shutoff", "running")
    fleet.ledger.check()
    printed = restore(runner, check=False, source_host="hv2", vms=["web"], replace=True)
    assert "Other hosts have VMs with these UUIDs: web on hv1 (shutoff)." in printed
    for name in ("db", "web"):
        fleet.first.undefine(name)
    meant = '{"sync_allow_empty": true}'
    assert "changed=1 " in runner.playbook("virtledger.libvirt.sync", "-e", meant)
    assert sorted(fleet.rows()) == ["hv2/db", "hv2/passing", "hv2/web"]
    fleet.ledger.check()


def sealed(fleet: Fleet, runner: Runner) -> None:
    """A VM that only an archived document tells, with a password in it."""
    xml = Guest("sealed", UUID.format("24"), vnc=True).xml()
    xml = xml.replace("<graphics ", f"<graphics passwd='{PASSWORD}' ")
    fleet.second.run("mkdir", "-p", "/srv/archive")
    fleet.second.run("tee", "/srv/archive/sealed.xml", stdin=xml)
    values = {"target": "hv2", "backfill_host_id": "old", "backfill_paths": ["/srv/archive"]}
    printed = runner.playbook("virtledger.libvirt.backfill", "-vvv", "-e", json.dumps(values))
    assert "old: 1 VMs in the archive, 1 new" in printed
    assert "qz" not in printed


def password(hypervisor: Hypervisor) -> str | None:
    """That of the console of the VM, which libvirt tells who may write only."""
    xml = hypervisor.dumpxml("sealed", "--inactive", "--security-info")
    graphics = ElementTree.fromstring(xml).find("devices/graphics")
    assert graphics is not None
    return graphics.get("passwd")


def test_secrets_are_supplied_or_dropped(fleet: Fleet, runner: Runner) -> None:
    sealed(fleet, runner)
    second = fleet.second
    place = "devices/graphics/@passwd"
    wanted = {"source_host": "old", "source_lost": True, "vms": ["sealed"]}
    printed = restore(runner, check=False, **wanted)
    assert f"VM sealed needs secrets that the ledger does not keep, at {place}." in printed
    assert "sealed" not in states(second)

    supplied = {"sealed": {place: PASSWORD}}
    printed = restore(runner, "-vvv", "--check", "--diff", **wanted, secrets=supplied)
    assert 'passwd="(redacted)"' in printed
    assert "qz" not in printed
    assert "sealed" not in states(second)

    printed = restore(runner, "-vvv", "--diff", **wanted, secrets=supplied)
    assert "sealed: defined" in printed
    assert "qz" not in printed
    assert password(second) == PASSWORD

    second.undefine("sealed")
    printed = restore(runner, **wanted, drop_secrets=True)
    assert f"sealed: defined; defined without the secrets at {place}" in printed
    assert password(second) is None
    for path in runner.ledger.parent.iterdir():
        assert b"qz" not in path.read_bytes(), path


def test_a_definition_that_libvirt_refuses(fleet: Fleet, runner: Runner) -> None:
    """Nothing of it stays, and the message is libvirt's own; no secret is in it."""
    values = {"source_host": "old", "vms": ["sealed"], "replace": True}
    place = "devices/graphics/@passwd"
    printed = restore(
        runner,
        "-vvv",
        check=False,
        **values,
        source_lost=True,
        secrets={"sealed": {place: "longerthan8qz"}},
    )
    assert "sealed failed: unsupported configuration: VNC password is 13 characters long" in printed
    assert "qz" not in printed
    assert password(fleet.second) is None
