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
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT16,
    UINT32,
    from_tree,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Edits,
    Family,
    derived,
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._net_shapes import (
    FILTER_REFERENCE,
    STATIC_ADDRESS,
    VIRTUAL_PORT,
    VLAN,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._pci import (
    pci_edits,
    pci_reference,
    usb_edits,
    usb_reference,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    TREE,
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


#: For the types whose reference is one attribute, which it is.
_SOURCE_ATTRIBUTE = {
    "network": "@network",
    "bridge": "@bridge",
    "direct": "@dev",
    "vhostuser": "@path",
    "vdpa": "@dev",
    "user": "@dev",
    "internal": "@name",
}

#: What names the source of a NIC, of whatever type; only those of its own type may be there.
_SOURCE_NAMES = (
    "@network",
    "@bridge",
    "@dev",
    "@path",
    "@name",
    "@address",
    "@port",
    "@switchid",
    "@portid",
)


def _place_source_ref(value: t.Any, port: Facts) -> Edits:
    kind = port["source_type"]
    if kind == "hostdev":
        return _host_device_edits(value)
    edits: Edits = {"source/" + name: None for name in _SOURCE_NAMES}
    if value is None:
        return edits
    if kind in _SOURCE_ATTRIBUTE:
        attribute = _SOURCE_ATTRIBUTE[kind]
        source = port["source"] or {}
        if kind == "vhostuser" and "@dev" in source and "@path" not in source:
            attribute = "@dev"
        edits["source/" + attribute] = value
    elif kind in ("udp", "mcast", "server", "client"):
        edits.update(_socket_edits(value))
    elif kind == "vds":
        switch, slash, number = value.partition("/")
        if not (switch and slash):
            raise ValueError("{0!r} is not SWITCH/PORT".format(value))
        edits.update({"source/@switchid": switch, "source/@portid": number or None})
    else:
        raise ValueError("a NIC of type {0!r} has no source to set".format(kind))
    return edits


def _host_device_edits(value: t.Any) -> Edits:
    edits = pci_edits(None, "source/address/@")
    edits.update(usb_edits(None, "source/"))
    edits["source/address/@type"] = None
    if value is None:
        return edits
    if value.startswith("pci:"):
        edits.update(pci_edits(value, "source/address/@"))
        edits["source/address/@type"] = "pci"
    else:
        # Bus is an attribute of both addresses, so this comes after the removal of the other.
        edits.update(usb_edits(value, "source/"))
        if edits["source/address/@bus"] is not None:
            edits["source/address/@type"] = "usb"
    return edits


def _socket_edits(value: str) -> Edits:
    address, colon, number = value.rpartition(":")
    if not colon or not (number.isdigit() and number.isascii() and 0 < int(number) <= UINT16):
        raise ValueError("{0!r} is not ADDRESS:PORT".format(value))
    return {"source/@address": address or None, "source/@port": number}


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
    children=(
        "mac",
        "source",
        "virtualport",
        "vlan",
        "target",
        "guest",
        "model",
        "driver",
        "backend",
        "ip",
        "route",
        "filterref",
        "bandwidth",
        "tune",
        "teaming",
        "link",
        "mtu",
        "rom",
        "boot",
        "alias",
        "address",
    ),
    fields=(
        value("mac_address", "mac/@address", "MAC address, lower case", to=MAC),
        value("device_name", "target/@dev", "device on the host, as V(vnet0)", runtime=True),
        value("model_name", "model/@type", "device model, for example V(virtio)"),
        derived(
            "ip_address",
            "first of RV(ignore:ip_addresses)",
            _ip_address,
            runtime=True,
            told=True,
        ),
        value(
            "source_type",
            "@type",
            "libvirt's interface type, for example V(network)",
            choices=SOURCE_TYPES,
        ),
        derived(
            "source_ref",
            "network, bridge, host device, PCI address or socket, by RV(ignore:source_type)",
            _source_ref,
            place=_place_source_ref,
            where="source",
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
        from_tree("network_name", "libvirt network it belongs to", "source", "source", "@network"),
        from_tree("port_group", "port group of that network", "source", "source", "@portgroup"),
        from_tree(
            "bridge_name",
            "bridge on the host, which libvirt also tells for a running network NIC",
            "source",
            "source",
            "@bridge",
            runtime=True,
        ),
        repeated(
            "ip_addresses",
            "ip",
            "addresses: static, leased, or told",
            STATIC_ADDRESS,
            told=True,
        ),
        value("link_state", "link/@state", "C(up) or C(down); null is up", choices=("up", "down")),
        value("mtu", "mtu/@size", "MTU in bytes", to=UNSIGNED, maximum=UINT16, unit="bytes"),
        value(
            "driver_name",
            "driver/@name",
            "backend driver, for example V(vhost)",
            choices=("qemu", "vhost", "vfio", "kvm", "xen"),
        ),
        value(
            "driver_queues",
            "driver/@queues",
            "number of queues",
            to=UNSIGNED,
            maximum=UINT32,
        ),
    )
    + COMMON,
)
