"""XML of domains that really run: QEMU in software, 16 MiB, the firmware and no OS.

What libvirt accepts to define but cannot start in the lab is said where it is asked for. Networks
and storage for these guests come from networks.py and storage.py, a ready-made guest with a bit of
everything from scene.py.
"""

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET

_EMULATOR = "/usr/bin/qemu-system-x86_64"


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk, CD-ROM or floppy. Without ``source`` and ``volume`` the drive is empty.

    ``target`` and ``bus`` must fit: ``vda`` virtio, ``sda`` scsi, sata or usb, ``hda`` ide (machine
    pc only), ``fda`` fdc. libvirt refuses a read-only SATA or IDE disk that is not a CD-ROM.
    """

    target: str
    bus: str = "virtio"
    device: str = "disk"
    format: str = "qcow2"
    source: str | None = None
    #: (pool, volume), for a disk of type volume
    volume: tuple[str, str] | None = None
    serial: str | None = None
    read_only: bool = False
    shareable: bool = False
    queues: int | None = None
    queue_size: int | None = None
    cache: str | None = None
    io_tune: t.Mapping[str, int] = dataclasses.field(default_factory=dict)

    def element(self) -> ET.Element:
        disk = ET.Element("disk", type="volume" if self.volume else "file", device=self.device)
        if self.source or self.volume:
            driver = {"name": "qemu", "type": self.format, "cache": self.cache}
            _add(disk, "driver", **driver, queues=self.queues, queue_size=self.queue_size)
        if self.volume:
            _add(disk, "source", pool=self.volume[0], volume=self.volume[1])
        elif self.source:
            _add(disk, "source", file=self.source)
        _add(disk, "target", dev=self.target, bus=self.bus)
        if self.io_tune:
            limits = _add(disk, "iotune")
            for name, value in self.io_tune.items():
                _add(limits, name).text = str(value)
        if self.read_only or self.device == "cdrom":
            _add(disk, "readonly")
        if self.shareable:
            _add(disk, "shareable")
        if self.serial:
            _add(disk, "serial").text = self.serial
        return disk


@dataclasses.dataclass(frozen=True)
class Nic:
    """A network interface; ``source`` is a network, a bridge, a host interface or a PCI address.

    Kinds network, bridge, user, direct and ethernet start in the lab. Kind hostdev can be defined
    only: there is no PCI device to give away. VLAN tags can be defined with every kind, and start
    only on Open vSwitch (``virtual_port="openvswitch"``) or hostdev. Never start kind null: the
    libvirtd of Debian 12 crashes of it, and kind vhostuser in server mode waits for ever.
    """

    mac: str
    kind: str = "network"
    source: str | None = None
    model: str | None = "virtio"
    portgroup: str | None = None
    mode: str | None = None
    device: str | None = None
    mtu: int | None = None
    link: str | None = None
    queues: int | None = None
    trust_guest_rx_filters: bool | None = None
    filter: str | None = None
    filter_parameters: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: VLAN tag to its native mode, None where it has none; more than one makes a trunk
    vlan_tags: t.Mapping[int, str | None] = dataclasses.field(default_factory=dict)
    virtual_port: str | None = None

    def element(self) -> ET.Element:
        nic = ET.Element("interface", type=self.kind)
        if self.trust_guest_rx_filters is not None:
            nic.set("trustGuestRxFilters", "yes" if self.trust_guest_rx_filters else "no")
        _add(nic, "mac", address=self.mac)
        self._add_source(nic)
        self._add_vlan(nic)
        if self.virtual_port:
            _add(nic, "virtualport", type=self.virtual_port)
        if self.device:
            _add(nic, "target", dev=self.device)
        if self.model:
            _add(nic, "model", type=self.model)
        if self.queues:
            _add(nic, "driver", name="qemu", queues=self.queues)
        if self.filter:
            reference = _add(nic, "filterref", filter=self.filter)
            for name, value in self.filter_parameters.items():
                _add(reference, "parameter", name=name, value=value)
        if self.mtu:
            _add(nic, "mtu", size=self.mtu)
        if self.link:
            _add(nic, "link", state=self.link)
        return nic

    def _add_source(self, nic: ET.Element) -> None:
        if self.source is None:
            return
        if self.kind == "hostdev":
            domain, bus, rest = self.source.split(":")
            slot, function = rest.split(".")
            address = {"domain": domain, "bus": bus, "slot": slot, "function": function}
            source = _add(nic, "source")
            _add(source, "address", type="pci", **{k: f"0x{v}" for k, v in address.items()})
        else:
            attribute = {"direct": "dev"}.get(self.kind, self.kind)
            _add(
                nic, "source", **{attribute: self.source}, portgroup=self.portgroup, mode=self.mode
            )

    def _add_vlan(self, nic: ET.Element) -> None:
        if not self.vlan_tags:
            return
        vlan = _add(nic, "vlan", trunk="yes" if len(self.vlan_tags) > 1 else None)
        for tag, native_mode in self.vlan_tags.items():
            _add(vlan, "tag", id=tag, nativeMode=native_mode)


@dataclasses.dataclass(frozen=True)
class Filesystem:
    """A directory of the hypervisor, shared with the guest by 9p; it must exist at the start."""

    source: str
    target: str
    access_mode: str = "mapped"
    read_only: bool = False

    def element(self) -> ET.Element:
        filesystem = ET.Element("filesystem", type="mount", accessmode=self.access_mode)
        _add(filesystem, "source", dir=self.source)
        _add(filesystem, "target", dir=self.target)
        if self.read_only:
            _add(filesystem, "readonly")
        return filesystem


Device = t.Union[Disk, Nic, Filesystem]


@dataclasses.dataclass(frozen=True)
class Guest:
    """A domain. ``machine`` is q35 or pc; q35 gets ``free_slots`` PCI slots for hot-plug."""

    name: str
    uuid: str | None = None
    machine: str = "q35"
    memory_mib: int = 16
    vcpus: int = 1
    disks: t.Sequence[Disk] = ()
    nics: t.Sequence[Nic] = ()
    filesystems: t.Sequence[Filesystem] = ()
    free_slots: int = 0
    vnc: bool = False
    video: str | None = None
    #: (type, bus) of input devices, as ("tablet", "usb")
    inputs: t.Sequence[tuple[str, str]] = ()
    #: (type, model) of controllers, as ("scsi", "virtio-scsi")
    controllers: t.Sequence[tuple[str, str]] = ()
    #: elements for <devices> that nothing above makes
    more_devices: str = ""

    def xml(self) -> str:
        domain = ET.Element("domain", type="qemu")
        _add(domain, "name").text = self.name
        if self.uuid:
            _add(domain, "uuid").text = self.uuid
        _add(domain, "memory", unit="MiB").text = str(self.memory_mib)
        _add(domain, "vcpu").text = str(self.vcpus)
        _add(_add(domain, "os"), "type", arch="x86_64", machine=self.machine).text = "hvm"
        _add(_add(domain, "features"), "acpi")
        domain.append(self._devices())
        ET.indent(domain)
        return ET.tostring(domain, encoding="unicode")

    def _devices(self) -> ET.Element:
        devices = ET.Element("devices")
        _add(devices, "emulator").text = _EMULATOR
        plugged: list[Device] = [*self.disks, *self.nics, *self.filesystems]
        for device in plugged:
            devices.append(device.element())
        for kind, model in self.controllers:
            _add(devices, "controller", type=kind, model=model)
        self._add_slots(devices)
        for kind, bus in self.inputs:
            _add(devices, "input", type=kind, bus=bus)
        if self.vnc:
            _add(devices, "graphics", type="vnc", port=-1, autoport="yes", listen="127.0.0.1")
        if self.video:
            _add(_add(devices, "video"), "model", type=self.video)
        _add(devices, "memballoon", model="none")
        devices.extend(ET.fromstring(f"<devices>{self.more_devices}</devices>"))
        return devices

    def _add_slots(self, devices: ET.Element) -> None:
        """A port for each device that may need one and each free slot; libvirt leaves none free."""
        if self.machine != "q35" or not self.free_slots:
            return
        users = (self.disks, self.nics, self.filesystems, self.controllers, self.inputs)
        for index in range(1, sum(map(len, users)) + self.free_slots + 1):
            _add(devices, "controller", type="pci", index=index, model="pcie-root-port")


def device_xml(device: Device) -> str:
    """One device alone, as ``virsh attach-device`` wants it."""
    return ET.tostring(device.element(), encoding="unicode")


def _add(parent: ET.Element, tag: str, **attributes: object) -> ET.Element:
    """A new child; attributes that are None are left out."""
    texts = {name: str(value) for name, value in attributes.items() if value is not None}
    return ET.SubElement(parent, tag, texts)
