# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes in words, for summaries and diffs."""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    BOOKKEEPING,
    Row,
    Values,
)

#: Columns that say nothing to a person when they change.
_UNTOLD = BOOKKEEPING | {"updated_at", "identity", "scope"}


def describe(label: str, before: t.Mapping[str, t.Any], changed: Values) -> t.List[str]:
    """``disk vda: driver_cache null -> "writeback"`` for each changed column.

    :param label: of what; empty where the reader knows.
    """
    prefix = label + ": " if label else ""
    return [
        "{0}{1} {2} -> {3}".format(prefix, column, _short(before[column]), _short(value))
        for column, value in changed.items()
        if column not in _UNTOLD and not isinstance(value, Row)
    ]


def _short(value: t.Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text if len(text) <= 120 else text[:117] + "..."
