"""The lab itself: hypervisors come up, run guests, answer ssh and Ansible, and leave no trace."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.tests.lab import scene
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Guest, Nic, device_xml
from ansible_collections.virtledger.libvirt.tests.lab.lab import (
    Hypervisor,
    Lab,
    LabError,
    remove_abandoned_labs,
)
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image

HOT_MAC = "52:54:00:1a:b0:99"


@pytest.fixture(scope="module")
def lab() -> t.Iterator[Lab]:
    with Lab() as lab:
        lab.up(2)
        yield lab


@pytest.fixture(scope="module")
def rich(lab: Lab) -> Guest:
    """A running guest on hv1, with one disk and one NIC plugged in live only."""
    hypervisor = lab.hypervisor(1)
    scene.prepare(hypervisor)
    guest = scene.rich_guest(hypervisor, "rich", "6f0d1c1e-0000-4000-8000-000000000001")
    hypervisor.define(guest.xml())
    hypervisor.start(guest.name)
    disk = Disk("vdh", source=create_image(hypervisor, "hot.qcow2"))
    hypervisor.attach(guest.name, device_xml(disk), "--live")
    hypervisor.attach(guest.name, device_xml(Nic(HOT_MAC, source="default")), "--live")
    return guest


def devices(hypervisor: Hypervisor, domain: str, path: str, *flags: str) -> list[str]:
    """One attribute of the domain's devices, named as ``disk/target@dev``."""
    path, attribute = path.split("@")
    root = ET.fromstring(hypervisor.dumpxml(domain, *flags))
    return [found.get(attribute, "") for found in root.iterfind(f"devices/{path}")]


def test_rich_guest_runs_with_all_its_devices(lab: Lab, rich: Guest) -> None:
    hypervisor = lab.hypervisor(1)
    assert hypervisor.virsh("domstate", rich.name) == "running"
    targets = devices(hypervisor, rich.name, "disk/target@dev", "--inactive")
    assert sorted(targets) == sorted(disk.target for disk in rich.disks)  # libvirt orders by bus
    macs = devices(hypervisor, rich.name, "interface/mac@address", "--inactive")
    assert macs == [nic.mac for nic in rich.nics]
    assert macs.count(scene.TWIN_MAC) == 2
    assert len(rich.disks) >= 8
    assert len(rich.nics) >= 5


def test_hot_plug_is_live_only(lab: Lab, rich: Guest) -> None:
    hypervisor = lab.hypervisor(1)
    for path, value in (("disk/target@dev", "vdh"), ("interface/mac@address", HOT_MAC)):
        assert value in devices(hypervisor, rich.name, path)
        assert value not in devices(hypervisor, rich.name, path, "--inactive")


def test_sockets_answer_outside(lab: Lab, rich: Guest) -> None:
    for number, expected in ((1, [rich.name]), (2, [])):
        hypervisor = lab.hypervisor(number)
        for uri in (hypervisor.uri, hypervisor.read_only_uri):
            command = ["virsh", "-c", uri, "list", "--name"]
            assert subprocess.check_output(command, text=True).split() == expected


@pytest.mark.parametrize("user", ["root", "ops"])
def test_ssh_logins_may_use_libvirt(lab: Lab, user: str) -> None:
    command = "id -un; hostname; virsh -c qemu:///system hostname"
    for name in ("hv1", "hv2"):
        answer = subprocess.check_output(
            ["ssh", "-n", "-F", str(lab.ssh_config), f"{user}@{name}", command], text=True
        )
        assert answer.split() == [user, name, name]


def test_ansible_reaches_the_inventory(lab: Lab) -> None:
    ansible = Path(sys.executable).with_name("ansible")
    done = subprocess.run(
        [str(ansible), "-i", str(lab.inventory), "-m", "ping", "hypervisors"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count('"ping": "pong"') == 2


def test_host_identities_differ(lab: Lab) -> None:
    uuids = {
        ET.fromstring(lab.hypervisor(n).virsh("capabilities")).findtext("host/uuid") for n in (1, 2)
    }
    assert len(uuids) == 2


def test_shared_directory_is_the_same_everywhere(lab: Lab) -> None:
    lab.hypervisor(1).sh("echo hello > /srv/shared/note")
    assert lab.hypervisor(2).sh("cat /srv/shared/note") == "hello\n"
    assert (lab.shared / "note").read_text() == "hello\n"


def test_power_cycle_keeps_definitions(lab: Lab) -> None:
    hypervisor = lab.hypervisor(2)
    hypervisor.define(Guest("survivor", machine="pc").xml())
    hypervisor.start("survivor")
    hypervisor.kill()
    with pytest.raises(LabError, match="hv2 is not running"):
        hypervisor.virsh("list")
    hypervisor.power_on()
    assert hypervisor.virsh("domstate", "survivor") == "shut off"


def test_failure_carries_the_log(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"failed to get domain 'nobody'(.|\n)*--- hv1 log"):
        lab.hypervisor(1).virsh("start", "nobody")


def namespaces() -> set[str]:
    """The network namespaces that a process is in, or that are mounted."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(process / "ns/net"))
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return found | {line.split()[3] for line in mounts if " nsfs " in line}


def own_namespaces(lab: Lab) -> set[str]:
    """Those of a lab."""
    return {f"net:[{path.stat().st_ino}]" for path in (lab.run_dir / "ns").iterdir()}


def interfaces() -> set[str]:
    """Of the machine itself."""
    return {path.name for path in Path("/sys/class/net").iterdir()}


def test_no_packet_leaves_the_machine(lab: Lab) -> None:
    """The hypervisors' switch has no other cables than theirs, no way out, and nobody to forward."""
    hub = lab.script("exec", "ip", "-o", "link").splitlines()
    assert sorted(line.split(": ")[1].split("@")[0] for line in hub) == ["br0", "lo", "v1", "v2"]
    # the other ends are known here only by the numbers of their namespaces
    assert all("link-netns" in line for line in hub if ": v" in line)
    assert lab.script("exec", "ip", "route").split()[:3] == [f"{lab.net}.0/24", "dev", "br0"]
    assert "default" not in lab.script("exec", "ip", "route")
    assert lab.script("exec", "ip", "-6", "route", "show", "default") == ""
    with socket.create_server(("0.0.0.0", 0)) as outside:
        port = outside.getsockname()[1]
        addresses = subprocess.check_output(["hostname", "-I"], text=True).split()
        # this machine's own addresses, and some that are in use for documentation only
        for address in [*(one for one in addresses if ":" not in one), "127.0.0.1", "192.0.2.1"]:
            reached = lab.hypervisor(1).sh(
                f"timeout 2 bash -c 'echo > /dev/tcp/{address}/{port}' 2>&1 && echo reached || true"
            )
            assert "reached" not in reached.splitlines()
    # and the other way round: without the lab's ssh_config nobody leaves for it
    with pytest.raises(OSError, match="No route|unreachable"):
        socket.create_connection((f"{lab.net}.11", 22), timeout=5)


def traces(name: str) -> list[str]:
    """Whatever of a lab of this name is left on the machine."""
    left = [line for line in Path("/proc/self/mounts").read_text().splitlines() if name in line]
    left += [str(path) for path in Path("/run").glob(f"*{name}*")]
    left += [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{name}")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"/vl-{name}".encode() in environment + command:
            left.append(command.decode().replace("\0", " "))
    return left


def test_down_leaves_no_trace() -> None:
    before = interfaces()
    with Lab() as lab:
        first = lab.up(1)[0]
        networks = own_namespaces(lab)
        assert len(networks) == 2
        assert networks <= namespaces()
        route = f"unreachable {lab.net}.0/24"
        first.define(Guest("short-lived").xml())
        first.start("short-lived")
        subprocess.run(["ssh", "-n", "-F", str(lab.ssh_config), "hv1", "true"], check=True)
        assert traces(lab.name)
        assert route in subprocess.check_output(["ip", "route"], text=True)
    assert traces(lab.name) == []
    assert route not in subprocess.check_output(["ip", "route"], text=True)
    assert not networks & namespaces()
    assert interfaces() <= before


def test_labs_live_side_by_side(lab: Lab) -> None:
    with Lab() as other:
        other.up(1)
        assert other.net != lab.net
        other.hypervisor(1).define(Guest("elsewhere").xml())
        assert "elsewhere" not in lab.hypervisor(1).virsh("list", "--all", "--name").split()
    assert lab.hypervisor(1).run("hostname") == "hv1\n"


def test_labs_of_dead_sessions_are_removed() -> None:
    owner = subprocess.Popen(["true"])
    owner.wait()
    abandoned = Lab(f"p{owner.pid}n1")
    abandoned.up(1)
    remove_abandoned_labs()
    assert traces(abandoned.name) == []
