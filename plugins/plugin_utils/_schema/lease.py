# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who upgrades a cluster: its nodes know no lock in common, so a row says it.

It is the row of revision -1 in the table of revisions. Its holder writes it again and again; one
that stays as it is for a while was left behind. To take it from a holder that lives all the same is
no harm: that one fails at the next statement that both write, and waits then.
"""

from __future__ import annotations

import contextlib
import datetime
import time
import typing as t
import uuid

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import exc, sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import schema_revisions

#: The revision that is none.
NUMBER = -1

#: Seconds after which a row that stays as it is was left behind, and seconds of waiting in all.
_LEFT, _PATIENCE = 20.0, 120.0

#: Seconds after which the holder writes the row again, and of pauses between two looks at it.
_RENEWAL, _PAUSE = 3.0, 0.2

#: Somebody else was first: deadlocks and doubles, by their numbers.
_OUTRUN = frozenset((1020, 1062, 1205, 1213))

_mine = schema_revisions.c.revision == NUMBER


class Lease:
    """The right to upgrade, in a transaction that DDL ends again and again."""

    def __init__(self, connection: t.Any) -> None:
        self._connection = connection
        self._name = uuid.uuid4().hex
        self._written = 0.0

    def take(self) -> None:
        """Wait until nobody else has it.

        :raises SchemaError: somebody else has it for too long.
        """
        deadline = time.monotonic() + _PATIENCE
        seen: t.Optional[t.Tuple[t.Any, ...]] = None
        since = time.monotonic()
        while time.monotonic() < deadline:
            found = self._found()
            if found != seen:
                seen, since = found, time.monotonic()
            if (found is None or time.monotonic() - since > _LEFT) and self._write(found):
                self._written = time.monotonic()
                return
            time.sleep(_PAUSE)
        raise SchemaError(
            "Another upgrade has been running for two minutes.", "Run this one when it is done."
        )

    def _found(self) -> t.Optional[t.Tuple[t.Any, ...]]:
        self._end("COMMIT")
        query = sa.select(schema_revisions.c.name, schema_revisions.c.applied_at).where(_mine)
        row = self._connection.execute(query).first()
        return None if row is None else tuple(row)

    def _write(self, found: t.Optional[t.Tuple[t.Any, ...]]) -> bool:
        """Write the row, unless somebody else does."""
        values = {"name": self._name, "applied_at": _now()}
        statement: t.Any = sa.insert(schema_revisions).values(revision=NUMBER, **values)
        if found is not None:
            same = _mine & (schema_revisions.c.name == found[0])
            statement = sa.update(schema_revisions).where(same).values(values)
        try:
            written = self._connection.execute(statement).rowcount
            self._end("COMMIT")
        except exc.DBAPIError as error:
            if (getattr(error.orig, "args", ()) or (None,))[0] not in _OUTRUN:
                raise
            self._end("ROLLBACK")
            return False
        return bool(written)

    def renew(self) -> None:
        """Write the row again, if it is time.

        :raises LostRow: somebody else has it now.
        """
        if time.monotonic() - self._written > _RENEWAL:
            if not self._write((self._name,)):
                raise LostRow("another upgrade has begun")
            self._written = time.monotonic()

    def release(self) -> None:
        """Let the next one have it; one that is lost will find it left behind."""
        with contextlib.suppress(exc.DBAPIError):
            mine = _mine & (schema_revisions.c.name == self._name)
            self._connection.execute(sa.delete(schema_revisions).where(mine))
            self._end("COMMIT")

    def _end(self, statement: str) -> None:
        """End the transaction; the connection begins the next one by itself."""
        self._connection.exec_driver_sql(statement)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
