# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<interface>``: a Port."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    MAC,
    UNSIGNED,
    YES_NO,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Derivation,
    Family,
    derived,
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._pci import (
    pci_reference,
    usb_reference,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    FILTER_REFERENCE,
    STATIC_ADDRESS,
    TREE,
    VIRTUAL_PORT,
    VLAN,
)

Facts = t.Dict[str, t.Any]
Source = t.Dict[str, str]


def _first_of(*names: str) -> t.Callable[[Source], t.Optional[str]]:
    def read(source: Source) -> t.Optional[str]:
        return next((source[name] for name in names if name in source), None)

    return read


def _host_device(source: Source) -> t.Optional[str]:
    if source.get("address/@type") == "usb" or "vendor/@id" in source:
        return usb_reference(source)
    return pci_reference(source, "address/@")


def _socket_address(source: Source) -> t.Optional[str]:
    if "@address" not in source and "@port" not in source:
        return None
    return "{0}:{1}".format(source.get("@address", ""), source.get("@port", ""))


def _distributed_switch(source: Source) -> t.Optional[str]:
    if "@switchid" not in source:
        return None
    return "{0}/{1}".format(source["@switchid"], source.get("@portid", ""))


def _nothing(source: Source) -> None:
    return None


#: For each interface type, what names its source in one string.
_SOURCE_REF: t.Dict[str, t.Callable[[Source], t.Optional[str]]] = {
    "network": _first_of("@network"),
    "bridge": _first_of("@bridge"),
    "direct": _first_of("@dev"),
    "hostdev": _host_device,
    "vhostuser": _first_of("@path", "@dev"),
    "vdpa": _first_of("@dev"),
    "user": _first_of("@dev"),
    "ethernet": _nothing,
    "internal": _first_of("@name"),
    "udp": _socket_address,
    "mcast": _socket_address,
    "server": _socket_address,
    "client": _socket_address,
    "vds": _distributed_switch,
    "null": _nothing,
}

#: The interface types that libvirt knows.
SOURCE_TYPES = tuple(_SOURCE_REF)


def _source_ref(port: Facts, report: t.Any) -> t.Optional[str]:
    return _SOURCE_REF.get(port["source_type"] or "", _nothing)(port["source"] or {})


def _from_source(name: str) -> Derivation:
    def derive(port: Facts, report: t.Any) -> t.Optional[str]:
        return (port["source"] or {}).get(name)

    return derive


def _ip_address(port: Facts, report: t.Any) -> t.Optional[str]:
    addresses = port["ip_addresses"]
    return addresses[0]["address"] if addresses else None


INTERFACE = Family(
    name="interface",
    fact="ports",
    tag="interface",
    index_type="port",
    identity=("mac_address",),
    doc="a network interface (NIC) of a VM",
    fields=(
        value("mac_address", "mac/@address", "MAC address, lower case", to=MAC),
        value("device_name", "target/@dev", "device on the host, as V(vnet0)", runtime=True),
        value("model_name", "model/@type", "device model, for example V(virtio)"),
        derived("ip_address", "first of RV(ignore:ip_addresses)", _ip_address, runtime=True),
        value("source_type", "@type", "libvirt's interface type, for example V(network)"),
        derived(
            "source_ref",
            "network, bridge, host device, PCI address or socket, by RV(ignore:source_type)",
            _source_ref,
        ),
        shaped(
            "virtual_port", "virtualport", "type and parameters of a virtual port", VIRTUAL_PORT
        ),
        shaped(
            "filter_ref",
            "filterref",
            "network filter and its (name, value) pairs",
            FILTER_REFERENCE,
        ),
        shaped("vlan_tags", "vlan", "trunk and all tags with their native mode", VLAN),
        value(
            "trust_guest_rx_filters",
            "@trustGuestRxFilters",
            "true, false, or null where the XML does not say",
            to=YES_NO,
        ),
        shaped("source", "source", "the whole source element, path to text", TREE),
        derived("network_name", "libvirt network it belongs to", _from_source("@network")),
        derived("port_group", "port group of that network", _from_source("@portgroup")),
        derived(
            "bridge_name",
            "bridge on the host, which libvirt also tells for a running network NIC",
            _from_source("@bridge"),
            runtime=True,
        ),
        repeated("ip_addresses", "ip", "addresses: static, leased, or told", STATIC_ADDRESS),
        value("link_state", "link/@state", "C(up) or C(down); null is up"),
        value("mtu", "mtu/@size", "MTU in bytes", to=UNSIGNED),
        value("driver_name", "driver/@name", "backend driver, for example V(vhost)"),
        value("driver_queues", "driver/@queues", "number of queues", to=UNSIGNED),
    )
    + COMMON,
)
