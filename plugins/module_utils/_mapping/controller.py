# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<controller>``: a bus of the VM: PCI, USB, SCSI, SATA, IDE, virtio-serial, ..."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT32,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    value,
)

CONTROLLER = Family(
    name="controller",
    fact="controllers",
    tag="controller",
    index_type="controller",
    identity=("type", "index"),
    doc="a controller that devices are attached to",
    split=True,
    fields=(
        value(
            "type",
            "@type",
            "bus, for example V(pci), V(usb), V(scsi)",
            choices=(
                "ide",
                "fdc",
                "scsi",
                "sata",
                "usb",
                "ccid",
                "virtio-serial",
                "pci",
                "xenbus",
                "isa",
                "nvme",
            ),
        ),
        value("model_name", "@model", "model, for example V(pcie-root-port)"),
        value(
            "index",
            "@index",
            "number among the controllers of its type",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        value("ports", "@ports", "number of ports", to=UNSIGNED, maximum=UINT32),
        value("driver_queues", "driver/@queues", "number of queues", to=UNSIGNED, maximum=UINT32),
        value(
            "iothread",
            "driver/@iothread",
            "I/O thread that serves it",
            to=UNSIGNED,
            maximum=UINT32,
        ),
    )
    + COMMON,
)
