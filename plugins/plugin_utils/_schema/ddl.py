# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements of the steps, in the words of each database."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    ColumnSpec,
    CreateIndex,
    CreateTable,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

#: Types of the generated columns that stand for a condition, by the indexed column.
_KEYED_TYPES = {"device_id": "BIGINT", "domain_uuid": "VARCHAR(36)"}


def _column(spec: ColumnSpec, **options: t.Any) -> t.Any:
    return sa.Column(spec.name, spec.type, nullable=spec.nullable, **options)


def create_table(operation: t.Any, step: CreateTable) -> None:
    """Make a table."""
    made = [
        _column(spec, primary_key=True, autoincrement=step.numbered)
        if spec.name == step.primary_key
        else _column(spec)
        for spec in step.columns
    ]
    operation.create_table(
        step.table,
        *made,
        sqlite_autoincrement=step.numbered,
        **_table_options(operation.get_context().dialect),
    )


def _table_options(dialect: t.Any) -> t.Dict[str, str]:
    """On MariaDB and MySQL names differ by their case and by blanks at their end, as elsewhere."""
    if dialect.name not in ("mysql", "mariadb"):
        return {}
    collation = "utf8mb4_nopad_bin" if dialect.is_mariadb else "utf8mb4_0900_bin"
    options = {"engine": "InnoDB", "charset": "utf8mb4", "collate": collation}
    return {"{0}_{1}".format(dialect.name, key): value for key, value in options.items()}


def add_columns(operation: t.Any, step: AddColumns, dialect: str) -> None:
    """MariaDB and MySQL, which write each statement to the disk, add all of them in one."""
    if dialect not in ("mysql", "mariadb"):
        for spec in step.columns:
            operation.add_column(step.table, _column(spec))
        return
    # Columns are told apart from others by the table that they are in.
    table = sa.Table(step.table, sa.MetaData(), *(_column(spec) for spec in step.columns))
    compiler = operation.get_context().dialect
    added = [str(sa.schema.CreateColumn(column).compile(dialect=compiler)) for column in table.c]
    operation.execute(
        "ALTER TABLE {0} {1}".format(
            step.table, ", ".join("ADD COLUMN {0}".format(column) for column in added)
        )
    )


def create_index(operation: t.Any, step: CreateIndex, dialect: str) -> None:
    """Make an index, with what stands for a condition on MariaDB and MySQL."""
    indexed = list(step.columns)
    options: t.Dict[str, t.Any] = {}
    if step.where and dialect in ("mysql", "mariadb"):
        name, expression = step.keyed
        if expression:
            operation.execute(
                "ALTER TABLE {0} ADD COLUMN {1} {2} GENERATED ALWAYS AS ({3}) VIRTUAL".format(
                    step.table, name, _KEYED_TYPES[indexed[-1]], expression
                )
            )
        indexed[-1] = name
    elif step.where:
        options = {dialect + "_where": sa.text(step.where)}
    if step.prefix and dialect in ("mysql", "mariadb"):
        options[dialect + "_length"] = step.prefix
    if step.hashed and dialect == "postgresql":
        options["postgresql_using"] = "hash"
    operation.create_index(step.name, step.table, indexed, unique=step.unique, **options)
