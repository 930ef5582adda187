# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 10: changes: what became different on a host, a VM or a volume, and who saw it."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    CreateIndex,
    CreateTable,
    Revision,
    columns,
)

REVISION = Revision(
    10,
    "changes",
    (
        CreateTable(
            "changes",
            columns(
                "id integer!, seen_at moment, run_id integer, host_id key, vm_uuid uuid, "
                "domain_uuid uuid, vm_name key, object_type key, object_name key, "
                "object_id integer, change key, attribute key, old_value text, new_value text"
            ),
        ),
        CreateIndex("idx_changes_vm_uuid", "changes", ("vm_uuid", "seen_at")),
        CreateIndex("idx_changes_host_id", "changes", ("host_id", "seen_at")),
        CreateIndex("idx_changes_seen_at", "changes", ("seen_at",)),
        CreateIndex("idx_changes_object", "changes", ("object_type", "object_id")),
        CreateIndex("idx_changes_run_id", "changes", ("run_id",)),
        CreateIndex("idx_changes_vm_name", "changes", ("vm_name",)),
    ),
)
