# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that the ledger can be asked for: its query, order, and the filters that make sense."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import Family
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import OF_VM
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    virtual_machines,
)

_vm = virtual_machines


class Feed(t.NamedTuple):
    """What the program that is fed wants to be told.

    :ivar cluster: the cluster that all VMs are in; each host is one if there is none.
    :ivar version: major and minor version of the program.
    :ivar base: how many bytes are a kilobyte there.
    """

    cluster: t.Optional[str] = None
    version: t.Tuple[int, int] = (4, 2)
    base: int = 1024


class Subject(t.NamedTuple):
    """What can be asked for.

    :ivar query: selects everything of it.
    :ivar order: what the rows are ordered by.
    :ivar filters: those that make sense for it, each a condition by the wanted value.
    :ivar living: columns with the time since when a row is gone.
    :ivar feed: makes the data for another program of a row; such rows have no columns to choose.
    """

    query: t.Callable[[], t.Any]
    order: t.Sequence[t.Any]
    filters: t.Mapping[str, t.Callable[[t.Any], t.Any]]
    living: t.Sequence[t.Any]
    feed: t.Optional[t.Callable[[t.Mapping[str, t.Any], Feed], t.Dict[str, t.Any]]] = None


def with_vm(
    table: t.Any, *more: t.Any, join: t.Any = None, without: t.Container[str] = ()
) -> t.Callable[[], t.Any]:
    """The rows of a table with the VM that has them.

    :param without: columns that are too long for an answer.
    """

    def query() -> t.Any:
        source = table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        if join is not None:
            source = source.outerjoin(*join)
        context = [_vm.c.name.label("vm_name"), _vm.c.host_id, _vm.c.state.label("vm_state")]
        own = [
            column for column in table.c if column.name != "host_id" and column.name not in without
        ]
        return sa.select(*context, *own, *more).select_from(source)

    return query


def device(family: Family, **own: t.Any) -> Subject:
    """A subject for devices that are asked for by their VM.

    :param own: filters that are about the device itself.
    """
    table = metadata.tables[family.table]
    more: t.List[t.Any] = []
    join = None
    if family.split:
        resource = metadata.tables[family.fact]
        facts = {field.column_name: field.name for field in family.fields if field.column}
        known = {column.name for column in table.c} | {"host_id"}
        more = [
            column.label(facts.get(column.name, column.name))
            for column in resource.c
            if column.name not in known
        ]
        join = (resource, resource.c.id == table.c[family.link])
    return of_vm(table, with_vm(table, *more, join=join), (table.c.ordinal, table.c.id), **own)


def of_vm(
    table: t.Any, query: t.Callable[[], t.Any], order: t.Iterable[t.Any], **own: t.Any
) -> Subject:
    """A subject for something that VMs have.

    :param order: of those of one VM.
    :param own: filters that are about the thing itself, not about its VM.
    """
    return Subject(
        query,
        (_vm.c.name, *order),
        {**OF_VM, **own},
        (table.c.deleted_at, _vm.c.deleted_at),
    )
