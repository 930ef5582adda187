# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a workbook in the style of RVTools."""

from __future__ import annotations

import datetime
import io
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import texts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import Report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import (
    BYTES,
    FLAG,
    NUMBER,
    TIME,
    Column,
    Sheet,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import SHEETS

try:
    import xlsxwriter
except ImportError as error:
    IMPORT_ERROR: t.Optional[ImportError] = error
else:
    IMPORT_ERROR = None

#: What a sheet and a cell hold, and the largest number that stays exact.
_ROWS, _LENGTH, _EXACT = 1048576, 32767, 2**53

_MEBI = 2.0**20

_WIDEST, _SAMPLE = 60, 200


class Workbook(t.NamedTuple):
    """A workbook, and what did not fit into it."""

    content: bytes
    notes: t.List[str]


def require() -> None:
    """Fail where XlsxWriter cannot be used.

    :raises VirtledgerError: it is missing.
    """
    if IMPORT_ERROR is not None:
        raise VirtledgerError(
            "Format xlsx needs XlsxWriter on the controller ({0}).".format(IMPORT_ERROR),
            "Install it for the Python that runs ansible-playbook, or in the execution "
            "environment: pip install XlsxWriter. Or leave xlsx out of option 'formats'.",
        )


def to_xlsx(report: Report, title: str, rows: int = _ROWS) -> Workbook:
    """All sheets.

    :param rows: how many rows a sheet has room for, the heading among them.
    :raises VirtledgerError: XlsxWriter is missing.
    """
    require()
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    notes: t.List[str] = []
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": texts.visible(title), "created": _created(report)})
        formats = _formats(book)
        for sheet in SHEETS:
            notes += _sheet(book, formats, sheet, report.rows[sheet.name], rows)
    return Workbook(stream.getvalue(), notes)


def _created(report: Report) -> datetime.datetime:
    """A time that is the same for the same content."""
    return _moment(report.as_of) if report.as_of else datetime.datetime(1980, 1, 1)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def _formats(book: t.Any) -> t.Dict[str, t.Any]:
    return {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#e6edf2"}),
        BYTES: book.add_format({"num_format": "#,##0"}),
        NUMBER: book.add_format({"num_format": "0"}),
        TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _sheet(
    book: t.Any,
    formats: t.Dict[str, t.Any],
    sheet: Sheet,
    rows: t.Sequence[t.Sequence[t.Any]],
    room: int,
) -> t.List[str]:
    """One sheet; what of it did not fit."""
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 1)
    shown = rows[: room - 1]
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _width(column, [row[place] for row in shown[:_SAMPLE]]))
        page.write_string(0, place, _label(column), formats["head"])
    cut = 0
    kinds = [column.kind for column in sheet.columns]
    for line, row in enumerate(shown, 1):
        for place, value in enumerate(row):
            if value is not None:
                cut += _write(page, line, place, value, kinds[place], formats)
    page.autofilter(0, 0, max(len(shown), 1), len(sheet.columns) - 1)
    notes = []
    if len(shown) < len(rows):
        notes.append(
            "Sheet {0} of the workbook has the first {1} of {2} rows; a sheet has no room for "
            "more. CSV and JSON have them all.".format(sheet.name, len(shown), len(rows))
        )
    if cut:
        notes.append(
            "In sheet {0} of the workbook {1} texts are cut at {2} characters, more than which no "
            "cell holds. CSV and JSON have them whole.".format(sheet.name, cut, _LENGTH)
        )
    return notes


def _write(
    page: t.Any, line: int, place: int, value: t.Any, kind: str, formats: t.Dict[str, t.Any]
) -> bool:
    """Write a cell, a text always as a text; whether it was cut."""
    if kind == FLAG and isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif kind == TIME:
        page.write_datetime(line, place, _moment(value), formats[TIME])
    elif kind == BYTES and isinstance(value, int):
        page.write_number(line, place, value / _MEBI, formats[BYTES])
    elif kind == NUMBER and isinstance(value, int) and abs(value) <= _EXACT:
        page.write_number(line, place, value, formats[NUMBER])
    else:
        text = texts.visible(str(value))
        # XlsxWriter takes a text between <r> and </r> for markup of its own, and writes it as such.
        text = " " + text if text.startswith("<r>") else text
        page.write_string(line, place, text[:_LENGTH])
        return len(text) > _LENGTH
    return False


def _label(column: Column) -> str:
    return column.label + " MiB" if column.kind == BYTES else column.label


def _width(column: Column, sample: t.Iterable[t.Any]) -> int:
    fixed = {BYTES: 12, NUMBER: 9, FLAG: 9, TIME: 19}.get(column.kind, 0)
    longest = fixed or max((len(str(value)) for value in sample if value is not None), default=0)
    return min(max(longest, len(_label(column)) + 3), _WIDEST)
