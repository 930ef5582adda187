# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New rows, handed to the driver as it takes them fastest.

A first recording of a host is tens of thousands of rows. Where the database lets keys be taken
beforehand, no key needs to come back row by row; and each value is made what the driver takes
once, by the column's own type, in place of a statement's parameters one by one. PostgreSQL takes
rows by COPY, a few in two thirds of the time of an INSERT, many in a third.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import Row
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    dialect_module,
    exc,
    sa,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import (
    JsonText,
    UtcDateTime,
    json_text,
)

#: Tables whose new keys no other row of a plan needs.
_UNREFERENCED = frozenset(
    (
        "hosts",
        "virtual_machines",
        "port_bindings",
        "attachment_indices",
        "xml_documents",
        "vm_configurations",
        "changes",
    )
)

#: So many different moments and the like are remembered as the driver takes them.
_REMEMBERED = 64


def insert(connection: t.Any, table: t.Any, rows: t.Sequence[Row]) -> None:
    """Insert planned rows; each row's ``id`` is its key afterwards, where others refer to it."""
    if not rows:
        return
    needs_keys = table.name not in _UNREFERENCED
    if needs_keys and not _take_keys(connection, table, rows):
        _insert_returning(connection, table, rows)
        return
    columns: t.Tuple[str, ...] = tuple(_columns(rows))
    if needs_keys:
        columns = ("id", *columns)
    statement = _statement(connection.dialect, table, columns)
    if statement.copy:
        _copy(connection, statement, rows)
    else:
        connection.exec_driver_sql(statement.sql, list(map(statement.parameters, rows)))


def _columns(rows: t.Sequence[Row]) -> t.List[str]:
    """The columns that any of the rows has; in the others they are null."""
    return sorted(set().union(*[row.values for row in rows]))


def _copy(connection: t.Any, statement: _Statement, rows: t.Sequence[Row]) -> None:
    """Hand all rows to PostgreSQL in one stream.

    :raises exc.DBAPIError: as of an INSERT.
    """
    driver = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement.copy) as copy:
            for row in rows:
                copy.write_row(statement.values(row))
    except connection.dialect.dbapi.Error as error:
        raise exc.DBAPIError.instance(
            statement.copy,
            None,
            error,
            connection.dialect.dbapi.Error,
            connection_invalidated=connection.dialect.is_disconnect(error, driver, None),
            dialect=connection.dialect,
        ) from error


def _take_keys(connection: t.Any, table: t.Any, rows: t.Sequence[Row]) -> bool:
    """Give every row its key beforehand; false where the database cannot do that.

    SQLite has one writer at a time, so what comes next is known; PostgreSQL has sequences.
    """
    if connection.dialect.name == "sqlite":
        query = (
            "SELECT max(coalesce((SELECT max(id) FROM {0}), 0), "
            "coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{0}'), 0))"
        )
        last = int(connection.exec_driver_sql(query.format(table.name)).scalar())
        keys: t.Sequence[t.Optional[int]] = range(last + 1, last + 1 + len(rows))
    elif connection.dialect.name == "postgresql":
        query = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        keys = connection.exec_driver_sql(query, (table.name, len(rows))).scalars().all()
    else:
        return False
    if None in keys:  # a table of somebody's own, whose sequence is not its column's
        return False
    for row, key in zip(rows, keys):
        row.id = key
    return True


def _insert_returning(connection: t.Any, table: t.Any, rows: t.Sequence[Row]) -> None:
    """Insert rows whose keys the database gives."""
    columns = _columns(rows)
    values = [{column: _plain(row.values.get(column)) for column in columns} for row in rows]
    if connection.dialect.insert_executemany_returning_sort_by_parameter_order:
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        for row, key in zip(rows, connection.execute(statement, values).scalars()):
            row.id = key
    else:
        # MySQL has no RETURNING: the keys come back row by row.
        for row, value in zip(rows, values):
            row.id = connection.execute(sa.insert(table), value).inserted_primary_key[0]


def _plain(value: t.Any) -> t.Any:
    """A value, or the key of the row that stands for it."""
    return value.id if isinstance(value, Row) else value


class _Statement:
    """An INSERT of some columns of a table, as a driver takes it.

    :ivar sql: with the driver's own marks for parameters.
    :ivar copy: a COPY of the same columns, empty where that is not to be had.
    """

    def __init__(self, dialect: t.Any, table: t.Any, columns: t.Sequence[str]) -> None:
        compiled = _insert_of(dialect, table).compile(dialect=dialect, column_keys=list(columns))
        self.sql = str(compiled)
        self._order = compiled.positiontup if compiled.positional else None
        self._columns = list(self._order or columns)
        self.copy = ""
        # What may be there already needs an INSERT's ON CONFLICT.
        if dialect.driver == "psycopg" and table is not _tables.xml_documents:
            quote = dialect.identifier_preparer.quote
            self.copy = "COPY {0} ({1}) FROM STDIN".format(
                quote(table.name), ", ".join(map(quote, self._columns))
            )
        self._key = None if table.name in _UNREFERENCED else self._columns.index("id")
        self._makers = [
            (place, maker)
            for place, column in enumerate(self._columns)
            for maker in (_maker(dialect, table.c[column]),)
            if maker is not None
        ]

    def values(self, row: Row) -> t.List[t.Any]:
        """One row's values, in the order of the columns."""
        values = list(map(row.values.get, self._columns))
        if self._key is not None:
            values[self._key] = row.id
        for place, maker in self._makers:
            value = values[place]
            if value is not None:
                values[place] = maker(value)
        return values

    def parameters(self, row: Row) -> t.Any:
        """One row's parameters, as the driver takes them with an INSERT."""
        values = self.values(row)
        return tuple(values) if self._order else dict(zip(self._columns, values))


@functools.lru_cache(maxsize=256)
def _statement(dialect: t.Any, table: t.Any, columns: t.Tuple[str, ...]) -> _Statement:
    return _Statement(dialect, table, columns)


def _insert_of(dialect: t.Any, table: t.Any) -> t.Any:
    """An INSERT; of documents one that finds what another writer has put there meanwhile.

    That is held, too, so that nobody removes it before a configuration refers to it.
    """
    if table is not _tables.xml_documents:
        return sa.insert(table)
    if dialect.name in ("mysql", "mariadb"):
        return sa.insert(table).prefix_with("IGNORE")
    statement = dialect_module(dialect.name).insert(table)
    return statement.on_conflict_do_update(
        index_elements=[table.c.digest], set_={"used_at": statement.excluded.used_at}
    )


def _maker(dialect: t.Any, column: t.Any) -> t.Optional[t.Callable[[t.Any], t.Any]]:
    """What makes a column's values what the driver takes; null for values that it takes as is."""
    if column.name.endswith("_id") and isinstance(column.type, sa.Integer):
        return _plain
    if isinstance(column.type, JsonText):
        return json_text
    maker = column.type.dialect_impl(dialect).bind_processor(dialect)
    if maker is not None and isinstance(column.type, UtcDateTime):
        # Most rows of a recording have its time.
        return functools.lru_cache(_REMEMBERED)(maker)
    return t.cast(t.Optional[t.Callable[[t.Any], t.Any]], maker)
