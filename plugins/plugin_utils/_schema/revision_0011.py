# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 11: findings: what is wrong in the fleet, since when, and whether it is meant so."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    CreateIndex,
    CreateTable,
    Revision,
    columns,
)

REVISION = Revision(
    11,
    "findings",
    (
        CreateTable(
            "findings",
            columns(
                "id integer!, code key, severity key, object_type key, object_name key, "
                "host_id key, vm_uuid uuid, vm_name key, fingerprint digest, summary text, "
                "details_json document, first_seen_at moment, last_seen_at moment, "
                "closed_at moment, reopened integer, last_reopened_at moment, "
                "ignored_until moment, ignore_reason text"
            ),
        ),
        CreateIndex("uniq_findings_fingerprint", "findings", ("fingerprint",), unique=True),
        CreateIndex("idx_findings_vm_uuid", "findings", ("vm_uuid",)),
        CreateIndex("idx_findings_host_id", "findings", ("host_id",)),
        CreateIndex("idx_findings_closed_at", "findings", ("closed_at",)),
    ),
)
