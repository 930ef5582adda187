"""Snapshots, checkpoints and QEMU's command line on a real hypervisor."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import planted
import pytest
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from ledgers import Ledger
from runs import Runner

SNAPPED = "6f0d1c1e-0000-4000-8000-000000000011"
CHECKED = "6f0d1c1e-0000-4000-8000-000000000012"
COMMAND_LINE = (
    f"<q:commandline xmlns:q='{planted.QEMU}'><q:arg value='-object'/>"
    "<q:arg value='secret,id=s0,data=r1qz'/><q:env name='API_TOKEN' value='r2qz'/></q:commandline>"
)


@pytest.fixture(scope="module")
def hypervisor(lab: Lab) -> Hypervisor:
    """Two running guests, one with two snapshots and secrets, one with a checkpoint."""
    found = lab.hypervisor(1)
    for name, uuid, more in (("snapped", SNAPPED, COMMAND_LINE), ("checked", CHECKED, "")):
        disk = Disk("vda", source=create_image(found, f"{name}.qcow2"))
        xml = Guest(name=name, uuid=uuid, disks=[disk], vnc=True).xml()
        xml = xml.replace("listen=", "passwd='r3qz' listen=").replace(
            "</domain>", more + "</domain>"
        )
        found.define(xml)
        found.start(name)
    found.virsh("snapshot-create-as", "snapped", "first", "--description", "before the upgrade")
    found.virsh("snapshot-create-as", "snapped", "second", "--disk-only", "--no-metadata")
    found.virsh(
        *("snapshot-create-as", "snapped", "third", "--disk-only"),
        *("--diskspec", "vda,file=/srv/third.qcow2"),
    )
    found.virsh("checkpoint-create-as", "checked", "mark")
    return found


@pytest.fixture(scope="module")
def runner(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("controller"), inventory=lab.inventory)


def gathered(runner: Runner, *options: str) -> dict[str, Any]:
    answer = runner.module("domain_info", *options, host="hv1", include_xml=True)
    assert answer["errors"] == []
    return {domain["name"]: domain for domain in answer["domains"]}


@pytest.mark.parametrize("user", ["root", "ops"])
def test_snapshots_as_libvirt_tells_them(hypervisor: Hypervisor, runner: Runner, user: str) -> None:
    snapshots = gathered(runner, "-e", f"ansible_user={user}")["snapped"]["snapshots"]
    names = hypervisor.virsh("snapshot-list", "snapped", "--name").split()
    assert [item["name"] for item in snapshots] == names == ["first", "third"]
    for item in snapshots:
        root = ElementTree.fromstring(hypervisor.virsh("snapshot-dumpxml", "snapped", item["name"]))
        assert item["kind"] == "snapshot"
        assert item["state"] == root.findtext("state")
        assert item["parent_name"] == root.findtext("parent/name")
        assert item["description"] == root.findtext("description")
        assert item["creation_time"] == int(str(root.findtext("creationTime")))
        memory = root.find("memory")
        assert memory is not None
        assert (item["memory_mode"], item["memory_file"]) == (
            memory.get("snapshot"),
            memory.get("file"),
        )
        disks = [disk.get("snapshot") for disk in root.findall("disks/disk")]
        assert [disk["@snapshot"] for disk in item["disks"]] == disks
    assert [item["memory_mode"] for item in snapshots] == ["internal", "no"]
    assert [item["is_current"] for item in snapshots] == [False, True]


def test_checkpoints_as_libvirt_tells_them(hypervisor: Hypervisor, runner: Runner) -> None:
    (item,) = gathered(runner)["checked"]["snapshots"]
    root = ElementTree.fromstring(hypervisor.virsh("checkpoint-dumpxml", "checked", "mark"))
    assert (item["kind"], item["name"], item["is_current"]) == ("checkpoint", "mark", None)
    assert item["creation_time"] == int(str(root.findtext("creationTime")))
    assert item["disks"][0]["@bitmap"] == "mark"
    assert ElementTree.fromstring(item["config_xml"]).find("domain") is not None


def test_secrets_of_a_running_guest(hypervisor: Hypervisor, runner: Runner) -> None:
    assert "r1qz" in hypervisor.dumpxml("snapped")
    answer = runner.module("domain_info", "-vvvv", host="hv1", name="snapped", include_xml=True)
    assert "qz" not in answer["_printed"]
    (domain,) = answer["domains"]
    assert "secret,id=s0,data=(redacted)" in domain["xml"]
    assert len(domain["redacted"]) == 2
    assert [len(item["redacted"]) for item in domain["snapshots"]] == [4, 4]


def test_a_sync_records_none(hypervisor: Hypervisor, runner: Runner) -> None:
    answer = runner.module("sync", "-vvvv", "--diff", host="hv1")
    assert answer["vms"]["new"] == 2
    assert "qz" not in answer["_printed"]
    ledger = Ledger(runner.ledger, create=False)
    ledger.check()
    for path in runner.ledger.parent.iterdir():
        assert b"qz" not in path.read_bytes(), path
    assert "changed=0 " in runner.playbook("virtledger.libvirt.sync")
