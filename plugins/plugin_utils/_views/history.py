# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of what changed, and of what is wrong."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    findings,
    sync_runs,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import (
    Column,
    View,
    flag,
    number_of,
)


def all_changes() -> View:
    """``ledger_changes``."""
    one, run = changes.c, sync_runs.c
    columns = [
        number_of(changes, "the change"),
        Column("seen_at", "timestamp", "when the host was asked that told so", one.seen_at),
        Column("host_id", "text", "the host that told so", one.host_id),
        Column("vm_uuid", "text", "the VM that it is about or belongs to", one.vm_uuid),
        Column("vm_name", "text", "the VM's name at that time", one.vm_name),
        Column("object_type", "text", "the table of the thing that changed", one.object_type),
        Column("object_name", "text", "what people call the thing", one.object_name),
        Column("object_id", "integer", "its row in that table", one.object_id),
        Column(
            "change",
            "text",
            "`added`, `changed`, `removed`, `moved`, `returned`, `gone` or `renamed`",
            one.change,
        ),
        Column("attribute", "text", "what of it changed, by the name of the fact", one.attribute),
        Column("old_value", "text", "the value before", one.old_value),
        Column("new_value", "text", "the value since", one.new_value),
        Column("run_id", "integer", "the run that saw it, `id` of `ledger_runs`", one.run_id),
        Column("recorded_by", "text", "the user and the controller of that run", run.recorded_by),
        Column("job", "text", "its job of AWX", run.job),
    ]
    source = changes.outerjoin(sync_runs, run.id == one.run_id)
    doc = "A change of an attribute of a host, a VM or what they have, or that it came or went."
    return View("ledger_changes", doc, columns, source)


def all_findings() -> View:
    """``ledger_findings``."""
    one = findings.c
    ignored = one.ignore_reason.is_not(None) & sa.or_(
        one.ignored_until.is_(None), one.ignored_until > one.last_seen_at
    )
    columns = [
        number_of(findings, "the finding"),
        Column("code", "text", "the rule, see findings.md", one.code),
        Column("severity", "text", "`critical`, `warning` or `info`", one.severity),
        Column("summary", "text", "what is wrong", one.summary),
        Column("host_id", "text", "the host; null where several are concerned", one.host_id),
        Column("vm_uuid", "text", "the VM; null where none or several are concerned", one.vm_uuid),
        Column("vm_name", "text", "the VM's name", one.vm_name),
        Column("object_type", "text", "the table of the object", one.object_type),
        Column("object_name", "text", "what people call the object", one.object_name),
        Column("details_json", "JSON", "what belongs to it, by the rule", one.details_json),
        Column("first_seen_at", "timestamp", "when it was found first", one.first_seen_at),
        Column("last_seen_at", "timestamp", "when it was found last", one.last_seen_at),
        Column("closed_at", "timestamp", "since when it is not found any more", one.closed_at),
        Column("is_open", "boolean", "it is found", flag(one.closed_at.is_(None))),
        Column("is_ignored", "boolean", "it was ignored when it was found last", flag(ignored)),
        Column("ignore_reason", "text", "why it is ignored", one.ignore_reason),
        Column("ignored_until", "timestamp", "until when; null is for ever", one.ignored_until),
        Column("reopened", "integer", "how often it came back", one.reopened),
    ]
    doc = "Something that is wrong in the fleet, or was, as the action `findings` has stored it."
    return View("ledger_findings", doc, columns, findings)
