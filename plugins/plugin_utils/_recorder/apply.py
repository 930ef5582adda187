# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a plan: one statement per table and kind, in an order that no two writers cross."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Plan,
    Row,
    Values,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import STORES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    postgresql,
    sa,
    sqlite,
)

_RESOURCES = [store.resource for store in STORES if store.resource is not None]
_ATTACHMENTS = [store.attachment for store in STORES]

#: Referred to before those that refer; shared rows before rows of one host only.
_ORDER = (
    _tables.hosts,
    _tables.storage_pools,
    _tables.networks,
    _tables.volumes,
    _tables.virtual_machines,
    *_RESOURCES,
    *_ATTACHMENTS,
    _tables.port_bindings,
    _tables.attachment_indices,
    _tables.vm_snapshots,
    _tables.xml_documents,
    _tables.vm_configurations,
)

#: Tables whose new keys no other row of a plan needs.
_UNREFERENCED = frozenset(
    (
        "hosts",
        "virtual_machines",
        "port_bindings",
        "attachment_indices",
        "vm_snapshots",
        "vm_configurations",
    )
)


def apply(connection: t.Any, plan: Plan) -> None:
    """Write everything that is planned."""
    for table in reversed(_ORDER):
        keys = plan.deletes.get(table.name)
        if keys:
            statement = sa.delete(table).where(table.c.id == sa.bindparam("key"))
            connection.execute(statement, [{"key": key} for key in sorted(keys)])
    for table in _ORDER:
        _update(connection, table, plan.updates.get(table.name, ()))
        _insert(connection, table, plan.inserts.get(table.name, ()))


def _resolved(values: Values) -> Values:
    return {
        column: value.id if isinstance(value, Row) else value for column, value in values.items()
    }


def _update(connection: t.Any, table: t.Any, updates: t.Sequence[t.Tuple[t.Any, Values]]) -> None:
    """One statement for all rows whose values are of the same columns.

    :raises LostRow: somebody removed one since it was read.
    """
    groups: t.Dict[t.Tuple[str, ...], t.List[Values]] = {}
    for key, values in updates:
        resolved = _resolved(values)
        resolved["row_key"] = key
        groups.setdefault(tuple(sorted(values)), []).append(resolved)
    for columns, rows in sorted(groups.items(), key=_makes_room):
        (key_column,) = table.primary_key.columns
        statement = (
            sa.update(table)
            .where(key_column == sa.bindparam("row_key"))
            .values({column: sa.bindparam(column) for column in columns})
        )
        found = connection.execute(statement, rows).rowcount
        if connection.dialect.supports_sane_multi_rowcount and found != len(rows):
            raise LostRow(
                "{0} of {1} rows of {2} are gone".format(len(rows) - found, len(rows), table.name)
            )


def _makes_room(group: t.Tuple[t.Tuple[str, ...], t.List[Values]]) -> t.Tuple[bool, t.Any]:
    """Rows that are marked as gone come first: another one may take their place."""
    columns, rows = group
    return not any(row.get("deleted_at") for row in rows), columns


def _insert(connection: t.Any, table: t.Any, rows: t.Sequence[Row]) -> None:
    if not rows:
        return
    columns = sorted({column for row in rows for column in row.values})
    values = [
        {column: resolved.get(column) for column in columns}
        for resolved in (_resolved(row.values) for row in rows)
    ]
    if table is _tables.xml_documents:
        connection.execute(_insert_missing(connection, table), values)
    elif table.name in _UNREFERENCED:
        connection.execute(sa.insert(table), values)
    elif connection.dialect.insert_executemany_returning_sort_by_parameter_order:
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        for row, key in zip(rows, connection.execute(statement, values).scalars()):
            row.id = key
    else:
        # MySQL has no RETURNING: the keys come back row by row.
        for row, value in zip(rows, values):
            row.id = connection.execute(sa.insert(table), value).inserted_primary_key[0]


def _insert_missing(connection: t.Any, table: t.Any) -> t.Any:
    """An insert that leaves alone what another writer has put there meanwhile."""
    if connection.dialect.name in ("mysql", "mariadb"):
        return sa.insert(table).prefix_with("IGNORE")
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name]
    return dialect.insert(table).on_conflict_do_nothing()
