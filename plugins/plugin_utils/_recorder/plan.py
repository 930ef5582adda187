# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording will write: planned in memory first, so that check mode plans the same.

A row to be inserted has no key yet; a :class:`Row` stands for the key in the rows that refer to
it, until the plan is applied.
"""

from __future__ import annotations

import datetime
import operator
import typing as t
from itertools import compress

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import Field
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

Values = t.Dict[str, t.Any]

#: The key of a row, or the row itself where the database has yet to give it one.
Key = t.Any

_INT64 = 2**63

#: So many combinations of types are remembered of one kind of thing.
_REMEMBERED = 4096

_INDEX = "attachment_indices"

#: Columns whose difference alone is no change of anything.
BOOKKEEPING = frozenset(
    (
        "digest",
        "xml_digest",
        "source_digest",
        "inventory_digest",
        "ordinal",
        "mapping_version",
        "observed_at",
        "origin",
        "whereabouts_json",
    )
)


class Row:
    """A row to be inserted, and a stand-in for its key."""

    __slots__ = ("id", "values")

    def __init__(self, values: Values) -> None:
        self.values = values
        self.id: t.Optional[int] = None


class Plan:
    """Inserts, updates and deletes by table.

    :ivar indexed: new VMs whose devices get index rows, by kind of device, with how many each has.
    :ivar claims: rows by table that are written although nothing of them changes.
    :ivar changes: what the history will have of this, with the VM that it belongs to. New VMs are
        not among them: their own rows tell all that there is to say.
    """

    def __init__(self) -> None:
        self.inserts: t.Dict[str, t.List[Row]] = {}
        self.updates: t.Dict[str, t.List[t.Tuple[t.Any, Values]]] = {}
        self.deletes: t.Dict[str, t.List[int]] = {}
        self.indexed: t.Dict[str, t.Dict[str, int]] = {}
        self.claims: t.Dict[str, t.Set[int]] = {}
        self.changes: t.List[t.Tuple[t.Any, t.Any]] = []

    def insert(self, table: t.Any, values: Values) -> Row:
        """Plan a new row."""
        row = Row(values)
        self.inserts.setdefault(table.name, []).append(row)
        return row

    def update(self, table: t.Any, key: t.Any, values: Values) -> None:
        """Plan new values of a row; those of a row that is planned itself are set in it."""
        if isinstance(key, Row):
            key.values.update(values)
        elif values:
            self.updates.setdefault(table.name, []).append((key, values))

    def delete(self, table: t.Any, keys: t.Iterable[int]) -> None:
        """Plan the removal of rows."""
        wanted = list(keys)
        if wanted:
            self.deletes.setdefault(table.name, []).extend(wanted)

    def index(self, kind: str, vm_uuid: str, devices: int) -> None:
        """Plan the index rows of all devices of a kind that a new VM has."""
        self.indexed.setdefault(kind, {})[vm_uuid] = devices

    def claim(self, table: t.Any, keys: t.Iterable[int]) -> None:
        """Plan that rows are written, so that a cluster notices who else writes them."""
        self.claims.setdefault(table.name, set()).update(keys)

    def counts(self) -> t.Dict[str, t.Dict[str, int]]:
        """Rows per table: ``{"ports": {"inserted": 3, "updated": 0, "deleted": 1}}``."""
        inserted = {table: len(rows) for table, rows in self.inserts.items()}
        indexed = sum(sum(devices.values()) for devices in self.indexed.values())
        if indexed:
            inserted[_INDEX] = inserted.get(_INDEX, 0) + indexed
        return {
            table: {
                "inserted": inserted.get(table, 0),
                "updated": len(self.updates.get(table, ())),
                "deleted": len(self.deletes.get(table, ())),
            }
            for table in sorted({*inserted, *self.updates, *self.deletes})
        }


class Recording(t.NamedTuple):
    """What every planner of one recording works on.

    :ivar connection: in the transaction of the recording.
    :ivar host_id: the host's name in the ledger.
    :ivar now: the time of the recording, for every row alike.
    :ivar moment: when the host was asked, which is before: the time of every sighting.
    :ivar host: the host's row, null if it has none yet.
    :ivar full: compare every row, whatever digests say.
    :ivar locks: others may write at the same time, so rows that several hosts share are locked.
    """

    connection: t.Any
    plan: Plan
    host_id: str
    now: datetime.datetime
    moment: datetime.datetime
    host: t.Optional[Values] = None
    full: bool = False
    locks: bool = False

    def insert(self, table: t.Any, values: Values) -> Row:
        """Plan a new row, whose values get its timestamps."""
        values["created_at"] = values["updated_at"] = self.now
        return self.plan.insert(table, values)

    def update(self, table: t.Any, key: t.Any, values: Values) -> None:
        """Plan new values of a row, if there are any, with its timestamp."""
        if values:
            self.plan.update(table, key, {**values, "updated_at": self.now})


def values_of(names: t.Sequence[str]) -> t.Callable[[t.Mapping[str, t.Any]], t.Sequence[t.Any]]:
    """A function that returns the values of a dictionary under these names, in their order."""
    if len(names) > 1:
        return operator.itemgetter(*names)
    return lambda values: [values[name] for name in names]


class _Look(t.NamedTuple):
    """What becomes of values of some types.

    :ivar chosen: of each field, whether its value is one of those that are returned.
    :ivar columns: of those, their columns; the places below are among them.
    :ivar odd: places of values that do not fit.
    :ivar numbers: places of numbers, which may be too large.
    :ivar bounded: places of texts that have a longest length.
    """

    chosen: t.Sequence[bool]
    columns: t.Sequence[str]
    odd: t.Sequence[int]
    numbers: t.Sequence[int]
    bounded: t.Sequence[t.Tuple[int, int]]


class Fitting:
    """Facts to the columns of a table, by the fields that declare both.

    A column takes only what its type and length allow. What does not fit, such as a number that
    is none, goes to ``unmapped`` in full, and the column is NULL or holds the beginning.
    """

    def __init__(self, table: t.Any, fields: t.Iterable[Field]) -> None:
        self._fields = tuple(fields)
        self._columns = tuple(field.column_name for field in self._fields)
        self._told = values_of([field.name for field in self._fields])
        lengths = [getattr(table.c[column].type, "length", None) for column in self._columns]
        self._lengths = lengths
        self._looks: t.Dict[t.Tuple[bool, t.Tuple[type, ...]], _Look] = {}
        self._moving = {
            field.column_name: (lambda value: True) if field.moving else field.moving_when
            for field in self._fields
            if field.moving or field.moving_when
        }
        self._runtime = {field.column_name for field in self._fields if field.runtime}

    def moves(self, column: str, before: t.Any, after: t.Any) -> bool:
        """Whether a column's value changed by itself."""
        moving = self._moving.get(column)
        return moving is not None and moving(before) and moving(after)

    def follows(self, column: str, before: t.Any, after: t.Any) -> bool:
        """Whether a column's value came with a start of the VM, or went with a stop."""
        if not (is_empty(before) or is_empty(after)):
            return False
        moving = self._moving.get(column)
        moved = moving is not None and (moving(before) or moving(after))
        return moved or column in self._runtime

    def values(
        self, facts: t.Mapping[str, t.Any], unmapped: t.Dict[str, t.Any], nulls: bool = True
    ) -> Values:
        """The columns' values; what does not fit is added to ``unmapped``.

        :param nulls: also those that are null. A new row does well without: of most things most
            columns are.
        """
        told = self._told(facts)
        kinds = nulls, tuple(map(type, told))
        look = self._looks.get(kinds) or self._look(*kinds)
        values = list(compress(told, look.chosen))
        for place in look.odd:
            self._keep(look.columns[place], values[place], unmapped)
            values[place] = None
        for place in look.numbers:
            if not -_INT64 <= values[place] < _INT64:
                self._keep(look.columns[place], values[place], unmapped)
                values[place] = None
        for place, length in look.bounded:
            value = values[place]
            if len(value) > length:
                self._keep(look.columns[place], value, unmapped)
                values[place] = value[:length] if isinstance(value, str) else None
        return dict(zip(look.columns, values))

    def _look(self, nulls: bool, kinds: t.Tuple[type, ...]) -> _Look:
        """What is to be looked at in values of these types; most things have one of a few."""
        odd: t.List[int] = []
        numbers: t.List[int] = []
        bounded: t.List[t.Tuple[int, int]] = []
        chosen = [nulls or kind is not type(None) for kind in kinds]
        fields = zip(self._fields, kinds, self._lengths)
        for place, (field, kind, length) in enumerate(compress(fields, chosen)):
            if kind is type(None):
                continue
            if field.type == "int":
                # Python's booleans are numbers; those of JSON are not.
                is_number = issubclass(kind, int) and not issubclass(kind, bool)
                (numbers if is_number else odd).append(place)
            elif field.type == "bool":
                if not issubclass(kind, bool):
                    odd.append(place)
            elif length:
                bounded.append((place, length))
        look = _Look(chosen, tuple(compress(self._columns, chosen)), odd, numbers, bounded)
        if len(self._looks) < _REMEMBERED:
            self._looks[nulls, kinds] = look
        return look

    def _keep(self, column: str, value: t.Any, unmapped: t.Dict[str, t.Any]) -> None:
        field = self._fields[self._columns.index(column)]
        unmapped[field.path or field.name] = str(value)


#: Tells whether a column's value changed by itself: ``moves(column, before, after)``.
Moves = t.Callable[[str, t.Any, t.Any], bool]


def nothing_moves(_column: str, _before: t.Any, _after: t.Any) -> bool:
    """For rows in which every difference is a change."""
    return False


def difference(
    before: t.Mapping[str, t.Any],
    after: Values,
    moves: Moves = nothing_moves,
    settled: bool = False,
) -> Values:
    """The values of ``after`` that a stored row has otherwise; empty if only moving ones do.

    Null, an empty list and an empty dictionary are the same.

    :param settled: leave moving values as they are stored, in step with the archived text.
    """
    changed = {
        column: value
        for column, value in after.items()
        if before[column] != value and not (is_empty(before[column]) and is_empty(value))
    }
    real = {
        column: value
        for column, value in changed.items()
        if not moves(column, before[column], value)
    }
    return real if settled or not real else changed


def is_empty(value: t.Any) -> bool:
    """Null, or one of what a database does not tell from it."""
    return value is None or value in ([], {})


def chunks(items: t.Iterable[t.Any], size: int = 500) -> t.Iterator[t.List[t.Any]]:
    """Lists of at most ``size`` items, for the IN lists of queries."""
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def load(
    connection: t.Any, query: t.Any, column: t.Any, wanted: t.Iterable[t.Any]
) -> t.List[Values]:
    """The rows of a query whose column is among the wanted values, as dictionaries."""
    rows: t.List[Values] = []
    for part in chunks(sorted(wanted)):
        rows.extend(
            dict(row) for row in connection.execute(query.where(column.in_(part))).mappings()
        )
    return rows


def select_all(table: t.Any) -> t.Any:
    """All columns of a table."""
    return sa.select(*table.c)
