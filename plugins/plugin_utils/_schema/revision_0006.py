# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 6: movement: where a VM was before."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    Revision,
    columns,
)

REVISION = Revision(
    6,
    "movement",
    (AddColumns("virtual_machines", columns("whereabouts_json document")),),
)
