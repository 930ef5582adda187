# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as people write them: ``2026-01-31``, ``2026-01-31T12:00:00Z``, or ``2d`` for an age."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC, parse_moment

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d\Z", re.ASCII)
_AGE = re.compile(r"(\d{1,6})(m|h|d|w)\Z", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

#: How a time is written, for messages.
FORMS = (
    "A time looks like 2026-01-31 or 2026-01-31T12:00:00Z; without a zone it is UTC. An age looks "
    "like 30m, 12h, 2d or 6w."
)


def written_moment(text: str) -> t.Optional[datetime.datetime]:
    """The time that a text stands for; null if it stands for none."""
    text = text.strip()
    age = _AGE.match(text)
    try:
        if age:
            now = datetime.datetime.now(UTC)
            return now - datetime.timedelta(**{_UNITS[age.group(2)]: int(age.group(1))})
        if _DAY.match(text):
            text += "T00:00:00"
        elif _MINUTE.match(text):
            text += ":00"
        return parse_moment(text)
    except (ValueError, OverflowError):
        return None


def moment_of(text: str, option: str) -> datetime.datetime:
    """The time that an option names.

    :raises VirtledgerError: it names none.
    """
    moment = written_moment(text)
    if moment is None:
        raise VirtledgerError("Option {0!r}: {1!r} is no time.".format(option, text), FORMS)
    return moment
