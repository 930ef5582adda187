#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_info
short_description: Parsed domains of a libvirt hypervisor
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Reads the domains (virtual machines, containers) of a libvirt hypervisor and returns them parsed.
  - Disks, network interfaces, file systems, controllers and the other declared devices are lists of
    dictionaries with the same keys always; what the XML does not say is V(null).
  - A running domain is read live and from its persistent definition. The values are the live ones;
    what the definition says otherwise is in C(config_values).
  - The connection is read-only, nothing on the hypervisor is changed, and secrets are neither asked
    for nor returned, see O(redact).
extends_documentation_fragment:
  - virtledger.libvirt.gathering
  - virtledger.libvirt.gathering.redaction
  - virtledger.libvirt.gathering.info_module
options:
  name:
    description:
      - Names of domains, or shell patterns such as V(web*).
      - Without O(name) and O(uuid) every domain is returned.
    type: list
    elements: str
    default: []
    aliases: [names]
  uuid:
    description:
      - UUIDs of domains, in addition to those that O(name) selects.
    type: list
    elements: str
    default: []
    aliases: [uuids]
  state:
    description:
      - Only domains in one of these states.
      - V(active) and V(inactive) stand for every state with and without a running instance.
    type: list
    elements: str
    default: []
    choices:
      [active, inactive, nostate, running, blocked, paused, shutdown, shutoff, crashed, pmsuspended]
  families:
    description:
      - Only these lists of devices; the others are V(null).
      - Without this option all of them are returned.
    type: list
    elements: str
    choices:
      - emulators
      - volume_attachments
      - controllers
      - device_leases
      - filesystems
      - ports
      - smartcards
      - serial_devices
      - parallel_devices
      - text_consoles
      - channel_devices
      - input_devices
      - tpms
      - consoles
      - sound_cards
      - audio_backends
      - video_devices
      - host_devices
      - usb_redirectors
      - redirection_filters
      - hubs
      - watchdogs
      - memory_balloons
      - rng_devices
      - nvram_devices
      - panic_devices
      - shmem_devices
      - memory_devices
      - crypto_devices
      - iommu_devices
      - vsocks
      - pstore_devices
      - other_devices
  snapshots:
    description:
      - Read the snapshots and checkpoints of the domains as well, with the configuration that each
        of them has.
    type: bool
    default: true
  include_xml:
    description:
      - Return the XML as well, in RV(domains[].xml) and RV(domains[].xml_config).
    type: bool
    default: false
seealso:
  - module: virtledger.libvirt.hypervisor_info
  - module: virtledger.libvirt.sync
"""

EXAMPLES = r"""
- name: All domains of the hypervisor
  virtledger.libvirt.domain_info:
  register: answer

- name: The disks of the running web servers
  virtledger.libvirt.domain_info:
    name: web*
    state: running
    families: [volume_attachments]
  register: web

- name: Which volume is behind vda
  ansible.builtin.debug:
    msg: >-
      {{ web.domains | map(attribute='volume_attachments') | flatten
         | selectattr('device_name', 'eq', 'vda') | map(attribute='source_ref') }}

- name: One domain by its UUID, with its XML
  virtledger.libvirt.domain_info:
    uuid: 3f1b4c5e-62a8-4d0f-9d5c-0a7f7f0c0001
    include_xml: true

# Ad hoc, on every hypervisor at once:
# ansible hypervisors -m virtledger.libvirt.domain_info -a 'name=web1'
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
    vcpu_placement:
      description: "Who pins the virtual CPUs: V(static) or V(auto)."
      returned: success
      type: str
    vcpu_cpuset:
      description: "CPUs of the host that they may run on."
      returned: success
      type: str
    vcpus:
      description: "The state of each virtual CPU."
      returned: success
      type: list
      elements: raw
    cpu_mode:
      description: "V(host-model), V(host-passthrough), V(custom), V(maximum)."
      returned: success
      type: str
    cpu_model:
      description: "CPU model."
      returned: success
      type: str
    cpu_match:
      description: "How the model is taken: V(exact), V(minimum), V(strict)."
      returned: success
      type: str
    cpu_check:
      description: "How the CPU is checked at the start."
      returned: success
      type: str
    cpu_migratable:
      description: "Only features that can migrate."
      returned: success
      type: bool
    cpu_model_fallback:
      description: "Whether another model may be taken."
      returned: success
      type: str
    cpu_vendor_id:
      description: "Vendor that the guest sees."
      returned: success
      type: str
    cpu_vendor:
      description: "Vendor that the host's CPU must be of."
      returned: success
      type: str
    cpu_topology:
      description: "Sockets, dies, cores, threads, as numbers."
      returned: success
      type: dict
    cpu_features:
      description: "CPU features, C(name) and C(policy)."
      returned: success
      type: list
      elements: raw
    numa_cells:
      description: "NUMA cells of the guest, path to text each."
      returned: success
      type: list
      elements: raw
    cpu_cache:
      description: "C(mode) and C(level) of the cache it sees."
      returned: success
      type: dict
    cpu_max_phys_addr:
      description: "C(mode) and C(bits)."
      returned: success
      type: dict
    features:
      description: "C(acpi), C(apic), C(hyperv), C(kvm), C(smm), ..., path to text."
      returned: success
      type: dict
    clock_offset:
      description: "What the clock shows: V(utc), V(localtime), V(timezone), V(variable), V(absolute)."
      returned: success
      type: str
    clock_timezone:
      description: "The time zone."
      returned: success
      type: str
    clock_adjustment:
      description: "Seconds that it is set off, which the guest's setting of the clock changes, or V(reset)."
      returned: success
      type: str
    clock_basis:
      description: "What that is counted from: V(utc) or V(localtime)."
      returned: success
      type: str
    clock_start:
      description: "Where it starts, as a UNIX time."
      returned: success
      type: int
    clock_timers:
      description: "Its timers, path to text each."
      returned: success
      type: list
      elements: raw
    memory_bytes:
      description: "Memory at the start in bytes."
      returned: success
      type: int
    current_memory_bytes:
      description: "Memory that the balloon leaves, in bytes."
      returned: success
      type: int
    memory_dump_core:
      description: "A core dump has the guest's memory."
      returned: success
      type: bool
    memory_maximum_bytes:
      description: "Memory that plugging can lead to."
      returned: success
      type: int
    memory_slots:
      description: "Slots for that."
      returned: success
      type: int
    hugepages:
      description: "Huge pages of the host back the memory."
      returned: success
      type: bool
    hugepage_sizes:
      description: "Which, for which cells."
      returned: success
      type: list
      elements: raw
    memory_locked:
      description: "The host does not swap it out."
      returned: success
      type: bool
    memory_unshared:
      description: "The host does not merge its pages."
      returned: success
      type: bool
    memory_discard:
      description: "Its content is thrown away at the end."
      returned: success
      type: bool
    memory_source_type:
      description: "V(anonymous), V(file) or V(memfd)."
      returned: success
      type: str
    memory_access_mode:
      description: "V(shared) or V(private)."
      returned: success
      type: str
    memory_allocation_mode:
      description: "When it is taken from the host: V(immediate) or V(ondemand)."
      returned: success
      type: str
    memory_allocation_threads:
      description: "Number of threads that take it."
      returned: success
      type: int
    memory_hard_limit_bytes:
      description: "The most that its process may use."
      returned: success
      type: int
    memory_soft_limit_bytes:
      description: "What it is held to under pressure."
      returned: success
      type: int
    memory_swap_limit_bytes:
      description: "The same with swap."
      returned: success
      type: int
    memory_guarantee_bytes:
      description: "What it gets at the least."
      returned: success
      type: int
    cpu_tune:
      description: "Pinning, shares, quotas, path to text."
      returned: success
      type: dict
    numa_tune:
      description: "Placement on the host's NUMA nodes, path to text."
      returned: success
      type: dict
    block_io_tune:
      description: "Weights and limits of disks, path to text."
      returned: success
      type: dict
    throttle_groups:
      description: "I/O limits that disks share, by libvirt's names, as texts."
      returned: success
      type: list
      elements: raw
    iothread_count:
      description: "Number of I/O threads."
      returned: success
      type: int
    iothreads:
      description: "The I/O threads, path to text each."
      returned: success
      type: list
      elements: raw
    default_iothread:
      description: "C(thread_pool_min), C(thread_pool_max)."
      returned: success
      type: dict
    resource_partition:
      description: "Control group it runs in."
      returned: success
      type: str
    security_labels:
      description: "How the host confines it, path to text each; what libvirt labels it with while it runs."
      returned: success
      type: list
      elements: raw
    launch_security:
      description: "Protection from the host, path to text."
      returned: success
      type: dict
    launch_security_type:
      description: "V(sev), V(sev-snp), V(s390-pv), V(tdx)."
      returned: success
      type: str
    key_wrap:
      description: "Key wrapping on s390, C(name) and C(state)."
      returned: success
      type: list
      elements: raw
    id_map:
      description: "Users and groups of a container, path to text."
      returned: success
      type: dict
    boot_devices:
      description: "What the firmware boots from, in order: V(hd), V(network), V(cdrom), V(fd)."
      returned: success
      type: list
      elements: raw
    boot_menu:
      description: "The firmware offers a menu."
      returned: success
      type: bool
    boot_menu_timeout_ms:
      description: "How long it waits for an answer."
      returned: success
      type: int
    bios_use_serial:
      description: "The BIOS talks on a serial port."
      returned: success
      type: bool
    bios_reboot_timeout_ms:
      description: "When it tries again to boot; -1 is never."
      returned: success
      type: int
    smbios_mode:
      description: "Where the SMBIOS tables come from: V(emulate), V(host), V(sysinfo)."
      returned: success
      type: str
    loader_path:
      description: "Firmware image."
      returned: success
      type: str
    loader_type:
      description: "V(rom) or V(pflash)."
      returned: success
      type: str
    loader_format:
      description: "Format of that image."
      returned: success
      type: str
    loader_readonly:
      description: "The guest cannot write to it."
      returned: success
      type: bool
    loader_secure:
      description: "It has Secure Boot."
      returned: success
      type: bool
    loader_stateless:
      description: "It keeps no variables."
      returned: success
      type: bool
    nvram_path:
      description: "File with the variables of UEFI."
      returned: success
      type: str
    nvram_type:
      description: "Type of C(nvram_source)."
      returned: success
      type: str
    nvram_format:
      description: "Format of the file with the variables."
      returned: success
      type: str
    nvram_template:
      description: "File that it begins as a copy of."
      returned: success
      type: str
    nvram_template_format:
      description: "Format of that file."
      returned: success
      type: str
    nvram_source:
      description: "Where the variables are, path to text."
      returned: success
      type: dict
    firmware_features:
      description: "What a firmware that libvirt selects must have or lack, C(name) and C(enabled)."
      returned: success
      type: list
      elements: raw
    kernel:
      description: "Kernel that is booted directly."
      returned: success
      type: str
    initrd:
      description: "Its initial RAM disk."
      returned: success
      type: str
    kernel_args:
      description: "Its command line."
      returned: success
      type: str
    dtb:
      description: "Its device tree."
      returned: success
      type: str
    shim:
      description: "Its shim for Secure Boot."
      returned: success
      type: str
    init:
      description: "First program of a container."
      returned: success
      type: str
    init_args:
      description: "Its arguments."
      returned: success
      type: list
      elements: raw
    init_env:
      description: "Its environment, C(name) and C(value)."
      returned: success
      type: list
      elements: raw
    init_dir:
      description: "Its working directory."
      returned: success
      type: str
    init_user:
      description: "The user that runs it."
      returned: success
      type: str
    init_group:
      description: "The group that runs it."
      returned: success
      type: str
    acpi_tables:
      description: "Additional ACPI tables, path to text each."
      returned: success
      type: list
      elements: raw
    bootloader:
      description: "Program of the host that picks the kernel."
      returned: success
      type: str
    bootloader_args:
      description: "Its arguments."
      returned: success
      type: str
    on_poweroff:
      description: "What happens when the guest powers off."
      returned: success
      type: str
    on_reboot:
      description: "What happens when it reboots."
      returned: success
      type: str
    on_crash:
      description: "What happens when it crashes."
      returned: success
      type: str
    on_lockfailure:
      description: "What happens when a lock is lost."
      returned: success
      type: str
    suspend_to_mem:
      description: "The guest may sleep."
      returned: success
      type: bool
    suspend_to_disk:
      description: "The guest may hibernate."
      returned: success
      type: bool
    perf_events:
      description: "Performance counters, C(name) and C(enabled)."
      returned: success
      type: list
      elements: raw
    generation_id:
      description: "Identifier that changes when the VM is cloned or rolled back."
      returned: success
      type: str
    sysinfo:
      description: "What SMBIOS and fw_cfg tell the guest, path to text each."
      returned: success
      type: list
      elements: raw
    metadata:
      description: "What applications noted, path to text."
      returned: success
      type: dict
    os_id:
      description: "Libosinfo's name of the OS."
      returned: success
      type: str
    qemu_args:
      description: "Further arguments of QEMU."
      returned: success
      type: list
      elements: raw
    qemu_env:
      description: "Further environment variables of QEMU, C(name) and C(value)."
      returned: success
      type: list
      elements: raw
    qemu_capabilities:
      description: "Capabilities of QEMU that are added or taken away, path to text."
      returned: success
      type: dict
    qemu_override:
      description: "Properties of devices that are set over libvirt's, path to text."
      returned: success
      type: dict
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
      description: "What no other field holds: path below C(domain) to text."
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
    emulators:
      description: "Each is the program that runs the VM; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        path:
          description: "The program."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    volume_attachments:
      description: "Each is a disk, CD-ROM, LUN or floppy of a VM, with the volume behind it; null where O(families) leaves it
        out."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    device_leases:
      description: "Each is a lock that the VM must hold while it runs; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        lockspace:
          description: "Name of the lock space."
          returned: success
          type: str
        key:
          description: "Name of the lease."
          returned: success
          type: str
        target_path:
          description: "File of the lease."
          returned: success
          type: str
        target_offset:
          description: "Where in the file it is."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    filesystems:
      description: "Each is a file system that the host shares with a VM, or a container's mount; null where O(families) leaves
        it out."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    smartcards:
      description: "Each is a smartcard reader; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "V(host), V(host-certificates) or V(passthrough)."
          returned: success
          type: str
        channel_type:
          description: "Host's side where it is passed through, for example V(spicevmc)."
          returned: success
          type: str
        config:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
          returned: success
          type: bool
        certificates:
          description: "Names of the host's certificates."
          returned: success
          type: list
          elements: raw
        database:
          description: "Folder with the host's certificates."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    serial_devices:
      description: "Each is a serial port; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Host's side, for example V(pty), V(tcp), V(unix)."
          returned: success
          type: str
        target_port:
          description: "Number of the port in the guest."
          returned: success
          type: int
        config:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
          returned: success
          type: bool
        target_type:
          description: "Kind of port, for example V(isa-serial)."
          returned: success
          type: str
        model_name:
          description: "Device model, for example V(pci-serial)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    parallel_devices:
      description: "Each is a parallel port; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Host's side, for example V(pty), V(tcp), V(unix)."
          returned: success
          type: str
        target_port:
          description: "Number of the port in the guest."
          returned: success
          type: int
        config:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    text_consoles:
      description: "Each is a text console; C(consoles) are the graphical ones; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Host's side, for example V(pty), V(tcp), V(unix)."
          returned: success
          type: str
        target_port:
          description: "Number of the port in the guest."
          returned: success
          type: int
        config:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
          returned: success
          type: bool
        target_type:
          description: "V(serial), V(virtio), V(xen), V(lxc), V(sclp), ...."
          returned: success
          type: str
        tty:
          description: "Pseudo-terminal on the host, as the attribute repeats it."
          returned: success
          type: str
        mirrors_serial:
          description: "Of an C(hvm) guest it is serial port 0 once more, not a device of its own: the target is port 0, or none is
            named, of type C(serial) or none."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    channel_devices:
      description: "Each is a channel between a program in the guest and the host, as guest agents use; null where O(families)
        leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Host's side, for example V(pty), V(tcp), V(unix)."
          returned: success
          type: str
        target_name:
          description: "Name in the guest, V(org.qemu.guest_agent.0)."
          returned: success
          type: str
        config:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
          returned: success
          type: bool
        target_type:
          description: "V(virtio), V(guestfwd) or V(xen)."
          returned: success
          type: str
        target_address:
          description: "Address in the guest that is forwarded."
          returned: success
          type: str
        target_port:
          description: "TCP port in the guest that is forwarded."
          returned: success
          type: int
        target_state:
          description: "V(connected) or V(disconnected): a program in the guest has it open."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    tpms:
      description: "Each is a trusted platform module; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "Device model, for example V(tpm-crb)."
          returned: success
          type: str
        backend_type:
          description: "V(emulator), V(passthrough) or V(external)."
          returned: success
          type: str
        backend_path:
          description: "Device of the host that is passed through."
          returned: success
          type: str
        version:
          description: "V(1.2) or V(2.0)."
          returned: success
          type: str
        persistent_state:
          description: "The emulator's state outlives a transient VM."
          returned: success
          type: bool
        debug_level:
          description: "How much the emulator logs."
          returned: success
          type: int
        encryption_secret:
          description: "UUID of the libvirt secret with which the state is encrypted."
          returned: success
          type: str
        active_pcr_banks:
          description: "The PCR banks, V(sha1), V(sha256), ...."
          returned: success
          type: list
          elements: raw
        source_type:
          description: "V(file) or V(dir) of the emulator's state, V(unix) of an external TPM."
          returned: success
          type: str
        source_path:
          description: "Where that state or socket is."
          returned: success
          type: str
        profile:
          description: "The emulator's profile."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    sound_cards:
      description: "Each is a sound card; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "Device model, for example V(ich9)."
          returned: success
          type: str
        multichannel:
          description: "More than stereo, of a USB card."
          returned: success
          type: bool
        streams:
          description: "Number of streams, of a virtio card."
          returned: success
          type: int
        audio_id:
          description: "Number of the audio backend that it plays on."
          returned: success
          type: int
        codecs:
          description: "The codecs, V(duplex), V(micro), ...."
          returned: success
          type: list
          elements: raw
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    audio_backends:
      description: "Each is where on the host the VM's sound goes to and comes from; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        audio_id:
          description: "Number that sound cards refer to."
          returned: success
          type: int
        type:
          description: "V(none), V(spice), V(pulseaudio), V(file), ...."
          returned: success
          type: str
        timer_period_us:
          description: "Time between two transfers."
          returned: success
          type: int
        server_name:
          description: "Server of PulseAudio."
          returned: success
          type: str
        path:
          description: "File that is written."
          returned: success
          type: str
        driver:
          description: "Driver of SDL."
          returned: success
          type: str
        input:
          description: "Recording, path to text."
          returned: success
          type: dict
        output:
          description: "Playback, path to text."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
          description: "Video memory."
          returned: success
          type: int
        ram_kib:
          description: "Primary bar of QXL."
          returned: success
          type: int
        vgamem_kib:
          description: "VGA framebuffer of QXL."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    host_devices:
      description: "Each is a device of the host that is passed through to the VM; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "V(pci), V(usb), V(scsi), V(scsi_host), V(mdev); of a container V(storage), V(misc), V(net)."
          returned: success
          type: str
        source_ref:
          description: "The device on its host: V(pci:0000:3b:02.1), V(usb:046d:c52b) or V(usb:003.009), V(mdev:UUID),
            V(scsi:scsi_host0:0:1:2), V(scsi_host:WWPN), V(storage:/dev/sdf), ...."
          returned: success
          type: str
        mode:
          description: "V(subsystem) or V(capabilities)."
          returned: success
          type: str
        managed:
          description: "Libvirt takes it from the host and gives it back."
          returned: success
          type: bool
        source:
          description: "The whole source element, path to text."
          returned: success
          type: dict
        usb_address:
          description: "Where a USB device is plugged in, V(usb:003.009)."
          returned: success
          type: str
        startup_policy:
          description: "What happens where the device is missing."
          returned: success
          type: str
        driver_name:
          description: "Driver on the host."
          returned: success
          type: str
        driver_model:
          description: "Variant of that driver."
          returned: success
          type: str
        model_name:
          description: "Model of a mediated or SCSI host device, V(vfio-pci), V(vfio-ap), V(virtio), ...."
          returned: success
          type: str
        display:
          description: "A mediated device shows a screen."
          returned: success
          type: bool
        ramfb:
          description: "It shows one before its driver is loaded."
          returned: success
          type: bool
        sgio:
          description: "SCSI commands are filtered or not."
          returned: success
          type: str
        rawio:
          description: "The VM's process may do raw I/O."
          returned: success
          type: bool
        rom_enabled:
          description: "The device's ROM is there at all."
          returned: success
          type: bool
        rom_bar:
          description: "The guest sees the device's ROM."
          returned: success
          type: bool
        rom_file:
          description: "File with another ROM."
          returned: success
          type: str
        teaming_type:
          description: "V(transient) steps back for a NIC when the VM migrates."
          returned: success
          type: str
        teaming_persistent:
          description: "Alias of that NIC."
          returned: success
          type: str
        is_read_only:
          description: "The element C(readonly) is there."
          returned: success
          type: bool
        shareable:
          description: "The element C(shareable) is there."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    usb_redirectors:
      description: "Each is a port through which the user of a console lends the VM a USB device; null where O(families) leaves
        it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "Host's side, for example V(spicevmc)."
          returned: success
          type: str
        bus:
          description: "V(usb)."
          returned: success
          type: str
        source:
          description: "The first source element, path to text."
          returned: success
          type: dict
        source_path:
          description: "File, device, socket or pseudo-terminal on the host."
          returned: success
          type: str
        source_mode:
          description: "V(bind) listens, V(connect) calls."
          returned: success
          type: str
        source_host:
          description: "Address it listens on or calls."
          returned: success
          type: str
        source_service:
          description: "Port it listens on or calls."
          returned: success
          type: str
        protocol_type:
          description: "Protocol on a TCP connection."
          returned: success
          type: str
        log_file:
          description: "File on the host that all output is copied to."
          returned: success
          type: str
        log_append:
          description: "That file is appended to, not begun anew."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    redirection_filters:
      description: "Each is which USB devices may be lent to the VM; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        rules:
          description: "The rules in their order, attribute to text each; the first that matches decides."
          returned: success
          type: list
          elements: raw
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    hubs:
      description: "Each is a USB hub; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        type:
          description: "V(usb)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    watchdogs:
      description: "Each is a device that acts when the guest hangs; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "Device model, for example V(i6300esb)."
          returned: success
          type: str
        action:
          description: "What it does; null is V(reset)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    memory_balloons:
      description: "Each is the device through which the host takes memory back from the guest; null where O(families) leaves it
        out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "Device model; V(none) is no balloon."
          returned: success
          type: str
        autodeflate:
          description: "It gives memory back before the guest runs out."
          returned: success
          type: bool
        free_page_reporting:
          description: "The guest tells which pages it does not use."
          returned: success
          type: bool
        stats_period:
          description: "Time between two readings of the guest's statistics."
          returned: success
          type: int
        config:
          description: "Those options of it that are set, path to value."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    rng_devices:
      description: "Each is a source of random numbers; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "Device model."
          returned: success
          type: str
        backend_type:
          description: "V(random) is a device of the host, V(egd) a daemon, V(builtin) QEMU's own."
          returned: success
          type: str
        backend_path:
          description: "Device of the host, for example V(/dev/urandom)."
          returned: success
          type: str
        backend_channel_type:
          description: "How an EGD is reached."
          returned: success
          type: str
        backend_source:
          description: "Where an EGD is, path to text."
          returned: success
          type: dict
        rate_bytes:
          description: "Bytes that the guest may take in each period."
          returned: success
          type: int
        rate_period_ms:
          description: "Length of a period; null is 1000."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    nvram_devices:
      description: "Each is the non-volatile memory of a POWER VM; that of UEFI is C(nvram_path) of the domain; null where
        O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        reg:
          description: "Register of its address."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    panic_devices:
      description: "Each is a device through which the guest tells that its kernel has panicked; null where O(families) leaves it
        out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "V(isa), V(pvpanic), V(hyperv), V(pseries) or V(s390)."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    shmem_devices:
      description: "Each is memory that several VMs share; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: "Name of the shared memory on the host."
          returned: success
          type: str
        size_ki_b:
          description: "Its size, C(size_bytes) divided by 1024."
          returned: success
          type: int
        path:
          description: "Socket of the server that doorbells go through."
          returned: success
          type: str
        size_bytes:
          description: "Its size."
          returned: success
          type: int
        role:
          description: "V(master) survives migration, V(peer) does not."
          returned: success
          type: str
        model_name:
          description: "V(ivshmem-plain), V(ivshmem-doorbell) or V(ivshmem)."
          returned: success
          type: str
        msi_vectors:
          description: "Number of interrupt vectors."
          returned: success
          type: int
        msi_ioeventfd:
          description: "I/O events are handled apart."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    memory_devices:
      description: "Each is a memory module that can be plugged: DIMM, NVDIMM, virtio-mem, virtio-pmem, SGX; null where
        O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "V(dimm), V(nvdimm), V(virtio-mem), V(virtio-pmem), V(sgx-epc)."
          returned: success
          type: str
        size_bytes:
          description: "Its size."
          returned: success
          type: int
        node:
          description: "Guest NUMA node."
          returned: success
          type: int
        slot:
          description: "Slot that it is in."
          returned: success
          type: int
        access:
          description: "V(shared) or V(private)."
          returned: success
          type: str
        discard:
          description: "Its content is thrown away when the VM stops."
          returned: success
          type: bool
        uuid:
          description: "UUID of an NVDIMM."
          returned: success
          type: str
        requested_bytes:
          description: "What a virtio-mem device shall offer."
          returned: success
          type: int
        current_bytes:
          description: "What a virtio-mem device offers now."
          returned: success
          type: int
        block_bytes:
          description: "Size of the blocks of a virtio-mem device."
          returned: success
          type: int
        label_bytes:
          description: "Size of an NVDIMM's label area."
          returned: success
          type: int
        is_read_only:
          description: "The element C(readonly) is there."
          returned: success
          type: bool
        dynamic_memslots:
          description: "Memory slots are used as the device grows."
          returned: success
          type: bool
        guest_address:
          description: "Where in the guest's memory it is."
          returned: success
          type: str
        source_path:
          description: "File or device on the host that backs it."
          returned: success
          type: str
        source_nodemask:
          description: "Host NUMA nodes that it comes from."
          returned: success
          type: str
        source_page_bytes:
          description: "Size of the host's pages."
          returned: success
          type: int
        source_align_bytes:
          description: "Alignment of the backing file."
          returned: success
          type: int
        source_pmem:
          description: "The backing file is persistent memory."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    crypto_devices:
      description: "Each is a device that encrypts for the guest; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "V(virtio)."
          returned: success
          type: str
        type:
          description: "V(qemu)."
          returned: success
          type: str
        backend_model:
          description: "V(builtin) or V(lkcf)."
          returned: success
          type: str
        queues:
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    iommu_devices:
      description: "Each is a memory management unit for devices; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        model_name:
          description: "V(intel), V(amd), V(virtio) or V(smmuv3)."
          returned: success
          type: str
        interrupt_remapping:
          description: "Interrupts are remapped."
          returned: success
          type: bool
        caching_mode:
          description: "Needed for VFIO in the guest."
          returned: success
          type: bool
        extended_interrupts:
          description: "More than 255 virtual CPUs."
          returned: success
          type: bool
        iotlb:
          description: "Devices may cache translations."
          returned: success
          type: bool
        address_width:
          description: "Width of the addresses."
          returned: success
          type: int
        dma_translation:
          description: "DMA is translated."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    vsocks:
      description: "Each is sockets between guest and host; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        guest_c_id:
          description: "The guest's address."
          returned: success
          type: int
        cid_auto:
          description: "Libvirt chooses the address."
          returned: success
          type: bool
        model_name:
          description: "Device model."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    pstore_devices:
      description: "Each is memory in which a guest's kernel leaves its last words; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        backend:
          description: "V(acpi-erst)."
          returned: success
          type: str
        path:
          description: "File on the host."
          returned: success
          type: str
        size_bytes:
          description: "Its size."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
          returned: success
          type: dict
    other_devices:
      description: "Each is a device that this version knows no fields of; null where O(families) leaves it out."
      returned: success
      type: list
      elements: dict
      contains:
        tag:
          description: "Name of the element; C({namespace}name) of one in a namespace."
          returned: success
          type: str
        xml:
          description: "The whole element as XML text."
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
          description: "What no other field holds: path below the element to text, a repeated element counted as in
            C(host[2]/@name)."
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
      description: "SHA-256 of the facts, but for values that move by themselves; null where O(families) leaves some out."
      returned: success
      type: str
    xml_digest:
      description: "SHA-256 of the XML texts without secrets."
      returned: success
      type: str
    source_digest:
      description: "SHA-256 of all that the facts are made of, but for what moves by itself; null of an archived domain."
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
unchanged:
  description:
    - UUIDs of domains that are as O(virtledger.libvirt.hypervisor_info#module:known_domains) says; they
      are not in RV(domains).
  returned: success
  type: list
  elements: str
inventory_digest:
  description: SHA-256 of hypervisor, networks, storage pools and volumes; null if one is not known.
  returned: success
  type: str
complete:
  description: Which of the lists are complete, so that what they lack does not exist.
  returned: success
  type: list
  elements: str
  sample: [networks, storage_pools, domains]
asked_at:
  description: When the hypervisor was asked, in UTC by its own clock.
  returned: success
  type: str
  sample: "2026-01-31T12:00:00.000000+00:00"
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
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import STATES
from ansible_collections.virtledger.libvirt.plugins.module_utils._module import answer, run
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import (
    DOMAIN_OPTIONS,
    GATHERING_OPTIONS,
)


def main() -> None:
    names = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            **GATHERING_OPTIONS,
            "name": dict(names, aliases=["names"]),
            "uuid": dict(names, aliases=["uuids"]),
            "state": dict(names, choices=["active", "inactive", *STATES]),
            "snapshots": {"type": "bool", "default": True},
            **DOMAIN_OPTIONS,
        },
        supports_check_mode=True,
    )
    params = module.params
    for text in params["uuid"]:
        if uuid_text(text) is INVALID:
            module.fail_json(
                msg="Option 'uuid' has {0!r}, which is no UUID. A domain's name goes into option "
                "'name'.".format(text)
            )
    request = Request(
        uri=params["uri"],
        subset=["domains", "leases"] + ["snapshots"] * params["snapshots"],
        selection=Selection(
            names=params["name"],
            uuids=params["uuid"],
            states=params["state"],
            families=params["families"],
            include_xml=params["include_xml"],
            redact=params["redact"],
        ),
        address_sources=params["addresses"],
        address_seconds=params["address_timeout"],
    )
    result = run(module, request)
    del result["networks"], result["storage_pools"]
    answer(module, result)


if __name__ == "__main__":
    main()
