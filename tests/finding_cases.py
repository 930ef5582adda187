"""Fleets in which one rule finds something, or only something like it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fleets import bridged, disk, nic, twin, vlan, vm
from helpers import answer, network, pool

Hosts = dict[str, dict[str, Any]]
Fleet = Callable[[], Hosts]

SHAREABLE, READONLY, TRANSIENT = "<shareable/>", "<readonly/>", "<transient/>"
NAT = {"name": "lan", "mode": "nat", "bridge": "virbr0"}


def one(*domains: Any, **more: Any) -> Hosts:
    """A single host."""
    return {"hv1": answer(*domains, **more)}


def two(first: Any, second: Any, **more: Any) -> Hosts:
    """Two hosts with a VM each."""
    return {"hv1": answer(first, **more), "hv2": answer(second, **more)}


def lan(**more: Any) -> dict[str, Any]:
    """A host's networks: one, bridged unless said otherwise."""
    facts = network(more.pop("name", "lan"), more.pop("mode", "bridge"), more.pop("bridge", "br0"))
    return {"networks": [{**facts, **more}]}


def groups(**tags: int) -> list[dict[str, Any]]:
    """Port groups with a VLAN each; the first one is the default."""
    return [
        {
            "name": name,
            "is_default": True if number == 0 else None,
            "trust_guest_rx_filters": None,
            "vlan_tags": {"trunk": None, "tags": [{"id": tag, "nativeMode": None}]},
            "virtual_port": None,
        }
        for number, (name, tag) in enumerate(tags.items())
    ]


def listed(*names: str, **more: Any) -> dict[str, Any]:
    """A host's pools: one with these volumes."""
    return {"storage_pools": [pool(volumes=list(names), **more)]}


def backed(source: str, inside: str) -> str:
    """A disk with a backing file."""
    return (
        f"<disk type='file'><source file='{source}'/><backingStore type='file'>{inside}"
        "</backingStore><target dev='vda'/></disk>"
    )


def rbd(*monitors: str) -> str:
    hosts = "".join(f"<host name='{name}' port='6789'/>" for name in monitors)
    return (
        f"<disk type='network'><source protocol='rbd' name='vms/a'>{hosts}</source>"
        "<target dev='vda'/></disk>"
    )


def volume(name: str, pool_name: str = "default") -> str:
    return (
        f"<disk type='volume'><source pool='{pool_name}' volume='{name}'/>"
        "<target dev='vda'/></disk>"
    )


def vnc(listen: str, more: str = "") -> str:
    return f"<graphics type='vnc' port='5900' listen='{listen}'{more}/>"


def sized(**capacity: int) -> dict[str, Any]:
    """A pool of 1000 bytes with volumes of these sizes."""
    made = pool(volumes=list(capacity), capacity_bytes=1000)
    for item in made["volumes"]:
        item["capacity_bytes"] = capacity[item["name"]]
    return {"storage_pools": [made]}


QEMU = (
    "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
    "<qemu:arg value='-s'/></qemu:commandline>"
)
PCI = (
    "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
    "<address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source>{}</hostdev>"
)
VF = (
    "<interface type='hostdev'><mac address='52:54:00:00:00:01'/><source><address type='pci' "
    "domain='0' bus='1' slot='2' function='0'/></source>{}</interface>"
)
TCP = (
    "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'{}/>"
    "<protocol type='raw'/><target port='0'/></serial>"
)
CPU = "<cpu mode='host-model' check='partial'/>"
LIVE_CPU = (
    "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>Skylake-Client</model>"
    "<vendor>Intel</vendor><feature policy='require' name='vmx'/></cpu>"
)


class Case(NamedTuple):
    """A fleet in which a rule finds something, or nothing."""

    code: str
    name: str
    fleet: Fleet
    count: int
    words: str = ""


def finds(code: str, name: str, fleet: Fleet, words: str, count: int = 1) -> Case:
    return Case(code, name, fleet, count, words)


def silent(code: str, name: str, fleet: Fleet) -> Case:
    return Case(code, name, fleet, 0)


def writers(first: str, second: str, **more: Any) -> Fleet:
    """Two VMs on one host, each with one of these disks."""
    return lambda: one(vm(first), vm(second, 2, **more))


SHARED = [
    finds(
        "shared_disk",
        "one path",
        writers(disk("/s/x"), disk("/s/x", "vdb")),
        "Volume /s/x is written by the running VMs vm1 (hv1) and vm2 (hv1)",
    ),
    finds(
        "shared_disk",
        "only one says shareable",
        writers(disk("/s/x", more=SHAREABLE), disk("/s/x")),
        "/s/x",
    ),
    finds(
        "shared_disk",
        "a volume and its path",
        lambda: one(vm(volume("a")), vm(disk("/images/a"), 2), **listed("a")),
        "/images/a",
    ),
    finds(
        "shared_disk",
        "two names of a logical volume",
        writers(disk("/dev/vg-a/lv"), disk("/dev/mapper/vg--a-lv")),
        "/dev/",
    ),
    finds(
        "shared_disk",
        "a LUN on two hosts",
        lambda: two(
            vm(disk("/dev/disk/by-id/wwn-0x5000c500a1b2c3d4")),
            vm(disk("/dev/disk/by-id/scsi-35000c500a1b2c3d4"), 2),
        ),
        "vm1 (hv1) and vm2 (hv2)",
    ),
    finds(
        "shared_disk",
        "other monitors of one cluster",
        lambda: two(vm(rbd("m1", "m2")), vm(rbd("m2", "m3"), 2)),
        "rbd://",
    ),
    silent("shared_disk", "all say shareable", writers(*[disk("/s/x", more=SHAREABLE)] * 2)),
    silent("shared_disk", "one reads", writers(disk("/s/x"), disk("/s/x", more=READONLY))),
    silent("shared_disk", "one is transient", writers(disk("/s/x"), disk("/s/x", more=TRANSIENT))),
    silent("shared_disk", "a CD-ROM", writers(*[disk("/s/x.iso", "sda", kind="cdrom")] * 2)),
    silent("shared_disk", "one does not run", writers(*[disk("/s/x")] * 2, running=False)),
    silent(
        "shared_disk",
        "local paths of two hosts",
        lambda: two(*[vm(disk("/s/x"))] * 1, vm(disk("/s/x"), 2)),
    ),
    silent(
        "shared_disk", "two disks of one VM", lambda: one(vm(disk("/s/x") + disk("/s/x", "vdb")))
    ),
    silent("shared_disk", "another image", lambda: two(vm(rbd("m1")), vm(rbd("m2"), 2))),
    finds(
        "shared_disk_autostart",
        "one runs, one will",
        writers(*[disk("/s/x")] * 2, running=False, autostart=True),
        "once all start by themselves: vm1 (hv1) and vm2 (hv1)",
    ),
    silent("shared_disk_autostart", "one stays off", writers(*[disk("/s/x")] * 2, running=False)),
    silent("shared_disk_autostart", "both run", writers(*[disk("/s/x")] * 2, autostart=True)),
]


def macs(first: str, second: str, **more: Any) -> Fleet:
    return lambda: one(vm(first), vm(second, 2), **more)


NICS = [
    finds(
        "duplicate_mac",
        "one bridge",
        macs(bridged("01"), bridged("01")),
        "52:54:00:00:00:01 is in use by vm1 (hv1) and vm2 (hv1) in one network: bridge br0",
    ),
    finds(
        "duplicate_mac", "a bridge and its network", macs(bridged("01"), nic("01"), **lan()), "br0"
    ),
    finds(
        "duplicate_mac",
        "a bridge of that name on another host",
        lambda: two(vm(bridged("01")), vm(bridged("01"), 2)),
        "vm2 (hv2)",
    ),
    finds(
        "duplicate_mac",
        "one VLAN on two bridges",
        lambda: two(vm(bridged("01", "a", vlan(7))), vm(bridged("01", "b", vlan(7)), 2)),
        "VLAN 7",
    ),
    finds(
        "duplicate_mac",
        "the VLAN of the default port group",
        lambda: one(
            vm(nic("01")), vm(bridged("01", "b", vlan(7)), 2), **lan(port_groups=groups(a=7, b=8))
        ),
        "VLAN 7",
    ),
    finds("duplicate_mac", "one NAT network", macs(nic("01"), nic("01"), **lan(**NAT)), "on hv1"),
    silent(
        "duplicate_mac",
        "other VLANs",
        macs(bridged("01", more=vlan(7)), bridged("01", more=vlan(8))),
    ),
    silent("duplicate_mac", "another bridge", macs(bridged("01"), bridged("01", "br1"))),
    silent(
        "duplicate_mac",
        "NAT networks of two hosts",
        lambda: two(vm(nic("01")), vm(nic("01"), 2), **lan(**NAT)),
    ),
    silent("duplicate_mac", "a team", lambda: one(vm(bridged("01") + bridged("01")))),
    silent(
        "duplicate_mac",
        "one is off",
        lambda: one(vm(bridged("01")), vm(bridged("01"), 2, running=False)),
    ),
    silent(
        "duplicate_mac",
        "user-mode networking",
        macs(*["<interface type='user'><mac address='52:54:00:00:00:01'/></interface>"] * 2),
    ),
    finds(
        "link_down",
        "down",
        lambda: one(vm(nic("01", more="<link state='down'/>"))),
        "VM vm1 on hv1, NIC 52:54:00:00:00:01 has its link down",
    ),
    silent("link_down", "up", lambda: one(vm(nic("01", more="<link state='up'/>") + nic("02")))),
    finds(
        "vlan_not_carried",
        "another tag",
        lambda: one(vm(nic("01", more=vlan(9))), **lan(port_groups=groups(a=7))),
        "has VLAN 9, which network lan does not carry (it has 7)",
    ),
    finds(
        "vlan_not_carried",
        "NAT",
        lambda: one(vm(nic("01", more=vlan(9))), **lan(**NAT)),
        "does not carry (it has none)",
    ),
    silent(
        "vlan_not_carried",
        "carried",
        lambda: one(vm(nic("01", more=vlan(7))), **lan(port_groups=groups(a=7))),
    ),
    silent("vlan_not_carried", "not known", lambda: one(vm(nic("01", more=vlan(7))), **lan())),
    silent("vlan_not_carried", "no network", lambda: one(vm(bridged("01", more=vlan(7))))),
]

MACHINES = [
    finds(
        "transient_vm",
        "transient",
        lambda: one(vm(persistent=False)),
        "VM vm1 on hv1 has no persistent definition",
    ),
    silent("transient_vm", "persistent", lambda: one(vm())),
    finds("qemu_commandline", "an argument", lambda: one(vm(more=QEMU)), "to QEMU: 1 arguments"),
    silent("qemu_commandline", "none", lambda: one(vm())),
    finds(
        "vm_defined_twice",
        "a copy",
        lambda: two(vm(running=False), twin(2, 1, running=False)),
        "is defined on hv1 and hv2",
    ),
    silent("vm_defined_twice", "another UUID", lambda: two(vm(running=False), vm(number=2))),
    silent("vm_running_twice", "a copy that is off", lambda: two(vm(), twin(2, 1, running=False))),
    finds(
        "migration_blocked",
        "devices of the host",
        lambda: one(
            vm(
                PCI.format("")
                + VF.format("")
                + "<filesystem type='mount'><source dir='/srv'/><target dir='t'/></filesystem>"
            )
        ),
        "host device pci:0000:3b:02.1, NIC 52:54:00:00:00:01 (hostdev) and file system t (9p)",
    ),
    silent(
        "migration_blocked",
        "a team",
        lambda: one(
            vm(
                PCI.format("<teaming type='transient' persistent='ua-1'/>")
                + VF.format("<teaming type='transient' persistent='ua-1'/>")
                + bridged("02")
                + disk("/images/a")
            )
        ),
    ),
    finds(
        "console_exposed", "VNC", lambda: one(vm(vnc("0.0.0.0"))), "console vnc listens on 0.0.0.0"
    ),
    finds(
        "console_exposed",
        "a serial port",
        lambda: one(vm(TCP.format(""))),
        "console serial listens",
    ),
    silent("console_exposed", "this host", lambda: one(vm(vnc("127.0.0.1")))),
    silent("console_exposed", "a password", lambda: one(vm(vnc("::", " passwd='x'")))),
    silent("console_exposed", "TLS", lambda: one(vm(TCP.format(" tls='yes'")))),
    silent(
        "console_exposed",
        "SPICE with TLS only",
        lambda: one(
            vm("<graphics type='spice' tlsPort='5901' defaultMode='secure' listen='0.0.0.0'/>")
        ),
    ),
]

DRIFT = [
    finds(
        "pending_changes",
        "a disk and memory",
        lambda: one(
            vm(
                disk("/images/a", more="<driver cache='none'/>") + disk("/images/c", "vdc"),
                live=disk("/images/a") + disk("/images/b", "vdb"),
                more="<title>new</title>",
                live_more="<title>old</title>",
            )
        ),
        "pending changes: domain title, disk vda, disk vdb and disk vdc",
    ),
    finds(
        "pending_changes",
        "another network",
        lambda: one(
            vm(
                nic("01", "dmz"),
                live=bridged("01").replace("bridge='br0'/>", "network='lan' bridge='br0'/>"),
            )
        ),
        "interface 52:54:00:00:00:01",
    ),
    finds(
        "pending_changes",
        "the topology of a host-model CPU",
        lambda: one(
            vm(
                more="<cpu mode='host-model'><topology sockets='2' cores='1' threads='1'/></cpu>",
                live_more=LIVE_CPU,
            )
        ),
        "cpu_topology",
    ),
    silent("pending_changes", "host-model", lambda: one(vm(more=CPU, live_more=LIVE_CPU))),
    silent(
        "pending_changes",
        "a bridged network",
        lambda: one(
            vm(
                nic("01"),
                live=bridged(
                    "01",
                    more="<vlan><tag id='7'/></vlan><virtualport type='openvswitch'/>"
                    "<target dev='vnet3'/><alias name='net0'/>",
                ).replace("bridge='br0'/>", "network='lan' portgroup='a' bridge='br0'/>"),
            )
        ),
    ),
    silent(
        "pending_changes",
        "a device of a pool",
        lambda: one(vm(nic("01"), live=VF.format("<driver name='vfio'/>"))),
    ),
    silent(
        "pending_changes",
        "an ejected medium of a drive that had none",
        lambda: one(
            vm(
                "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda'/></disk>",
                live="<disk type='file' device='cdrom'><driver name='qemu'/><target dev='sda' tray='open'/></disk>",
            )
        ),
    ),
    silent(
        "pending_changes",
        "aliases, addresses, labels",
        lambda: one(
            vm(
                vnc("127.0.0.1").replace("5900", "-1") + disk("/images/a"),
                live=vnc("127.0.0.1")
                + disk("/images/a", more="<alias name='d0'/><address type='pci' slot='0x05'/>"),
                live_more="<seclabel type='dynamic'><label>a:b</label></seclabel>"
                "<resource><partition>/machine</partition></resource>",
            )
        ),
    ),
    silent(
        "pending_changes", "a VM that is off", lambda: one(vm(disk("/images/a"), running=False))
    ),
]

DISKS = [
    finds(
        "media_inserted",
        "a CD-ROM",
        lambda: one(vm(disk("/i/x.iso", "sda", kind="cdrom"))),
        "VM vm1 on hv1, cdrom sda has a medium: /i/x.iso",
    ),
    finds(
        "media_inserted", "a floppy", lambda: one(vm(disk("/i/x.img", "fda", kind="floppy"))), "fda"
    ),
    silent(
        "media_inserted",
        "an empty drive and a disk",
        lambda: one(
            vm("<disk type='file' device='cdrom'><target dev='sda'/></disk>" + disk("/images/a"))
        ),
    ),
    finds(
        "cache_unsafe",
        "unsafe",
        lambda: one(vm(disk("/images/a", more="<driver cache='unsafe'/>"))),
        "disk vda has cache='unsafe'",
    ),
    silent(
        "cache_unsafe",
        "transient or another mode",
        lambda: one(
            vm(
                disk("/images/a", more="<driver cache='unsafe'/><transient/>")
                + disk("/images/b", "vdb", "<driver cache='none'/>")
            )
        ),
    ),
    finds(
        "backing_format_missing",
        "none in the XML",
        lambda: one(vm(backed("/images/a", "<source file='/images/base'/>"))),
        "without a format: /images/base",
    ),
    silent(
        "backing_format_missing",
        "a format",
        lambda: one(
            vm(
                backed(
                    "/images/a", "<format type='qcow2'/><source file='/images/b'/><backingStore/>"
                )
            )
        ),
    ),
]

SOURCES = [
    finds(
        "source_missing",
        "a volume by name",
        lambda: one(vm(volume("gone")), **listed("a")),
        "disk vda: pool default has no default/gone",
    ),
    finds(
        "source_missing",
        "a file of a VM that is off",
        lambda: one(vm(disk("/images/gone"), running=False), **listed("a")),
        "pool default has no /images/gone",
    ),
    silent(
        "source_missing",
        "there, below, elsewhere, or newer than the pool knows",
        lambda: one(
            vm(
                disk("/images/a") + disk("/images/sub/b", "vdb") + disk("/srv/c", "vdc"),
                running=False,
            ),
            vm(disk("/images/new"), 2),
            **listed("a"),
        ),
    ),
    silent(
        "source_missing",
        "a pool that was not listed",
        lambda: one(vm(volume("a"), running=False), storage_pools=[pool()]),
    ),
    finds(
        "pool_missing", "no pool", lambda: one(vm(volume("a", "other"))), "no storage pool other"
    ),
    silent("pool_missing", "a pool", lambda: one(vm(volume("a")), **listed("a"))),
    silent(
        "pool_missing", "pools not told", lambda: one(vm(volume("a", "other")), storage_pools=None)
    ),
    finds(
        "pool_inactive",
        "stopped",
        lambda: one(vm(volume("a")), storage_pools=[pool(active=False)]),
        "storage pool default is not started",
    ),
    silent("pool_inactive", "started", lambda: one(vm(volume("a")), **listed("a"))),
    finds(
        "network_missing", "no network", lambda: one(vm(nic("01"))), "its host has no network lan"
    ),
    silent("network_missing", "a network", lambda: one(vm(nic("01") + bridged("02")), **lan())),
    silent("network_missing", "networks not told", lambda: one(vm(nic("01")), networks=None)),
    finds(
        "network_inactive",
        "stopped",
        lambda: one(vm(nic("01")), **lan(active=False)),
        "network lan is not started",
    ),
    silent("network_inactive", "started", lambda: one(vm(nic("01")), **lan())),
]

STORAGE = [
    finds(
        "volume_unused",
        "nobody",
        lambda: one(vm(disk("/images/a"), running=False), **listed("a", "old")),
        "Volume /images/old of pool default on hv1 is used by nobody",
    ),
    silent(
        "volume_unused",
        "backing files, firmware, kernels, arguments, state, seeds and images",
        lambda: one(
            vm(
                backed("/images/a", "<format type='raw'/><source file='/images/base'/>")
                + "<tpm><backend type='emulator'><source type='file' path='/images/tpm'/></backend></tpm>"
                + "<serial type='file'><source path='/images/log'/></serial>",
                more="<os><type>hvm</type><loader>/images/code</loader><nvram>/images/vars</nvram>"
                "<kernel>/images/kernel</kernel><initrd>/images/initrd</initrd></os>"
                + QEMU.replace("-s", "file=/images/arg,if=none"),
            ),
            **listed(
                *("a", "base", "tpm", "log", "code", "vars", "kernel", "initrd", "arg"),
                *("vm1-cidata.img", "vm1_VARS.fd", "debian.iso"),
            ),
        ),
    ),
    silent("volume_unused", "a pool of LUNs", lambda: one(vm(), **listed("a", type="scsi"))),
    finds(
        "pool_overcommitted",
        "too much",
        lambda: one(vm(), **sized(a=600, b=500)),
        "to 2 volumes: 110 %",
    ),
    silent("pool_overcommitted", "enough", lambda: one(vm(), **sized(a=600, b=400))),
]

CASES = [*SHARED, *NICS, *MACHINES, *DRIFT, *DISKS, *SOURCES, *STORAGE]
