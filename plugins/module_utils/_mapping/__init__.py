# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared mapping between domain XML, facts and columns: one module per device family.

:mod:`_families` has all of them. It is a module of its own because a hypervisor on which nothing
has changed needs none of them.
"""

from __future__ import annotations

#: Counts up with every change of what the facts of one and the same XML are.
MAPPING_VERSION = 2

#: The names of the lists of devices in the facts, in the order in which libvirt prints devices. A
#: test holds the families to it.
DEVICE_LISTS = (
    "emulators",
    "volume_attachments",
    "controllers",
    "device_leases",
    "filesystems",
    "ports",
    "smartcards",
    "serial_devices",
    "parallel_devices",
    "text_consoles",
    "channel_devices",
    "input_devices",
    "tpms",
    "consoles",
    "sound_cards",
    "audio_backends",
    "video_devices",
    "host_devices",
    "usb_redirectors",
    "redirection_filters",
    "hubs",
    "watchdogs",
    "memory_balloons",
    "rng_devices",
    "nvram_devices",
    "panic_devices",
    "shmem_devices",
    "memory_devices",
    "crypto_devices",
    "iommu_devices",
    "vsocks",
    "pstore_devices",
    "other_devices",
)
