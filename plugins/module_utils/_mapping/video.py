# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<video>``: a graphics adapter."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED, YES_NO
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT32,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import NUMBERS

VIDEO = Family(
    name="video",
    fact="video_devices",
    tag="video",
    index_type="video_device",
    identity=("model_name",),
    doc="a graphics adapter",
    fields=(
        value(
            "model_name",
            "model/@type",
            "V(vga), V(virtio), V(qxl), V(none), ...",
            choices=(
                "vga",
                "cirrus",
                "vmvga",
                "xen",
                "vbox",
                "virtio",
                "qxl",
                "gop",
                "none",
                "bochs",
                "ramfb",
            ),
        ),
        value("vram_kib", "model/@vram", "video memory", to=UNSIGNED, maximum=UINT32, unit="KiB"),
        value(
            "ram_kib", "model/@ram", "primary bar of QXL", to=UNSIGNED, maximum=UINT32, unit="KiB"
        ),
        value(
            "vgamem_kib",
            "model/@vgamem",
            "VGA framebuffer of QXL",
            to=UNSIGNED,
            maximum=UINT32,
            unit="KiB",
        ),
        value("heads", "model/@heads", "number of screens", to=UNSIGNED, maximum=UINT32),
        value("is_primary", "model/@primary", "the adapter that the firmware uses", to=YES_NO),
        shaped("resolution", "model/resolution", "C(x) and C(y) in pixels", NUMBERS),
    )
    + COMMON,
)
