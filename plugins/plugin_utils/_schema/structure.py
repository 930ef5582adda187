# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a database has, compared with what the revisions make."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.layout import LAYOUT
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    ColumnSpec,
    CreateIndex,
    CreateTable,
    RelaxUnique,
    Step,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata

VERSION_TABLE = "virtledger_schema"

#: By these tables an existing database is recognised; it may lack those of rarer devices.
_KEY_TABLES = (
    "hosts",
    "virtual_machines",
    "storage_pools",
    "volumes",
    "volume_attachments",
    "networks",
    "ports",
    "port_bindings",
    "attachment_indices",
)


class Structure:
    """Tables, columns and indexes of a database, kept up as steps are applied."""

    def __init__(self, connection: t.Any) -> None:
        inspector = sa.inspect(connection)
        self.columns: t.Dict[str, t.Set[str]] = {}
        self.indexes: t.Dict[str, t.Set[str]] = {}
        known = [table for table in inspector.get_table_names() if table in metadata.tables]
        if not known:
            return
        columns = inspector.get_multi_columns(filter_names=known)
        indexes = inspector.get_multi_indexes(filter_names=known)
        for key, found in columns.items():
            table = key[1]
            self.columns[table] = {item["name"] for item in found}
            self.indexes[table] = {str(item["name"]) for item in indexes.get(key, ())}

    def require_room(self, steps: t.Iterable[Step]) -> None:
        """Look for tables of another application before anything is made.

        :raises SchemaError: one is in the way.
        """
        for step in steps:
            if isinstance(step, CreateTable):
                self._missing_table(step)

    def missing(self, step: Step) -> t.Optional[Step]:
        """The step, or what of it the database has not got yet; None if nothing is left."""
        if isinstance(step, CreateTable):
            return self._missing_table(step)
        if isinstance(step, AddColumns):
            has = self.columns.get(step.table, set())
            absent = tuple(column for column in step.columns if column.name not in has)
            return step._replace(columns=absent) if absent else None
        if isinstance(step, CreateIndex) and step.keyed[0] in self.columns.get(step.table, ()):
            # It was interrupted between the generated column and the index on it.
            step = step._replace(keyed=(step.keyed[0], ""))
        has = self.indexes.get(step.table, set())
        wanted = (step.name in has) if isinstance(step, RelaxUnique) else (step.name not in has)
        return step if wanted else None

    def _missing_table(self, step: CreateTable) -> t.Optional[CreateTable]:
        """The table, unless the database has it; one of that name may be another application's.

        A table of the existing layout is no other application's; the recognition has seen to that.
        """
        has = self.columns.get(step.table)
        if has is None:
            return step
        absent = sorted(column.name for column in step.columns if column.name not in has)
        if absent and step.table not in LAYOUT:
            raise _foreign("{0} (no column {1})".format(step.table, ", ".join(absent)))
        return None

    def apply(self, step: Step) -> None:
        """Take note of a step that was made."""
        if isinstance(step, (CreateTable, AddColumns)):
            names: t.Iterable[ColumnSpec] = step.columns
            self.columns.setdefault(step.table, set()).update(column.name for column in names)
        elif isinstance(step, CreateIndex):
            self.indexes.setdefault(step.table, set()).add(step.name)
        else:
            self.indexes.get(step.table, set()).discard(step.name)


def recognised_revision(structure: Structure) -> int:
    """The revision of a database without a version table: 1 for the existing layout, else 0.

    :raises SchemaError: it has tables of these names that are not of the layout.
    """
    clashing = sorted(set(structure.columns) & set(LAYOUT))
    if not clashing:
        return 0
    foreign = [
        "{0} (no column {1})".format(table, ", ".join(sorted(absent)))
        for table in clashing
        for absent in [LAYOUT[table] - structure.columns[table]]
        if absent
    ]
    lacking = [table for table in _KEY_TABLES if table not in structure.columns]
    if not foreign and not lacking:
        return 1
    problems = foreign or ["{0} is there, {1} is not".format(clashing[0], ", ".join(lacking))]
    raise _foreign("; ".join(problems))


def _foreign(problem: str) -> SchemaError:
    return SchemaError(
        "It belongs to another application: {0}.".format(problem),
        "Name a database (or a schema of it) of its own in option 'database_url'.",
    )
