# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no other file.

Whatever the ledger holds gets into the page in two ways only: by the template, which escapes it,
and as compressed data, which the page's script puts into the document as text. A content security
policy allows the page's own script and style, and nothing else.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import pathlib
import typing as t
import zlib

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import (
    Report,
    Rows,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.overview import overview
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import (
    FLAG,
    TEXT,
    TIME,
    Column,
    Sheet,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import (
    CHANGE,
    HEALTH,
    SHEETS,
    SOURCE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.texts import visible
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.vm_sheets import INFO

try:
    import jinja2
except ImportError as error:
    IMPORT_ERROR: t.Optional[ImportError] = error
else:
    IMPORT_ERROR = None

_FOLDER = pathlib.Path(__file__).parent / "page"

#: The page's script, in parts of one meaning each.
_SCRIPTS = (
    "base.js",
    "data.js",
    "cells.js",
    "table.js",
    "detail.js",
    "graph.js",
    "picture.js",
    "main.js",
)

#: The longest text of a cell; whole texts are in the other formats.
_LENGTH = 10000

#: How many rows the page has of what grows without end; the other formats have all.
_ROWS = {CHANGE.name: 20000, SOURCE.name: 5000, HEALTH.name: 50000}

#: The columns that a sheet of devices has from its VM; the page looks them up there.
_OF_VM = ("vm_name", "host_id", "vm_state", "vm_uuid")


def to_html(report: Report, title: str) -> bytes:
    """The page.

    :raises VirtledgerError: Jinja2 is missing.
    """
    if IMPORT_ERROR is not None:
        raise VirtledgerError(
            "Format html needs Jinja2 on the controller ({0}).".format(IMPORT_ERROR),
            "It comes with ansible-core: repair that installation.",
        )
    script = "\n".join(["'use strict';", *(_read(name) for name in _SCRIPTS)])
    style = _read("report.css")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    machines = {row[INFO.place("uuid")]: place for place, row in enumerate(report.rows[INFO.name])}
    page = environment.from_string(_read("report.html.j2")).render(
        title=visible(title),
        report=report,
        overview=overview(report),
        sheets={sheet.slug: sheet for sheet in SHEETS},
        counts=report.counts,
        meta=_inline(_meta(report, title)),
        blocks=[(sheet.slug, _block(sheet, report.rows[sheet.name], machines)) for sheet in SHEETS],
        script=script,
        style=style,
        policy="default-src 'none'; script-src '{0}'; style-src '{1}'; base-uri 'none'; "
        "form-action 'none'".format(_hash(script), _hash(style)),
    )
    return page.encode("utf-8")


@functools.lru_cache(maxsize=None)
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _inline(value: t.Any) -> str:
    """JSON that no parser of HTML takes for the end of its element or for a comment."""
    return _json(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _json(value: t.Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _meta(report: Report, title: str) -> t.Dict[str, t.Any]:
    """What the page's script has to know before it reads any data."""
    return {
        "title": visible(title),
        "sheets": [
            {
                "slug": sheet.slug,
                "title": sheet.title,
                "ofVm": sheet.of_vm,
                "total": len(report.rows[sheet.name]),
                "columns": [
                    [one.name, one.label, one.kind, int(one.facet), int(one.brief)]
                    for one in sheet.columns
                ],
            }
            for sheet in SHEETS
        ],
    }


def _block(sheet: Sheet, rows: Rows, machines: t.Mapping[str, int]) -> str:
    """A sheet's cells, column by column, compressed. Most columns have few different values."""
    shown = rows[: _ROWS.get(sheet.name, len(rows))]
    columns: t.Dict[str, t.Any] = {
        column.name: _column(column, [row[place] for row in shown])
        for place, column in enumerate(sheet.columns)
        if not (sheet.of_vm and column.name in _OF_VM)
    }
    block: t.Dict[str, t.Any] = {"rows": len(shown), "columns": columns}
    if sheet.of_vm:
        place = sheet.place("vm_uuid")
        block["vm"] = [machines.get(row[place], -1) for row in shown]
    data = zlib.compress(_json(block).encode("ascii"), 9)
    return base64.b64encode(data).decode("ascii")


def _column(column: Column, values: t.List[t.Any]) -> t.Any:
    """A column: its values, or its different values and the place of each row's among them."""
    if column.kind == FLAG:
        return [None if value is None else int(bool(value)) for value in values]
    if column.kind not in (TEXT, TIME):
        return values
    places: t.Dict[t.Any, int] = {}
    found = [places.setdefault(value, len(places)) for value in values]
    different = [_shown(value) for value in places]
    if len(different) * 2 > len(values):
        return [different[place] for place in found]
    return {"values": different, "places": found}


def _shown(value: t.Any) -> t.Any:
    if value is None:
        return None
    text = visible(str(value))
    if len(text) > _LENGTH:
        return "{0} ... ({1} characters in all)".format(text[:_LENGTH], len(text))
    return text
