# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a domain starts: ``<os>``, ``<bootloader>``, firmware, direct kernel boot."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    SIGNED,
    UNSIGNED,
    YES_NO,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import UINT16
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import (
    NAMED_TEXT,
    TEXT_ITEM,
    attribute_item,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    TREE,
)

BOOT_FIELDS = (
    repeated(
        "boot_devices",
        "os/boot",
        "what the firmware boots from, in order: V(hd), V(network), V(cdrom), V(fd)",
        attribute_item("dev"),
    ),
    value("boot_menu", "os/bootmenu/@enable", "the firmware offers a menu", to=YES_NO),
    value(
        "boot_menu_timeout_ms",
        "os/bootmenu/@timeout",
        "how long it waits for an answer",
        to=UNSIGNED,
        maximum=UINT16,
        unit="milliseconds",
    ),
    value("bios_use_serial", "os/bios/@useserial", "the BIOS talks on a serial port", to=YES_NO),
    value(
        "bios_reboot_timeout_ms",
        "os/bios/@rebootTimeout",
        "when it tries again to boot; -1 is never",
        to=SIGNED,
        maximum=UINT16,
        unit="milliseconds",
    ),
    value(
        "smbios_mode",
        "os/smbios/@mode",
        "where the SMBIOS tables come from: V(emulate), V(host), V(sysinfo)",
        choices=("emulate", "host", "sysinfo"),
    ),
    value("loader_path", "os/loader", "firmware image"),
    value("loader_type", "os/loader/@type", "V(rom) or V(pflash)", choices=("rom", "pflash")),
    value("loader_format", "os/loader/@format", "format of that image", choices=("raw", "qcow2")),
    value("loader_readonly", "os/loader/@readonly", "the guest cannot write to it", to=YES_NO),
    value("loader_secure", "os/loader/@secure", "it has Secure Boot", to=YES_NO),
    value("loader_stateless", "os/loader/@stateless", "it keeps no variables", to=YES_NO),
    value("nvram_path", "os/nvram", "file with the variables of UEFI"),
    value("nvram_type", "os/nvram/@type", "type of C(nvram_source)"),
    value(
        "nvram_format",
        "os/nvram/@format",
        "format of the file with the variables",
        choices=("raw", "qcow2"),
    ),
    value("nvram_template", "os/nvram/@template", "file that it begins as a copy of"),
    value(
        "nvram_template_format",
        "os/nvram/@templateFormat",
        "format of that file",
        choices=("raw", "qcow2"),
    ),
    shaped("nvram_source", "os/nvram/source", "where the variables are, path to text", TREE),
    repeated(
        "firmware_features",
        "os/firmware/feature",
        "what a firmware that libvirt selects must have or lack, C(name) and C(enabled)",
        ATTRIBUTES,
    ),
    value("kernel", "os/kernel", "kernel that is booted directly"),
    value("initrd", "os/initrd", "its initial RAM disk"),
    value("kernel_args", "os/cmdline", "its command line"),
    value("dtb", "os/dtb", "its device tree"),
    value("shim", "os/shim", "its shim for Secure Boot"),
    value("init", "os/init", "first program of a container"),
    repeated("init_args", "os/initarg", "its arguments", TEXT_ITEM),
    repeated("init_env", "os/initenv", "its environment, C(name) and C(value)", NAMED_TEXT),
    value("init_dir", "os/initdir", "its working directory"),
    value("init_user", "os/inituser", "the user that runs it"),
    value("init_group", "os/initgroup", "the group that runs it"),
    repeated("acpi_tables", "os/acpi/table", "additional ACPI tables, path to text each", TREE),
    value("bootloader", "bootloader", "program of the host that picks the kernel"),
    value("bootloader_args", "bootloader_args", "its arguments"),
)
