# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheets about VMs and their devices. The workbook has them in RVTools' order."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import texts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import (
    Sheet,
    computed,
    device,
    flag,
    number,
    of_vm,
    shaped,
    size,
    text,
    when,
)

_VMS = "virtual_machines"

INFO = Sheet(
    "vInfo",
    "vms",
    "Virtual machines",
    _VMS,
    (
        text("name", "VM", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("state", "State", facet=True, brief=True),
        text("os", "OS", source="os_id", shape=texts.system, facet=True, brief=True),
        number("vcpu_count", "vCPUs", source="v_cpu_count", brief=True),
        size("memory_bytes", "Memory", brief=True),
        computed(number, "disk_count", "Disks", brief=True),
        computed(size, "disk_bytes", "Disk size", brief=True),
        computed(number, "nic_count", "NICs", brief=True),
        computed(text, "ip_addresses", "IP addresses", brief=True),
        computed(number, "snapshot_count", "Snapshots"),
        computed(number, "finding_count", "Findings", brief=True),
        text("title", "Title"),
        text("description", "Description"),
        text("virt_type", "Type"),
        text("arch", "Architecture", facet=True),
        text("machine", "Machine"),
        text("firmware", "Firmware", facet=True),
        flag("autostart", "Autostart", facet=True),
        flag("persistent", "Persistent", facet=True),
        shaped("config_values", "Persistent definition"),
        shaped("warnings", "Warnings"),
        text("origin", "Recorded from"),
        when("created_at", "First recorded"),
        when("updated_at", "Last change"),
        when("deleted_at", "Gone since"),
        text("domain_uuid", "Domain UUID"),
        text("uuid", "VM UUID"),
    ),
)

CPU = Sheet(
    "vCPU",
    "cpus",
    "Virtual CPUs",
    _VMS,
    (
        text("vm_name", "VM", source="name", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("vm_state", "State", source="state", facet=True, brief=True),
        number("vcpu_count", "vCPUs", source="v_cpu_count", brief=True),
        number("vcpu_current_count", "At start", brief=True),
        number("vcpu_online", "Online", brief=True),
        text("vcpu_placement", "Placement"),
        text("vcpu_cpuset", "Pinned to", brief=True),
        shaped("cpu_topology", "Topology", brief=True),
        text("cpu_mode", "CPU mode", facet=True, brief=True),
        text("cpu_model", "CPU model", facet=True, brief=True),
        text("cpu_vendor", "Vendor"),
        flag("cpu_migratable", "Migratable"),
        shaped("cpu_features", "Features"),
        shaped("numa_cells", "NUMA cells"),
        shaped("cpu_tune", "Tuning"),
        number("iothread_count", "I/O threads"),
        text("vm_uuid", "VM UUID", source="uuid"),
    ),
    of_vm=True,
)

MEMORY = Sheet(
    "vMemory",
    "memory",
    "Memory",
    _VMS,
    (
        text("vm_name", "VM", source="name", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("vm_state", "State", source="state", facet=True, brief=True),
        size("memory_bytes", "Memory", brief=True),
        size("current_memory_bytes", "Balloon", brief=True),
        size("memory_maximum_bytes", "Maximum", brief=True),
        number("memory_slots", "Slots"),
        flag("hugepages", "Huge pages", facet=True, brief=True),
        flag("memory_locked", "Locked", brief=True),
        text("memory_source_type", "Source"),
        text("memory_access_mode", "Access"),
        size("memory_hard_limit_bytes", "Hard limit", brief=True),
        size("memory_soft_limit_bytes", "Soft limit"),
        size("memory_swap_limit_bytes", "Swap limit"),
        size("memory_guarantee_bytes", "Guarantee"),
        text("vm_uuid", "VM UUID", source="uuid"),
    ),
    of_vm=True,
)

_DISK = device(
    text("target_dev", "Target", brief=True),
    text("target_bus", "Bus", facet=True, brief=True),
    text("device_type", "Device", facet=True),
    text("source_type", "Source type", facet=True, brief=True),
    text("source_ref", "Source", brief=True),
    text("volume_name", "Volume"),
    text("volume_scope", "Scope"),
    size("capacity_bytes", "Size", brief=True),
    text("driver_format", "Format", facet=True, brief=True),
    text("driver_cache", "Cache", facet=True, brief=True),
    text("driver_io", "I/O"),
    text("driver_discard", "Discard"),
    flag("shareable", "Shareable", facet=True),
    flag("is_read_only", "Read only", facet=True),
    computed(number, "vm_count", "VMs on it", brief=True),
    shaped("backing_chain", "Backing files", texts.count_of),
    shaped("io_tune", "I/O limits"),
    text("serial", "Serial"),
    number("boot_order", "Boot order"),
    number("volume_id", "Volume ID"),
)

DISK = Sheet(
    "vDisk",
    "disks",
    "Disks",
    "volume_attachments",
    _DISK,
    of_vm=True,
    only=("device_type", ("disk", "lun")),
)

CD = Sheet(
    "vCD",
    "cds",
    "CD-ROMs and floppies",
    "volume_attachments",
    _DISK,
    of_vm=True,
    only=("device_type", ("cdrom", "floppy")),
)

NETWORK = Sheet(
    "vNetwork",
    "nics",
    "NICs",
    "ports",
    device(
        text("mac_address", "MAC", brief=True),
        text("model_name", "Model", facet=True, brief=True),
        text("source_type", "Source type", facet=True, brief=True),
        text("network_name", "Network", facet=True, brief=True),
        text("source_ref", "Source", brief=True),
        text("port_group", "Port group"),
        text("bridge_name", "Bridge"),
        shaped("vlan_tags", "VLANs", texts.vlans, brief=True),
        shaped("ip_addresses", "IP addresses", texts.addresses, brief=True),
        text("link_state", "Link", facet=True),
        text("device_name", "Device on host", brief=True),
        computed(number, "mac_count", "NICs with this MAC", brief=True),
        number("mtu", "MTU"),
        number("driver_queues", "Queues"),
        shaped("filter_ref", "Filter"),
        shaped("virtual_port", "Virtual port"),
        flag("trust_guest_rx_filters", "Trusts guest"),
        number("boot_order", "Boot order"),
    ),
    of_vm=True,
)

SNAPSHOT = Sheet(
    "vSnapshot",
    "snapshots",
    "Snapshots",
    "vm_snapshots",
    of_vm(
        text("name", "Snapshot", brief=True),
        text("kind", "Kind", facet=True, brief=True),
        text("state", "State then", facet=True, brief=True),
        when("creation_time", "Created", shape=texts.epoch, brief=True),
        flag("is_current", "Current", facet=True, brief=True),
        text("parent_name", "Parent", brief=True),
        text("memory_mode", "Memory"),
        shaped("disks", "Disks"),
        text("description", "Description", brief=True),
    ),
    of_vm=True,
)

FILESYSTEM = Sheet(
    "vFS",
    "filesystems",
    "File systems",
    "filesystems",
    device(
        text("target_path", "Target", brief=True),
        text("source_path", "Source", brief=True),
        text("type", "Type", facet=True, brief=True),
        text("driver_type", "Driver", facet=True, brief=True),
        text("access_mode", "Access", brief=True),
        flag("is_read_only", "Read only", facet=True, brief=True),
        text("socket_path", "Socket"),
        number("usage", "Usage"),
    ),
    of_vm=True,
)

CONTROLLER = Sheet(
    "vController",
    "controllers",
    "Controllers",
    "controllers",
    device(
        text("type", "Type", facet=True, brief=True),
        number("index", "Index", brief=True),
        text("model_name", "Model", facet=True, brief=True),
        number("ports", "Ports", brief=True),
        number("driver_queues", "Queues"),
        number("iothread", "I/O thread"),
        shaped("address", "Address"),
    ),
    of_vm=True,
)

CONSOLE = Sheet(
    "vConsole",
    "consoles",
    "Graphical consoles",
    "consoles",
    device(
        text("type", "Type", facet=True, brief=True),
        text("listen_address", "Listens on", facet=True, brief=True),
        number("port", "Port", brief=True),
        number("tls_port", "TLS port", brief=True),
        number("websocket_port", "WebSocket"),
        flag("autoport", "Auto port", brief=True),
        text("socket_path", "Socket"),
        text("keymap", "Keymap"),
    ),
    of_vm=True,
)

HOSTDEV = Sheet(
    "vHostdev",
    "hostdevs",
    "Passed-through devices",
    "host_devices",
    device(
        text("type", "Type", facet=True, brief=True),
        text("source_ref", "On the host", brief=True),
        text("mode", "Mode", facet=True),
        flag("managed", "Managed", facet=True, brief=True),
        text("driver_name", "Driver", brief=True),
        text("model_name", "Model", brief=True),
        text("usb_address", "USB address"),
        text("startup_policy", "If missing"),
    ),
    of_vm=True,
)

#: Of every other family of devices, whatever it has.
DEVICE = Sheet(
    "vDevice",
    "devices",
    "Other devices",
    None,
    of_vm(
        text("family", "Kind", facet=True, brief=True),
        text("details", "Details", brief=True),
        flag("in_live", "In live", facet=True),
        flag("in_config", "In config", facet=True),
    ),
    of_vm=True,
)
