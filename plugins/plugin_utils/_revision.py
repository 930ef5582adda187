# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which revision of the schema a database has: the small part that every worker needs."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import exc, sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import schema_revisions

#: The revision that this version of the collection writes.
LATEST = 12


def newer(found: int) -> SchemaError:
    """The error for a database that a newer version of the collection has upgraded."""
    return SchemaError(
        "It is at schema revision {0}, newer than {1}, which this version of the "
        "collection writes.".format(found, LATEST),
        "Upgrade the collection virtledger.libvirt on this controller.",
    )


def require_current(connection: t.Any) -> None:
    """Fail where the tables are not at the revision that this code writes: one small query.

    :raises SchemaError: no, older or newer tables; names the action that helps.
    """
    remedy = "Run the action virtledger.libvirt.schema (playbook virtledger.libvirt.schema) once."
    try:
        query = sa.select(sa.func.max(schema_revisions.c.revision))
        found = connection.execute(query).scalar()
    except exc.DBAPIError as error:
        if not _is_missing_table(error):
            raise
        found = None
    if found is None or found < 1:
        raise SchemaError("There is no ledger in it yet.", remedy)
    if found < LATEST:
        raise SchemaError(
            "It is at schema revision {0}; this version of the collection writes {1}.".format(
                found, LATEST
            ),
            remedy,
        )
    if found > LATEST:
        raise newer(found)


def _is_missing_table(error: t.Any) -> bool:
    original = error.orig
    if getattr(original, "sqlstate", None) == "42P01":
        return True
    arguments = getattr(original, "args", ()) or (None,)
    return arguments[0] == 1146 or "no such table" in str(original)


def stamp(connection: t.Any, number: int, name: str) -> None:
    """Note that a revision has been applied."""
    now = datetime.datetime.now(datetime.timezone.utc)
    connection.execute(
        sa.insert(schema_revisions).values(revision=number, name=name, applied_at=now)
    )


def stamp_latest(connection: t.Any) -> None:
    """Note that the tables are the current ones."""
    stamp(connection, LATEST, "current")
