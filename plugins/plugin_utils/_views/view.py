# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a view is declared: its columns with their types and meaning, and where they come from.

The declaration is what the schema makes, what docs/views.md is written from, and what a test holds
every database to. Views are for other programs, so what is there stays: columns are only added, at
the end, and a changed view takes a new revision of the schema.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import Field
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines

#: What a column holds, by the type of the field that it shows.
_KINDS = {"str": "text", "int": "integer", "bool": "boolean", "list": "JSON", "dict": "JSON"}


class Column(t.NamedTuple):
    """One column of a view.

    :ivar kind: ``text``, ``integer``, ``number``, ``boolean``, ``timestamp`` or ``JSON``, a text.
    :ivar expression: the SQL expression.
    """

    name: str
    kind: str
    doc: str
    expression: t.Any


class View(t.NamedTuple):
    """One view.

    :ivar doc: what a row of it is.
    :ivar source: what it is selected from.
    :ivar conditions: only rows with these.
    """

    name: str
    doc: str
    columns: t.Sequence[Column]
    source: t.Any
    conditions: t.Sequence[t.Any] = ()

    @property
    def query(self) -> t.Any:
        """The statement behind it."""
        chosen = [column.expression.label(column.name) for column in self.columns]
        return sa.select(*chosen).select_from(self.source).where(*self.conditions)

    def sql(self, dialect: t.Any) -> str:
        """The same as a text for one database."""
        compiled = self.query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        # A driver's mark for parameters is doubled in what is compiled; there is none here.
        return str(compiled).replace("%%", "%")


def told(fields: t.Iterable[Field], table: t.Any, *names: str) -> t.List[Column]:
    """The columns of a table that hold these facts, with the facts' own meaning."""
    known = {field.name: field for field in fields}
    found = []
    for name in names:
        field = known[name]
        kind = _KINDS[field.type]
        shown = name + "_json" if kind == "JSON" else name
        doc = field.doc + (
            ", in " + field.unit if field.unit and field.unit not in field.doc else ""
        )
        found.append(Column(shown, kind, doc, table.c[field.column_name]))
    return found


def living(*tables: t.Any) -> t.List[t.Any]:
    """The conditions that rows are not marked as gone."""
    return [table.c.deleted_at.is_(None) for table in tables]


def flag(condition: t.Any) -> t.Any:
    """A condition as a value that is true or false."""
    return sa.case((condition, sa.true()), else_=sa.false())


def count(table: t.Any, *conditions: t.Any) -> t.Any:
    """How many rows have the conditions, as a value."""
    query = sa.select(sa.func.count()).select_from(table).where(*conditions)
    return query.scalar_subquery()


def of_vm() -> t.List[Column]:
    """The VM that has something."""
    vm = virtual_machines.c
    return [
        Column("vm_uuid", "text", "the VM, `uuid` of `ledger_vms`", vm.uuid),
        Column("vm_name", "text", "the VM's name", vm.name),
        Column("host_id", "text", "the host that the VM is on", vm.host_id),
        Column("vm_state", "text", "the VM's state", vm.state),
    ]


def with_vm(table: t.Any) -> t.Any:
    """The rows of a table that VMs have, with the VM."""
    return table.join(virtual_machines, virtual_machines.c.uuid == table.c.vm_uuid)


def number_of(table: t.Any, what: str) -> Column:
    """The number of a row, which stays."""
    return Column("id", "integer", "the number of {0}, which stays".format(what), table.c.id)
