# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The date of an archived document: from its name, or from what a clock left beside it."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError

#: Where an archived document's date is taken from.

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

#: 2026-01-31, 20260131, each with or without T12:00, _1200, -120059, Z, +01:00.
_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)"
    r"(?:[T_ -]?(\d\d)[:.-]?(\d\d)(?:[:.-]?(\d\d))?(?:Z|([+-])(\d\d):?(\d\d))?)?(?!\d)",
    re.ASCII,
)


class Dating(t.NamedTuple):
    """How documents are dated.

    :ivar by: one of :data:`_options.DATE_SOURCES`.
    :ivar pattern: finds the date in a name; null where none is given.
    :ivar format: of the date that the pattern finds, for ``strptime``; empty for ISO 8601.
    """

    by: str = "auto"
    pattern: t.Optional[t.Pattern[str]] = None
    format: str = ""

    @property
    def reads_names(self) -> bool:
        """The date in a name counts where it has one."""
        return self.by == "name" or (self.by == "auto" and self.pattern is not None)

    def in_name(self, names: t.Iterable[str]) -> t.Optional[datetime.datetime]:
        """The date in the first of the names that has one, in UTC."""
        for name in names:
            date = self._search(name)
            if date is not None:
                return date
        return None

    def _search(self, name: str) -> t.Optional[datetime.datetime]:
        if self.pattern is None:
            return _iso(name)
        match = self.pattern.search(name)
        if match is None:
            return None
        if "date" in self.pattern.groupindex:
            text = match.group("date") or ""
        else:
            text = "-".join(part for part in match.groups() if part) or match.group()
        return _strptime(text, self.format) if self.format else _iso(text)


def dating(by: str, pattern: t.Optional[str], form: t.Optional[str]) -> Dating:
    """The options of a module, checked.

    :raises ArchiveError: no regular expression, or no format of a date.
    """
    compiled = None
    if pattern:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ArchiveError(
                "Option 'date_pattern' is no regular expression: {0}.".format(error)
            ) from error
    if form and compiled is None:
        raise ArchiveError("Option 'date_format' needs 'date_pattern', which finds the date.")
    try:
        datetime.datetime.strptime("", form or "")
    except (ValueError, re.error) as error:
        # An empty text has no date, but only a bad format is named with its directive.
        if "directive" in str(error) or "stray %" in str(error) or isinstance(error, re.error):
            raise ArchiveError("Option 'date_format': {0}.".format(error)) from error
    return Dating(by, compiled, form or "")


def _iso(text: str) -> t.Optional[datetime.datetime]:
    """The last date in a text: what is nearest to a file's own name says most about it."""
    found = None
    for match in _ISO.finditer(text):
        year, _mark, month, day, hour, minute, second, sign, hours, minutes = match.groups()
        numbers = [int(part or 0) for part in (year, month, day, hour, minute, second)]
        try:
            date = datetime.datetime(*numbers, tzinfo=datetime.timezone.utc)  # type: ignore[misc,arg-type]
        except ValueError:
            continue
        if sign:
            offset = datetime.timedelta(hours=int(hours), minutes=int(minutes))
            date = date - offset if sign == "+" else date + offset
        found = date
    return found


def _strptime(text: str, form: str) -> t.Optional[datetime.datetime]:
    try:
        date = datetime.datetime.strptime(text, form)
        if date.tzinfo is None:
            return date.replace(tzinfo=datetime.timezone.utc)
        return date.astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        return None


def from_seconds(seconds: t.Any) -> t.Optional[datetime.datetime]:
    """The time so many seconds after the beginning of 1970; null for 0 and for no such time.

    Tools that make archives reproducible write 0.
    """
    try:
        whole = int(seconds)
        return _EPOCH + datetime.timedelta(seconds=whole) if whole > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None


def text(date: datetime.datetime) -> str:
    """``2026-01-31T12:00:00Z``."""
    return date.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
