# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<input>``: keyboards, mice, tablets and host devices passed through as such."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    VIRTIO_MODELS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

INPUT = Family(
    name="input",
    fact="input_devices",
    tag="input",
    index_type="input_device",
    identity=("type", "bus"),
    doc="a keyboard, mouse, tablet or passed-through input device",
    split=True,
    fields=(
        value(
            "type",
            "@type",
            "for example V(tablet)",
            choices=("tablet", "mouse", "keyboard", "passthrough", "evdev"),
        ),
        value(
            "bus",
            "@bus",
            "for example V(usb)",
            choices=("ps2", "usb", "xen", "virtio", "parallels", "none"),
        ),
        value("model_name", "@model", "device model", choices=VIRTIO_MODELS),
        shaped("source", "source", "the host's device, path to text", TREE),
    )
    + COMMON,
)
