# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheets about hosts, networks, storage, findings, changes and where all that comes from."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import texts, vm_sheets
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import (
    Sheet,
    computed,
    flag,
    number,
    shaped,
    size,
    text,
    when,
)

_LIFECYCLE = (
    flag("active", "Active", facet=True, brief=True),
    flag("persistent", "Persistent"),
    flag("autostart", "Autostart", facet=True),
)

POOL = Sheet(
    "vPool",
    "pools",
    "Storage pools",
    "storage_pools",
    (
        text("name", "Pool", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("type", "Type", facet=True, brief=True),
        text("path", "Path", brief=True),
        size("capacity_bytes", "Capacity", brief=True),
        size("allocation_bytes", "In use", brief=True),
        size("available_bytes", "Free", brief=True),
        computed(number, "volume_count", "Volumes", brief=True),
        computed(size, "promised_bytes", "Promised", brief=True),
        *_LIFECYCLE,
        shaped("source", "Source"),
        text("uuid", "UUID"),
        when("deleted_at", "Gone since"),
        number("id", "Pool ID"),
    ),
)

VOLUME = Sheet(
    "vVolume",
    "volumes",
    "Volumes",
    "volumes",
    (
        text("name", "Volume", brief=True),
        text("pool_name", "Pool", facet=True, brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("scope", "Scope", facet=True),
        text("type", "Type", facet=True),
        text("format", "Format", facet=True, brief=True),
        size("capacity_bytes", "Size", brief=True),
        size("allocation_bytes", "In use", brief=True),
        size("physical_bytes", "Physical"),
        computed(number, "vm_count", "VMs", brief=True),
        computed(text, "vms", "Used by", brief=True),
        text("source", "Source", brief=True),
        text("path", "Path"),
        text("backing_path", "Backing file"),
        text("backing_format", "Its format"),
        text("key", "Key"),
        when("deleted_at", "Gone since"),
        number("id", "Volume ID"),
        number("storage_pool_id", "Pool ID"),
    ),
)

NET = Sheet(
    "vNet",
    "networks",
    "Networks",
    "networks",
    (
        text("name", "Network", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("mode", "Mode", facet=True, brief=True),
        text("bridge_name", "Bridge", facet=True, brief=True),
        text("forward_device", "Device"),
        shaped("vlan_tags", "VLANs", texts.vlans, brief=True),
        shaped("port_groups", "Port groups", texts.groups, brief=True),
        shaped("addresses", "Addresses", texts.addresses, brief=True),
        computed(number, "nic_count", "NICs", brief=True),
        text("dns_domain", "DNS domain"),
        number("mtu", "MTU"),
        *_LIFECYCLE,
        text("uuid", "UUID"),
        when("deleted_at", "Gone since"),
    ),
)

HOST = Sheet(
    "vHost",
    "hosts",
    "Hosts",
    "hosts",
    (
        text("host_id", "Host", source="id", brief=True),
        text("hostname", "Hostname"),
        text("type", "Type", facet=True, brief=True),
        text("hypervisor_version", "Version", facet=True, brief=True),
        text("libvirt_version", "libvirt", facet=True, brief=True),
        number("cpu_count", "CPUs", brief=True),
        size("memory_bytes", "Memory", brief=True),
        computed(number, "vm_count", "VMs", brief=True),
        computed(number, "active_vm_count", "Active", brief=True),
        computed(number, "active_vcpu_count", "vCPUs active", brief=True),
        computed(size, "active_memory_bytes", "Memory active", brief=True),
        computed(number, "finding_count", "Findings", brief=True),
        when("last_seen_at", "Last seen", brief=True),
        when("last_complete_at", "Last complete"),
        text("last_outcome", "Last attempt", facet=True, brief=True),
        text("last_reason", "Reason"),
        when("last_run_at", "Last attempt at"),
        text("arch", "Architecture"),
        text("cpu_model", "CPU model"),
        text("cpu_vendor", "CPU vendor"),
        shaped("cpu_topology", "Topology"),
        text("uri", "URI"),
        text("host_uuid", "Host UUID"),
    ),
)

HEALTH = Sheet(
    "vHealth",
    "findings",
    "Findings",
    None,
    (
        text("severity", "Severity", facet=True, brief=True),
        text("code", "Code", facet=True, brief=True),
        text("summary", "What", brief=True),
        text("vms", "VMs", source="details_json", shape=texts.machines, brief=True),
        text("hosts", "Hosts", source="host_id", facet=True, brief=True),
        text("object_type", "Object", facet=True),
        text("object_name", "Name"),
        when("first_seen_at", "Since", brief=True),
        when("last_seen_at", "Last seen"),
        computed(text, "explanation", "Why it matters"),
        computed(text, "remedy", "What to do"),
        number("reopened", "Reopened"),
        computed(flag, "ignored", "Ignored", facet=True),
        when("ignored_until", "Ignored until"),
        text("ignore_reason", "Ignored because"),
        text("vm_name", "VM"),
        text("vm_uuids", "VM UUIDs", source="vm_uuid"),
    ),
)

CHANGE = Sheet(
    "vChange",
    "changes",
    "Changes",
    None,
    (
        when("seen_at", "Seen", brief=True),
        text("host_id", "Host", facet=True, brief=True),
        text("vm_name", "VM", brief=True),
        text("object_type", "Object", facet=True, brief=True),
        text("object_name", "Name", brief=True),
        text("change", "Change", facet=True, brief=True),
        text("attribute", "Attribute", facet=True, brief=True),
        text("old_value", "Before", brief=True),
        text("new_value", "Now", brief=True),
        number("run_id", "Run"),
        text("vm_uuid", "VM UUID"),
    ),
)

SOURCE = Sheet(
    "vSource",
    "sources",
    "Where this comes from",
    "sync_runs",
    (
        text("host_id", "Host", facet=True, brief=True),
        text("action", "Action", facet=True, brief=True),
        text("outcome", "Outcome", facet=True, brief=True),
        flag("is_complete", "Complete", facet=True, brief=True),
        when("started_at", "Started", brief=True),
        when("last_at", "Last time", brief=True),
        number("repeats", "Times", brief=True),
        text("reason", "Reason", brief=True),
        text("recorded_by", "By", brief=True),
        text("job", "Job"),
        shaped("counts", "Counts"),
        number("id", "Run"),
    ),
)

#: Every sheet, in the workbook's order.
SHEETS = (
    vm_sheets.INFO,
    vm_sheets.CPU,
    vm_sheets.MEMORY,
    vm_sheets.DISK,
    vm_sheets.NETWORK,
    vm_sheets.CD,
    vm_sheets.SNAPSHOT,
    vm_sheets.FILESYSTEM,
    vm_sheets.CONTROLLER,
    vm_sheets.CONSOLE,
    vm_sheets.HOSTDEV,
    vm_sheets.DEVICE,
    POOL,
    VOLUME,
    NET,
    HOST,
    HEALTH,
    CHANGE,
    SOURCE,
)
