"""VMs that move between real hypervisors: migrated live and offline, copied, and lost."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import LibvirtError
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import (
    Request,
    gather,
)
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from ledgers import Ledger
from runs import Runner

HYPERVISORS = 2
SHARED = "/srv/shared/images"
UUID = "7a0d1c1e-0000-4000-8000-{:012d}"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger") / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """The ledger of all tests, as it is for a fleet."""
    opened = Ledger(path)
    yield opened
    opened.check()


def migrate(guest: Guest, source: Hypervisor, target: Hypervisor, *flags: str) -> None:
    uri = f"qemu+tcp://{target.name}/system"
    source.virsh("migrate", guest.name, uri, "--persistent", *flags)


def guest_on(hypervisor: Hypervisor, start: bool = True) -> Guest:
    """A VM with its disk on the storage that both hypervisors share."""
    number = next(_numbers)
    image = create_image(hypervisor, f"vm{number}.qcow2", directory=SHARED)
    disk = Disk("vda", source=image, cache="none")
    guest = Guest(f"vm{number}", uuid=UUID.format(number), disks=[disk])
    hypervisor.define(guest.xml())
    if start:
        hypervisor.start(guest.name)
    return guest


def sync(lab: Lab, ledger: Ledger, *hosts: str) -> dict[str, Any]:
    """What the action does, in this process; the result of the last host."""
    result: dict[str, Any] = {}
    for host in hosts:
        hypervisor = lab.hypervisor(int(host[2:]))
        request = Request(hypervisor.read_only_uri, selection=Selection(include_xml=True))
        result = ledger.record(gather(request), host, shared_paths=[SHARED])
    return result


def rows(ledger: Ledger, guest: Guest) -> dict[str, str]:
    """Host to UUID of the rows of a VM that are not marked as gone."""
    found = ledger.query(
        "SELECT host_id, uuid FROM virtual_machines WHERE name = ? AND deleted_at IS NULL",
        guest.name,
    )
    return {row["host_id"]: row["uuid"] for row in found}


def told(ledger: Ledger, uuid: str, kind: str) -> list[dict[str, Any]]:
    """The configurations of a VM in order, checked for overlaps."""
    found = ledger.query(
        "SELECT host_id, first_seen_at, last_seen_at FROM vm_configurations "
        "WHERE vm_uuid = ? AND kind = ? ORDER BY first_seen_at, id",
        uuid,
        kind,
    )
    for row, following in zip(found, found[1:], strict=False):
        assert row["first_seen_at"] <= row["last_seen_at"] <= following["first_seen_at"]
    return found


@pytest.mark.parametrize("first", ["source", "target"])
def test_live_migration(lab: Lab, ledger: Ledger, first: str) -> None:
    source, target = lab.hypervisor(1), lab.hypervisor(2)
    guest = guest_on(source)
    sync(lab, ledger, "hv1", "hv2")
    uuid = rows(ledger, guest)["hv1"]
    flags = ("--live", "--unsafe", "--p2p", "--undefinesource")
    migrate(guest, source, target, *flags)
    sync(lab, ledger, *(("hv1", "hv2") if first == "source" else ("hv2", "hv1")))
    assert rows(ledger, guest) == {"hv2": uuid}
    for kind in ("live", "config"):
        hosts = [row["host_id"] for row in told(ledger, uuid, kind)]
        assert hosts == ["hv1", "hv2"], kind
    scopes = "SELECT v.scope FROM volumes v JOIN volume_attachments a ON a.volume_id = v.id WHERE a.vm_uuid = ?"
    assert ledger.value(scopes, uuid) == "fleet"


def test_a_host_that_was_evacuated(lab: Lab, tmp_path: Path) -> None:
    """Its empty answer is refused until the other host has told where the VMs are."""
    runner = Runner(tmp_path, inventory=lab.inventory)
    source, target = lab.hypervisor(1), lab.hypervisor(2)
    for name in source.virsh("list", "--all", "--name").split():
        source.virsh("undefine", name)
    guest = guest_on(source)
    runner.playbook("virtledger.libvirt.sync")
    migrate(guest, source, target, "--live", "--unsafe", "--p2p", "--undefinesource")
    refused = runner.module("sync", host="hv1", check=False)
    assert f"the ledger has 1 of it: {guest.name}" in refused["msg"]
    runner.module("sync", host="hv2")
    assert runner.module("sync", host="hv1")["vms"]["seen"] == 0
    ledger = Ledger(runner.ledger, create=False)
    assert list(rows(ledger, guest)) == ["hv2"]
    ledger.check()


def test_a_definition_left_behind_and_the_way_back(lab: Lab, ledger: Ledger) -> None:
    source, target = lab.hypervisor(1), lab.hypervisor(2)
    guest = guest_on(source)
    sync(lab, ledger, "hv1", "hv2")
    uuid = rows(ledger, guest)["hv1"]
    source.virsh("migrate", guest.name, "qemu+tcp://hv2/system", "--live", "--unsafe", "--p2p")
    sync(lab, ledger, "hv1", "hv2", "hv1")
    after = rows(ledger, guest)
    assert after["hv2"] == uuid
    assert after["hv1"] != uuid
    states = "SELECT state, persistent FROM virtual_machines WHERE uuid = ?"
    assert ledger.query(states, uuid) == [{"state": "running", "persistent": 0}]
    assert ledger.query(states, after["hv1"]) == [{"state": "shutoff", "persistent": 1}]
    target.virsh("migrate", guest.name, "qemu+tcp://hv1/system", "--live", "--unsafe", "--p2p")
    sync(lab, ledger, "hv1", "hv2")
    assert rows(ledger, guest) == {"hv1": uuid}
    assert [row["host_id"] for row in told(ledger, uuid, "live")] == ["hv1", "hv2", "hv1"]


@pytest.mark.parametrize("first", ["source", "target"])
def test_an_offline_move(lab: Lab, ledger: Ledger, first: str) -> None:
    source, target = lab.hypervisor(1), lab.hypervisor(2)
    guest = guest_on(source, start=False)
    sync(lab, ledger, "hv1", "hv2")
    uuid = rows(ledger, guest)["hv1"]
    migrate(guest, source, target, "--offline", "--undefinesource")
    sync(lab, ledger, *(("hv1", "hv2") if first == "source" else ("hv2", "hv1", "hv2")))
    assert rows(ledger, guest) == {"hv2": uuid}
    assert [row["host_id"] for row in told(ledger, uuid, "config")] == ["hv1", "hv2"]


def test_running_on_both(lab: Lab, ledger: Ledger) -> None:
    source, target = lab.hypervisor(1), lab.hypervisor(2)
    guest = Guest(f"vm{next(_numbers)}", uuid=UUID.format(999))
    for hypervisor in (source, target):
        hypervisor.define(guest.xml())
        hypervisor.start(guest.name)
    sync(lab, ledger, "hv1", "hv2", "hv1", "hv2")
    both = rows(ledger, guest)
    assert set(both) == {"hv1", "hv2"}
    sync(lab, ledger, "hv2", "hv1")
    assert rows(ledger, guest) == both


def test_a_snapshot_reverted(lab: Lab, ledger: Ledger) -> None:
    hypervisor = lab.hypervisor(1)
    guest = guest_on(hypervisor, start=False)
    hypervisor.virsh("snapshot-create-as", guest.name, "before")
    sync(lab, ledger, "hv1")
    uuid = rows(ledger, guest)["hv1"]
    hypervisor.virsh("setvcpus", guest.name, "2", "--config", "--maximum")
    sync(lab, ledger, "hv1")
    hypervisor.virsh("snapshot-revert", guest.name, "before")
    sync(lab, ledger, "hv1")
    assert rows(ledger, guest) == {"hv1": uuid}
    assert ledger.value("SELECT v_cpu_count FROM virtual_machines WHERE uuid = ?", uuid) == 1
    assert len(told(ledger, uuid, "config")) == 3
    assert ledger.value("SELECT count(*) FROM vm_snapshots WHERE vm_uuid = ?", uuid) == 1


def test_libvirtd_killed_while_it_is_read(lab: Lab, ledger: Ledger) -> None:
    """Whatever of the answer was lost: no VM is taken for gone, and the next one is whole."""
    hypervisor = lab.hypervisor(2)
    with contextlib.closing(hypervisor.connect()) as connection:
        for number in range(200):
            name = f"many{number}"
            connection.defineXML(Guest(name, uuid=UUID.format(10000 + number)).xml())
    sync(lab, ledger, "hv2")
    count = "SELECT count(*) FROM virtual_machines WHERE name LIKE 'many%' AND deleted_at IS NULL"
    assert ledger.value(count) == 200
    restart = (
        "for i in $(seq 15); do sleep 0.0$((i % 7 + 1)); pkill -KILL -x libvirtd; sleep 0.02; "
        "rm -f /run/libvirtd.pid; libvirtd --daemon --listen; "
        "until virsh -q version > /dev/null 2>&1; do sleep 0.02; done; done"
    )
    killer = threading.Thread(target=hypervisor.sh, args=(restart,))
    killer.start()
    refused = partial = 0
    while killer.is_alive():
        try:
            partial += bool(sync(lab, ledger, "hv2")["vms"]["failed"])
        except LibvirtError:
            refused += 1
        assert ledger.value(count) == 200
    killer.join()
    assert refused + partial
    assert sync(lab, ledger, "hv2")["vms"]["failed"] == 0
    assert ledger.value(count) == 200
