# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the ledger as an inventory, and a cache of it, have them."""

from __future__ import annotations

import typing as t

Row = t.Dict[str, t.Any]

#: What is gathered from many rows: first a set, in the end a list.
GATHERED = ("networks", "bridges", "vlans", "pools")


def begun(found: t.Mapping[str, t.Any]) -> Row:
    """A row as JSON has it, timestamps as texts, with room for what is gathered."""
    row = {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in found.items()
    }
    row.update({key: set() for key in GATHERED})
    return row


def finished(row: Row) -> Row:
    """The row with lists where sets were gathered."""
    row.update({key: sorted(row[key]) for key in GATHERED})
    return row
