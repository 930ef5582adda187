"""The archive of VMs whose configurations change on a real hypervisor, and their snapshots."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest, Nic, device_xml
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.networks import isolated_network
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from ledgers import Ledger
from runs import Runner

UUID = "6f0d1c1e-0000-4000-8000-0000000000{}"
PTY = "<serial type='pty'/><console type='pty'/>"

#: Takes the first free pseudo-terminal for a minute.
HOLD = (
    "import os, time\n"
    "master, _ = os.openpty()\n"
    "if os.fork() == 0:\n"
    "    os.setsid()\n"
    "    null = os.open('/dev/null', os.O_RDWR)\n"
    "    for number in (0, 1, 2): os.dup2(null, number)\n"
    "    time.sleep(60)\n"
)


@pytest.fixture(scope="module")
def hypervisor(lab: Lab) -> Hypervisor:
    """Guests web (running, with a NIC), quiet (running, without) and idle."""
    found = lab.hypervisor(1)
    found.add_network(isolated_network("closed", "virbr1", "192.168.123"))
    guests = [
        Guest(
            "web",
            UUID.format("41"),
            disks=[Disk("vda", source=create_image(found, "web.qcow2"))],
            nics=[Nic("52:54:00:1a:b0:41", source="closed")],
            free_slots=3,
            memory_mib=32,
        ),
        Guest("quiet", UUID.format("42"), machine="pc", more_devices=PTY),
        Guest(
            "idle",
            UUID.format("43"),
            disks=[Disk("vda", source=create_image(found, "idle.qcow2"))],
        ),
    ]
    for guest in guests:
        found.define(guest.xml())
    for name in ("web", "quiet"):
        found.start(name)
    return found


@pytest.fixture(scope="module")
def runner(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("controller"), inventory=lab.inventory)


class Times:
    """Moments between recordings."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}

    def note(self, name: str) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        self._by_name[name] = now.isoformat()

    def __getitem__(self, name: str) -> str:
        return self._by_name[name]


@pytest.fixture(scope="module")
def times() -> Times:
    return Times()


@pytest.fixture(scope="module")
def ledger(hypervisor: Hypervisor, runner: Runner, times: Times) -> Ledger:
    times.note("before")
    sync(runner)
    times.note("first")
    return Ledger(runner.ledger, create=False)


def sync(runner: Runner) -> dict[str, list[str]]:
    """Record the hypervisor; what changed, by the name of the VM."""
    answer = runner.module("sync", host="hv1")
    return {entry["name"]: entry["lines"] for entry in answer["changes"]}


def configurations(ledger: Ledger, name: str, kind: str) -> list[dict[str, Any]]:
    return ledger.query(
        "SELECT c.* FROM vm_configurations c JOIN virtual_machines m ON m.uuid = c.vm_uuid "
        "WHERE m.name = ? AND c.kind = ? ORDER BY c.id",
        name,
        kind,
    )


def xml(ledger: Ledger, name: str, kind: str = "auto", at: str = "") -> str:
    (one,) = regenerate_all(ledger.database, [f"hv1/{name}"], Wanted(kind, at))
    return one.text.rstrip()


def test_live_and_persistent_are_apart(hypervisor: Hypervisor, ledger: Ledger) -> None:
    (live,) = configurations(ledger, "web", "live")
    (config,) = configurations(ledger, "web", "config")
    assert (live["flags"], config["flags"]) == (0, 2)
    assert live["first_seen_at"] == config["first_seen_at"] is not None
    assert live["last_seen_at"] is config["last_seen_at"] is None
    assert xml(ledger, "web", "live") == hypervisor.dumpxml("web")
    assert xml(ledger, "web") == hypervisor.dumpxml("web", "--inactive")
    assert configurations(ledger, "idle", "live") == []
    assert xml(ledger, "idle") == hypervisor.dumpxml("idle")


def test_a_second_sync_writes_no_row(runner: Runner, ledger: Ledger) -> None:
    before = ledger.dump()
    assert sync(runner) == {}
    assert ledger.dump() == before


def test_what_is_plugged_in_live_only(
    hypervisor: Hypervisor, runner: Runner, ledger: Ledger, times: Times
) -> None:
    seen = ledger.value("SELECT last_seen_at FROM hosts")
    disk = Disk("vdh", source=create_image(hypervisor, "hot.qcow2"))
    hypervisor.attach("web", device_xml(disk), "--live")
    assert sync(runner) == {"web": ["disk vdh added"]}
    times.note("plugged")
    first, second = configurations(ledger, "web", "live")
    assert (first["last_seen_at"], second["last_seen_at"]) == (seen, None)
    assert len(configurations(ledger, "web", "config")) == 1
    assert xml(ledger, "web", "live") == hypervisor.dumpxml("web")
    assert "vdh" not in xml(ledger, "web")
    before = ledger.dump()
    assert sync(runner) == {}
    assert ledger.dump() == before


def test_at_a_time_and_by_digest(
    runner: Runner, hypervisor: Hypervisor, ledger: Ledger, times: Times
) -> None:
    hypervisor.virsh("setvcpus", "web", "2", "--maximum", "--config")
    assert list(sync(runner)) == ["web"]
    times.note("third")
    assert "'vdh'" not in xml(ledger, "web", "live", times["first"])
    assert "'vdh'" in xml(ledger, "web", "live", times["plugged"])
    assert ">1</vcpu>" in xml(ledger, "web", at=times["plugged"])
    assert "current='1'>2</vcpu>" in xml(ledger, "web", at=times["third"])
    with pytest.raises(RegenerationError, match="no config or live configuration of VM web"):
        xml(ledger, "web", at=times["before"])
    for kind in ("live", "config"):
        found = configurations(ledger, "web", kind)
        assert len(found) == 2
        texts = [xml(ledger, "web", at=row["digest"][:12]) for row in found]
        assert len(set(texts)) == 2
        assert texts[-1] == xml(ledger, "web", kind)
    term = "lookup('virtledger.libvirt.domain_xml', 'hv1/web', kind='live', at=at)"
    task = {"ansible.builtin.debug": {"msg": "{{ " + term + " }}"}, "vars": {"at": times["first"]}}
    printed = runner.tasks([task])
    assert "<name>web</name>" in printed
    assert "'vdh'" not in printed


def test_what_moves_by_itself(
    hypervisor: Hypervisor, runner: Runner, ledger: Ledger, times: Times
) -> None:
    """A restart changes the numbers of domain and terminal; of a NIC also name and port."""
    before = hypervisor.dumpxml("quiet")
    for name in ("web", "quiet"):
        hypervisor.destroy(name)
    hypervisor.run("python3", "-c", HOLD)
    for name in ("web", "quiet"):
        hypervisor.start(name)
    after = hypervisor.dumpxml("quiet")
    assert "/dev/pts/" in after
    assert after.split("\n")[0] != before.split("\n")[0]
    assert after.count("/dev/pts/0") != before.count("/dev/pts/0")
    changes = sync(runner)
    assert list(changes) == ["web"]
    assert any("device_name" in line and "vnet" in line for line in changes["web"])
    assert len(configurations(ledger, "quiet", "live")) == 1
    assert len(configurations(ledger, "web", "live")) == 3
    assert sync(runner) == {}


@pytest.mark.parametrize("name", ["web", "idle"])
def test_memory_of_a_definition(
    hypervisor: Hypervisor, runner: Runner, ledger: Ledger, name: str
) -> None:
    """What the balloon does is no change; what somebody sets for the next start is one."""
    hypervisor.virsh("setmem", name, "12M", "--config")
    assert list(sync(runner)) == [name]
    assert xml(ledger, name) == hypervisor.dumpxml(name, "--inactive")
    assert "<currentMemory unit='KiB'>12288</currentMemory>" in xml(ledger, name)
    size = ledger.value("SELECT current_memory_bytes FROM virtual_machines WHERE name = ?", name)
    assert size == (32 if name == "web" else 12) * 2**20
    assert sync(runner) == {}


def test_a_vm_that_stops(hypervisor: Hypervisor, runner: Runner, ledger: Ledger) -> None:
    hypervisor.destroy("quiet")
    changes = sync(runner)
    assert "state running -> shutoff" in changes["quiet"]
    (live,) = configurations(ledger, "quiet", "live")
    assert live["last_seen_at"] is not None
    with pytest.raises(RegenerationError, match="no live configuration of VM quiet"):
        xml(ledger, "quiet", "live")
    assert "id=" in xml(ledger, "quiet", "live", live["digest"]).split("\n")[0]
    ledger.check()


def test_snapshots_and_checkpoints_come_and_go(
    hypervisor: Hypervisor, runner: Runner, ledger: Ledger
) -> None:
    query = (
        "SELECT s.kind, s.name, s.parent_name, s.description, s.is_current FROM vm_snapshots s "
        "JOIN virtual_machines m ON m.uuid = s.vm_uuid WHERE m.name = ? ORDER BY s.id"
    )
    before = configurations(ledger, "idle", "config")
    hypervisor.virsh("snapshot-create-as", "idle", "one", "--description", "clean")
    hypervisor.virsh("snapshot-create-as", "idle", "two")
    hypervisor.virsh("checkpoint-create-as", "web", "mark")
    changes = sync(runner)
    assert changes["idle"] == ["snapshot one added", "snapshot two added"]
    assert "checkpoint mark added" in changes["web"]
    columns = ("kind", "name", "parent_name", "description", "is_current")
    assert [tuple(row[name] for name in columns) for row in ledger.query(query, "idle")] == [
        ("snapshot", "one", None, "clean", 0),
        ("snapshot", "two", "one", None, 1),
    ]
    assert [row["kind"] for row in ledger.query(query, "web")] == ["checkpoint"]
    assert configurations(ledger, "idle", "config") == before
    assert sync(runner) == {}

    hypervisor.virsh("snapshot-delete", "idle", "one")
    hypervisor.virsh("checkpoint-delete", "web", "mark")
    changes = sync(runner)
    assert "snapshot one removed" in changes["idle"]
    assert changes["web"] == ["checkpoint mark removed"]
    assert [(row["name"], row["parent_name"]) for row in ledger.query(query, "idle")] == [
        ("two", None)
    ]
    assert ledger.query(query, "web") == []
    ledger.check()
