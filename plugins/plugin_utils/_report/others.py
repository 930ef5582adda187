# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings and changes, which others find and note."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    SEVERITIES as _SEVERITIES,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import BY_CODE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    findings,
)

#: Severities, the worst first.
SEVERITIES = tuple(reversed(_SEVERITIES))


def open_findings(sheet: Sheet) -> t.Any:
    """The query of the findings that are open, the worst first."""
    ranks = {name: place for place, name in enumerate(SEVERITIES)}
    rank = sa.case(ranks, value=findings.c.severity, else_=len(ranks))
    query = sa.select(*_picked(sheet, findings)).where(findings.c.closed_at.is_(None))
    order = (findings.c.code, findings.c.host_id, findings.c.object_name, findings.c.id)
    return query.order_by(rank, *order)


def changes_since(sheet: Sheet, scope: Scope, begin: datetime.datetime) -> t.Any:
    """The query of the changes since a time, the latest first."""
    query = sa.select(*_picked(sheet, changes))
    query = query.where(changes.c.seen_at >= begin, *scope.of_record(changes))
    return query.order_by(changes.c.seen_at.desc(), changes.c.id.desc())


def rule(code: str) -> t.Tuple[t.Optional[str], t.Optional[str]]:
    """Why a finding matters, and what to do about it; nothing of a rule that is not any more."""
    found = BY_CODE.get(code)
    return (found.explanation, found.remedy) if found else (None, None)


def _picked(sheet: Sheet, table: t.Any) -> t.List[t.Any]:
    return [table.c[column.key] for column in sheet.columns if column.key]
