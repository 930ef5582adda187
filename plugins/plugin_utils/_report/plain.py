# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JSON and as CSV, for programs; a program that opens CSV may run what is in it."""

from __future__ import annotations

import csv
import io
import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import Report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import SHEETS

#: What spreadsheets take for the beginning of a formula, also in their wide forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def to_json(report: Report, title: str) -> bytes:
    """One object: what the report is about, and for each sheet a list of its rows, one in a line.

    Every cell is as the ledger has it. Whatever is not ASCII is escaped, so that every text of a
    document, whole or not, comes through.
    """
    head = json.dumps({"title": title, **about(report)})
    stream = io.BytesIO()
    stream.write((head[:-1] + ', "sheets": {').encode("ascii"))
    for number, sheet in enumerate(SHEETS):
        stream.write("{0}\n{1}: [".format("," if number else "", json.dumps(sheet.name)).encode())
        names = [column.name for column in sheet.columns]
        for line, row in enumerate(report.rows[sheet.name]):
            text = json.dumps(dict(zip(names, row)))
            stream.write("{0}\n{1}".format("," if line else "", text).encode("ascii"))
        stream.write(b"]")
    stream.write(b"\n}}\n")
    return stream.getvalue()


def about(report: Report) -> t.Dict[str, t.Any]:
    """What a report is about, and of when."""
    scope = report.scope._asdict()
    scope.update(states=list(scope["states"]), since=report.since)
    return {"as_of": report.as_of, "scope": scope}


def to_csv(report: Report, sheet: Sheet) -> bytes:
    """One sheet, in UTF-8, with the names of the facts above it.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(column.name for column in sheet.columns)
    writer.writerows([_cell(value) for value in row] for row in report.rows[sheet.name])
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: t.Any) -> t.Any:
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
        # Spaces before it do not help: some spreadsheets strip them first.
        return (
            "'" + text if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
        )
    return value
