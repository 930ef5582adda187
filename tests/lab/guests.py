"""Domain, network and pool XML for real guests of the lab.

The guests have no operating system: QEMU runs their firmware by software emulation, with 16 MiB.
"""

from __future__ import annotations

IMAGES = "/var/lib/libvirt/images"

NAT_NETWORK = """
<network>
  <name>default</name><uuid>0e700000-0000-4000-8000-000000000001</uuid>
  <forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.122.2' end='192.168.122.99'/></dhcp>
  </ip>
</network>"""

ISOLATED_NETWORK = """
<network>
  <name>isolated</name><uuid>0e700000-0000-4000-8000-000000000002</uuid>
  <bridge name='virbr1' stp='off' delay='0'/>
</network>"""

BRIDGED_NETWORK = """
<network>
  <name>lan</name><uuid>0e700000-0000-4000-8000-000000000003</uuid>
  <forward mode='bridge'/><bridge name='lan0'/>
</network>"""

VLAN_NETWORK = """
<network>
  <name>trunks</name><uuid>0e700000-0000-4000-8000-000000000004</uuid>
  <forward mode='bridge'/><bridge name='ovs0'/><virtualport type='openvswitch'/>
  <portgroup name='dev' default='yes'><vlan><tag id='42'/></vlan></portgroup>
  <portgroup name='trunk' trustGuestRxFilters='yes'>
    <vlan trunk='yes'><tag id='42' nativeMode='untagged'/><tag id='47'/></vlan>
  </portgroup>
</network>"""

NETWORKS = (NAT_NETWORK, ISOLATED_NETWORK, BRIDGED_NETWORK, VLAN_NETWORK)

POOL = f"""
<pool type='dir'>
  <name>default</name><uuid>0d1c0000-0000-4000-8000-000000000001</uuid>
  <target><path>{IMAGES}</path></target>
</pool>"""

#: Run on a hypervisor before its guests are defined.
PREPARE = f"""
set -e
ip link add lan0 type bridge 2>/dev/null || true
ip link set lan0 up
cd {IMAGES}
mkdir -p /srv/files
for image in system data shared scsi sata usb hot; do
  qemu-img create -q -f qcow2 "$image.qcow2" 16M
done
truncate -s 8M raw.img floppy.img
truncate -s 1M cd.iso
qemu-img create -q -f qcow2 -b system.qcow2 -F qcow2 overlay.qcow2
"""

HOT_DISK = f"""
<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2'/><source file='{IMAGES}/hot.qcow2'/>
  <target dev='vdh' bus='virtio'/><serial>HOT-1</serial>
</disk>"""

HOT_NIC = """
<interface type='network'>
  <mac address='52:54:00:00:00:99'/><source network='default'/><model type='virtio'/>
</interface>"""

DISKS = f"""
<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2' cache='none' io='threads' queues='2' queue_size='256'
          discard='unmap'/>
  <source file='{IMAGES}/overlay.qcow2'/><target dev='vda' bus='virtio'/>
  <iotune>
    <read_bytes_sec>10485760</read_bytes_sec><write_iops_sec>500</write_iops_sec>
    <group_name>slow</group_name>
  </iotune>
  <serial>SYS-0001</serial><boot order='1'/>
</disk>
<disk type='volume' device='disk'>
  <driver name='qemu' type='qcow2'/><source pool='default' volume='data.qcow2'/>
  <target dev='vdb' bus='virtio'/>
</disk>
<disk type='file' device='disk'>
  <driver name='qemu' type='raw' cache='none'/><source file='{IMAGES}/raw.img'/>
  <target dev='vdc' bus='virtio'/><shareable/>
</disk>
<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2'/><source file='{IMAGES}/scsi.qcow2'/>
  <target dev='sda' bus='scsi'/><readonly/><wwn>5000c50015ea71aa</wwn>
</disk>
<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2'/><source file='{IMAGES}/sata.qcow2'/>
  <target dev='sdb' bus='sata'/>
</disk>
<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2'/><source file='{IMAGES}/usb.qcow2'/>
  <target dev='sdc' bus='usb' removable='on'/>
</disk>
<disk type='file' device='cdrom'>
  <driver name='qemu' type='raw'/><source file='{IMAGES}/cd.iso'/>
  <target dev='sdd' bus='sata'/><readonly/>
</disk>
<disk type='file' device='cdrom'><target dev='sde' bus='sata'/><readonly/></disk>
<disk type='file' device='floppy'>
  <driver name='qemu' type='raw'/><source file='{IMAGES}/floppy.img'/>
  <target dev='fda' bus='fdc'/>
</disk>"""

NICS = """
<interface type='network' trustGuestRxFilters='yes'>
  <mac address='52:54:00:00:00:01'/><source network='default'/><model type='virtio'/>
  <driver name='qemu' queues='1'/><mtu size='1400'/>
</interface>
<interface type='network'>
  <mac address='52:54:00:00:00:02'/><source network='lan'/><model type='e1000e'/>
</interface>
<interface type='bridge' trustGuestRxFilters='no'>
  <mac address='52:54:00:00:00:03'/><source bridge='lan0'/><model type='virtio'/>
  <link state='down'/>
</interface>
<interface type='network'>
  <mac address='52:54:00:00:00:04'/><source network='isolated'/><model type='virtio'/>
</interface>
<interface type='network'>
  <mac address='52:54:00:00:00:04'/><source network='isolated'/><model type='rtl8139'/>
</interface>
<interface type='user'><mac address='52:54:00:00:00:05'/><model type='virtio'/></interface>
<interface type='udp'>
  <mac address='52:54:00:00:00:06'/>
  <source address='127.0.0.1' port='11115'><local address='127.0.0.1' port='11116'/></source>
  <model type='virtio'/>
</interface>"""

#: Slots enough for everything, with some left for hot-plug.
ROOT_PORTS = "".join(
    f"<controller type='pci' index='{index}' model='pcie-root-port'/>" for index in range(1, 25)
)

OTHERS = """
<controller type='scsi' index='0' model='virtio-scsi'><driver queues='2'/></controller>
<controller type='usb' index='0' model='qemu-xhci'/>
<filesystem type='mount' accessmode='mapped'>
  <driver type='path'/><source dir='/srv/files'/><target dir='files'/><readonly/>
</filesystem>
<input type='tablet' bus='usb'/>
<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
<video><model type='virtio' heads='1' primary='yes'/></video>
<memballoon model='none'/>"""


def domain(name: str, uuid: str, devices: str = "", machine: str = "q35") -> str:
    """A domain that QEMU can run without an operating system."""
    return f"""
<domain type='qemu'>
  <name>{name}</name><uuid>{uuid}</uuid><title>Test guest {name}</title>
  <memory unit='MiB'>16</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='{machine}'>hvm</type></os><features><acpi/></features>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices>
</domain>"""


#: A guest with every kind of disk and NIC that the lab can run.
RICH_UUID = "dddddddd-0000-4000-8000-000000000001"
RICH = domain("rich", RICH_UUID, ROOT_PORTS + DISKS + NICS + OTHERS)

#: Small guests.
PLAIN_UUID = "dddddddd-0000-4000-8000-000000000002"
PLAIN = domain(
    "plain",
    PLAIN_UUID,
    f"<disk type='file'><driver name='qemu' type='raw' cache='none'/>"
    f"<source file='{IMAGES}/raw.img'/><target dev='vda' bus='virtio'/><shareable/></disk>"
    "<memballoon model='none'/>",
    "pc",
)
IDLE_UUID = "dddddddd-0000-4000-8000-000000000003"
IDLE = domain("idle", IDLE_UUID, "<memballoon model='none'/>", "pc")
