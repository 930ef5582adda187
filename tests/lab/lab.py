"""Hypervisors for tests: ``with Lab() as lab: lab.up(2); lab.hypervisor(1).virsh("list")``.

A typed face for the script ``lab`` beside this file, which does the work and is documented in
README.md. Every lab has a name, a state directory and a network of its own, so any number of test
sessions can have theirs at the same time.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
import time
import typing as t
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent / "lab"
STATE_ROOT = Path("/run")

#: Seconds after which a command on a hypervisor counts as hung. A cold start of several
#: hypervisors on a loaded machine stays below it.
TIMEOUT = 120.0

_OWNED = re.compile(r"vl-p(?P<pid>[0-9]+)n[0-9]+$")
_serial = itertools.count(1)


class LabError(RuntimeError):
    """Something in the lab failed; the message holds the command, its output and the lab's log."""


class Lab:
    """Hypervisors ``hv1`` to ``hvN``; as a context manager it takes them down at the end."""

    def __init__(self, name: str | None = None, net: str | None = None) -> None:
        """``net``: the first three numbers of a /24; by default the lab finds a free one."""
        self.name = name or f"p{os.getpid()}n{next(_serial)}"
        self.run_dir = STATE_ROOT / f"vl-{self.name}"
        self._net = net

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *exception: object) -> None:
        self.down()

    def up(self, count: int) -> list[Hypervisor]:
        """Start ``hv1`` to ``hv<count>``, those that run already excepted, and return them."""
        remove_abandoned_labs()
        self.script("up", str(count))
        return [self.hypervisor(number) for number in range(1, count + 1)]

    def down(self) -> None:
        """End every process and remove every trace. Nothing happens where nothing is up."""
        self.script("down")

    def hypervisor(self, number: int) -> Hypervisor:
        return Hypervisor(self, number)

    @property
    def inventory(self) -> Path:
        """An Ansible inventory with the group ``hypervisors``."""
        return self.run_dir / "inventory.ini"

    @property
    def ssh_config(self) -> Path:
        """For ``ssh -F``; the hosts are ``hv1``, ``hv2``, ..., the users root and ops."""
        return self.run_dir / "ssh_config"

    @property
    def shared(self) -> Path:
        """The directory that every hypervisor has at ``/srv/shared``."""
        return self.run_dir / "shared"

    @property
    def net(self) -> str:
        """The first three numbers of the /24 between the hypervisors."""
        return (self.run_dir / "net").read_text().strip()

    def log(self) -> str:
        """What the hypervisors said, libvirtd's warnings included; empty where nothing is up."""
        return self._call(["log"], None, TIMEOUT).stdout

    def script(self, *arguments: str, stdin: str | None = None, timeout: float = TIMEOUT) -> str:
        """Run ``lab`` with these arguments; its standard output, or `LabError`."""
        command = " ".join(["lab", *arguments])
        try:
            done = self._call(arguments, stdin, timeout)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{command}: no answer in {timeout:g} s\n{self.log()}") from error
        if done.returncode:
            output = (done.stderr + done.stdout).strip()
            raise LabError(f"{command}: exit status {done.returncode}\n{output}\n{self.log()}")
        return done.stdout

    def _call(
        self, arguments: t.Sequence[str], stdin: str | None, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LAB_NAME": self.name, "LAB_RUN": str(self.run_dir)}
        environment.pop("LAB_NET", None)
        if self._net:
            environment["LAB_NET"] = self._net
        return subprocess.run(
            [str(SCRIPT), *arguments],
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
            check=False,
        )


class Hypervisor:
    """One machine of a lab."""

    def __init__(self, lab: Lab, number: int) -> None:
        self.lab = lab
        self.name = f"hv{number}"

    @property
    def uri(self) -> str:
        """The libvirt URI for a client on this machine, without ssh."""
        return f"qemu+unix:///system?socket={self._socket('libvirt-sock')}"

    @property
    def read_only_uri(self) -> str:
        """The same for a connection that may only read."""
        return f"qemu+unix:///system?socket={self._socket('libvirt-sock-ro')}"

    def _socket(self, name: str) -> Path:
        return self.lab.run_dir / self.name / "sock" / name

    def run(self, *argv: str, stdin: str | None = None, timeout: float = TIMEOUT) -> str:
        """Run a program as root on the hypervisor; its standard output, or `LabError`."""
        return self.lab.script("sh", self.name, *argv, stdin=stdin, timeout=timeout)

    def sh(self, command: str, timeout: float = TIMEOUT) -> str:
        """Run a shell command, which stops at the first failure."""
        return self.run("bash", "-euo", "pipefail", "-c", command, timeout=timeout)

    def virsh(self, *arguments: str, stdin: str | None = None, timeout: float = TIMEOUT) -> str:
        return self.run("virsh", "-q", *arguments, stdin=stdin, timeout=timeout).strip()

    def define(self, xml: str) -> None:
        """Define a domain."""
        self.virsh("define", "/dev/stdin", stdin=xml)

    def start(self, domain: str) -> None:
        self.virsh("start", domain)

    def destroy(self, domain: str) -> None:
        """Stop a domain at once; it stays defined."""
        self.virsh("destroy", domain)

    def undefine(self, domain: str) -> None:
        self.virsh("undefine", domain, "--nvram", "--managed-save", "--snapshots-metadata")

    def attach(self, domain: str, device_xml: str, *flags: str) -> None:
        """Plug a device in: ``--live``, ``--config``, or both."""
        self.virsh("attach-device", domain, "/dev/stdin", *flags, stdin=device_xml)

    def dumpxml(self, domain: str, *flags: str) -> str:
        return self.virsh("dumpxml", domain, *flags)

    def add_network(self, xml: str, start: bool = True) -> None:
        """Define a libvirt network and, unless told otherwise, start it."""
        self.virsh("net-define", "/dev/stdin", stdin=xml)
        if start:
            self.virsh("net-start", _name_in(xml))

    def add_pool(self, xml: str) -> None:
        """Define, build and start a storage pool."""
        self.virsh("pool-define", "/dev/stdin", stdin=xml)
        self.virsh("pool-build", _name_in(xml))
        self.virsh("pool-start", _name_in(xml))

    def add_bridge(self, name: str) -> None:
        """A Linux bridge, which is up and has no port."""
        self.run("ip", "link", "add", name, "type", "bridge")
        self.run("ip", "link", "set", name, "up")

    def kill(self) -> None:
        """Power loss: all processes end at once, what is on disk stays."""
        self.lab.script("kill", self.name)

    def power_on(self) -> None:
        self.lab.script("start", self.name)

    def connect(self) -> t.Any:
        """A ``libvirt.virConnect`` of this Python's binding."""
        try:
            import libvirt
        except ImportError as error:
            raise LabError("no libvirt binding here: pip install libvirt-python") from error
        return libvirt.open(self.uri)


def _name_in(xml: str) -> str:
    found = re.search(r"<name>([^<]+)</name>", xml)
    if found is None:
        raise LabError(f"no <name> in {xml}")
    return found.group(1)


def remove_abandoned_labs() -> None:
    """Take down labs of test sessions that were killed before they could do it themselves."""
    for state in STATE_ROOT.glob("vl-p*n*"):
        owner = _OWNED.search(state.name)
        if owner and not Path("/proc", owner["pid"]).exists():
            with contextlib.suppress(LabError):
                Lab(state.name[len("vl-") :]).down()


def wait_until(condition: t.Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Poll ``condition``; `LabError` naming ``what`` when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not in {seconds:g} s")
        time.sleep(0.1)
