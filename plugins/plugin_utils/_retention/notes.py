# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes of what was removed: without one, nobody could tell it from what was never recorded."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import Run
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    sync_runs,
    vm_configurations,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import parse_moment

#: What a removal is called among the runs; it belongs to no host.
RETENTION = "retention"

#: How it ended. One that broke off has this note of what it had removed by then.
REMOVED = "removed"

#: In the counts of a note, by table: what ended before this time is not complete any more.
_BEFORE = {
    vm_configurations.name: "configurations_before",
    changes.name: "changes_before",
}


def removed_before(
    connection: t.Any, table: t.Any = vm_configurations
) -> t.Optional[datetime.datetime]:
    """What ended before this time may have been removed from a table; null if nothing was.

    :param table: that of configurations or of changes.
    """
    before = _BEFORE[table.name]
    query = sa.select(sync_runs.c.counts_json).where(
        sync_runs.c.host_id.is_(None), sync_runs.c.action == RETENTION
    )
    times = [
        parse_moment(counts[before])
        for counts in connection.execute(query).scalars()
        if isinstance(counts, dict) and before in counts
    ]
    return max(times, default=None)


class Note:
    """The note of one removal.

    :param before: what ended before this time is removed.
    :ivar key: its row, once that is there.
    """

    def __init__(self, run: Run, before: datetime.datetime) -> None:
        self._run = run
        self._before = before
        self.key: t.Optional[int] = None

    def write(self, connection: t.Any, removed: t.Mapping[str, int]) -> int:
        """Note what was removed so far, in the transaction that removes it; the row's key.

        :param removed: rows by table.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        counts: t.Dict[str, t.Any] = dict(removed)
        for table in (vm_configurations, changes):
            before = self._furthest(connection, table, table.name in removed)
            if before is not None:
                counts[_BEFORE[table.name]] = before.isoformat()
        ended = {"counts_json": counts, "finished_at": now, "last_at": now}
        if self.key is not None:
            table = sync_runs
            connection.execute(sa.update(table).where(table.c.id == self.key).values(ended))
            return self.key
        done = connection.execute(sa.insert(sync_runs).values({**self._first(now), **ended}))
        key: int = done.inserted_primary_key[0]
        return key

    def _furthest(
        self, connection: t.Any, table: t.Any, here: bool
    ) -> t.Optional[datetime.datetime]:
        """The newest note tells of the removals before it, too; those notes are removed some day.

        :param here: this one removes from the table.
        """
        times = [removed_before(connection, table), self._before if here else None]
        return max((time for time in times if time is not None), default=None)

    def _first(self, now: datetime.datetime) -> t.Dict[str, t.Any]:
        return {
            "action": RETENTION,
            "outcome": REMOVED,
            "reason": "what ended before {0} was removed".format(self._before.isoformat()),
            "started_at": min(self._run.started_at, now),
            "recorded_by": self._run.recorded_by,
            "job": self._run.job,
            "repeats": 0,
            "last_by": self._run.recorded_by,
            "last_job": self._run.job,
        }
