"""Fixtures of the tests that run Ansible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import planted
import pytest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from runs import Runner

TEST = "http://libvirt.org/schemas/domain/test/1.0"

#: What the test driver keeps: the secrets that are always removed, and those of each choice.
BOOT = "<kernel>/k</kernel><cmdline>root=/dev/vda password=b1qz</cmdline>"
DISK = (
    "<disk type='network' device='cdrom'><source protocol='https' name='x' query='token=b2qz'>"
    "<host name='h' port='443'/><cookies><cookie name='c'>b3qz</cookie></cookies></source>"
    "<target dev='sda' bus='sata'/></disk><graphics type='vnc' passwd='b4qz'/>"
)
CHOSEN = {
    "description": planted.CHOSEN["description"][0],
    "metadata": planted.CHOSEN["metadata"][0],
    "sysinfo": planted.CHOSEN["sysinfo"][0],
}


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A lab with as many hypervisors as the module says in ``HYPERVISORS``; else one."""
    with Lab() as opened:
        opened.up(getattr(request.module, "HYPERVISORS", 1))
        yield opened


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Ansible with localhost as the only hypervisor."""
    return Runner(tmp_path)


@pytest.fixture
def node(tmp_path: Path) -> str:
    """A libvirt URI: the test driver with two running VMs, a network and a pool."""
    domain = (
        "<domain type='test'><name>{0}</name><uuid>aaaaaaaa-0000-4000-8000-00000000000{1}</uuid>"
        "<memory>524288</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
        "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/images/{0}.qcow2'/>"
        "<target dev='vda' bus='virtio'/></disk>"
        "<interface type='network'><mac address='52:54:00:00:00:0{1}'/><source network='lan'/></interface>"
        "</devices></domain>"
    )
    path = tmp_path / "node.xml"
    path.write_text(
        "<node>"
        + domain.format("web1", 1)
        + domain.format("web2", 2)
        + "<network><name>lan</name><uuid>0e700000-0000-4000-8000-000000000001</uuid>"
        "<bridge name='virbr0'/><ip address='192.0.2.1' netmask='255.255.255.0'/></network>"
        "<pool type='dir'><name>default</name><uuid>0d1c0000-0000-4000-8000-000000000001</uuid>"
        "<target><path>/images</path></target></pool></node>"
    )
    return f"test://{path}"


@pytest.fixture
def secretive(tmp_path: Path) -> str:
    """The test driver with a domain and its snapshot that are full of secrets."""
    system = "<domain type='test' {0}><name>vm</name><uuid>aaaaaaaa-0000-4000-8000-000000000077</uuid>{1}<memory>524288</memory><vcpu>1</vcpu>{2}<os><type>hvm</type>{3}</os>{4}<devices>{5}</devices></domain>"
    parts = (CHOSEN["description"] + CHOSEN["metadata"], "", BOOT, CHOSEN["sysinfo"], DISK)
    snapshot = (
        "<t:domainsnapshot><name>s</name><description>d1qz</description><state>shutoff</state>"
        "<creationTime>1700000000</creationTime>"
        + system.format("", *parts)
        + "<active>1</active></t:domainsnapshot>"
    )
    domain = system.format(f"xmlns:t='{TEST}'", *parts).replace("</domain>", snapshot + "</domain>")
    path = tmp_path / "node.xml"
    path.write_text(f"<node>{domain}</node>")
    return f"test://{path}"
