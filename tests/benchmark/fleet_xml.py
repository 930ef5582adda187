"""The made-up fleet as XML: domains, networks and pools for libvirt's test driver and for QEMU."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.fleet import Disk, Host, Machine, Nic

_TEST = "http://libvirt.org/schemas/domain/test/1.0"
_IMAGES = "/var/lib/libvirt/images"
_MONITORS = "".join(f"<host name='mon{number}.example.com' port='6789'/>" for number in (1, 2, 3))
_EMULATOR = "/usr/bin/qemu-system-x86_64"
_LIMITS = (
    "<iotune><read_bytes_sec>104857600</read_bytes_sec>"
    "<write_iops_sec>2000</write_iops_sec></iotune>"
)
_NETWORKS = """
<network><name>default</name><uuid>0e70{host:04x}-0000-4000-8000-000000000001</uuid>
 <forward mode='nat'/><bridge name='virbr0'/>
 <ip address='192.168.122.1' netmask='255.255.255.0'/></network>
<network><name>lan</name><uuid>0e70{host:04x}-0000-4000-8000-000000000002</uuid>
 <forward mode='bridge'/><bridge name='br-lan'/>
 <portgroup name='office' default='yes'><vlan><tag id='10'/></vlan></portgroup>
 <portgroup name='voice'><vlan><tag id='20'/></vlan></portgroup></network>
<network><name>dmz</name><uuid>0e70{host:04x}-0000-4000-8000-000000000003</uuid>
 <bridge name='virbr-dmz'/></network>"""


def node(host: Host) -> str:
    """A host as a file of libvirt's test driver."""
    domains = "\n".join(domain(machine, "test") for machine in host.machines)
    volumes = "".join(
        f"<volume type='file'><name>{machine.name}-{disk.letter}.{disk.format}</name>"
        f"<capacity unit='GiB'>{disk.gibibytes}</capacity><target>"
        f"<path>{_IMAGES}/{machine.name}-{disk.letter}.{disk.format}</path>"
        f"<format type='{disk.format}'/></target></volume>"
        for machine in host.machines
        for disk in machine.disks
        if disk.kind in ("file", "volume")
    )
    pool = (
        f"<pool type='dir'><name>default</name><uuid>0d1c{host.number & 0xFFFF:04x}"
        f"-0000-4000-8000-000000000001</uuid><target><path>{_IMAGES}</path></target>{volumes}</pool>"
    )
    networks = _NETWORKS.format(host=host.number & 0xFFFF)
    return f"<node>\n{domains}\n{networks}\n{pool}\n</node>\n"


def domain(machine: Machine, kind: str) -> str:
    """A VM's definition.

    :param kind: the domain's type: ``test``, or ``qemu`` for a definition that a real libvirt
        takes; that one gives the devices their addresses itself.
    """
    is_test = kind == "test"
    emulator = f"<emulator>{_EMULATOR}</emulator>"
    runstate = "" if not is_test else f"<t:runstate>{1 if machine.running else 5}</t:runstate>"
    snapshots = _snapshots(machine) if is_test else ""
    return (
        f"<domain type='{kind}' xmlns:t='{_TEST}'><name>{machine.name}</name>"
        f"<uuid>{machine.uuid}</uuid><title>{machine.role} {machine.number}</title>"
        f"<description>definition {machine.round}</description>"
        "<metadata><o:owner xmlns:o='http://example.com/owner' "
        f"team='team{machine.number % 7}' ticket='OPS-{machine.number}'/></metadata>"
        f"<memory unit='GiB'>{machine.gibibytes}</memory>"
        f"<currentMemory unit='GiB'>{machine.gibibytes}</currentMemory>"
        f"<vcpu placement='static'>{machine.cpus}</vcpu>"
        "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>"
        "<features><acpi/><apic/></features>"
        f"<cpu mode='custom' match='exact' check='none'><model fallback='allow'>qemu64</model>"
        f"<topology sockets='1' cores='{machine.cpus}' threads='1'/></cpu>"
        "<clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' present='no'/>"
        "</clock><on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot>"
        f"<on_crash>restart</on_crash><devices>{emulator}"
        f"{''.join(_disk(machine, disk, is_test) for disk in machine.disks)}{_cdrom(machine)}"
        f"{_CONTROLLERS}{''.join(_nic(machine, nic, is_test) for nic in machine.nics)}"
        f"{_CONSOLES}{_graphics(machine)}{_REST}</devices>{runstate}{snapshots}</domain>"
    )


_CONTROLLERS = (
    "<controller type='usb' index='0' model='qemu-xhci' ports='15'/>"
    "<controller type='scsi' index='0' model='virtio-scsi'/>"
    "<controller type='sata' index='0'/><controller type='pci' index='0' model='pcie-root'/>"
    "<controller type='pci' index='1' model='pcie-root-port'/>"
    "<controller type='pci' index='2' model='pcie-root-port'/>"
    "<controller type='virtio-serial' index='0'/>"
)
_CONSOLES = (
    "<serial type='pty'><target type='isa-serial' port='0'/></serial>"
    "<console type='pty'><target type='serial' port='0'/></console>"
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
    "<input type='tablet' bus='usb'/><input type='keyboard' bus='ps2'/>"
)
_REST = (
    "<memballoon model='virtio'><stats period='5'/></memballoon>"
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
)


def _disk(machine: Machine, disk: Disk, addressed: bool) -> str:
    image = f"{machine.name}-{disk.letter}"
    source = {
        "file": f"<source file='{_IMAGES}/{image}.{disk.format}'/>",
        "block": f"<source dev='/dev/vg0/{image}'/>",
        "network": f"<source protocol='rbd' name='vms/{image}'>{_MONITORS}</source>",
        "volume": f"<source pool='default' volume='{image}.{disk.format}'/>",
    }[disk.kind]
    bus = {"vd": "virtio", "sd": "scsi"}[disk.bus]
    return (
        f"<disk type='{disk.kind}' device='disk'>"
        f"<driver name='qemu' type='{disk.format}' cache='none' io='native' discard='unmap'/>{source}"
        f"<target dev='{disk.bus}{disk.letter}' bus='{bus}'/>{_LIMITS if disk.limited else ''}"
        f"<serial>{machine.number:05d}{disk.letter}</serial>"
        f"{_address(16 + ord(disk.letter) - ord('a')) if addressed and bus == 'virtio' else ''}</disk>"
    )


def _cdrom(machine: Machine) -> str:
    if not machine.cdrom:
        return ""
    inside = f"<source file='{_IMAGES}/installer.iso'/>" if machine.number % 2 else ""
    return (
        f"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>{inside}"
        "<target dev='sdz' bus='sata'/><readonly/></disk>"
    )


def _nic(machine: Machine, nic: Nic, addressed: bool) -> str:
    tag = f"<vlan><tag id='{nic.vlan}'/></vlan>" if nic.vlan else ""
    mac = f"<mac address='{machine.mac(nic)}'/>"
    address = _address(64 + nic.number) if addressed else ""
    if nic.kind == "hostdev":
        function = f"slot='0x{machine.number % 31 + 1:02x}' function='0x{nic.number % 8}'"
        return (
            f"<interface type='hostdev' managed='yes'>{mac}<source><address type='pci' "
            f"domain='0x0000' bus='0x{0x40 + machine.number // 31 % 64:02x}' {function}/></source>"
            f"{tag}{address}</interface>"
        )
    port_group = " portgroup='voice'" if machine.number % 5 == 0 else ""
    network = ("default", "dmz", "lan")[machine.number % 3]
    source = {
        "network": f"<source network='{network}'{port_group if network == 'lan' else ''}/>",
        "bridge": "<source bridge='br-trunk'/>"
        + (
            "<virtualport type='openvswitch'>"
            f"<parameters interfaceid='{machine.uuid[:-1]}{nic.number:x}'/></virtualport>"
            if tag
            else ""
        ),
        "direct": "<source dev='eno1' mode='bridge'/>",
    }[nic.kind]
    return (
        f"<interface type='{nic.kind}'>{mac}{tag}{source}<model type='{nic.model}'/>"
        f"{address}</interface>"
    )


def _address(bus: int) -> str:
    """A PCI address that no other device of the VM has."""
    return f"<address type='pci' domain='0x0000' bus='0x{bus:02x}' slot='0x00' function='0x0'/>"


def _graphics(machine: Machine) -> str:
    if not machine.graphics:
        return ""
    return (
        f"<graphics type='{machine.graphics}' port='-1' autoport='yes' listen='127.0.0.1'/>"
        "<video><model type='virtio' heads='1' primary='yes'/></video>"
    )


def _snapshots(machine: Machine) -> str:
    """Each the child of the one before; the test driver wants the domain's definition in them."""
    texts = []
    for number in range(machine.snapshots):
        parent = f"<parent><name>before-{number - 1}</name></parent>" if number else ""
        active = 1 if number == machine.snapshots - 1 else 0
        texts.append(
            f"<t:domainsnapshot><name>before-{number}</name><state>shutoff</state>{parent}"
            f"<creationTime>{1700000000 + number}</creationTime><active>{active}</active>"
            f"<domain type='test'><name>{machine.name}</name><uuid>{machine.uuid}</uuid>"
            "<memory>1048576</memory><os><type>hvm</type></os></domain></t:domainsnapshot>"
        )
    return "".join(texts)
