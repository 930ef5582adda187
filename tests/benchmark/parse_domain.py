"""A running domain as libvirt prints it, of 9.8 kB: 4 disks, 3 NICs and what goes with them."""

from __future__ import annotations

_HEAD = """<domain type='kvm' id='7'>
  <name>shop-db-1</name>
  <uuid>5f0e2d8c-1b7a-4f86-9d25-3a9c4be71d02</uuid>
  <title>Shop: database</title>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='KiB'>8388608</memory>
  <currentMemory unit='KiB'>8388608</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <iothreads>2</iothreads>
  <resource>
    <partition>/machine</partition>
  </resource>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
    <vmport state='off'/>
  </features>
  <cpu mode='host-passthrough' check='none' migratable='on'>
    <topology sockets='1' dies='1' cores='4' threads='1'/>
  </cpu>
  <clock offset='utc'>
    <timer name='rtc' tickpolicy='catchup'/>
    <timer name='pit' tickpolicy='delay'/>
    <timer name='hpet' present='no'/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <pm>
    <suspend-to-mem enabled='no'/>
    <suspend-to-disk enabled='no'/>
  </pm>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
"""

_DISKS = """    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap' queues='4'/>
      <source file='/var/lib/libvirt/images/shop-db-1.qcow2' index='4'/>
      <backingStore type='file' index='5'>
        <format type='qcow2'/>
        <source file='/var/lib/libvirt/images/debian-12.qcow2'/>
        <backingStore/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <iotune>
        <total_bytes_sec>104857600</total_bytes_sec>
        <total_iops_sec>2000</total_iops_sec>
      </iotune>
      <serial>SHOPDB1A</serial>
      <alias name='virtio-disk0'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none' io='native' iothread='1'/>
      <source dev='/dev/vg0/shop-db-1-data' index='3'/>
      <backingStore/>
      <target dev='vdb' bus='virtio'/>
      <serial>SHOPDB1B</serial>
      <alias name='virtio-disk1'/>
      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw' cache='writeback' discard='unmap'/>
      <auth username='libvirt'>
        <secret type='ceph' uuid='7a2f8e4e-6f0c-4c1b-8f0f-2b5f3b0a9e11'/>
      </auth>
      <source protocol='rbd' name='vms/shop-db-1-backup' index='2'>
        <host name='mon1.example.com' port='6789'/>
        <host name='mon2.example.com' port='6789'/>
        <host name='mon3.example.com' port='6789'/>
      </source>
      <target dev='vdc' bus='virtio'/>
      <alias name='virtio-disk2'/>
      <address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
      <alias name='sata0-0-0'/>
      <address type='drive' controller='0' bus='0' target='0' unit='0'/>
    </disk>
"""

_NICS = """    <interface type='network'>
      <mac address='52:54:00:0b:7c:01'/>
      <source network='default' portid='0d3c2a1e-99b4-4f67-8f9a-6c5c3c5f2a01' bridge='virbr0'/>
      <target dev='vnet4'/>
      <model type='virtio'/>
      <driver name='vhost' queues='4'/>
      <alias name='net0'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:0b:7c:02'/>
      <source bridge='br-trunk'/>
      <vlan>
        <tag id='42'/>
      </vlan>
      <virtualport type='openvswitch'>
        <parameters interfaceid='f0c1d7de-5b2a-4b5a-9f9e-2f1d2a3b4c5d'/>
      </virtualport>
      <target dev='vnet5'/>
      <model type='virtio'/>
      <mtu size='9000'/>
      <alias name='net1'/>
      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
    </interface>
    <interface type='direct' trustGuestRxFilters='yes'>
      <mac address='52:54:00:0b:7c:03'/>
      <source dev='eno2' mode='bridge'/>
      <target dev='macvtap0'/>
      <model type='virtio'/>
      <filterref filter='clean-traffic'>
        <parameter name='IP' value='192.0.2.17'/>
      </filterref>
      <alias name='net2'/>
      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
    </interface>
"""

_CHARACTERS = """    <serial type='pty'>
      <source path='/dev/pts/3'/>
      <target type='isa-serial' port='0'>
        <model name='isa-serial'/>
      </target>
      <alias name='serial0'/>
    </serial>
    <console type='pty' tty='/dev/pts/3'>
      <source path='/dev/pts/3'/>
      <target type='serial' port='0'/>
      <alias name='serial0'/>
    </console>
    <channel type='unix'>
      <source mode='bind' path='/run/libvirt/qemu/channel/7-shop-db-1/org.qemu.guest_agent.0'/>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
      <alias name='channel0'/>
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>
    <input type='tablet' bus='usb'>
      <alias name='input0'/>
      <address type='usb' bus='0' port='1'/>
    </input>
    <input type='keyboard' bus='ps2'>
      <alias name='input1'/>
    </input>
    <graphics type='vnc' port='5907' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <video>
      <model type='virtio' heads='1' primary='yes'/>
      <alias name='video0'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>
    </video>
    <watchdog model='itco' action='reset'>
      <alias name='watchdog0'/>
    </watchdog>
    <memballoon model='virtio'>
      <stats period='5'/>
      <alias name='balloon0'/>
      <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
      <alias name='rng0'/>
      <address type='pci' domain='0x0000' bus='0x08' slot='0x00' function='0x0'/>
    </rng>
  </devices>
  <seclabel type='dynamic' model='apparmor' relabel='yes'>
    <label>libvirt-5f0e2d8c-1b7a-4f86-9d25-3a9c4be71d02</label>
    <imagelabel>libvirt-5f0e2d8c-1b7a-4f86-9d25-3a9c4be71d02</imagelabel>
  </seclabel>
  <seclabel type='dynamic' model='dac' relabel='yes'>
    <label>+64055:+64055</label>
    <imagelabel>+64055:+64055</imagelabel>
  </seclabel>
</domain>
"""

_CONTROLLERS = """    <controller type='usb' index='0' model='qemu-xhci' ports='15'>
      <alias name='usb'/>
      <address type='pci' domain='0x0000' bus='0x09' slot='0x00' function='0x0'/>
    </controller>
    <controller type='sata' index='0'>
      <alias name='ide'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x1f' function='0x2'/>
    </controller>
    <controller type='virtio-serial' index='0'>
      <alias name='virtio-serial0'/>
      <address type='pci' domain='0x0000' bus='0x0a' slot='0x00' function='0x0'/>
    </controller>
    <controller type='pci' index='0' model='pcie-root'>
      <alias name='pcie.0'/>
    </controller>
"""

_PORT = """    <controller type='pci' index='{0}' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='{0}' port='0x{1:x}'/>
      <alias name='pci.{0}'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x{2}'/>
    </controller>
"""


def domain_xml() -> str:
    """The document."""
    ports = "".join(_PORT.format(number, 15 + number, number % 8) for number in range(1, 10))
    return _HEAD + _DISKS + _CONTROLLERS + ports + _NICS + _CHARACTERS
