#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: archive_info
short_description: Parsed domains of archived XML files
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Reads domain XML from files, folders and tar archives, and returns what
    M(virtledger.libvirt.domain_info) returns of a hypervisor's domains, each with the date that its
    document has. One domain is there as often as the archive has it.
  - libvirt is not needed; run it wherever the files are.
  - Documents with the root element C(<domain>) are read, also the one inside the C(<domstatus>) of
    libvirt's status files and inside C(<domainsnapshot>) and C(<domaincheckpoint>). Every other
    document is refused and named in RV(errors), with the others being good all the same.
  - A C(<domain>) with an C(id) was written while the domain ran (RV(domains[].in_live)); without one
    it is the persistent definition (RV(domains[].in_config)).
  - Files that are compressed and tar archives are recognised by their content. gzip, bzip2 and xz
    are always there, zstd with Python 3.14 or one of the libraries C(zstandard), C(pyzstd) and
    C(backports.zstd). Archives inside of archives are not read.
  - Nothing is unpacked to disk. In archives, links and devices are not read; a hard link that would
    be wanted is an entry of RV(errors).
  - Secrets are not returned, see O(redact).
extends_documentation_fragment:
  - virtledger.libvirt.gathering.redaction
  - virtledger.libvirt.gathering.info_module
options:
  paths:
    description:
      - Files, folders, or shell patterns of them such as V(/backup/*.tar.xz).
      - V(**) in a pattern means the same as V(*); folders are read with all that is below them.
      - A file that several entries or symbolic links lead to is read once.
    type: list
    elements: path
    required: true
  patterns:
    description:
      - Shell patterns of the files to read inside of folders and tar archives.
      - A pattern without a slash is compared with the name, and one with a slash with the whole path
        below the folder or in the archive, where V(*) stands for slashes, too.
      - Files that O(paths) names are read whatever they are called. To find archives inside of
        folders, add for example V(*.tar.gz).
    type: list
    elements: str
    default: ['*.xml']
  exclude:
    description:
      - Shell patterns of files and folders to leave out, compared as in O(patterns).
      - For example V(networks) leaves out F(/etc/libvirt/qemu/networks).
    type: list
    elements: str
    default: []
  recurse:
    description:
      - Read also the folders inside of folders.
    type: bool
    default: true
  dated_by:
    description:
      - What says since when a document is as it is.
      - V(auto) takes the time at which a snapshot or checkpoint was made; of other documents the date
        that O(date_pattern) finds, if that is given and finds one; else the time of modification
        that the tar archive tells, and else that of the file.
      - V(name) takes the date in the name; a document without one is refused.
      - V(modified) takes the time of modification.
    type: str
    choices: [auto, name, modified]
    default: auto
  date_pattern:
    description:
      - A regular expression that finds the date in a document's path, searched first in its path in
        a tar archive and then in the path of the file.
      - The date is the group called C(date) if there is one, else all groups joined by V(-), else
        the whole match.
      - Without it O(dated_by=name) takes the last date in ISO 8601 form, which is also what is
        expected without O(date_format), such as V(2026-01-31), V(20260131), V(2026-01-31T12:00:00Z)
        or V(20260131_1200).
    type: str
  date_format:
    description:
      - The form of that date for Python's C(strptime), for example V(%d.%m.%Y).
      - Dates are in UTC if they do not name an offset (V(%z)).
    type: str
  families:
    description:
      - Only these lists of devices; the others are V(null).
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
      - Return the XML as well, in RV(domains[].xml) and RV(domains[].xml_config).
      - It is the document's own text, or the part of it that is the domain, without secrets.
    type: bool
    default: true
  limit:
    description:
      - Read at most so many documents. The rest is an entry of RV(errors).
      - Different documents of 256 MiB together end the reading likewise.
    type: int
    default: 100000
requirements:
  - Python 3.8 or later where the files are
  - lxml (optional; the standard library's parser gives the same facts, more slowly)
seealso:
  - module: virtledger.libvirt.domain_info
  - module: virtledger.libvirt.record
"""

EXAMPLES = r"""
- name: What a hypervisor's own files say
  virtledger.libvirt.archive_info:
    paths: /etc/libvirt/qemu
    exclude: [networks, autostart]
  become: true
  register: answer

- name: Nightly archives that are named like vms-20260131.tar.xz, on the controller
  virtledger.libvirt.archive_info:
    paths: /srv/backup/vms-*.tar.xz
    dated_by: name
  delegate_to: localhost
  register: answer

- name: Dumps in folders that are named by the day, such as 31.01.2026/web1.xml
  virtledger.libvirt.archive_info:
    paths: /srv/dumps
    date_pattern: '(\d\d\.\d\d\.\d{4})/'
    date_format: '%d.%m.%Y'
  register: answer

- name: When and from which file
  ansible.builtin.debug:
    msg: "{{ item.archived.dated_at }} {{ item.name }}: {{ item.archived.path }}"
  loop: "{{ answer.domains }}"
  loop_control:
    label: "{{ item.uuid }}"
"""

RETURN = r"""
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
    archived:
      description: Where the document is, and since when the domain is as it says.
      returned: success
      type: dict
      contains:
        path:
          description: The file.
          returned: success
          type: str
        member:
          description: Its name in a tar archive; null for a file of its own.
          returned: success
          type: str
        root:
          description: The root element, V(domain), V(domstatus), V(domainsnapshot) or V(domaincheckpoint).
          returned: success
          type: str
        dated_at:
          description: The date in UTC.
          returned: success
          type: str
          sample: "2026-01-31T12:00:00Z"
        dated_by:
          description: What the date is from, V(name), V(tar), V(modified) or V(snapshot).
          returned: success
          type: str
errors:
  description: What could not be read; the other answers are good all the same.
  returned: success
  type: list
  elements: dict
  contains:
    object:
      description:
        - V(document) is refused or has no date; V(archive) and the rest of its documents, V(folder) and
          V(file) cannot be read; V(limit) ended the reading.
      returned: success
      type: str
    name:
      description: The path, of a member of an archive with its own path after a colon.
      returned: success
      type: str
    message:
      description: The message, with control characters escaped.
      returned: success
      type: str
not_found:
  description: Entries of O(paths) in which there was nothing to read.
  returned: success
  type: list
  elements: str
counts:
  description: How many C(files) were opened, C(documents) found in them, and C(domains) read or documents C(refused).
  returned: success
  type: dict
  sample: {files: 3, documents: 120, domains: 119, refused: 1}
complete:
  description: Always empty, since an archive does not tell what does not exist.
  returned: success
  type: list
  elements: str
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
from ansible_collections.virtledger.libvirt.plugins.module_utils import _archive
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_dates import (
    SOURCES,
    dating,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_documents import Wanted
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import Choice
from ansible_collections.virtledger.libvirt.plugins.module_utils._display import shown
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import (
    DOMAIN_OPTIONS,
    REDACTION_OPTIONS,
)

#: An archive may have thousands of bad documents; all of them are in the result.
MAX_WARNINGS = 20


def main() -> None:
    names = {"type": "list", "elements": "str"}
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "required": True},
            "patterns": dict(names, default=["*.xml"]),
            "exclude": dict(names, default=[]),
            "recurse": {"type": "bool", "default": True},
            "dated_by": {"type": "str", "choices": list(SOURCES), "default": "auto"},
            "date_pattern": {"type": "str"},
            "date_format": {"type": "str"},
            **REDACTION_OPTIONS,
            **DOMAIN_OPTIONS,
            "include_xml": dict(DOMAIN_OPTIONS["include_xml"], default=True),
            "limit": {"type": "int", "default": 100000},
        },
        supports_check_mode=True,
    )
    params = module.params
    if params["limit"] < 1:
        module.fail_json(msg="Option 'limit' must be at least 1.")
    try:
        how = dating(params["dated_by"], params["date_pattern"], params["date_format"])
    except ArchiveError as error:
        module.fail_json(msg=str(error))
    result = _archive.read(
        _archive.Request(
            paths=params["paths"],
            choice=Choice(params["patterns"], params["exclude"]),
            recurse=params["recurse"],
            dating=how,
            wanted=Wanted(params["families"], params["include_xml"], params["redact"]),
            limit=params["limit"],
        )
    )
    told = [error["message"] for error in result["errors"]]
    told += ["Nothing to read in {0}.".format(shown(path)) for path in result["not_found"]]
    for message in told[:MAX_WARNINGS]:
        module.warn(message)
    if len(told) > MAX_WARNINGS:
        module.warn("{0} more are in 'errors' and 'not_found'.".format(len(told) - MAX_WARNINGS))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
