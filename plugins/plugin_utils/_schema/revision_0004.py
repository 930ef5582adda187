# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 4: every device that libvirt knows, and the domain in columns that can be asked for."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateIndex,
    CreateTable,
    Revision,
    Step,
    columns,
)

_RECORD = "id integer!, created_at moment, updated_at moment, deleted_at moment, vm_uuid uuid"
_DEVICE = (
    "boot_order integer, alias text, address_json document, ordinal integer, in_live flag, "
    "in_config flag, config_values_json document, unmapped_json document"
)

_DOMAIN = (
    "vcpu_placement text, vcpu_cpuset text, vcpus_json document, cpu_match text, cpu_check "
    "text, cpu_migratable flag, cpu_model_fallback text, cpu_vendor_id text, cpu_vendor text, "
    "cpu_features_json document, numa_cells_json document, cpu_cache_json document, "
    "cpu_max_phys_addr_json document, features_json document, clock_offset text, "
    "clock_timezone text, clock_adjustment text, clock_basis text, clock_start integer, "
    "clock_timers_json document, memory_dump_core flag, memory_maximum_bytes integer, "
    "memory_slots integer, hugepages flag, hugepage_sizes_json document, memory_locked flag, "
    "memory_unshared flag, memory_discard flag, memory_source_type text, memory_access_mode "
    "text, memory_allocation_mode text, memory_allocation_threads integer, "
    "memory_hard_limit_bytes integer, memory_soft_limit_bytes integer, "
    "memory_swap_limit_bytes integer, memory_guarantee_bytes integer, cpu_tune_json document, "
    "numa_tune_json document, block_io_tune_json document, throttle_groups_json document, "
    "iothread_count integer, iothreads_json document, default_iothread_json document, "
    "resource_partition text, security_labels_json document, launch_security_json document, "
    "launch_security_type text, key_wrap_json document, id_map_json document, "
    "boot_devices_json document, boot_menu flag, boot_menu_timeout_ms integer, "
    "bios_use_serial flag, bios_reboot_timeout_ms integer, smbios_mode text, loader_path "
    "text, loader_type text, loader_format text, loader_readonly flag, loader_secure flag, "
    "loader_stateless flag, nvram_path text, nvram_type text, nvram_format text, "
    "nvram_template text, nvram_template_format text, nvram_source_json document, "
    "firmware_features_json document, kernel text, initrd text, kernel_args text, dtb text, "
    "shim text, init text, init_args_json document, init_env_json document, init_dir text, "
    "init_user text, init_group text, acpi_tables_json document, bootloader text, "
    "bootloader_args text, on_poweroff text, on_reboot text, on_crash text, on_lockfailure "
    "text, suspend_to_mem flag, suspend_to_disk flag, perf_events_json document, "
    "generation_id text, sysinfo_json document, metadata_json document, qemu_args_json "
    "document, qemu_env_json document, qemu_capabilities_json document, qemu_override_json "
    "document"
)

#: Further columns of the device tables of the existing layout.
_FURTHER = {
    "smartcards": (
        "channel_type text, source_path text, source_mode text, source_host text, "
        "source_service text, protocol_type text, log_file text, log_append flag, "
        "certificates_json document, database text"
    ),
    "serial_devices": (
        "source_path text, source_mode text, source_host text, source_service text, "
        "protocol_type text, log_file text, log_append flag, target_type text, model_name "
        "text"
    ),
    "channel_devices": (
        "source_path text, source_mode text, source_host text, source_service text, "
        "protocol_type text, log_file text, log_append flag, target_type text, target_address "
        "text, target_port integer, target_state text"
    ),
    "tpms": (
        "version text, persistent_state flag, debug_level integer, encryption_secret text, "
        "active_pcr_banks_json document, source_type text, source_path text, profile_json "
        "document"
    ),
    "sound_cards": "multichannel flag, streams integer, audio_id integer, codecs_json document",
    "host_devices": (
        "mode text, managed flag, source_json document, usb_address text, startup_policy "
        "text, driver_name text, driver_model text, model_name text, display flag, ramfb "
        "flag, sgio text, rawio flag, rom_enabled flag, rom_bar flag, rom_file text, "
        "teaming_type text, teaming_persistent text, is_read_only flag, shareable flag"
    ),
    "usb_redirectors": (
        "bus text, source_json document, source_path text, source_mode text, source_host "
        "text, source_service text, protocol_type text, log_file text, log_append flag"
    ),
    "memory_balloons": "autodeflate flag, free_page_reporting flag, stats_period integer",
    "rng_devices": (
        "backend_path text, backend_channel_type text, backend_source_json document, "
        "rate_bytes integer, rate_period_ms integer"
    ),
    "shmem_devices": (
        "size_bytes integer, role text, model_name text, msi_vectors integer, msi_ioeventfd flag"
    ),
    "iommu_devices": (
        "interrupt_remapping flag, caching_mode flag, extended_interrupts flag, iotlb flag, "
        "address_width integer, dma_translation flag"
    ),
    "vsocks": "cid_auto flag, model_name text",
}

#: Their attachments get what every device has.
_ATTACHMENTS = (
    "smartcard_attachments",
    "serial_device_attachments",
    "channel_device_attachments",
    "tpm_attachments",
    "sound_card_attachments",
    "host_device_attachments",
    "usb_redirector_attachments",
    "watchdog_attachments",
    "memory_balloon_attachments",
    "rng_device_attachments",
    "panic_device_attachments",
    "shmem_device_attachments",
    "iommu_device_attachments",
    "vsock_attachments",
)

#: New tables of devices, with their own columns.
_TABLES = {
    "emulators": "path text",
    "device_leases": "lockspace text, key text, target_path text, target_offset integer",
    "parallel_devices": (
        "type text, target_port integer, config_json document, source_path text, source_mode "
        "text, source_host text, source_service text, protocol_type text, log_file text, "
        "log_append flag"
    ),
    "text_consoles": (
        "type text, target_port integer, config_json document, source_path text, source_mode "
        "text, source_host text, source_service text, protocol_type text, log_file text, "
        "log_append flag, target_type text, tty text, mirrors_serial flag"
    ),
    "audio_backends": (
        "audio_id integer, type text, timer_period_us integer, server_name text, path text, "
        "driver text, input_json document, output_json document"
    ),
    "redirection_filters": "rules_json document",
    "hubs": "type text",
    "nvram_devices": "reg text",
    "memory_devices": (
        "model_name text, size_bytes integer, node integer, slot integer, access text, "
        "discard flag, uuid uuid, requested_bytes integer, current_bytes integer, block_bytes "
        "integer, label_bytes integer, is_read_only flag, dynamic_memslots flag, "
        "guest_address text, source_path text, source_nodemask text, source_page_bytes "
        "integer, source_align_bytes integer, source_pmem flag"
    ),
    "crypto_devices": "model_name text, type text, backend_model text, queues integer",
    "pstore_devices": "backend text, path text, size_bytes integer",
    "other_devices": "tag key, xml text",
}


def _steps() -> t.Iterator[Step]:
    yield AddColumns("virtual_machines", columns(_DOMAIN))
    for name, own in _FURTHER.items():
        yield AddColumns(name, columns(own))
    for name in _ATTACHMENTS:
        yield AddColumns(name, columns(_DEVICE))
    for name, own in _TABLES.items():
        yield CreateTable(name, columns(", ".join((_RECORD, own, _DEVICE))))
        yield CreateIndex("idx_{0}_deleted_at".format(name), name, ("deleted_at",))
        yield CreateIndex("idx_{0}_vm_uuid".format(name), name, ("vm_uuid",))
    for name, column in (
        ("host_devices", "host_id"),
        ("vsocks", "guest_c_id"),
        ("shmem_devices", "name"),
        ("other_devices", "tag"),
    ):
        yield CreateIndex("idx_{0}_{1}".format(name, column), name, (column,))
    yield CreateIndex("idx_host_devices_address", "host_devices", ("address",), prefix=255)


REVISION = Revision(4, "every device", tuple(_steps()))
