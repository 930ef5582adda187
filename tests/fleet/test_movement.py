"""VMs that move between hypervisors, recorded by the playbook in either order."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from fleet.sight import Fleet

SHARED = "/srv/shared/images"
#: How each VM moves. Without --undefinesource the definition stays behind.
WAYS = {
    "live": ("--live", "--persistent", "--undefinesource"),
    "offline": ("--offline", "--persistent", "--undefinesource"),
    "left": ("--live",),
}


def add(fleet: Fleet, host: str, name: str, start: bool) -> None:
    """A VM with its disk on the storage that all hypervisors share."""
    hypervisor = fleet.hypervisor(host)
    image = create_image(hypervisor, f"{name}.qcow2", directory=SHARED)
    hypervisor.define(Guest(name, disks=[Disk("vda", source=image, cache="none")]).xml())
    if start:
        hypervisor.start(name)


@pytest.mark.parametrize(
    ("source", "target", "order"),
    [
        ("hv1", "hv2", ("hv1", "hv2")),
        ("hv3", "hv4", ("hv4", "hv3")),
        ("hv5", "hv6", ()),
    ],
    ids=["source first", "target first", "both at once"],
)
def test_migrations(fleet: Fleet, source: str, target: str, order: tuple[str, ...]) -> None:
    names = {way: f"{way}-{source}" for way in WAYS}
    for way, name in names.items():
        add(fleet, source, name, start=way != "offline")
    fleet.sync(source, target, shared_paths=[SHARED])
    before = fleet.vms("%-" + source)
    for way, flags in WAYS.items():
        more = () if way == "offline" else ("--p2p", "--unsafe")
        uri = f"qemu+tcp://{target}/system"
        fleet.hypervisor(source).virsh("migrate", names[way], uri, *flags, *more)
    for hosts in [(host,) for host in order] or [(source, target)]:
        fleet.sync(*hosts, shared_paths=[SHARED])
        fleet.verify()
        # Until the target was asked, a VM that left the source is gone, and keeps its row.
        known = "SELECT host_id, uuid FROM virtual_machines WHERE name = ? ORDER BY id LIMIT 1"
        for name in names.values():
            assert fleet.ledger.query(known, name)[0]["uuid"] == before[name][source]
    fleet.sync(source, target, shared_paths=[SHARED])
    after = fleet.vms("%-" + source)
    for way in ("live", "offline"):
        assert after[names[way]] == {target: before[names[way]][source]}, way
    # one VM has moved, and there is a definition under its UUID where it was
    left = after[names["left"]]
    assert left[target] == before[names["left"]][source]
    assert set(left) == {source, target}
    states = "SELECT host_id, state, persistent FROM virtual_machines WHERE name = ? ORDER BY state"
    assert fleet.ledger.query(states, names["left"]) == [
        {"host_id": target, "state": "running", "persistent": 0},
        {"host_id": source, "state": "shutoff", "persistent": 1},
    ]
    scopes = "SELECT DISTINCT scope FROM volumes WHERE source LIKE ?"
    assert fleet.ledger.value(scopes, f"{SHARED}/%-{source}.qcow2") == "fleet"
