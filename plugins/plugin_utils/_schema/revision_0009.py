# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 9: volumes by their path and source, which people ask for, in ledgers of any size."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    CreateIndex,
    Revision,
)

REVISION = Revision(
    9,
    "volumes by place",
    (
        CreateIndex("idx_volumes_path", "volumes", ("path",), prefix=255, hashed=True),
        CreateIndex("idx_volumes_source", "volumes", ("source",), prefix=255, hashed=True),
    ),
)
