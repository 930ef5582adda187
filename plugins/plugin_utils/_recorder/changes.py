# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording changes, told once: as lines for people, and as rows of table ``changes``."""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    BOOKKEEPING,
    Key,
    Moves,
    Row,
    Values,
    is_empty,
    nothing_moves,
)

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
MOVED, RETURNED, GONE, RENAMED = "moved", "returned", "gone", "renamed"
CHANGES = (ADDED, CHANGED, REMOVED, MOVED, RETURNED, GONE, RENAMED)

#: Longest values of the columns; a longer one ends with what it was.
VALUE_LENGTH, NAME_LENGTH = 4000, 255

_LINE_LENGTH = 120

#: Columns that say nothing to a person when they change.
_UNTOLD = BOOKKEEPING | {"updated_at", "identity", "scope"}

#: What a change of these columns is called.
_CALLED = {
    "deleted_at": RETURNED,
    ("virtual_machines", "host_id"): MOVED,
    ("virtual_machines", "name"): RENAMED,
}

#: A text that cannot be taken for anything else, so it needs no quotes.
_BARE = re.compile(
    r"[A-Za-z_/.:@][\w/.:@+-]*(?: [\w/.:@+-]+)*\Z"  # words, paths
    r"|[0-9a-f]+(?:[.:-][0-9a-f]+){2,}\Z",  # addresses, UUIDs, versions, dates
    re.ASCII,
)
_UNSET = "unset"
_WORDS = frozenset((_UNSET, "null", "true", "false", "new"))


class Thing(t.NamedTuple):
    """Something that has a row.

    :ivar table: the table's name.
    :ivar name: what people call it: a VM's name, ``vda``, a path.
    :ivar label: the beginning of a line about it, ``disk vda``; empty where the reader knows.
    :ivar key: its row's key, where it is a number.
    """

    table: str
    name: str
    label: str
    key: Key = None


class Owner(t.NamedTuple):
    """The VM that something belongs to; of a host's own things there is none."""

    vm_uuid: t.Optional[str] = None
    domain_uuid: t.Optional[str] = None
    name: t.Optional[str] = None


NOBODY = Owner()


class Change(t.NamedTuple):
    """One difference; its text is a line for people.

    :ivar change: one of the words above.
    :ivar attribute: the column, as facts call it, where it is about one.
    """

    thing: Thing
    change: str
    attribute: t.Optional[str] = None
    old: t.Any = None
    new: t.Any = None

    def __str__(self) -> str:
        label = self.thing.label
        if self.change in (ADDED, REMOVED):
            return "{0} {1}".format(label, self.change)
        if self.change == GONE:
            return "{0} is gone".format(label)
        if self.change == RETURNED:
            who = label + " is back" if label else "back"
            return "{0}, gone since {1}".format(who, shown(self.old))
        if self.change == RENAMED and self.thing.table == "hosts":
            return "host {0} renamed".format(self.old)
        what = "{0}: {1}".format(label, self.attribute) if label else self.attribute
        return "{0} {1} -> {2}".format(what, shown(self.old), shown(self.new))


#: A change, or a remark that is none of a row.
Told = t.Union[Change, str]


def differences(
    thing: Thing, before: t.Mapping[str, t.Any], changed: Values, untold: Moves = nothing_moves
) -> t.List[Change]:
    """A change for each changed column that says something to a person.

    :param untold: tells what became different by itself.
    """
    told = {
        column: (before[column], value)
        for column, value in changed.items()
        if column not in _UNTOLD and not untold(column, before[column], value)
    }
    return [
        Change(
            thing,
            _CALLED.get(column) or _CALLED.get((thing.table, column)) or CHANGED,
            column[:-5] if column.endswith("_json") else column,
            *values,
        )
        for column, values in told.items()
        if not _is_repeated(*values, told.values())
    ]


def _is_repeated(old: t.Any, new: t.Any, told: t.Collection[t.Tuple[t.Any, t.Any]]) -> bool:
    """A tree in which only such texts are others as columns of their own tell."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return False
    pairs = [(old.get(key), new.get(key)) for key in {**old, **new}]
    return all(pair[0] == pair[1] or pair in told for pair in pairs)


def without_fillings(found: t.Iterable[Told]) -> t.List[Told]:
    """The same without values where there were none: the ledger learned them, nothing changed."""
    return [
        one
        for one in found
        if not isinstance(one, Change) or one.change != CHANGED or not is_empty(one.old)
    ]


def shown(value: t.Any) -> str:
    """A value in a line. A text has quotes where it could be taken for something else."""
    if value is None:
        return _UNSET
    if isinstance(value, Row):
        return "new"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, str) and _BARE.match(value) and value not in _WORDS:
        return _cut(value, _LINE_LENGTH)
    return _cut(json.dumps(value, ensure_ascii=True, sort_keys=True), _LINE_LENGTH)


def stored(value: t.Any) -> t.Optional[str]:
    """A value as table ``changes`` has it."""
    if isinstance(value, Row):
        value = value.id
    if is_empty(value):
        return None
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(value) <= VALUE_LENGTH:
        return t.cast(str, value)
    mark = "... ({0} characters)".format(len(value))
    return t.cast(str, value[: VALUE_LENGTH - len(mark)] + mark)


def named(text: t.Any) -> t.Optional[str]:
    """A name as table ``changes`` has it."""
    return None if text is None else _cut(str(text), NAME_LENGTH)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
