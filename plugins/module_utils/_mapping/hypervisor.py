# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of a hypervisor's networks, storage pools and volumes."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    UNSIGNED,
    UUID,
    YES_NO,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Field,
    Shape,
    derived,
    present,
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._net_shapes import (
    VIRTUAL_PORT,
    VLAN,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    TREE,
    size_in_bytes,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import (
    Report,
    Walk,
)

Facts = t.Dict[str, t.Any]

_in_bytes = size_in_bytes("bytes")

_PORT_GROUP = Walk(
    (
        value("name", "@name", "name"),
        value("is_default", "@default", "used by NICs that name none", to=YES_NO),
        value("trust_guest_rx_filters", "@trustGuestRxFilters", "as of a port", to=YES_NO),
        shaped("vlan_tags", "vlan", "trunk and tags", VLAN),
        shaped("virtual_port", "virtualport", "type and parameters", VIRTUAL_PORT),
    )
)


def _port_group(element: t.Any, path: str, report: Report) -> Facts:
    """``{"name": "dev", "is_default": null, "vlan_tags": .., "virtual_port": ..}``."""
    inner = Report()
    group = _PORT_GROUP.read(element, inner)
    for below, text in inner.unmapped.items():
        report.unmapped[path + "/" + below] = text
    report.warnings.extend((path + "/" + below, text, why) for below, text, why in inner.warnings)
    return group


def _mode(network: Facts, report: t.Any) -> str:
    """libvirt's forward mode; no ``<forward>`` at all isolates the network."""
    if not network["forwarded"]:
        return "isolated"
    return network["forward_mode"] or "nat"


#: Whether libvirt has it started, keeps its definition, and starts it with the daemon.
LIFECYCLE_FIELDS = (
    Field("active", "", "it is started", type="bool"),
    Field("persistent", "", "libvirt keeps a definition of it", type="bool"),
    Field("autostart", "", "it starts with the hypervisor", type="bool"),
)

_UNMAPPED = Field("unmapped", "", "what no other field holds, path to text", type="dict")

NETWORK_FIELDS = (
    (
        value("uuid", "uuid", "libvirt's UUID of the network", to=UUID),
        value("name", "name", "name on its hypervisor"),
        value("bridge_name", "bridge/@name", "bridge on the host"),
        derived(
            "mode",
            "V(nat), V(route), V(open), V(bridge), V(private), V(vepa), V(passthrough), "
            "V(hostdev), or V(isolated) without forwarding",
            _mode,
        ),
        present("forwarded", "forward", "the element C(forward) is there"),
        value("forward_mode", "forward/@mode", "the attribute as it stands"),
        value("forward_device", "forward/@dev", "host device that traffic leaves by"),
        value("dns_domain", "domain/@name", "DNS domain"),
        value("mtu", "mtu/@size", "MTU in bytes", to=UNSIGNED),
        value("connections", "@connections", "NICs of running VMs on it", to=UNSIGNED, moving=True),
        shaped("vlan_tags", "vlan", "trunk and tags that the network sets", VLAN),
        shaped("virtual_port", "virtualport", "type and parameters of virtual ports", VIRTUAL_PORT),
        value(
            "trust_guest_rx_filters",
            "@trustGuestRxFilters",
            "true, false, or null where the XML does not say",
            to=YES_NO,
        ),
        repeated("port_groups", "portgroup", "port groups with their VLANs", Shape(_port_group)),
        repeated(
            "addresses", "ip", "the host's addresses and DHCP ranges, path to text each", TREE
        ),
    )
    + LIFECYCLE_FIELDS
    + (_UNMAPPED,)
)

POOL_FIELDS = (
    (
        value("uuid", "uuid", "libvirt's UUID of the pool", to=UUID),
        value("name", "name", "name on its hypervisor"),
        value("type", "@type", "V(dir), V(fs), V(netfs), V(logical), V(rbd), V(iscsi), ..."),
        value("path", "target/path", "where its volumes are on the host"),
        shaped("capacity_bytes", "capacity", "size in bytes", _in_bytes, type="int"),
        shaped(
            "allocation_bytes", "allocation", "bytes in use", _in_bytes, type="int", moving=True
        ),
        shaped("available_bytes", "available", "bytes left", _in_bytes, type="int", moving=True),
        shaped("source", "source", "the whole source element, path to text", TREE),
    )
    + LIFECYCLE_FIELDS
    + (_UNMAPPED,)
)

VOLUME_FIELDS = (
    value("name", "name", "name in its pool"),
    value("key", "key", "libvirt's key of the volume"),
    value("path", "target/path", "path on the host"),
    value("type", "@type", "V(file), V(block), V(dir), V(network), ..."),
    value("format", "target/format/@type", "image format"),
    shaped("capacity_bytes", "capacity", "size that a guest sees", _in_bytes, type="int"),
    shaped("allocation_bytes", "allocation", "bytes in use", _in_bytes, type="int", moving=True),
    shaped("physical_bytes", "physical", "size of the file", _in_bytes, type="int", moving=True),
    value("backing_path", "backingStore/path", "image below this one"),
    value("backing_format", "backingStore/format/@type", "format of that image"),
)

#: Said of the hypervisor itself.
HYPERVISOR_FIELDS = (
    Field("host_uuid", "", "UUID of the host"),
    Field("hostname", "", "host name as libvirt tells it"),
    Field("uri", "", "the connection's own URI"),
    Field("type", "", "V(QEMU), V(Xen), V(LXC), V(Test), ..."),
    Field("libvirt_version", "", "version of libvirt on the host"),
    Field("hypervisor_version", "", "version of QEMU, Xen, ..."),
    Field("arch", "", "CPU architecture"),
    Field("cpu_model", "", "CPU model"),
    Field("cpu_vendor", "", "CPU vendor"),
    Field("cpu_count", "", "logical CPUs", type="int"),
    Field("cpu_topology", "", "NUMA nodes, sockets, cores and threads", type="dict"),
    Field("memory_bytes", "", "physical memory; a balloon changes it", type="int", moving=True),
)
