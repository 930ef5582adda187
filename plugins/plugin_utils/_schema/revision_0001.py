# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 1: the layout that exists before this project extends it."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    CreateIndex,
    CreateTable,
    Revision,
    Step,
    columns,
)

_RECORD = "id integer!, created_at moment, updated_at moment, deleted_at moment"

#: Tables with the columns of a record and their own.
_TABLES = {
    "virtual_machines": "host_id key, name key, uuid uuid, domain_uuid uuid, description text, "
    "state text, task_state text, v_cpu_count integer, cpu_model text, "
    "cpu_topology_json document, memory_bytes integer, os_type text, is_template flag, "
    "sync_status text, drift_details text, needs_rebuild flag",
    "storage_pools": "host_id key, name key, uuid uuid, type text, path text, "
    "capacity_bytes integer, allocation_bytes integer",
    "volumes": "storage_pool_id integer, name key, type text, format text, "
    "capacity_bytes integer, allocation_bytes integer",
    "networks": "host_id key, name key, uuid uuid, bridge_name text, mode text",
    "port_bindings": "port_id integer, network_id integer",
    "controllers": "type text, model_name text, index integer",
    "input_devices": "type text, bus text",
    "filesystems": "driver_type text, source_path text, target_path text",
    "sound_cards": "model_name text",
    "host_devices": "host_id key, type text, address long_key, description text",
    "tpms": "model_name text, backend_type text, backend_path text",
    "watchdogs": "model_name text, action text",
    "serial_devices": "type text, target_port integer, config_json document",
    "channel_devices": "type text, target_name text, config_json document",
    "smartcards": "type text, config_json document",
    "usb_redirectors": "type text, filter_rule text",
    "rng_devices": "model_name text, backend_type text",
    "panic_devices": "model_name text",
    "vsocks": "guest_c_id integer",
    "memory_balloons": "model_name text, config_json document",
    "shmem_devices": "name key, size_ki_b integer, path text",
    "iommu_devices": "model_name text",
    "attachment_indices": "vm_uuid uuid!, device_type key!, attachment_id integer!, "
    "device_id integer",
}

#: Tables of what a VM has: the same with ``vm_uuid`` before their own columns.
_OF_VM = {
    "volume_attachments": "volume_id integer, device_name key, bus_type text, is_read_only flag",
    "ports": "mac_address key, device_name key, model_name text, ip_address text",
    "consoles": "host_id key, type text, model_name text, listen_address text, port integer, "
    "tls_port integer, metadata text",
    "vm_snapshots": "name key, description text, parent_name text, state text, config_xml text",
    **{
        "{0}_attachments".format(device): "{0}_id integer".format(device)
        for device in (
            "controller",
            "input_device",
            "filesystem",
            "sound_card",
            "host_device",
            "tpm",
            "watchdog",
            "serial_device",
            "channel_device",
            "smartcard",
            "usb_redirector",
            "rng_device",
            "panic_device",
            "vsock",
            "memory_balloon",
            "shmem_device",
            "iommu_device",
        )
    },
}


def _steps() -> t.Iterator[Step]:
    yield CreateTable(
        "hosts", columns("id key!, uri text, state text, task_state text"), numbered=False
    )
    for name, own in _TABLES.items():
        yield CreateTable(name, columns("{0}, {1}".format(_RECORD, own)))
        yield CreateIndex("idx_{0}_deleted_at".format(name), name, ("deleted_at",))
    for name, own in _OF_VM.items():
        yield CreateTable(name, columns("{0}, vm_uuid uuid, {1}".format(_RECORD, own)))
        yield CreateIndex("idx_{0}_deleted_at".format(name), name, ("deleted_at",))
        if name != "ports":
            yield CreateIndex("idx_{0}_vm_uuid".format(name), name, ("vm_uuid",))
    machines, index = "virtual_machines", "attachment_indices"
    yield CreateIndex("idx_vm_host_name", machines, ("host_id", "name"), unique=True)
    yield CreateIndex("idx_virtual_machines_domain_uuid", machines, ("domain_uuid",), unique=True)
    yield CreateIndex("idx_storage_pools_uuid", "storage_pools", ("uuid",), unique=True)
    yield CreateIndex("idx_network_host_name", "networks", ("host_id", "name"), unique=True)
    yield CreateIndex("idx_port_vm_mac", "ports", ("vm_uuid", "mac_address"), unique=True)
    yield CreateIndex("idx_consoles_host_id", "consoles", ("host_id",))
    yield CreateIndex("idx_attachment_indices_device_type", index, ("device_type",))
    yield CreateIndex("idx_attachment_indices_device_id", index, ("device_id",))
    yield CreateIndex("idx_attachment_index_vm_uuid", index, ("vm_uuid",))
    yield CreateIndex("uniq_attachment_index", index, ("device_type", "attachment_id"), unique=True)
    yield CreateIndex(
        "uniq_attachment_index_device",
        index,
        ("device_type", "device_id"),
        unique=True,
        where="device_type != 'volume' AND device_id IS NOT NULL",
        keyed=("single_device_id", "CASE WHEN device_type <> 'volume' THEN device_id END"),
    )


REVISION = Revision(1, "existing layout", tuple(_steps()))
