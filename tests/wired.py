"""A small fleet with NICs, disks and passed-through devices of many kinds, to ask questions about."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from helpers import answer, domain, domain_xml, network, pool
from ledgers import Ledger

_NIC = "<interface type='{kind}'><mac address='52:54:00:00:00:{mac}'/><source {source}/>{more}</interface>"
_TAGS = "<vlan trunk='yes'><tag id='42'/><tag id='47' nativeMode='untagged'/></vlan>"
_OS = (
    "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'>"
    "<l:os id='http://debian.org/debian/12'/></l:libosinfo>"
    "<a:app xmlns:a='urn:app'><a:owner>Ann \"A\" Smith</a:owner><a:cost centre='4711'/></a:app>"
    "</metadata>"
)


def nic(mac: str, source: str, kind: str = "network", more: str = "") -> str:
    """A NIC with the last part of its MAC address."""
    return _NIC.format(kind=kind, mac=mac, source=source, more=more)


def disk(target: str, path: str, more: str = "") -> str:
    """A disk in a file."""
    return f"<disk type='file'><source file='{path}'/><target dev='{target}'/>{more}</disk>"


def tags(*numbers: int) -> dict[str, object]:
    """VLANs as the facts have them."""
    return {"trunk": None, "tags": [{"id": number, "nativeMode": None} for number in numbers]}


def group(name: str, default: bool, *numbers: int) -> dict[str, object]:
    """A port group of a network, as the facts have it."""
    return {
        "name": name,
        "is_default": default or None,
        "trust_guest_rx_filters": None,
        "vlan_tags": tags(*numbers) if numbers else None,
        "virtual_port": None,
    }


def _web1() -> str:
    backing = (
        "<backingStore type='file'><format type='qcow2'/><source file='/images/base.qcow2'/>"
        "</backingStore>"
    )
    return (
        disk("vda", "/images/a.qcow2", backing + "<serial>SN-1</serial><wwn>5000c50015ea71aa</wwn>")
        + disk("vdb", "/images/shared.raw")
        + nic("01", "network='lan' portgroup='say &quot;x&quot;'")
        + nic("02", "network='lan' portgroup='office'", more=_TAGS)
        + nic("03", "network='lan'")
        + nic(
            "04", "network='lan' portgroup='plain'", more="<ip address='192.0.2.14' prefix='24'/>"
        )
        + nic("05", "network='tagged'", more="<ip address='2001:db8::5' prefix='64'/>")
        + "<filesystem><source dir='/a'/><target dir='b'/></filesystem>"
        + "<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/>"
        "</source></hostdev>"
    )


def _web2() -> str:
    return (
        disk("vdb", "/images/shared.raw")
        + nic("06", "bridge='br-tagged'", "bridge", "<ip address='192.0.2.140' prefix='24'/>")
        + "<interface type='hostdev'><mac address='52:54:00:00:00:07'/><source><address type='pci' "
        "domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source></interface>"
        + "<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x03' "
        "slot='0x00' function='0x1'/></source></hostdev>"
        + "<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x05' "
        "slot='0x00' function='0x0'/></source><target dev='vdn'/></disk>"
    )


def record_wired(ledger: Ledger) -> None:
    """Record two hosts: web1 (running) and web2 on hv1, db1 on hv2."""
    lan = network("lan") | {
        "port_groups": [
            group("office", False, 20),
            group('say "x"', False, 30),
            group("plain", False),
            group("standard", True, 10),
        ]
    }
    tagged = network("tagged", bridge="br-tagged") | {"vlan_tags": tags(7)}
    images = pool(volumes=["a.qcow2", "base.qcow2", "free.qcow2"])
    for volume in images["volumes"]:
        volume["capacity_bytes"] = 20 * 2**30
    web1 = domain(_web1(), "web1", 1, "running")
    ledger.record(
        answer(
            web1,
            domain(_web2(), "web2", 2),
            networks=[lan, tagged],
            storage_pools=[images],
        ),
        "hv1",
    )
    other = pool("ssd", path="/ssd", volumes=["db.qcow2"])
    other["volumes"][0]["capacity_bytes"] = 20 * 2**30
    trunk = nic("08", "bridge='br0'", "bridge", "<vlan><tag id='420'/></vlan>")
    text = domain_xml(disk("vda", "/ssd/db.qcow2") + trunk, "db1", 3, _OS)
    status = Status("shutoff", True, False)
    db1 = domain_facts(None, text, status=status, include_xml=True)
    ledger.record(answer(db1, networks=[], storage_pools=[other]), "hv2")
