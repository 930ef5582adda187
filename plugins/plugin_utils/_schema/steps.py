# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a revision is written in: steps that add to a database, and never take away.

A step is frozen history: it names columns and types itself and does not look at the current
model. Each is left out where the database has it already, so a revision that was interrupted
(MariaDB commits each DDL statement) or a database that somebody extended by hand can go on.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty

#: Column kinds of the revisions; the words of :mod:`_types`.
_KINDS: t.Dict[str, t.Callable[[], t.Any]] = {
    "binary": ty.binary,
    "document": ty.document,
    "flag": ty.flag,
    "integer": ty.integer,
    "key": ty.key,
    "long_key": lambda: ty.key(ty.LONG_KEY),
    "digest": lambda: ty.key(64),
    "moment": ty.moment,
    "text": ty.text,
    "uuid": ty.uuid,
}


class ColumnSpec(t.NamedTuple):
    """One column: its name, its kind, and whether it may be NULL."""

    name: str
    kind: str
    nullable: bool = True

    @property
    def type(self) -> t.Any:
        """The portable type."""
        return _KINDS[self.kind]()


def columns(text: str) -> t.Tuple[ColumnSpec, ...]:
    """Columns from ``"name kind, name kind!"``; the exclamation mark is NOT NULL."""
    specs = []
    for item in text.split(","):
        name, kind = item.split()
        specs.append(ColumnSpec(name, kind.rstrip("!"), not kind.endswith("!")))
    return tuple(specs)


class CreateTable(t.NamedTuple):
    """A new table.

    :ivar numbered: ``id`` is a number that the database gives out.
    """

    table: str
    columns: t.Tuple[ColumnSpec, ...]
    primary_key: str = "id"
    numbered: bool = True


class AddColumns(t.NamedTuple):
    """New nullable columns of a table."""

    table: str
    columns: t.Tuple[ColumnSpec, ...]


class CreateIndex(t.NamedTuple):
    """A new index.

    :ivar where: only rows with this condition, on SQLite and PostgreSQL.
    :ivar keyed: the same on MariaDB and MySQL, which have no such condition: the name and the
        expression of a generated column that takes the place of the last indexed column; an empty
        expression stands for a column that is there.
    :ivar prefix: so many characters of each column are indexed on MariaDB and MySQL, for columns
        that may be texts without a bound in databases of some age; 0 is all of them.
    :ivar hashed: PostgreSQL indexes a hash, for texts that are too long for an entry of a tree.
    """

    name: str
    table: str
    columns: t.Tuple[str, ...]
    unique: bool = False
    where: str = ""
    keyed: t.Tuple[str, str] = ("", "")
    prefix: int = 0
    hashed: bool = False


class RelaxUnique(t.NamedTuple):
    """A uniqueness rule that does not hold any more; an index on its columns may follow."""

    name: str
    table: str


Step = t.Union[CreateTable, AddColumns, CreateIndex, RelaxUnique]


class Revision(t.NamedTuple):
    """One revision: its number, what it is, and its steps."""

    number: int
    name: str
    steps: t.Tuple[Step, ...]
