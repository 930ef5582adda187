# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 5: the archive: every configuration of a VM, and its snapshots."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateIndex,
    CreateTable,
    Revision,
    columns,
)

REVISION = Revision(
    5,
    "archive",
    (
        CreateTable(
            "xml_documents",
            columns("digest digest!, created_at moment, size_bytes integer, content binary!"),
            primary_key="digest",
            numbered=False,
        ),
        CreateTable(
            "vm_configurations",
            columns(
                "id integer!, created_at moment, updated_at moment, deleted_at moment, "
                "vm_uuid uuid, host_id key, kind key, digest digest, stable_digest digest, "
                "flags integer, first_seen_at moment, last_seen_at moment, origin key, "
                "origin_path text, redacted_json document"
            ),
        ),
        CreateIndex("idx_vm_configurations_deleted_at", "vm_configurations", ("deleted_at",)),
        CreateIndex("idx_vm_configurations_vm_uuid", "vm_configurations", ("vm_uuid",)),
        CreateIndex("idx_vm_configurations_digest", "vm_configurations", ("digest",)),
        AddColumns(
            "virtual_machines", columns("mapping_version integer, observed_at moment, origin key")
        ),
        AddColumns(
            "vm_snapshots",
            columns(
                "kind key, creation_time integer, is_current flag, memory_mode text, "
                "memory_file text, disks_json document, redacted_json document"
            ),
        ),
    ),
)
