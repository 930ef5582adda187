# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into texts and JSON columns in SQL that every database understands.

The databases have functions for JSON, but no common ones, and some of them fail for a text that is
none. What the recorder writes is canonical: without blanks, its keys always in one order. So a part
of it can be found as a text, and quotation marks cannot be mistaken, for within a string JSON has a
backslash before them.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    compiler,
    sa,
)


class _Position(sa.sql.functions.GenericFunction[t.Any]):
    """``position(text, part)``: where the part begins, from 1; 0 if it is not there."""

    name = "instr"
    type = sa.Integer()
    inherit_cache = True
    _register = False


@compiler.compiles(_Position, "postgresql")
def _position_of_postgresql(element: t.Any, compiled: t.Any, **options: t.Any) -> str:
    return "strpos({0})".format(compiled.process(element.clauses, **options))


def position(text: t.Any, part: t.Any) -> t.Any:
    """Where a part of a text begins, from 1; 0 if it is not there, null if there is no text."""
    return _Position(text, constant(part) if isinstance(part, str) else part)


def has(text: t.Any, part: str) -> t.Any:
    """The condition that a text has a part."""
    return position(text, part) > 0


def constant(text: str) -> t.Any:
    """A text in a statement that may be printed.

    It is cut behind each colon, because a word behind a colon would be taken for a parameter.
    """
    pieces = [sa.literal(piece, sa.String()) for piece in re.findall(r"[^:]*:|[^:]+", text)]
    whole: t.Any = pieces[0]
    for piece in pieces[1:]:
        whole = whole.concat(piece)
    return whole


def after(text: t.Any, mark: str) -> t.Any:
    """What follows the first mark in a text that has it."""
    return sa.func.substr(text, position(text, mark) + len(mark), type_=sa.Text())


def before(text: t.Any, mark: str) -> t.Any:
    """What precedes the first mark in a text; the whole text if it has none."""
    ended = text.concat(constant(mark))
    return sa.func.substr(text, 1, position(ended, mark) - 1, type_=sa.Text())


def as_text(column: t.Any) -> t.Any:
    """A JSON column as the text that it is."""
    return sa.type_coerce(column, sa.Text())


def quoted(column: t.Any) -> t.Any:
    """A text as JSON has it, with its quotation marks."""
    escaped = sa.func.replace(sa.func.replace(column, "\\", "\\\\"), '"', '\\"')
    return constant('"').concat(escaped).concat(constant('"'))


def json_pattern(text: str) -> str:
    """A text with ``*`` and ``?`` as a regular expression for what is within a string in JSON."""
    anything = {"*": r'([^"\\]|\\.)*', "?": r'([^"\\]|\\.)'}
    return "".join(
        anything.get(character) or _escaped(json.dumps(character, ensure_ascii=False)[1:-1])
        for character in text
    )


def _escaped(text: str) -> str:
    """A text in a regular expression of any database."""
    return "".join("\\" + one if one in ".$*+?()[]{}|^\\" else one for one in text)
