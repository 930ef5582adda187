# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every device may have beside its own elements."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    PROVENANCE,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import ATTRIBUTES

#: Fields at the end of every family's declaration.
COMMON = (
    value("boot_order", "boot/@order", "place in the boot order, from 1", to=UNSIGNED),
    value("alias", "alias/@name", "libvirt's name of the device", runtime=True),
    shaped("address", "address", "where the guest sees the device", ATTRIBUTES, runtime=True),
) + PROVENANCE
