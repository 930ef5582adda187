"""Fixtures of the tests that run Ansible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from runs import Runner


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
