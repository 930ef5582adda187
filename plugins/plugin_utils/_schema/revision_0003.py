# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 3: what recording needs: rules relaxed to what is true, and further columns."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateIndex,
    CreateTable,
    RelaxUnique,
    Revision,
    Step,
    columns,
)

_DEVICE = (
    "boot_order integer, alias text, address_json document, ordinal integer, in_live flag, "
    "in_config flag, config_values_json document, unmapped_json document"
)
_LIFECYCLE = "active flag, persistent flag, autostart flag, unmapped_json document"


def _columns() -> t.Iterator[Step]:
    yield AddColumns(
        "hosts",
        columns(
            "host_uuid uuid, hostname text, type text, libvirt_version text, "
            "hypervisor_version text, arch text, cpu_model text, cpu_vendor text, "
            "cpu_count integer, cpu_topology_json document, memory_bytes integer, digest digest, "
            "created_at moment, updated_at moment, last_seen_at moment, last_complete_at moment"
        ),
    )
    yield AddColumns(
        "virtual_machines",
        columns(
            "title text, virt_type text, domain_id integer, arch text, machine text, "
            "firmware text, os_id text, vcpu_online integer, vcpu_current_count integer, "
            "cpu_mode text, current_memory_bytes integer, persistent flag, autostart flag, "
            "in_live flag, in_config flag, config_values_json document, unmapped_json document, "
            "redacted_json document, warnings_json document, digest digest, xml_digest digest"
        ),
    )
    yield AddColumns(
        "storage_pools",
        columns("available_bytes integer, source_json document, " + _LIFECYCLE),
    )
    yield AddColumns(
        "volumes",
        columns(
            "key text, path text, physical_bytes integer, backing_path text, backing_format text, "
            "identity digest, scope key, source text"
        ),
    )
    yield AddColumns(
        "networks",
        columns(
            "forwarded flag, forward_mode text, forward_device text, dns_domain text, "
            "mtu integer, connections integer, vlan_tags_json document, "
            "virtual_port_json document, "
            "trust_guest_rx_filters flag, port_groups_json document, addresses_json document, "
            + _LIFECYCLE
        ),
    )
    yield AddColumns(
        "volume_attachments",
        columns(
            "source_type text, source_ref long_key, source_json document, "
            "backing_chain_json document, snapshot_policy text, driver_name text, "
            "driver_cache text, driver_io text, driver_discard text, wwn text, transient flag, "
            + _DEVICE
        ),
    )
    yield AddColumns(
        "ports",
        columns(
            "source_json document, network_name key, port_group text, bridge_name text, "
            "ip_addresses_json document, link_state text, mtu integer, driver_name text, "
            "driver_queues integer, " + _DEVICE
        ),
    )
    yield AddColumns(
        "filesystems",
        columns("source_json document, access_mode text, driver_format text, is_read_only flag"),
    )
    yield AddColumns("filesystem_attachments", columns(_DEVICE))
    yield AddColumns(
        "controllers", columns("ports integer, driver_queues integer, iothread integer")
    )
    yield AddColumns("controller_attachments", columns(_DEVICE))
    yield AddColumns("input_devices", columns("model_name text, source_json document"))
    yield AddColumns("input_device_attachments", columns(_DEVICE))
    yield AddColumns(
        "consoles",
        columns(
            "websocket_port integer, autoport flag, listen text, listens_json document, "
            "socket_path text, keymap text, password_valid_to text, " + _DEVICE
        ),
    )


def _tables() -> t.Iterator[Step]:
    name = "video_devices"
    yield CreateTable(
        name,
        columns(
            "id integer!, created_at moment, updated_at moment, deleted_at moment, vm_uuid uuid, "
            "model_name text, vram_kib integer, ram_kib integer, vgamem_kib integer, "
            "heads integer, is_primary flag, resolution_json document, " + _DEVICE
        ),
    )
    yield CreateIndex("idx_{0}_deleted_at".format(name), name, ("deleted_at",))
    yield CreateIndex("idx_{0}_vm_uuid".format(name), name, ("vm_uuid",))


def _rules() -> t.Iterator[Step]:
    """A VM that is gone, a copy, a teaming pair and a cloned host break the old rules."""
    machines, pools = "virtual_machines", "storage_pools"
    yield RelaxUnique("idx_vm_host_name", machines)
    yield RelaxUnique("idx_virtual_machines_domain_uuid", machines)
    yield RelaxUnique("idx_port_vm_mac", "ports")
    yield RelaxUnique("idx_storage_pools_uuid", pools)
    yield CreateIndex("idx_virtual_machines_host_name", machines, ("host_id", "name"))
    yield CreateIndex("idx_virtual_machines_name", machines, ("name",))
    yield CreateIndex("idx_virtual_machines_uuid", machines, ("uuid",))
    yield CreateIndex("idx_virtual_machines_by_domain", machines, ("domain_uuid",))
    yield CreateIndex(
        "uniq_virtual_machines_live",
        machines,
        ("host_id", "domain_uuid"),
        unique=True,
        where="deleted_at IS NULL",
        keyed=("live_domain_uuid", "CASE WHEN deleted_at IS NULL THEN domain_uuid END"),
    )
    yield CreateIndex("idx_port_vm_mac_address", "ports", ("vm_uuid", "mac_address"))
    yield CreateIndex("idx_storage_pools_by_uuid", pools, ("uuid",))
    yield CreateIndex("idx_storage_pools_host_name", pools, ("host_id", "name"))


def _look_ups() -> t.Iterator[Step]:
    """Indexes for the questions that people ask."""
    yield CreateIndex("uniq_volumes_identity", "volumes", ("identity",), unique=True)
    for table, column in (
        ("volumes", "storage_pool_id"),
        ("volumes", "name"),
        ("volume_attachments", "volume_id"),
        ("volume_attachments", "source_ref"),
        ("ports", "mac_address"),
        ("ports", "source_ref"),
        ("ports", "network_name"),
        ("port_bindings", "port_id"),
        ("port_bindings", "network_id"),
    ):
        yield CreateIndex("idx_{0}_{1}".format(table, column), table, (column,))


REVISION = Revision(3, "recording", (*_columns(), *_tables(), *_rules(), *_look_ups()))
