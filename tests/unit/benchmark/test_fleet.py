"""The made-up fleet: the same for the same seed, unique where it has to be, taken by libvirt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import libvirt
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from benchmark import fleet_xml
from benchmark.fleet import EVEN, Fleet, Rate, Variety

NOTHING = Rate(changed=0, devices=0, switched=0, deleted=0, created=0)


def test_the_same_seed_makes_the_same_fleet() -> None:
    one, other = Fleet(seed=3).host(5, 40), Fleet(seed=3).host(5, 40)
    assert one.node() == other.node()
    assert one.after().node() == other.after().node()
    assert one.node() != Fleet(seed=4).host(5, 40).node()


def test_what_is_unique_is_so_in_the_whole_fleet() -> None:
    machines = [
        machine
        for host in Fleet().hosts(20, 50)
        for machine in host.after(Rate(devices=0.5, created=0.2)).machines
    ]
    for values in (
        [machine.name for machine in machines],
        [machine.uuid for machine in machines],
        [machine.mac(nic) for machine in machines for nic in machine.nics],
    ):
        assert Counter(values).most_common(1)[0][1] == 1
    targets = [[disk.letter for disk in machine.disks] for machine in machines]
    assert all(len(set(letters)) == len(letters) for letters in targets)


def test_the_driver_takes_a_host_and_says_what_it_is(tmp_path: Path) -> None:
    host = Fleet().host(7, 200)
    connection = libvirt.openReadOnly(host.write(tmp_path))
    active = {
        domain.name()
        for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    }
    connection.close()
    assert active == {machine.name for machine in host.machines if machine.running}
    facts = host.facts(tmp_path)
    assert facts["errors"] == []
    assert facts["complete"] == ["networks", "storage_pools", "domains"]
    told = {domain["uuid"]: domain for domain in facts["domains"]}
    assert len(told) == 200
    for machine in host.machines:
        domain = told[machine.uuid]
        assert domain["warnings"] == []
        disks = [disk for disk in domain["volume_attachments"] if disk["device_type"] != "cdrom"]
        assert sorted(disk["target_dev"][2:] for disk in disks) == [d.letter for d in machine.disks]
        assert Counter(disk["source_type"] for disk in disks) == Counter(
            disk.kind for disk in machine.disks
        )
        assert [port["mac_address"] for port in domain["ports"]] == [
            machine.mac(nic) for nic in machine.nics
        ]
        assert len(domain["snapshots"]) == machine.snapshots
    devices = Counter(port["source_type"] for domain in told.values() for port in domain["ports"])
    assert set(devices) == {"network", "bridge", "direct", "hostdev"}


def test_even_fleets_have_what_the_targets_are_stated_for() -> None:
    for machine in Fleet(variety=EVEN).host(1, 50).machines:
        assert (len(machine.disks), len(machine.nics), machine.cdrom) == (4, 3, False)


def test_a_definition_for_another_hypervisor_has_the_same_devices() -> None:
    machine = Fleet(variety=Variety(cdrom=1.0)).host(1, 1).machines[0]
    texts = [fleet_xml.domain(machine, kind) for kind in ("test", "qemu")]
    test, qemu = (domain_facts(None, text) for text in texts)
    for family, field in (("volume_attachments", "target_dev"), ("ports", "mac_address")):
        assert [d[field] for d in test[family]] == [d[field] for d in qemu[family]]
    assert "<address type='pci'" not in texts[1].replace("<source><address", "")


def test_a_round_changes_as_much_as_it_is_told() -> None:
    host = Fleet().host(2, 200)
    assert host.after(NOTHING).machines == host.machines
    before = {machine.uuid: machine for machine in host.machines}
    later = host.after(NOTHING._replace(changed=0.05, deleted=0.02, created=0.03))
    after = {machine.uuid: machine for machine in later.machines}
    assert len(before.keys() - after.keys()) == 4
    assert len(after.keys() - before.keys()) == 6
    changed = [uuid for uuid in before.keys() & after.keys() if before[uuid] != after[uuid]]
    assert len(changed) == 10
    switched = host.after(NOTHING._replace(switched=0.01)).machines
    assert sum(one.running != machine.running for one, machine in zip(switched, host.machines)) == 2


def test_devices_come_and_go() -> None:
    host = Fleet().host(2, 200)
    rebuilt = host.after(NOTHING._replace(devices=1.0)).machines
    steps = Counter(
        (len(one.disks) - len(machine.disks), len(one.nics) - len(machine.nics))
        for one, machine in zip(rebuilt, host.machines)
    )
    assert {(1, 0), (-1, 0), (0, 1), (0, -1)} <= set(steps)
    assert (0, 0) not in steps or steps[0, 0] < 20
