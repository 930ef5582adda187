# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a plan: one statement per table and kind, in an order that no two writers cross."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.insert import insert
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Row,
    Values,
    chunks,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

_STORE_BY_KIND = {store.family.index_type: store for store in STORES}
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
    _tables.changes,
)


def apply(recording: Recording) -> None:
    """Write everything that is planned."""
    connection, plan = recording.connection, recording.plan
    for table in reversed(_ORDER):
        keys = plan.deletes.get(table.name)
        if keys:
            statement = sa.delete(table).where(table.c.id == sa.bindparam("key"))
            connection.execute(statement, [{"key": key} for key in sorted(keys)])
    for table in _ORDER:
        _claim(recording, table)
        _update(connection, table, plan.updates.get(table.name, ()))
        insert(connection, table, plan.inserts.get(table.name, ()))
    for kind, devices in sorted(plan.indexed.items()):
        _index(connection, _STORE_BY_KIND[kind], devices, recording.now)


def _index(connection: t.Any, store: Store, vm_uuids: t.Iterable[str], now: t.Any) -> None:
    """The index rows of all devices of a kind that new VMs have: no key needs to come back."""
    table, index = store.attachment, _tables.attachment_indices
    moment = sa.literal(now, index.c.created_at.type)
    kind = sa.literal(store.family.index_type)
    device = table.c[store.device_column]
    query = sa.select(moment, moment, table.c.vm_uuid, kind, table.c.id, device)
    columns = ("created_at", "updated_at", "vm_uuid", "device_type", "attachment_id", "device_id")
    for part in chunks(sorted(vm_uuids)):
        chosen = query.where(table.c.vm_uuid.in_(part)).order_by(table.c.id)
        connection.execute(sa.insert(index).from_select(columns, chosen))


def _resolved(values: Values) -> Values:
    return {
        column: value.id if isinstance(value, Row) else value for column, value in values.items()
    }


def _claim(recording: Recording, table: t.Any) -> None:
    """Write rows that stay as they are: a cluster compares nothing but what was written."""
    plan = recording.plan
    written = {key for key, _values in plan.updates.get(table.name, ())}
    for keys in chunks(sorted(plan.claims.get(table.name, set()) - written)):
        statement = sa.update(table).where(table.c.id.in_(keys))
        recording.connection.execute(statement.values(updated_at=recording.now))


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
