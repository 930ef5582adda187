# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the ledger. They read only, in a transaction that cannot write."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters, like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import hosts

#: Larger answers make a result too large for a controller.
MAXIMUM = 10000

#: No question goes back further than a hundred years.
_HOURS = 876000


def ask(
    database: Database, subject: str, filters: Filters, limit: int
) -> t.Tuple[t.List[t.Dict[str, t.Any]], bool]:
    """The rows of an answer, and whether there are more than ``limit``.

    :raises VirtledgerError: a filter or limit that makes no sense for the subject, an unknown host.
    :raises DatabaseError: the database cannot be read.
    """
    statement = _statement(subject, filters, limit)
    require_ledger(database)

    def work(connection: t.Any) -> t.List[t.Dict[str, t.Any]]:
        require_current(connection)
        rows = [_plain(row) for row in connection.execute(statement).mappings()]
        if not rows and filters.host_id is not None:
            require_host(connection, filters.host_id)
        return rows

    rows = transact(database, work, readonly=True)
    return rows[:limit], len(rows) > limit


def require_ledger(database: Database) -> None:
    """Nobody reads a ledger before something is recorded.

    :raises VirtledgerError: there is none.
    """
    if not exists(database):
        raise VirtledgerError(
            "There is no ledger yet at {0}.".format(database.path),
            "Record a hypervisor with virtledger.libvirt.sync first, or correct 'database_url'.",
        )


def require_host(connection: t.Any, host_id: str) -> None:
    """An empty answer for a host that was never recorded is a mistyped name."""
    known = connection.execute(sa.select(hosts.c.id).where(like(hosts.c.id, host_id)).limit(1))
    if known.first() is None:
        some = connection.execute(sa.select(hosts.c.id).order_by(hosts.c.id).limit(10)).scalars()
        raise VirtledgerError(
            "Host {0!r} is not in the ledger.".format(host_id),
            "Option 'host_id' takes a recorded name; among those are: {0}.".format(
                ", ".join(some) or "none yet"
            ),
        )


def _statement(subject: str, filters: Filters, limit: int) -> t.Any:
    if not 1 <= limit <= MAXIMUM:
        raise VirtledgerError(
            "Option 'limit' is {0}, but must be from 1 to {1}.".format(limit, MAXIMUM)
        )
    if filters.stale is not None and not 0 < filters.stale <= _HOURS:
        raise VirtledgerError(
            "Option 'stale' is {0:g}, but must be more than 0 and at most {1} hours.".format(
                filters.stale, _HOURS
            )
        )
    asked = SUBJECTS[subject]
    statement = asked.query()
    for name, wanted in filters._asdict().items():
        if name == "include_gone" or wanted is None:
            continue
        if name not in asked.filters:
            raise VirtledgerError(
                "Option {0!r} does not apply to query {1!r}.".format(name, subject),
                "It can be asked by {0}.".format(", ".join(sorted(asked.filters))),
            )
        statement = statement.where(asked.filters[name](wanted))
    if not filters.include_gone:
        statement = statement.where(*(column.is_(None) for column in asked.living))
    return statement.order_by(*asked.order).limit(limit + 1)


def _plain(row: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """A row as facts: JSON columns without their suffix, timestamps as ISO 8601 texts."""
    return {
        key[:-5] if key.endswith("_json") else key: value.isoformat()
        if isinstance(value, datetime.datetime)
        else value
        for key, value in row.items()
    }
