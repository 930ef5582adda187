"""The main job on a real hypervisor: libvirtd with running QEMU guests, reached by ssh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.virtledger.libvirt.tests.lab import scene
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest, Nic, device_xml
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from ledgers import Ledger
from runs import Runner

RICH = "6f0d1c1e-0000-4000-8000-000000000001"
PLAIN = "6f0d1c1e-0000-4000-8000-000000000002"
IDLE = "6f0d1c1e-0000-4000-8000-000000000003"
HOT_MAC = "52:54:00:1a:b0:99"


@pytest.fixture(scope="module")
def hypervisor(lab: Lab) -> Hypervisor:
    """A hypervisor with a rich running guest, hot-plugged devices, and two small guests."""
    found = lab.hypervisor(1)
    scene.prepare(found)
    rich = scene.rich_guest(found, "rich", RICH)
    found.define(rich.xml())
    found.start("rich")
    found.attach("rich", device_xml(Disk("vdh", source=create_image(found, "hot.qcow2"))), "--live")
    found.attach("rich", device_xml(Nic(HOT_MAC, source="default")), "--live")
    shared = next(disk for disk in rich.disks if disk.shareable)
    found.define(Guest(name="plain", uuid=PLAIN, disks=[shared]).xml())
    found.start("plain")
    found.define(Guest(name="idle", uuid=IDLE).xml())
    return found


@pytest.fixture(scope="module")
def runner(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("controller"), inventory=lab.inventory)


@pytest.fixture(scope="module")
def synced(hypervisor: Hypervisor, runner: Runner) -> Ledger:
    printed = runner.playbook("virtledger.libvirt.sync")
    assert "hv1: 3 VMs, 3 new" in printed
    return Ledger(runner.ledger, create=False)


def devices(hypervisor: Hypervisor, tag: str, *flags: str) -> list[ElementTree.Element]:
    """The elements as libvirt itself prints them."""
    return ElementTree.fromstring(hypervisor.dumpxml("rich", *flags)).findall(f"devices/{tag}")


def said(element: ElementTree.Element, path: str, attribute: str) -> str | None:
    found = element.find(path) if path else element
    return None if found is None else found.get(attribute)


def number(text: str | None) -> int | None:
    return None if text is None else int(text)


def test_every_planned_column_of_every_disk(hypervisor: Hypervisor, synced: Ledger) -> None:
    rows = {
        row["target_dev"]: row
        for row in synced.query(
            "SELECT a.*, v.source AS volume_source FROM volume_attachments a JOIN virtual_machines m ON m.uuid = a.vm_uuid "
            "LEFT JOIN volumes v ON v.id = a.volume_id WHERE m.name = 'rich'"
        )
    }
    live = devices(hypervisor, "disk")
    persistent = {said(disk, "target", "dev") for disk in devices(hypervisor, "disk", "--inactive")}
    assert len(live) == len(rows) == 11
    for disk in live:
        target = said(disk, "target", "dev")
        row = rows[str(target)]
        tune = {child.tag: child.text for child in disk.findall("iotune/*")}
        expected = {
            "device_name": target,
            "bus_type": said(disk, "target", "bus"),
            "is_read_only": int(disk.find("readonly") is not None),
            "device_type": disk.get("device"),
            "target_dev": target,
            "target_bus": said(disk, "target", "bus"),
            "driver_format": said(disk, "driver", "type"),
            "driver_queues": number(said(disk, "driver", "queues")),
            "driver_queue_size": number(said(disk, "driver", "queue_size")),
            "serial": disk.findtext("serial"),
            "shareable": int(disk.find("shareable") is not None),
            "snapshot_name": said(disk, "source/snapshot", "name"),
            "source_type": disk.get("type"),
            "in_live": 1,
            "in_config": int(target in persistent),
        }
        assert {name: row[name] for name in expected} == expected
        assert json.loads(row["io_tune_json"] or "{}") == tune
        path = said(disk, "source", "file")
        if path:
            assert row["volume_source"] == path
    assert rows["vdh"]["in_config"] == 0
    assert rows["vdb"]["io_tune_json"] is not None


def test_every_planned_column_of_every_nic(hypervisor: Hypervisor, synced: Ledger) -> None:
    rows = synced.query(
        "SELECT p.* FROM ports p JOIN virtual_machines m ON m.uuid = p.vm_uuid WHERE m.name = 'rich' ORDER BY p.ordinal"
    )
    live = devices(hypervisor, "interface")
    persistent = [
        said(nic, "mac", "address") for nic in devices(hypervisor, "interface", "--inactive")
    ]
    assert len(live) == len(rows) == 8
    references = {"network": "network", "bridge": "bridge", "direct": "dev"}
    for row, nic in zip(rows, live, strict=True):
        kind = str(nic.get("type"))
        trust = nic.get("trustGuestRxFilters")
        expected = {
            "mac_address": said(nic, "mac", "address"),
            "device_name": said(nic, "target", "dev"),
            "model_name": said(nic, "model", "type"),
            "source_type": kind,
            "source_ref": said(nic, "source", references[kind]) if kind in references else None,
            "trust_guest_rx_filters": None if trust is None else int(trust == "yes"),
            "network_name": said(nic, "source", "network"),
            "in_live": 1,
            "in_config": int(said(nic, "mac", "address") in persistent),
        }
        assert {name: row[name] for name in expected} == expected
        filter_ref = json.loads(row["filter_ref_json"] or "null")
        if nic.find("filterref") is None:
            assert filter_ref is None
        else:
            parameters = [
                [item.get("name"), item.get("value")] for item in nic.findall("filterref/parameter")
            ]
            assert filter_ref == {
                "filter": said(nic, "filterref", "filter"),
                "parameters": parameters,
            }
        port = json.loads(row["virtual_port_json"] or "null")
        assert (port is None) == (nic.find("virtualport") is None)
        tags = json.loads(row["vlan_tags_json"] or "{}").get("tags", [])
        assert [tag["id"] for tag in tags] == [
            number(tag.get("id")) for tag in nic.findall("vlan/tag")
        ]
    assert [row["mac_address"] for row in rows].count(scene.TWIN_MAC) == 2
    assert any(row["filter_ref_json"] for row in rows)
    assert {row["trust_guest_rx_filters"] for row in rows} == {0, 1, None}


def test_every_planned_column_of_the_file_system(hypervisor: Hypervisor, synced: Ledger) -> None:
    (row,) = synced.query(
        "SELECT f.* FROM filesystems f JOIN filesystem_attachments a ON a.filesystem_id = f.id"
    )
    (element,) = devices(hypervisor, "filesystem")
    assert (row["type"], row["source_path"], row["target_path"]) == (
        element.get("type"),
        said(element, "source", "dir"),
        said(element, "target", "dir"),
    )
    assert row["driver_type"] == said(element, "driver", "type")
    assert (row["usage"], row["socket_path"], row["is_read_only"]) == (None, None, 1)


def test_the_other_families_and_the_index(hypervisor: Hypervisor, synced: Ledger) -> None:
    kinds = {
        "controller": "controller",
        "input": "input_device",
        "graphics": "console",
        "video": "video_device",
    }
    vm = synced.value("SELECT uuid FROM virtual_machines WHERE name = 'rich'")
    for tag, kind in kinds.items():
        count = synced.value(
            "SELECT count(*) FROM attachment_indices WHERE vm_uuid = ? AND device_type = ?",
            vm,
            kind,
        )
        assert count == len(devices(hypervisor, tag)) > 0, kind
    (console,) = synced.query("SELECT type, port, listen_address FROM consoles")
    (element,) = devices(hypervisor, "graphics")
    assert console == {
        "type": "vnc",
        "port": int(str(element.get("port"))),
        "listen_address": element.get("listen"),
    }
    synced.check()


def test_the_vms_and_their_host(hypervisor: Hypervisor, synced: Ledger) -> None:
    rows = {row["name"]: row for row in synced.query("SELECT * FROM virtual_machines")}
    assert {name: row["state"] for name, row in rows.items()} == {
        "rich": "running",
        "plain": "running",
        "idle": "shutoff",
    }
    assert (rows["rich"]["domain_uuid"], rows["rich"]["virt_type"], rows["rich"]["os_type"]) == (
        RICH,
        "qemu",
        "hvm",
    )
    assert (rows["rich"]["in_live"], rows["rich"]["in_config"], rows["idle"]["in_live"]) == (
        1,
        1,
        0,
    )
    memory = ElementTree.fromstring(hypervisor.dumpxml("rich")).findtext("memory")
    assert rows["rich"]["memory_bytes"] == int(str(memory)) * 1024
    (host,) = synced.query("SELECT * FROM hosts")
    assert (host["id"], host["hostname"], host["type"]) == ("hv1", "hv1", "QEMU")
    assert host["host_uuid"] in hypervisor.virsh("capabilities")
    assert host["last_seen_at"] == host["last_complete_at"] is not None


def test_networks_pools_volumes_and_bindings(hypervisor: Hypervisor, synced: Ledger) -> None:
    modes = {row["name"]: row["mode"] for row in synced.query("SELECT name, mode FROM networks")}
    assert (modes["default"], modes["closed"], modes["lan"]) == ("nat", "isolated", "bridge")
    tagged = json.loads(synced.value("SELECT port_groups_json FROM networks WHERE name = 'tagged'"))
    assert any(
        tag["id"] for group in tagged if group["vlan_tags"] for tag in group["vlan_tags"]["tags"]
    )
    bound = synced.query(
        "SELECT p.mac_address, n.name FROM port_bindings b JOIN ports p ON p.id = b.port_id JOIN networks n ON n.id = b.network_id"
    )
    assert {(row["mac_address"], row["name"]) for row in bound} >= {
        (HOT_MAC, "default"),
        ("52:54:00:1a:b0:03", "lan"),
    }
    listed = hypervisor.virsh("vol-list", scene.POOL).split()
    pool = synced.query(
        "SELECT v.name, v.path, v.format FROM volumes v JOIN storage_pools s ON s.id = v.storage_pool_id WHERE s.name = ?",
        scene.POOL,
    )
    assert pool
    assert all(row["name"] in listed and row["path"] in listed for row in pool)
    shared = synced.value(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM volume_attachments WHERE volume_id IS NOT NULL GROUP BY volume_id)"
    )
    assert shared == 2


def test_a_second_sync_writes_nothing(runner: Runner, synced: Ledger) -> None:
    before = synced.dump()
    assert "changed=0 " in runner.playbook("virtledger.libvirt.sync")
    assert synced.dump() == before


def test_without_root_on_the_hypervisor(runner: Runner, synced: Ledger) -> None:
    before = synced.dump()
    assert "changed=0 " in runner.playbook("virtledger.libvirt.sync", "-e", "ansible_user=ops")
    assert synced.dump() == before


def test_addresses_from_the_arp_table(runner: Runner, synced: Ledger) -> None:
    answer = runner.module(
        "domain_info", host="hv1", name="rich", addresses=["arp", "agent"], address_timeout=5
    )
    assert len(answer["domains"]) == 1
    assert {error["object"] for error in answer["errors"]} <= {"addresses"}


def test_a_lease_is_an_address_and_a_change(
    hypervisor: Hypervisor, runner: Runner, synced: Ledger
) -> None:
    """dnsmasq notes leases where libvirt reads them; a guest without an OS cannot ask for one."""
    leases = "/var/lib/libvirt/dnsmasq/virbr0.status"
    lease = {"ip-address": "192.168.122.77", "mac-address": HOT_MAC, "expiry-time": 4102444800}
    hypervisor.sh(f"echo '{json.dumps([lease])}' > {leases}")
    answer = runner.module("sync", host="hv1")
    (entry,) = answer["changes"]
    assert f"interface {HOT_MAC}: ip_address unset -> 192.168.122.77" in entry["lines"]
    told = "SELECT ip_address, ip_addresses_json FROM ports WHERE mac_address = ?"
    (row,) = synced.query(told, HOT_MAC)
    assert row["ip_address"] == "192.168.122.77"
    assert json.loads(row["ip_addresses_json"])[0]["origin"] == "lease"
    hypervisor.sh(f"rm {leases}")
    assert runner.module("sync", host="hv1")["changed"] is True
    assert synced.query(told, HOT_MAC)[0]["ip_address"] is None


def all_but_runs(ledger: Ledger) -> dict[str, Any]:
    """Every row, but for the notes of runs: a failure is noted, and changes nothing else."""
    return {name: rows for name, rows in ledger.dump(without=()).items() if name != "sync_runs"}


def last_outcome(ledger: Ledger) -> str:
    rows = ledger.query("SELECT outcome FROM sync_runs ORDER BY last_at DESC")
    outcome: str = rows[0]["outcome"]
    return outcome


def test_access_that_is_denied(hypervisor: Hypervisor, runner: Runner, synced: Ledger) -> None:
    before = all_but_runs(synced)
    hypervisor.sh("chmod 0700 /run/libvirt/libvirt-sock-ro")
    answer = runner.module("sync", "-e", "ansible_user=ops", host="hv1", check=False)
    hypervisor.sh("chmod 0777 /run/libvirt/libvirt-sock-ro")
    assert "Access to qemu:///system is denied" in answer["msg"]
    assert "group libvirt" in answer["msg"]
    assert all_but_runs(synced) == before
    assert last_outcome(synced) == "failed"


def test_a_daemon_that_does_not_answer(
    hypervisor: Hypervisor, runner: Runner, synced: Ledger
) -> None:
    before = all_but_runs(synced)
    hypervisor.sh("pkill -STOP libvirtd")
    answer = runner.module("sync", host="hv1", check=False, timeout=3)
    hypervisor.sh("pkill -CONT libvirtd")
    assert "did not finish within 3 seconds" in answer["msg"]
    assert all_but_runs(synced) == before
    assert last_outcome(synced) == "failed"


def test_changes_on_the_hypervisor(hypervisor: Hypervisor, runner: Runner, synced: Ledger) -> None:
    """One undefined, one renamed, one disk unplugged from the definition: then the next sync."""
    uuids = {
        row["name"]: row["uuid"] for row in synced.query("SELECT name, uuid FROM virtual_machines")
    }
    hypervisor.destroy("plain")
    hypervisor.undefine("plain")
    hypervisor.virsh("domrename", "idle", "dormant")
    hypervisor.virsh("detach-disk", "rich", "sdf", "--config")
    answer = runner.module("sync", host="hv1")
    changes = {entry["name"]: entry for entry in answer["changes"]}
    assert changes["plain"]["change"] == "gone"
    assert changes["dormant"]["lines"] == ["name idle -> dormant"]
    assert "disk sdf: in_config true -> false" in changes["rich"]["lines"]
    assert answer["vms"]["unchanged"] == 0
    assert synced.value("SELECT uuid FROM virtual_machines WHERE name = 'dormant'") == uuids["idle"]
    assert synced.value("SELECT deleted_at FROM virtual_machines WHERE name = 'plain'") is not None
    assert (
        synced.value("SELECT count(*) FROM attachment_indices WHERE vm_uuid = ?", uuids["plain"])
        == 0
    )
    synced.check()
    assert "changed=0 " in runner.playbook("virtledger.libvirt.sync")


def test_a_hypervisor_that_is_off(
    lab: Lab, hypervisor: Hypervisor, runner: Runner, synced: Ledger
) -> None:
    before = all_but_runs(synced)
    hypervisor.run("pkill", "-9", "libvirtd")
    answer = runner.module("sync", host="hv1", check=False)
    assert "No connection to qemu:///system" in answer["msg"]
    assert "Nothing was recorded" in answer["msg"]
    hypervisor.kill()
    printed = runner.playbook("virtledger.libvirt.sync", check=False)
    assert "unreachable=1" in printed
    assert all_but_runs(synced) == before
    assert last_outcome(synced) == "unreachable"


def test_roles_prepare_a_hypervisor(lab: Lab, hypervisor: Hypervisor, runner: Runner) -> None:
    hypervisor.power_on()
    plays: list[dict[str, Any]] = [
        {"hosts": "hypervisors", "gather_facts": False, "roles": ["virtledger.libvirt.hypervisor"]}
    ]
    assert "failed=0" in runner.playbook(plays)
    assert Path(lab.inventory).exists()
