# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views in a database: which of them it lacks, and how they are made.

A view shows tables and holds nothing, so it is made anew by every upgrade. SQLite looks through all
views when a table is altered, so there they are taken away before. The others put a view in the
place of the old one, which keeps the rights on it and what was built on top of it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import exc, sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import View
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views


class Views:
    """The views of the current revision, and those that a database has."""

    def __init__(self, connection: t.Any) -> None:
        """
        :raises SchemaError: a table has the name of a view.
        """
        inspector = sa.inspect(connection)
        names = [view.name for view in views()]
        tables = sorted(set(inspector.get_table_names()) & set(names))
        if tables:
            raise SchemaError(
                "It belongs to another application: {0} is a table.".format(", ".join(tables)),
                "Name a database (or a schema of it) of its own in option 'database_url'.",
            )
        there = set(inspector.get_view_names())
        self.columns = {
            name: _columns(connection, inspector, name) for name in names if name in there
        }

    def missing(self) -> t.List[View]:
        """The views that are not there, or lack a column."""
        return [
            view
            for view in views()
            if {column.name for column in view.columns} - set(self.columns.get(view.name, ()))
        ]

    def removals(self, dialect: t.Any) -> t.List[str]:
        """What is to be done before tables are altered; the views are taken for removed then."""
        if dialect.name != "sqlite":
            return []
        removed, self.columns = self.columns, {}
        return ["DROP VIEW {0}".format(name) for name in removed]

    def definitions(self, dialect: t.Any, wanted: t.Iterable[View]) -> t.Iterator[str]:
        """What makes views."""
        for view in wanted:
            known = self.columns.get(view.name)
            ours = [column.name for column in view.columns]
            replaced = dialect.name != "sqlite" and (known is None or known == ours[: len(known)])
            if known is not None and not replaced:
                # Somebody else's, or an older one of SQLite, which has no other way.
                yield "DROP VIEW {0}".format(view.name)
            kind = "CREATE OR REPLACE VIEW" if replaced else "CREATE VIEW"
            yield "{0} {1} AS {2}".format(kind, view.name, view.sql(dialect))


def _columns(connection: t.Any, inspector: t.Any, name: str) -> t.List[str]:
    """The columns of a view, in their order.

    On MariaDB and MySQL SQLAlchemy asks for the definition of the view, which takes a right that
    readers need not have.
    """
    if connection.dialect.name not in ("mysql", "mariadb"):
        try:
            return [column["name"] for column in inspector.get_columns(name)]
        except exc.OperationalError:
            return []  # SQLite cannot read it: a table or column that it shows is not there
    query = sa.text(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name = :name ORDER BY ordinal_position"
    )
    return list(connection.execute(query, {"name": name}).scalars())


def missing_views(connection: t.Any) -> t.List[str]:
    """The names of the views that a database lacks, or that lack a column."""
    return [view.name for view in Views(connection).missing()]
