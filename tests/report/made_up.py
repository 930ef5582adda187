"""Two small hosts for reports, and one whose names are meant to do harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import answer, domain, network, pool
from ledgers import Ledger

_DISK = "<disk type='file'><driver name='qemu' type='{2}'/><source file='{1}'/><target dev='{0}' bus='virtio'/></disk>"
_NIC = "<interface type='network'><mac address='{0}'/><source network='{1}'/>{2}</interface>"
_VLANS = "<vlan trunk='yes'><tag id='10'/><tag id='20'/></vlan>"
_CD = "<disk type='file' device='cdrom'><source file='/images/a.iso'/><target dev='sda' bus='sata'/><readonly/></disk>"
_EXTRAS = (
    "<controller type='usb' index='0'/><input type='mouse' bus='ps2'/><graphics type='vnc' port='5901' listen='0.0.0.0'/>"
    "<video><model type='vga'/></video><filesystem type='mount'><source dir='/srv'/><target dir='export'/></filesystem>"
    "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
    "<address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source></hostdev>"
    "<memballoon model='virtio'/>"
)


def _first() -> dict[str, Any]:
    shared = _DISK.format("vdb", "/images/shared.raw", "raw")
    web1 = domain(
        _DISK.format("vda", "/images/web1.qcow2", "qcow2")
        + shared
        + _CD
        + _NIC.format("52:54:00:00:00:01", "lan", "")
        + _EXTRAS,
        "web1",
        1,
        "running",
    )
    web1["os_id"] = "http://debian.org/debian/12"
    web2 = domain(
        shared
        + _NIC.format("52:54:00:00:00:01", "lan", "")
        + _NIC.format("52:54:00:00:00:02", "dmz", ""),
        "web2",
        2,
    )
    stored = pool(volumes=["web1.qcow2", "shared.raw", "a.iso", "free.qcow2"])
    for volume in stored["volumes"]:
        volume["capacity_bytes"] = 2**30
    parts = {
        "networks": [network("lan"), network("dmz", "nat", "virbr1")],
        "storage_pools": [stored],
    }
    return answer(web1, web2, domain(name="idle", number=4), **parts)


def _second() -> dict[str, Any]:
    db1 = domain(
        _DISK.format("vda", "/images/db1.qcow2", "qcow2")
        + _NIC.format("52:54:00:00:00:03", "lan", _VLANS),
        "db1",
        3,
    )
    return answer(db1, networks=[network("lan")])


#: The hosts, by name: what each answers.
HOSTS: dict[str, Callable[[], dict[str, Any]]] = {"hv1": _first, "hv2": _second}

#: Names of VMs, disks and networks, each of which is harmful somewhere.
EVIL = (
    "</script><img src=x onerror=window.evil=1>",
    "<script>window.evil=1</script>",
    "'\"><svg onload=window.evil=1>",
    "<!--<script>",
    "javascript:window.evil=1",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://example.com","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\uff1d1+1",
    " =1+1",
    "<r><t>x</t></r>",
    "_x0041_",
    "http://example.com/x",
    "user\u202egnp.exe",
    "a\u200bb\u2066c",
    "tab\tline\nend",
    "\u0001\u001b[31m\u009f",
    "half \ud800 of a pair",
    "\ufffe\uffff",
    "\U0001f98a VM \u4e2d\u6587",
    "constructor",
    "__proto__",
    "true",
    "0123",
    "1e5",
    "#REF!",
)


def record(ledger: Ledger) -> None:
    """Record both hosts."""
    for host_id, facts in HOSTS.items():
        ledger.record(facts(), host_id)
