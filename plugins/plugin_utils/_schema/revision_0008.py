# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 8: runs: who recorded which host when, how that ended, and what documents are in use."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateIndex,
    CreateTable,
    Revision,
    columns,
)

REVISION = Revision(
    8,
    "runs",
    (
        CreateTable(
            "sync_runs",
            columns(
                "id integer!, host_id key, action key, outcome key, is_complete flag, reason text, "
                "started_at moment, finished_at moment, recorded_by key, job key, "
                "counts_json document, seconds_json document, repeats integer, last_at moment, "
                "last_by key, last_job key"
            ),
        ),
        CreateIndex("idx_sync_runs_host_id", "sync_runs", ("host_id",)),
        CreateIndex("idx_sync_runs_last_at", "sync_runs", ("last_at",)),
        AddColumns("xml_documents", columns("used_at moment")),
    ),
)
