#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hypervisor_info
short_description: A libvirt hypervisor with its domains, networks and storage
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Reads a libvirt hypervisor in one connection, its identity, domains, networks, DHCP leases,
    storage pools and volumes, and returns them parsed.
  - This is what M(virtledger.libvirt.sync) runs on a host; M(virtledger.libvirt.record) takes its
    result.
  - The connection is read-only, nothing on the hypervisor is changed, and secrets are neither asked
    for nor returned, see O(redact).
  - What fails to be read is named in RV(errors); everything else is returned all the same.
extends_documentation_fragment:
  - virtledger.libvirt.gathering
  - virtledger.libvirt.gathering.redaction
  - virtledger.libvirt.gathering.info_module
options:
  gather_subset:
    description:
      - What to read besides the identity of the hypervisor.
      - V(all), or any of V(hypervisor), V(domains), V(networks), V(storage_pools), V(volumes) (of the
        active pools), V(leases) (addresses that networks have given to NICs) and V(snapshots) (the
        snapshots and checkpoints of the domains).
      - C(!) before a name leaves it out, as in V(!volumes).
    type: list
    elements: str
    default: [all]
  families:
    description:
      - Only these lists of devices of each domain; the others are V(null).
      - Without this option all of them are returned.
    type: list
    elements: str
    choices:
      - volume_attachments
      - ports
      - filesystems
      - controllers
      - input_devices
      - consoles
      - video_devices
  include_xml:
    description:
      - Return each domain's XML as well.
    type: bool
    default: false
seealso:
  - module: virtledger.libvirt.domain_info
  - module: virtledger.libvirt.sync
  - module: virtledger.libvirt.record
"""

EXAMPLES = r"""
- name: Everything
  virtledger.libvirt.hypervisor_info:
  register: hypervisor

- name: Networks and storage, but neither domains nor the volumes of the pools
  virtledger.libvirt.hypervisor_info:
    gather_subset: ["!domains", "!volumes"]

- name: The containers of the same host, with the addresses that its ARP table knows
  virtledger.libvirt.hypervisor_info:
    uri: lxc:///system
    addresses: [arp]
"""

RETURN = r"""
hypervisor:
  description: The identity of the hypervisor.
  returned: success
  type: dict
  contains:
    host_uuid:
      description: "UUID of the host."
      returned: success
      type: str
    hostname:
      description: "Host name as libvirt tells it."
      returned: success
      type: str
    uri:
      description: "The connection's own URI."
      returned: success
      type: str
    type:
      description: "V(QEMU), V(Xen), V(LXC), V(Test), ...."
      returned: success
      type: str
    libvirt_version:
      description: "Version of libvirt on the host."
      returned: success
      type: str
    hypervisor_version:
      description: "Version of QEMU, Xen, ...."
      returned: success
      type: str
    arch:
      description: "CPU architecture."
      returned: success
      type: str
    cpu_model:
      description: "CPU model."
      returned: success
      type: str
    cpu_vendor:
      description: "CPU vendor."
      returned: success
      type: str
    cpu_count:
      description: "Logical CPUs."
      returned: success
      type: int
    cpu_topology:
      description: "NUMA nodes, sockets, cores and threads."
      returned: success
      type: dict
    memory_bytes:
      description: "Physical memory; a balloon changes it."
      returned: success
      type: int
domains:
  description: "The domains."
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: "Libvirt's UUID of the domain."
      returned: success
      type: str
    name:
      description: "Name on its hypervisor."
      returned: success
      type: str
    title:
      description: "Short description."
      returned: success
      type: str
    description:
      description: "Description."
      returned: success
      type: str
    virt_type:
      description: "V(kvm), V(qemu), V(xen), V(lxc), V(test), ...."
      returned: success
      type: str
    domain_id:
      description: "Libvirt's number of the running domain."
      returned: success
      type: int
    os_type:
      description: "V(hvm), V(linux), V(exe), ...."
      returned: success
      type: str
    arch:
      description: "CPU architecture."
      returned: success
      type: str
    machine:
      description: "Machine type, for example V(pc-q35-7.2)."
      returned: success
      type: str
    firmware:
      description: "V(bios) or V(efi) where libvirt selects it."
      returned: success
      type: str
    os_id:
      description: "Libosinfo's name of the OS."
      returned: success
      type: str
    vcpu_count:
      description: "Virtual CPUs, at the most."
      returned: success
      type: int
    vcpu_online:
      description: "Virtual CPUs at the start."
      returned: success
      type: int
    vcpu_current_count:
      description: "Virtual CPUs on line."
      returned: success
      type: int
    cpu_mode:
      description: "V(host-model), V(host-passthrough), V(custom), V(maximum)."
      returned: success
      type: str
    cpu_model:
      description: "CPU model."
      returned: success
      type: str
    cpu_topology:
      description: "Sockets, dies, cores, threads, as numbers."
      returned: success
      type: dict
    memory_bytes:
      description: "Memory at the start in bytes."
      returned: success
      type: int
    current_memory_bytes:
      description: "Memory that the balloon leaves, in bytes."
      returned: success
      type: int
    state:
      description: "V(running), V(paused), V(shutoff), ...; null for an archived domain."
      returned: success
      type: str
    persistent:
      description: "Libvirt keeps a definition of it."
      returned: success
      type: bool
    autostart:
      description: "It starts with the hypervisor."
      returned: success
      type: bool
    in_live:
      description: "Read from the running domain."
      returned: success
      type: bool
    in_config:
      description: "Read from the persistent definition."
      returned: success
      type: bool
    config_values:
      description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
      returned: success
      type: dict
    unmapped:
      description: "What no other field holds: path below C(domain) to text, other devices included."
      returned: success
      type: dict
    redacted:
      description: "Paths of the secrets that were removed."
      returned: success
      type: list
      elements: raw
    warnings:
      description: "Values that did not convert, and what was kept."
      returned: success
      type: list
      elements: raw
    volume_attachments:
      description: "Each is a disk, CD-ROM, LUN or floppy of a VM, with the volume behind it; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        device_name:
          description: "Target device, for example V(vda)."
          returned: success
          type: str
        bus_type:
          description: "Target bus, for example V(virtio)."
          returned: success
          type: str
        is_read_only:
          description: "The element C(readonly) is there, whatever it holds."
          returned: success
          type: bool
        device_type:
          description: "C(disk), C(cdrom), C(lun) or C(floppy)."
          returned: success
          type: str
        target_dev:
          description: "Target device, as C(device_name)."
          returned: success
          type: str
        target_bus:
          description: "Target bus; null where the XML leaves it to libvirt."
          returned: success
          type: str
        driver_format:
          description: "Image format, for example V(qcow2)."
          returned: success
          type: str
        driver_queues:
          description: "Number of virtio queues."
          returned: success
          type: int
        driver_queue_size:
          description: "Size of each queue."
          returned: success
          type: int
        io_tune:
          description: "I/O limits by libvirt's names, as texts."
          returned: success
          type: dict
        serial:
          description: "Serial number that the guest sees."
          returned: success
          type: str
        shareable:
          description: "The element C(shareable) is there, whatever it holds."
          returned: success
          type: bool
        snapshot_name:
          description: "Internal snapshot of a network image, not a policy."
          returned: success
          type: str
        source_type:
          description: "C(file), C(block), C(dir), C(network), C(volume), C(nvme), C(vhostuser), C(vhostvdpa)."
          returned: success
          type: str
        source_ref:
          description: "Where the data is: path, pool/volume, protocol:name."
          returned: success
          type: str
        source:
          description: "The whole source element, path to text."
          returned: success
          type: dict
        backing_chain:
          description: "The images below this one, nearest first."
          returned: success
          type: list
          elements: raw
        snapshot_policy:
          description: "What a snapshot of the VM does with the disk."
          returned: success
          type: str
        driver_name:
          description: "Backend driver, for example V(qemu)."
          returned: success
          type: str
        driver_cache:
          description: "Cache mode."
          returned: success
          type: str
        driver_io:
          description: "I/O mode."
          returned: success
          type: str
        driver_discard:
          description: "Whether discard requests reach the image."
          returned: success
          type: str
        wwn:
          description: "World Wide Name that the guest sees."
          returned: success
          type: str
        transient:
          description: "Changes are thrown away when the VM stops."
          returned: success
          type: bool
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    ports:
      description: "Each is a network interface (NIC) of a VM; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        mac_address:
          description: "MAC address, lower case."
          returned: success
          type: str
        device_name:
          description: "Device on the host, as V(vnet0)."
          returned: success
          type: str
        model_name:
          description: "Device model, for example V(virtio)."
          returned: success
          type: str
        ip_address:
          description: "First of C(ip_addresses)."
          returned: success
          type: str
        source_type:
          description: "Libvirt's interface type, for example V(network)."
          returned: success
          type: str
        source_ref:
          description: "Network, bridge, host device, PCI address or socket, by C(source_type)."
          returned: success
          type: str
        virtual_port:
          description: "Type and parameters of a virtual port."
          returned: success
          type: dict
        filter_ref:
          description: "Network filter and its (name, value) pairs."
          returned: success
          type: dict
        vlan_tags:
          description: "Trunk and all tags with their native mode."
          returned: success
          type: dict
        trust_guest_rx_filters:
          description: "True, false, or null where the XML does not say."
          returned: success
          type: bool
        source:
          description: "The whole source element, path to text."
          returned: success
          type: dict
        network_name:
          description: "Libvirt network it belongs to."
          returned: success
          type: str
        port_group:
          description: "Port group of that network."
          returned: success
          type: str
        bridge_name:
          description: "Bridge on the host, which libvirt also tells for a running network NIC."
          returned: success
          type: str
        ip_addresses:
          description: "Addresses: static, leased, or told."
          returned: success
          type: list
          elements: raw
        link_state:
          description: "C(up) or C(down); null is up."
          returned: success
          type: str
        mtu:
          description: "MTU in bytes."
          returned: success
          type: int
        driver_name:
          description: "Backend driver, for example V(vhost)."
          returned: success
          type: str
        driver_queues:
          description: "Number of queues."
          returned: success
          type: int
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    filesystems:
      description: "Each is a file system that the host shares with a VM, or a container's mount; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        driver_type:
          description: "Driver, for example V(virtiofs)."
          returned: success
          type: str
        source_path:
          description: "Directory, image, device, template or pool/volume."
          returned: success
          type: str
        target_path:
          description: "Mount point; for QEMU a mount tag."
          returned: success
          type: str
        type:
          description: "C(mount), C(file), C(block), C(ram), ...."
          returned: success
          type: str
        usage:
          description: "Size limit of a RAM file system in bytes."
          returned: success
          type: int
        socket_path:
          description: "Socket of an external virtiofsd."
          returned: success
          type: str
        source:
          description: "The whole source element, path to text."
          returned: success
          type: dict
        access_mode:
          description: "How the host's permissions apply."
          returned: success
          type: str
        driver_format:
          description: "Image format."
          returned: success
          type: str
        is_read_only:
          description: "The element C(readonly) is there."
          returned: success
          type: bool
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    controllers:
      description: "Each is a controller that devices are attached to; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Bus, for example V(pci), V(usb), V(scsi)."
          returned: success
          type: str
        model_name:
          description: "Model, for example V(pcie-root-port)."
          returned: success
          type: str
        index:
          description: "Number among the controllers of its type."
          returned: success
          type: int
        ports:
          description: "Number of ports."
          returned: success
          type: int
        driver_queues:
          description: "Number of queues."
          returned: success
          type: int
        iothread:
          description: "I/O thread that serves it."
          returned: success
          type: int
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    input_devices:
      description: "Each is a keyboard, mouse, tablet or passed-through input device; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "For example V(tablet)."
          returned: success
          type: str
        bus:
          description: "For example V(usb)."
          returned: success
          type: str
        model_name:
          description: "Device model."
          returned: success
          type: str
        source:
          description: "The host's device, path to text."
          returned: success
          type: dict
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    consoles:
      description: "Each is a graphical console: VNC, SPICE, RDP, a local window; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "V(vnc), V(spice), V(rdp), V(sdl), V(dbus), ...."
          returned: success
          type: str
        listen_address:
          description: "Address that it listens on."
          returned: success
          type: str
        port:
          description: "TCP port; -1 while libvirt has yet to choose."
          returned: success
          type: int
        tls_port:
          description: "TCP port with TLS."
          returned: success
          type: int
        websocket_port:
          description: "Websocket port."
          returned: success
          type: int
        autoport:
          description: "Libvirt chooses the port."
          returned: success
          type: bool
        listen:
          description: "The attribute C(listen) as it stands."
          returned: success
          type: str
        listens:
          description: "The C(listen) elements, path to text each."
          returned: success
          type: list
          elements: raw
        socket_path:
          description: "UNIX socket that it listens on."
          returned: success
          type: str
        keymap:
          description: "Keyboard layout."
          returned: success
          type: str
        password_valid_to:
          description: "When the password expires."
          returned: success
          type: str
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    video_devices:
      description: "Each is a graphics adapter; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "V(vga), V(virtio), V(qxl), V(none), ...."
          returned: success
          type: str
        vram_kib:
          description: "Video memory in KiB."
          returned: success
          type: int
        ram_kib:
          description: "Primary bar of QXL in KiB."
          returned: success
          type: int
        vgamem_kib:
          description: "VGA framebuffer of QXL in KiB."
          returned: success
          type: int
        heads:
          description: "Number of screens."
          returned: success
          type: int
        is_primary:
          description: "The adapter that the firmware uses."
          returned: success
          type: bool
        resolution:
          description: "C(x) and C(y) in pixels."
          returned: success
          type: dict
        boot_order:
          description: "Place in the boot order, from 1."
          returned: success
          type: int
        alias:
          description: "Libvirt's name of the device."
          returned: success
          type: str
        address:
          description: "Where the guest sees the device."
          returned: success
          type: dict
        ordinal:
          description: "Position among all devices of the domain, from 0 in document order."
          returned: success
          type: int
        in_live:
          description: "The running domain has it."
          returned: success
          type: bool
        in_config:
          description: "The persistent definition has it."
          returned: success
          type: bool
        config_values:
          description: "Fields whose value in the persistent definition is another than the live one here, with that other value."
          returned: success
          type: dict
        unmapped:
          description: "What no other field holds: path below the element to text, a repeated element counted as in C(host[2]/@name)."
          returned: success
          type: dict
    snapshots:
      description: "The snapshots and checkpoints, the oldest first; null where they were not read."
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: "Name, one of a kind in its domain."
          returned: success
          type: str
        kind:
          description: "V(snapshot) or V(checkpoint)."
          returned: success
          type: str
        parent_name:
          description: "Name of the one before, null for the first."
          returned: success
          type: str
        state:
          description: "State of the domain at that time, for example V(running), V(shutoff), V(disk-snapshot)."
          returned: success
          type: str
        description:
          description: "Description."
          returned: success
          type: str
        creation_time:
          description: "When it was made, in seconds since 1970 (UTC)."
          returned: success
          type: int
        is_current:
          description: "The domain goes on from it; null for a checkpoint, of which libvirt does not tell."
          returned: success
          type: bool
        memory_mode:
          description: "V(no), V(internal) or V(external) memory state."
          returned: success
          type: str
        memory_file:
          description: "File of an external memory state."
          returned: success
          type: str
        disks:
          description: "What becomes of each disk, path to text."
          returned: success
          type: list
          elements: raw
        config_xml:
          description: "The whole XML without secrets, with the configuration of the domain at that time."
          returned: success
          type: str
        redacted:
          description: "Paths of the secrets that were removed."
          returned: success
          type: list
          elements: raw
    digest:
      description: "SHA-256 of the facts, but for values that move by themselves."
      returned: success
      type: str
    xml_digest:
      description: "SHA-256 of the XML texts without secrets."
      returned: success
      type: str
    xml:
      description: "The XML, the live one of a running domain."
      returned: O(include_xml=true)
      type: str
    xml_config:
      description: "The persistent definition of a running domain."
      returned: O(include_xml=true)
      type: str
networks:
  description: "Libvirt's networks."
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: "Libvirt's UUID of the network."
      returned: success
      type: str
    name:
      description: "Name on its hypervisor."
      returned: success
      type: str
    bridge_name:
      description: "Bridge on the host."
      returned: success
      type: str
    mode:
      description: "V(nat), V(route), V(open), V(bridge), V(private), V(vepa), V(passthrough), V(hostdev), or V(isolated) without forwarding."
      returned: success
      type: str
    forwarded:
      description: "The element C(forward) is there."
      returned: success
      type: bool
    forward_mode:
      description: "The attribute as it stands."
      returned: success
      type: str
    forward_device:
      description: "Host device that traffic leaves by."
      returned: success
      type: str
    dns_domain:
      description: "DNS domain."
      returned: success
      type: str
    mtu:
      description: "MTU in bytes."
      returned: success
      type: int
    connections:
      description: "NICs of running VMs on it."
      returned: success
      type: int
    vlan_tags:
      description: "Trunk and tags that the network sets."
      returned: success
      type: dict
    virtual_port:
      description: "Type and parameters of virtual ports."
      returned: success
      type: dict
    trust_guest_rx_filters:
      description: "True, false, or null where the XML does not say."
      returned: success
      type: bool
    port_groups:
      description: "Port groups with their VLANs."
      returned: success
      type: list
      elements: raw
    addresses:
      description: "The host's addresses and DHCP ranges, path to text each."
      returned: success
      type: list
      elements: raw
    active:
      description: "It is started."
      returned: success
      type: bool
    persistent:
      description: "Libvirt keeps a definition of it."
      returned: success
      type: bool
    autostart:
      description: "It starts with the hypervisor."
      returned: success
      type: bool
    unmapped:
      description: "What no other field holds, path to text."
      returned: success
      type: dict
storage_pools:
  description: "Libvirt's storage pools."
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: "Libvirt's UUID of the pool."
      returned: success
      type: str
    name:
      description: "Name on its hypervisor."
      returned: success
      type: str
    type:
      description: "V(dir), V(fs), V(netfs), V(logical), V(rbd), V(iscsi), ...."
      returned: success
      type: str
    path:
      description: "Where its volumes are on the host."
      returned: success
      type: str
    capacity_bytes:
      description: "Size in bytes."
      returned: success
      type: int
    allocation_bytes:
      description: "Bytes in use."
      returned: success
      type: int
    available_bytes:
      description: "Bytes left."
      returned: success
      type: int
    source:
      description: "The whole source element, path to text."
      returned: success
      type: dict
    active:
      description: "It is started."
      returned: success
      type: bool
    persistent:
      description: "Libvirt keeps a definition of it."
      returned: success
      type: bool
    autostart:
      description: "It starts with the hypervisor."
      returned: success
      type: bool
    unmapped:
      description: "What no other field holds, path to text."
      returned: success
      type: dict
    volumes:
      description: "The volumes of an active pool; null where they were not read."
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: "Name in its pool."
          returned: success
          type: str
        key:
          description: "Libvirt's key of the volume."
          returned: success
          type: str
        path:
          description: "Path on the host."
          returned: success
          type: str
        type:
          description: "V(file), V(block), V(dir), V(network), ...."
          returned: success
          type: str
        format:
          description: "Image format."
          returned: success
          type: str
        capacity_bytes:
          description: "Size that a guest sees."
          returned: success
          type: int
        allocation_bytes:
          description: "Bytes in use."
          returned: success
          type: int
        physical_bytes:
          description: "Size of the file."
          returned: success
          type: int
        backing_path:
          description: "Image below this one."
          returned: success
          type: str
        backing_format:
          description: "Format of that image."
          returned: success
          type: str
errors:
  description: What could not be read; the other answers are good all the same.
  returned: success
  type: list
  elements: dict
  contains:
    object:
      description: What it is, for example V(domain).
      returned: success
      type: str
    name:
      description: Its name.
      returned: success
      type: str
    uuid:
      description: Its UUID, of a domain.
      returned: success
      type: str
    code:
      description: libvirt's error code.
      returned: success
      type: int
    vanished:
      description: It was there when listed and gone when read.
      returned: success
      type: bool
    message:
      description: The message.
      returned: success
      type: str
not_found:
  description: Names and UUIDs that were asked for and that no domain has.
  returned: success
  type: list
  elements: str
complete:
  description: Which of the lists are complete, so that what they lack does not exist.
  returned: success
  type: list
  elements: str
  sample: [networks, storage_pools, domains]
mapping_version:
  description: Version of the mapping between XML and facts.
  returned: success
  type: int
seconds:
  description: Duration of each stage in seconds.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request
from ansible_collections.virtledger.libvirt.plugins.module_utils._module import answer, run
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import (
    DOMAIN_OPTIONS,
    GATHERING_OPTIONS,
    SUBSET_OPTION,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **GATHERING_OPTIONS,
            **SUBSET_OPTION,
            **DOMAIN_OPTIONS,
        },
        supports_check_mode=True,
    )
    params = module.params
    request = Request(
        uri=params["uri"],
        subset=params["gather_subset"],
        selection=Selection(
            families=params["families"],
            include_xml=params["include_xml"],
            redact=params["redact"],
        ),
        address_sources=params["addresses"],
        address_seconds=params["address_timeout"],
    )
    answer(module, run(module, request))


if __name__ == "__main__":
    main()
