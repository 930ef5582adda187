"""Facts for tests, made by the real parser from small pieces of XML."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION

#: Also for Python 3.8, the oldest on hypervisors.
Facts = Dict[str, Any]

UUID = "aaaaaaaa-0000-4000-8000-{:012d}"


def domain_xml(devices: str = "", name: str = "vm1", number: int = 1, more: str = "") -> str:
    """A domain with these devices."""
    return (
        f"<domain type='kvm'><name>{name}</name><uuid>{UUID.format(number)}</uuid>"
        "<memory unit='KiB'>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
        f"{more}<devices>{devices}</devices></domain>"
    )


def domain(devices: str = "", name: str = "vm1", number: int = 1, state: str = "shutoff") -> Facts:
    """The facts of a domain with these devices; a running one is read live and persistent."""
    text = domain_xml(devices, name, number)
    live = text.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    running = state == "running"
    return domain_facts(live if running else None, text, status=Status(state, True, False))


def device(family: str, xml: str) -> Facts:
    """The facts of one device."""
    devices = domain(xml)[family]
    assert len(devices) == 1
    return devices[0]


def answer(*domains: Facts, **more: Any) -> Facts:
    """What ``hypervisor_info`` returns for a host with these domains."""
    facts: Facts = {
        "mapping_version": MAPPING_VERSION,
        "hypervisor": {
            "host_uuid": "00000000-0000-4000-8000-0000000000aa",
            "hostname": None,
            "uri": "qemu:///system",
            "type": "QEMU",
            "libvirt_version": "9.0.0",
            "hypervisor_version": "7.2.0",
            "arch": "x86_64",
            "cpu_model": None,
            "cpu_vendor": None,
            "cpu_count": 8,
            "cpu_topology": {"nodes": 1, "sockets": 1, "cores": 4, "threads": 2},
            "memory_bytes": 2**34,
        },
        "domains": list(domains),
        "networks": [],
        "storage_pools": [],
        "errors": [],
        "complete": ["domains", "networks", "storage_pools"],
    }
    facts.update(more)
    return facts


def network(name: str = "lan", mode: str = "bridge", bridge: str | None = "br0") -> Facts:
    """The facts of a network."""
    from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
        NETWORK_FIELDS,
    )

    facts: Facts = {field.name: field.default for field in NETWORK_FIELDS}
    facts.update(name=name, mode=mode, bridge_name=bridge, unmapped={}, active=True)
    return facts


def pool(name: str = "default", path: str = "/images", volumes: Any = None, **more: Any) -> Facts:
    """The facts of a storage pool; volumes are names or facts."""
    from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
        POOL_FIELDS,
        VOLUME_FIELDS,
    )

    facts: Facts = {field.name: field.default for field in POOL_FIELDS}
    facts.update(name=name, path=path, type="dir", unmapped={}, active=True)
    facts.update(more)
    if volumes is not None:
        empty = {field.name: field.default for field in VOLUME_FIELDS}
        volumes = [
            {**empty, "name": item, "path": f"{path}/{item}", "type": "file", "format": "qcow2"}
            for item in volumes
        ]
    facts["volumes"] = volumes
    return facts
