"""Hosts that die, hang and stall while the others are recorded: nothing is lost, all is noted."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, wait_until
from fleet.sight import Fleet

HUNG, STALLED, DEAD, CUT, RESTARTED, GOOD = HOSTS = ("hv7", "hv8", "hv9", "hv10", "hv11", "hv12")

#: Seconds that one host may take; and those in which its module has begun, on a busy machine too.
TIMEOUT, BEGIN = 25, 180


class Played(threading.Thread):
    """A playbook at work, meanwhile the test does something to the hosts."""

    def __init__(self, fleet: Fleet, *hosts: str, **role: Any) -> None:
        super().__init__()
        self._run = lambda: fleet.sync(*hosts, check=False, options=("--forks", "8"), **role)
        self.recap: dict[str, dict[str, int]] = {}

    def run(self) -> None:
        self.recap = self._run()


def is_read(hypervisor: Hypervisor) -> bool:
    """The module has a connection to libvirt; nothing else on a hypervisor is written in Python."""
    sockets = hypervisor.sh(
        "for pid in $(pgrep -x python3); do"
        " find /proc/$pid/fd -name '[3-9]*' -lname 'socket:*' 2> /dev/null; done || true"
    )
    return bool(sockets.strip())


def is_idle(hypervisor: Hypervisor) -> bool:
    """No module is at work there."""
    return not hypervisor.sh("pgrep -x python3 || true").strip()


def signal(hypervisor: Hypervisor, name: str, program: str) -> None:
    hypervisor.run("pkill", f"-{name}", "-x", program)


@contextlib.contextmanager
def stopped(fleet: Fleet, *hosts: str, program: str = "libvirtd") -> Iterator[None]:
    """A program does nothing for the time being, on those hosts that live to see the end of it."""
    for host in hosts:
        signal(fleet.hypervisor(host), "STOP", program)
    try:
        yield
    finally:
        for line in fleet.lab.script("list").splitlines():
            host = line.split()[0]
            if host in hosts and " up " in line:
                signal(fleet.hypervisor(host), "CONT", program)


def cable(fleet: Fleet, host: str, state: str) -> None:
    """Pull a host's cable out of the switch, ``down``, or plug it in, ``up``."""
    fleet.lab.script("exec", "ip", "link", "set", f"v{host[2:]}", state)


def restart_libvirtd(hypervisor: Hypervisor) -> None:
    """As when it crashed; it starts anew at once."""
    hypervisor.sh(
        "pkill -KILL -x libvirtd; while pgrep -x libvirtd > /dev/null; do sleep 0.05; done;"
        "rm -f /run/libvirtd.pid; libvirtd --daemon --listen;"
        "until virsh -q version > /dev/null 2>&1; do sleep 0.05; done"
    )


def happenings(fleet: Fleet) -> dict[str, Callable[[], None]]:
    """What happens to a host while it is read."""
    return {
        DEAD: fleet.hypervisor(DEAD).kill,
        CUT: functools.partial(cable, fleet, CUT, "down"),
        RESTARTED: functools.partial(restart_libvirtd, fleet.hypervisor(RESTARTED)),
    }


def test_everything_that_can_happen_to_a_host(fleet: Fleet) -> None:
    """libvirtd and sshd that do not answer; power, network and libvirtd lost while they are read."""
    fleet.sync(*HOSTS)
    before = fleet.vms()
    assert len(before) == len(HOSTS)
    with stopped(fleet, HUNG, DEAD, CUT, RESTARTED), stopped(fleet, STALLED, program="sshd"):
        played = Played(fleet, *HOSTS, timeout=TIMEOUT)
        played.start()
        for host, happens in happenings(fleet).items():
            is_there = functools.partial(is_read, fleet.hypervisor(host))
            wait_until(is_there, f"{host} is read", BEGIN)
            happens()
        played.join()
    cable(fleet, CUT, "up")
    assert fleet.outcomes() == {
        HUNG: "failed",
        STALLED: "unreachable",
        DEAD: "unreachable",
        CUT: "unreachable",
        RESTARTED: "failed",
        GOOD: "recorded",
    }
    assert {host: one["unreachable"] for host, one in played.recap.items()} == {
        host: int(host in (STALLED, DEAD, CUT)) for host in HOSTS
    }
    assert f"did not finish within {TIMEOUT} seconds" in fleet.printed
    assert fleet.vms() == before
    fleet.verify()
    fleet.hypervisor(DEAD).power_on()
    wait_until(lambda: is_idle(fleet.hypervisor(CUT)), "the module has ended", BEGIN)
    again = fleet.sync(*HOSTS)
    assert {one["failed"] + one["unreachable"] + one["changed"] for one in again.values()} == {0}
    assert fleet.vms() == before
