# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 7: what tells that nothing changed, so that it need not be read again."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    Revision,
    columns,
)

REVISION = Revision(
    7,
    "incremental",
    (
        AddColumns("virtual_machines", columns("source_digest digest")),
        AddColumns("hosts", columns("inventory_digest digest")),
    ),
)
