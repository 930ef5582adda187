"""However a play goes over its hosts, each of them is recorded once and whole."""

from __future__ import annotations

from typing import Any

import pytest
from fleet.conftest import HYPERVISORS
from fleet.sight import Fleet, recap

ALL = [f"hv{number}" for number in range(1, HYPERVISORS + 1)]
FEW = ("hv17", "hv18", "hv19", "hv20")


def changed(numbers: dict[str, dict[str, int]]) -> dict[str, int]:
    """The number of changes by host; nothing has gone wrong on any."""
    assert all(one["failed"] == one["unreachable"] == 0 for one in numbers.values())
    return {host: one["changed"] for host, one in numbers.items()}


def test_twenty_hosts_at_once_in_a_file(fleet: Fleet) -> None:
    first = changed(fleet.sync(options=("--forks", "20")))
    assert first == dict.fromkeys(ALL, 1)
    assert [list(rows) for name, rows in fleet.vms("seed-%").items()] == [
        [name] for name in sorted(ALL)
    ]
    before = fleet.ledger.dump()
    assert changed(fleet.sync(options=("--forks", "20"))) == dict.fromkeys(ALL, 0)
    assert fleet.ledger.dump() == before


def test_twenty_hosts_at_once_on_a_server(postgresql: str, fleet: Fleet) -> None:
    """Each waits for none of the others, and the strategy `free` lets them go on alone."""
    fleet.record_in(postgresql)
    fleet.runner.playbook("virtledger.libvirt.schema")
    fleet.runner.environment["ANSIBLE_STRATEGY"] = "free"
    assert changed(fleet.sync(options=("--forks", "20"))) == dict.fromkeys(ALL, 1)
    assert fleet.printed.count("TASK [Evaluate the findings]") == 1
    assert '"hosts: 20 ok"' in fleet.printed
    assert set(fleet.vms("seed-%")) == {f"seed-{host}" for host in ALL}
    assert set(fleet.outcomes().items()) == {(host, "recorded") for host in ALL}


def test_batches_and_one_at_a_time(fleet: Fleet) -> None:
    """The ledger is prepared in the first batch, once."""
    fleet.record_in(f"sqlite:///{fleet.runner.folder}/own.db")
    play: dict[str, Any] = {
        "hosts": ",".join(FEW),
        "gather_facts": False,
        "serial": [1, "75%"],
        "roles": [
            {"role": "virtledger.libvirt.ledger"},
            {"role": "virtledger.libvirt.sync", "throttle": 1},
        ],
    }
    printed = fleet.runner.playbook([play])
    assert printed.count("PLAY [") == 2
    assert changed(recap(printed)) == {FEW[0]: 2, **dict.fromkeys(FEW[1:], 1)}
    assert recap(fleet.runner.playbook([play]))[FEW[1]]["changed"] == 0


def test_a_limit_and_check_mode(fleet: Fleet) -> None:
    """What a run is not about stays as it is; what it only looks at does, too."""
    fleet.sync(*FEW)
    hypervisor = fleet.hypervisor(FEW[0])
    for host in FEW[:2]:
        fleet.hypervisor(host).virsh("desc", f"seed-{host}", f"about {host}", "--config")
    before = fleet.ledger.dump(without=())
    planned = fleet.sync(*FEW, options=("--check", "--diff"))
    assert changed(planned) == {FEW[0]: 1, FEW[1]: 1, FEW[2]: 0, FEW[3]: 0}
    assert f"description unset -> about {FEW[1]}" in fleet.printed
    assert fleet.ledger.dump(without=()) == before
    assert changed(fleet.sync(options=("--limit", FEW[0]))) == {FEW[0]: 1}
    told = fleet.ledger.query("SELECT host_id, description FROM virtual_machines ORDER BY host_id")
    assert [row["description"] for row in told] == [f"about {FEW[0]}", None, None, None]
    hypervisor.virsh("desc", f"seed-{FEW[0]}", "", "--config")


@pytest.mark.parametrize("poll", [0, 5])
def test_in_the_background(fleet: Fleet, poll: int) -> None:
    task: dict[str, Any] = {"virtledger.libvirt.sync": {}, "async": 60, "poll": poll}
    printed = fleet.runner.tasks([task], "--limit", FEW[0], check=False)
    assert recap(printed)[FEW[0]]["failed"] == 1
    assert "works on the controller and cannot run in the background" in printed
    assert "remove 'async' and 'poll'" in printed
    assert not fleet.runner.ledger.exists()
