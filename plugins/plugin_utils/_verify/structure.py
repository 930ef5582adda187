# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables themselves: what the models declare is there."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._indexes import indexes_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.views import missing_views
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import (
    Findings,
    Violation,
)

_RULE = "schema_differs"


def examine_structure(connection: t.Any, findings: Findings) -> t.Set[str]:
    """Look for every table, column, index and view; the tables that are whole."""
    inspector = sa.inspect(connection)
    names = list(metadata.tables)
    columns = {place[1]: found for place, found in inspector.get_multi_columns().items()}
    indexes = {place[1]: found for place, found in inspector.get_multi_indexes().items()}
    whole = set()
    for name in names:
        if name not in columns:
            findings.add(Violation(_RULE, name, "", "the table is not there"))
            continue
        table = metadata.tables[name]
        has = {str(item["name"]) for item in columns[name]}
        absent = sorted(column.name for column in table.c if column.name not in has)
        for column in absent:
            findings.add(Violation(_RULE, name, column, "the column is not there"))
        if not absent:
            whole.add(name)
        for problem in _index_problems(table, indexes.get(name, ())):
            findings.add(problem)
    if whole == set(names):  # else they lack what they show
        for name in missing_views(connection):
            findings.add(Violation(_RULE, name, "", "the view is not there, or lacks a column"))
    return whole


def _index_problems(table: t.Any, found: t.Iterable[t.Any]) -> t.Iterator[Violation]:
    """An index that is missing, or is not what it is called."""
    has = {str(item["name"]): item for item in found}
    for index in indexes_of(table):
        name = str(index.name)
        if name not in has:
            yield Violation(_RULE, table.name, name, "the index is not there")
        elif bool(has[name]["unique"]) != bool(index.unique):
            expected = "unique" if index.unique else "not unique"
            yield Violation(_RULE, table.name, name, "the index is not {0}".format(expected))
        elif _columns(index) != has[name]["column_names"][: len(_columns(index))]:
            problem = "the index is over {0}".format(", ".join(map(str, has[name]["column_names"])))
            yield Violation(_RULE, table.name, name, problem)


def _columns(index: t.Any) -> t.List[str]:
    """The names of an index's columns, of a conditional one those before the last.

    On MariaDB and MySQL a generated column takes the place of the last one there.
    """
    names = [column.name for column in index.columns]
    conditional = index.dialect_options["sqlite"].get("where") is not None
    return names[:-1] if conditional else names
