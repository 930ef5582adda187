# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing old history in many small transactions, so that recordings need not wait for long.

Each transaction leaves the ledger as it has to be: a document goes together with the last
configuration that has it, and the note tells what was removed so far. So it may break off anywhere.
"""

from __future__ import annotations

import datetime
import functools
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    require_ledger,
    run_transaction,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import Run
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.notes import Note
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import (
    Plan,
    planned,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    findings,
    sync_runs,
    vm_configurations,
    xml_documents,
)

Counts = t.Dict[str, int]

#: Bounds of what can be asked for: a hundred years, and what a statement takes of parameters.
_DAYS, _BATCH = 36500, 10000

T = t.TypeVar("T")


class Outcome(t.NamedTuple):
    """What was removed, or would be.

    :ivar before: what ended before this time was old.
    :ivar removed: rows by table.
    :ivar batches: how many transactions that took, or would take.
    """

    before: datetime.datetime
    removed: Counts
    plan: Plan
    batches: int
    seconds: float

    def result(self) -> t.Dict[str, t.Any]:
        """As the action returns it."""
        return {
            "changed": any(self.removed.values()),
            "before": self.before.isoformat(),
            "removed": self.removed,
            "kept": {name: rows - self.removed[name] for name, rows in self.plan.rows.items()},
            "oldest_kept": {name: _iso(time) for name, time in self.plan.oldest.items()},
            "batches": self.batches,
            "seconds": round(self.seconds, 3),
        }

    def diff(self) -> t.Dict[str, str]:
        """The tables before and after; empty if nothing goes."""
        if not any(self.removed.values()):
            return {"before": "", "after": ""}
        kept = self.result()["kept"]
        lines = ["{0}: {1} rows\n", "{0}: {1} rows, the oldest of {2}\n"]
        after = [
            lines[bool(self.plan.oldest.get(name))].format(
                name, rows, _iso(self.plan.oldest.get(name))
            )
            for name, rows in kept.items()
        ]
        return {
            "before_header": "ledger",
            "after_header": "ledger without what ended before {0}".format(self.before.isoformat()),
            "before": "".join(lines[0].format(*item) for item in self.plan.rows.items()),
            "after": "".join(after),
        }


def _iso(time: t.Optional[datetime.datetime]) -> t.Optional[str]:
    return time.isoformat() if time is not None else None


def remove_old(
    database: Database,
    older_than: int,
    kinds: t.Collection[str],
    batch_size: int,
    run: Run,
    check_mode: bool = False,
) -> Outcome:
    """Remove what is older than so many days, or find out what that would be.

    :param kinds: of what: see :data:`plan.KINDS`.
    :param batch_size: how many rows a transaction removes, documents not counted.
    :param run: who does it; it is noted if anything was removed.
    :raises VirtledgerError: a number out of its bounds, or there is no ledger.
    :raises DatabaseError: the database does not do it; what was removed by then is noted.
    """
    _require(older_than, 1, _DAYS, "older_than")
    _require(batch_size, 1, _BATCH, "batch_size")
    require_ledger(database)
    started = time.monotonic()
    before = run.started_at - datetime.timedelta(days=older_than)
    plan = _plan(database, before, kinds)
    steps = _steps(plan, before, batch_size)
    removed = plan.going if check_mode else _perform(database, steps, plan, Note(run, before))
    return Outcome(before, removed, plan, len(steps), time.monotonic() - started)


def _require(value: int, least: int, most: int, name: str) -> None:
    if not least <= value <= most:
        raise VirtledgerError(
            "Option {0!r} is {1}, but must be from {2} to {3}.".format(name, value, least, most)
        )


def _plan(database: Database, before: datetime.datetime, kinds: t.Collection[str]) -> Plan:
    """What goes, as one state of the ledger tells; nobody waits for that."""

    def work(connection: t.Any) -> Plan:
        require_current(connection)
        return planned(connection, before, kinds)

    return transact(database, work, readonly=True)


def _steps(
    plan: Plan, before: datetime.datetime, batch_size: int
) -> t.List[t.Callable[[t.Any], Counts]]:
    """What each transaction does; it returns how many rows it has removed, by table."""
    return [
        functools.partial(remover, before, batch)
        for remover, keys in (
            (_remove_configurations, plan.configurations),
            (_remove_unused, plan.unused),
            (_remove_changes, plan.changes),
            (_remove_runs, plan.runs),
            (_remove_findings, plan.findings),
        )
        for batch in _batches(t.cast("t.List[t.Any]", keys), batch_size)
    ]


def _batches(keys: t.List[T], size: int) -> t.Iterator[t.List[T]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _perform(
    database: Database, steps: t.Sequence[t.Callable[[t.Any], Counts]], plan: Plan, note: Note
) -> Counts:
    """Do all steps; how many rows were removed, by table."""
    removed = dict.fromkeys(plan.going, 0)
    engine = open_engine(database)

    def work(step: t.Callable[[t.Any], Counts], connection: t.Any) -> t.Tuple[t.Any, Counts]:
        require_current(connection)
        counts = step(connection)
        total = {name: count + counts.get(name, 0) for name, count in removed.items()}
        return note.write(connection, total) if any(counts.values()) else note.key, total

    try:
        for step in steps:
            note.key, removed = run_transaction(database, engine, functools.partial(work, step))
    finally:
        engine.dispose()
    return removed


def _remove_configurations(
    before: datetime.datetime, keys: t.Sequence[int], connection: t.Any
) -> Counts:
    """Remove configurations, and the documents that no other one has."""
    table = vm_configurations
    theirs = sa.select(table.c.digest).where(table.c.id.in_(keys))
    digests = _locked(connection, theirs)
    condition = table.c.id.in_(keys) & (table.c.last_seen_at < before)
    gone = connection.execute(sa.delete(table).where(condition)).rowcount
    return {table.name: gone, xml_documents.name: _remove_documents(connection, digests)}


def _remove_unused(
    _before: datetime.datetime, digests: t.Sequence[str], connection: t.Any
) -> Counts:
    """Remove documents that no configuration had, and still none has."""
    return {xml_documents.name: _remove_documents(connection, _locked(connection, digests))}


def _locked(connection: t.Any, digests: t.Any) -> t.List[str]:
    """Hold documents, in the one order that all writers use.

    Who is about to use one has noted that in its row, and is waited for; who comes later finds that
    the row is not there, and tries again.
    """
    column = xml_documents.c.digest
    query = sa.select(column).where(column.in_(digests)).order_by(column)
    return list(connection.execute(query.with_for_update()).scalars())


def _remove_documents(connection: t.Any, digests: t.Sequence[str]) -> int:
    """Remove those of some documents that no configuration has; how many."""
    column = xml_documents.c.digest
    used = sa.exists().where(vm_configurations.c.digest == column)
    done = connection.execute(sa.delete(xml_documents).where(column.in_(digests), ~used))
    gone: int = done.rowcount
    return gone


def _remove_changes(_before: datetime.datetime, keys: t.Sequence[int], connection: t.Any) -> Counts:
    """Remove changes; nobody changes when one was seen."""
    done = connection.execute(sa.delete(changes).where(changes.c.id.in_(keys)))
    return {changes.name: done.rowcount}


def _remove_runs(before: datetime.datetime, keys: t.Sequence[int], connection: t.Any) -> Counts:
    """Remove notes of runs, unless the same end came again meanwhile."""
    table = sync_runs
    condition = table.c.id.in_(keys) & (table.c.last_at < before)
    return {table.name: connection.execute(sa.delete(table).where(condition)).rowcount}


def _remove_findings(before: datetime.datetime, keys: t.Sequence[int], connection: t.Any) -> Counts:
    """Remove findings that are closed, unless they came back meanwhile."""
    table = findings
    condition = table.c.id.in_(keys) & (table.c.closed_at < before)
    return {table.name: connection.execute(sa.delete(table).where(condition)).rowcount}
