# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings and changes, which others find and note."""

from __future__ import annotations

import datetime
import importlib
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata

#: Severities, the worst first.
SEVERITIES = ("critical", "warning", "info")


def findings(sheet: Sheet) -> t.Any:
    """The query of the findings that are open, the worst first; None without such a table."""
    table = metadata.tables.get("findings")
    if table is None:
        return None
    rank = sa.case({name: place for place, name in enumerate(SEVERITIES)}, value=table.c.severity)
    query = sa.select(*_picked(sheet, table)).where(table.c.closed_at.is_(None))
    return query.order_by(rank, table.c.code, table.c.host_id, table.c.object_name, table.c.id)


def changes(sheet: Sheet, scope: Scope, begin: datetime.datetime) -> t.Any:
    """The query of the changes since a time, the latest first; None without such a table."""
    table = metadata.tables.get("changes")
    if table is None:
        return None
    query = sa.select(*_picked(sheet, table)).where(
        table.c.seen_at >= begin, *scope.of_record(table)
    )
    return query.order_by(table.c.seen_at.desc(), table.c.id.desc())


def rule(code: str) -> t.Tuple[t.Optional[str], t.Optional[str]]:
    """Why a finding matters, and what to do about it."""
    try:
        rules = importlib.import_module(
            "ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules"
        )
    except ImportError:
        return None, None
    found = rules.BY_CODE.get(code)
    return (found.explanation, found.remedy) if found else (None, None)


def _picked(sheet: Sheet, table: t.Any) -> t.List[t.Any]:
    return [table.c[column.key] for column in sheet.columns if column.key]
