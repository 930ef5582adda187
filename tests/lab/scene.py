"""A hypervisor with networks, a pool and a guest that has a bit of everything."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Filesystem, Guest, Nic
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor
from ansible_collections.virtledger.libvirt.tests.lab.networks import (
    bridged_network,
    isolated_network,
    nat_network,
    vlan_network,
)
from ansible_collections.virtledger.libvirt.tests.lab.storage import (
    create_image,
    create_volume,
    dir_pool,
)

BRIDGE = "br-lan"
POOL = "vault"
SHARED_FILES = "/srv/files"
TWIN_MAC = "52:54:00:1a:b0:05"


def prepare(hypervisor: Hypervisor) -> None:
    """Networks default, closed, lan and tagged, pool vault, and a directory to share."""
    hypervisor.add_bridge(BRIDGE)
    hypervisor.add_network(nat_network("default", "virbr0", "192.168.122"))
    hypervisor.add_network(isolated_network("closed", "virbr1", "192.168.123"))
    hypervisor.add_network(bridged_network("lan", BRIDGE))
    hypervisor.add_network(vlan_network("tagged", "br-tagged"), start=False)
    hypervisor.add_pool(dir_pool(POOL, f"/srv/{POOL}"))
    hypervisor.run("mkdir", "-p", SHARED_FILES)


def rich_guest(hypervisor: Hypervisor, name: str, uuid: str | None = None) -> Guest:
    """A guest that starts after `prepare`; its images are made here."""
    return Guest(
        name=name,
        uuid=uuid,
        disks=_disks(hypervisor, name),
        nics=_nics(),
        filesystems=[Filesystem(SHARED_FILES, "files", read_only=True)],
        free_slots=4,
        vnc=True,
        video="vga",
        inputs=[("tablet", "usb"), ("keyboard", "virtio")],
        controllers=[("scsi", "virtio-scsi"), ("usb", "qemu-xhci")],
    )


def _disks(hypervisor: Hypervisor, name: str) -> list[Disk]:
    def image(suffix: str, size: str = "16M", format: str = "qcow2", **more: str) -> str:
        return create_image(hypervisor, f"{name}-{suffix}", size, format, **more)

    base = image("base.qcow2")
    return [
        Disk("vda", source=image("root.qcow2", backing=base), serial="ROOT-1", queues=1),
        Disk(
            "vdb",
            volume=create_volume(hypervisor, POOL, f"{name}-data.qcow2"),
            queue_size=256,
            io_tune={"read_iops_sec": 500, "write_bytes_sec": 1048576},
        ),
        Disk("vdc", source=image("shared.raw", format="raw"), format="raw", shareable=True),
        Disk("sda", "scsi", source=image("scsi.qcow2"), serial="SCSI-1"),
        Disk("sdb", "scsi", source=image("rom.raw", format="raw"), format="raw", read_only=True),
        Disk("sdc", "sata", source=image("sata.qcow2")),
        Disk("sdd", "usb", source=image("usb.raw", format="raw"), format="raw"),
        Disk("sde", "sata", "cdrom", "raw", source=image("cd.iso", "1M", "raw")),
        Disk("sdf", "sata", "cdrom"),
        Disk("fda", "fdc", "floppy", "raw", source=image("floppy.img", "1440K", "raw")),
    ]


def _nics() -> list[Nic]:
    return [
        Nic(
            "52:54:00:1a:b0:01",
            source="default",
            filter="clean-traffic",
            filter_parameters={"IP": "192.168.122.50"},
            trust_guest_rx_filters=True,
        ),
        Nic("52:54:00:1a:b0:02", source="closed", model="e1000e", link="down"),
        Nic("52:54:00:1a:b0:03", source="lan", portgroup="quick", queues=2),
        Nic("52:54:00:1a:b0:04", "bridge", BRIDGE, mtu=1400, device="tap-lan"),
        Nic(TWIN_MAC, "user"),
        Nic(TWIN_MAC, "bridge", BRIDGE, trust_guest_rx_filters=False),
        Nic("52:54:00:1a:b0:06", "direct", "eth0", mode="bridge"),
    ]
