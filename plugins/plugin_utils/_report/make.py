# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a report: from the options of the action to files and a result."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import Database
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import (
    files,
    plain,
    webpage,
    workbook,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import (
    Report,
    collect,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.formats import (
    CSV,
    FORMATS,
    HTML,
    JSON,
    XLSX,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import SHEETS

_STEM = "report"


class Request(t.NamedTuple):
    """What is to be made.

    :ivar dest: a directory, or the file if it is one; absolute.
    :ivar mode: that of the files, as of ``ansible.builtin.copy``.
    """

    scope: Scope
    title: str
    dest: str
    formats: t.Sequence[str]
    mode: t.Any = None


class Made(t.NamedTuple):
    """A report that is written, or would be.

    :ivar notes: what did not fit where it should.
    """

    written: t.List[files.Written]
    report: Report
    notes: t.List[str]

    @property
    def changed(self) -> bool:
        """A file's content or mode differs."""
        return any(one.changed for one in self.written)

    def result(self) -> t.Dict[str, t.Any]:
        """The answer for the user."""
        answer: t.Dict[str, t.Any] = {
            "changed": self.changed,
            "files": [one.result() for one in self.written],
            "counts": self.report.counts,
            "as_of": self.report.as_of,
            "since": self.report.since,
        }
        return {**answer, "warnings": self.notes} if self.notes else answer


def make(database: Database, request: Request, check: bool = False) -> Made:
    """Read the ledger and write a report of it.

    :param check: write nothing.
    :raises VirtledgerError: an option makes no sense, a library is missing, a file cannot be
        written.
    :raises DatabaseError: the ledger cannot be read.
    """
    place = _place(request.dest, request.formats)
    mode = files.parse_mode(request.mode)
    if XLSX in request.formats:
        workbook.require()
    report = collect(database, request.scope)
    notes: t.List[str] = []
    written = [
        files.write(file, mode, check)
        for name in dict.fromkeys(request.formats)
        for file in _files(report, request.title, name, place, notes)
    ]
    return Made(written, report, notes)


def _place(dest: str, formats: t.Sequence[str]) -> t.Callable[[str], str]:
    """Where a file goes, by its name.

    A destination is a directory if it is one, ends like one, or has no suffix of a format.

    :raises VirtledgerError: no format, or a file for what is not one file of its kind.
    """
    if not formats:
        raise VirtledgerError(
            "Option 'formats' is empty.", "Name some of {0}.".format(", ".join(FORMATS))
        )
    suffix = os.path.splitext(dest)[1][1:].lower()
    if dest.endswith(os.sep) or os.path.isdir(dest) or suffix not in ("htm", *FORMATS):
        return lambda name: os.path.join(dest, name)
    if len(set(formats)) > 1 or CSV in formats:
        raise VirtledgerError(
            "Option 'dest' is the file {0}, but formats {1} are several files.".format(
                dest, ", ".join(formats)
            ),
            "Name a directory, or one of html, xlsx and json.",
        )
    if formats[0] != (HTML if suffix == "htm" else suffix):
        raise VirtledgerError(
            "Option 'dest' is the file {0}, but the format is {1}.".format(dest, formats[0]),
            "Let 'formats' and the file's suffix agree.",
        )
    return lambda _name: dest


def _files(
    report: Report, title: str, name: str, place: t.Callable[[str], str], notes: t.List[str]
) -> t.Iterator[files.File]:
    """The files of one format."""
    path = place("{0}.{1}".format(_STEM, name))
    if name == HTML:
        yield files.File(path, name, webpage.to_html(report, title))
    elif name == XLSX:
        made = workbook.to_xlsx(report, title)
        notes += made.notes
        yield files.File(path, name, made.content)
    elif name == JSON:
        yield files.File(path, name, plain.to_json(report, title), is_told=True)
    else:
        for sheet in SHEETS:
            path = place("{0}-{1}.csv".format(_STEM, sheet.name))
            yield files.File(path, name, plain.to_csv(report, sheet), is_told=True)
