# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns that a value is chosen by, in SQL and once more in Python.

Databases compare texts in their own ways (MariaDB does not tell case, nor does SQLite in a
pattern). So SQL leaves out what surely does not match, and Python decides about the rest: the same
inventory comes from every database.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

#: More texts than this are left to Python: every database has a limit to one statement.
_MOST = 500

_SPECIAL = re.compile(r"([*?])")


class Patterns(t.NamedTuple):
    """Texts with ``*`` and ``?`` for any characters, any one; a leading ``!`` excludes.

    :ivar wanted: one of these must match, if there is any.
    :ivar unwanted: none of these may.
    """

    wanted: t.Tuple[str, ...]
    unwanted: t.Tuple[str, ...]

    @classmethod
    def of(cls, texts: t.Iterable[str]) -> Patterns:
        """The patterns as the user writes them."""
        written = list(texts)
        return cls(
            tuple(text for text in written if not text.startswith("!")),
            tuple(text[1:] for text in written if text.startswith("!")),
        )

    def match(self, values: t.Iterable[str]) -> bool:
        """Whether something with these values is chosen."""
        found = list(values)
        if self.wanted and not _any_matches(self.wanted, found):
            return False
        return not (self.unwanted and _any_matches(self.unwanted, found))


def _any_matches(patterns: t.Tuple[str, ...], values: t.Iterable[str]) -> bool:
    fits = _expression(patterns).fullmatch
    return any(fits(value) for value in values)


@functools.lru_cache(maxsize=64)
def _expression(patterns: t.Tuple[str, ...]) -> t.Pattern[str]:
    words = {"*": ".*", "?": "."}
    return re.compile(
        "|".join(
            "".join(words.get(part) or re.escape(part) for part in _SPECIAL.split(pattern))
            for pattern in patterns
        ),
        re.DOTALL,
    )


def pieces(pattern: str, separators: str = "") -> t.List[str]:
    """What a text must contain to match a pattern.

    :param separators: further characters that need not stand there.
    """
    return [piece for piece in re.split("[*?{0}]".format(separators), pattern) if piece]


def any_like(column: t.Any, patterns: t.Sequence[str]) -> t.Any:
    """Equal to, or like one of the patterns."""
    if len(patterns) > _MOST:
        return sa.true()
    texts = [pattern for pattern in patterns if not _SPECIAL.search(pattern)]
    others = [like(column, pattern) for pattern in patterns if _SPECIAL.search(pattern)]
    return sa.or_(column.in_(texts), *others) if texts else sa.or_(*others)


def any_contains(column: t.Any, alternatives: t.Sequence[t.Sequence[str]]) -> t.Any:
    """All texts of one of the alternatives stand somewhere in the column."""
    if len(alternatives) > _MOST:
        return sa.true()
    text = sa.type_coerce(column, sa.Text())
    return sa.or_(
        *(
            sa.and_(column.isnot(None), *(text.contains(part, autoescape=True) for part in parts))
            for parts in alternatives
        )
    )
