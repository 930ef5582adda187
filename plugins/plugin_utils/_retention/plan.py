# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is old enough to be removed, and what stays whatever its age.

A configuration goes if it ended before a time at which a later one of the same VM, kind and origin
had begun. So what a VM is or was last stays, also of one that is gone, and so does what it was at
that time: every question about the time since then has the answer that it had. A change goes if it
was seen before that time. Of the notes of runs the newest one of each host, outcome and
completeness stays, what the next run may repeat, and the one by which a change was seen that stays.
A finding goes once it has been closed for so long.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    findings,
    sync_runs,
    vm_configurations,
    xml_documents,
)

#: What can be removed.
CONFIGURATIONS, CHANGES = "configurations", "changes"
RUNS, FINDINGS = "sync_runs", "findings"
KINDS = (CONFIGURATIONS, CHANGES, RUNS, FINDINGS)


class Plan(t.NamedTuple):
    """What goes, at one moment.

    :ivar configurations: keys of rows of ``vm_configurations``, ascending.
    :ivar unused: digests of documents that no configuration has.
    :ivar changes: keys of rows of ``changes``, ascending.
    :ivar runs: keys of rows of ``sync_runs``, ascending.
    :ivar findings: keys of rows of ``findings``, ascending.
    :ivar going: rows that go, by table; a table that is left alone is not there.
    :ivar rows: how many rows each of these tables has.
    :ivar oldest: the beginning of the oldest row that stays, by table; null if none does.
    """

    configurations: t.List[int]
    unused: t.List[str]
    changes: t.List[int]
    runs: t.List[int]
    findings: t.List[int]
    going: t.Dict[str, int]
    rows: t.Dict[str, int]
    oldest: t.Dict[str, t.Optional[datetime.datetime]]


def planned(connection: t.Any, before: datetime.datetime, kinds: t.Collection[str]) -> Plan:
    """Find out what goes.

    :param before: what ended before this time is old.
    """
    plan = Plan([], [], [], [], [], {}, {}, {})
    if CONFIGURATIONS in kinds:
        flagged = _configurations(before)
        plan.configurations.extend(_keys(connection, flagged))
        _count(connection, plan, vm_configurations, len(plan.configurations))
        plan.oldest[vm_configurations.name] = _oldest(connection, flagged)
        used = xml_documents.c.digest == vm_configurations.c.digest
        plan.unused.extend(
            connection.execute(
                sa.select(xml_documents.c.digest)
                .select_from(xml_documents.outerjoin(vm_configurations, used))
                .where(vm_configurations.c.id.is_(None))
                .order_by(xml_documents.c.digest)
            ).scalars()
        )
        abandoned = connection.execute(_abandoned(flagged)).scalar()
        _count(connection, plan, xml_documents, len(plan.unused) + abandoned)
    if CHANGES in kinds:
        flagged = _changes(before)
        plan.changes.extend(_keys(connection, flagged))
        _count(connection, plan, changes, len(plan.changes))
        plan.oldest[changes.name] = _oldest(connection, flagged)
    if RUNS in kinds:
        flagged = _runs(before, changes.c.seen_at >= before if CHANGES in kinds else sa.true())
        plan.runs.extend(_keys(connection, flagged))
        _count(connection, plan, sync_runs, len(plan.runs))
        plan.oldest[sync_runs.name] = _oldest(connection, flagged)
    if FINDINGS in kinds:
        flagged = _findings(before)
        plan.findings.extend(_keys(connection, flagged))
        _count(connection, plan, findings, len(plan.findings))
        plan.oldest[findings.name] = _oldest(connection, flagged)
    return plan


def _count(connection: t.Any, plan: Plan, table: t.Any, going: int) -> None:
    plan.going[table.name] = going
    everything = sa.select(sa.func.count()).select_from(table)
    plan.rows[table.name] = connection.execute(everything).scalar()


def _configurations(before: datetime.datetime) -> t.Any:
    """Every configuration, and whether it goes (1 or 0)."""
    table = vm_configurations
    begun = sa.case((table.c.first_seen_at <= before, table.c.first_seen_at))
    whose = (table.c.vm_uuid, table.c.kind, table.c.origin)
    known = sa.select(
        table.c.id,
        table.c.digest,
        table.c.first_seen_at.label("since"),
        table.c.last_seen_at,
        sa.func.max(begun).over(partition_by=whose).label("held"),
    ).subquery()
    return _flagged(known, (known.c.last_seen_at < before) & (known.c.since < known.c.held))


def _changes(before: datetime.datetime) -> t.Any:
    """Every change, and whether it goes (1 or 0)."""
    known = sa.select(changes.c.id, changes.c.seen_at.label("since")).subquery()
    return _flagged(known, known.c.since < before)


def _runs(before: datetime.datetime, kept: t.Any) -> t.Any:
    """Every note of a run, and whether it goes (1 or 0).

    :param kept: the condition that a change stays.

    A run is a repetition of the newest note of its host, action and completeness.
    """
    table = sync_runs

    def place(what: t.Any, *order: t.Any) -> t.Any:
        whose = (table.c.host_id, what, table.c.is_complete)
        return sa.func.row_number().over(partition_by=whose, order_by=(*order, table.c.id.desc()))

    known = sa.select(
        table.c.id,
        table.c.started_at.label("since"),
        table.c.last_at,
        place(table.c.action).label("alike"),
        place(table.c.outcome, table.c.last_at.desc()).label("ended"),
    ).subquery()
    # In a subquery of its own: who saw a change is looked up once, not for each run.
    seeing = sa.select(changes.c.run_id).where(changes.c.run_id.is_not(None), kept)
    old = (known.c.last_at < before) & (known.c.alike > 1) & (known.c.ended > 1)
    return _flagged(known, old & known.c.id.not_in(seeing))


def _findings(before: datetime.datetime) -> t.Any:
    """Every finding, and whether it goes (1 or 0)."""
    table = findings
    known = sa.select(
        table.c.id, table.c.first_seen_at.label("since"), table.c.closed_at
    ).subquery()
    return _flagged(known, known.c.closed_at < before)


def _flagged(known: t.Any, condition: t.Any) -> t.Any:
    """The same rows with a column ``goes``; a condition that is null does not hold."""
    return sa.select(*known.c, sa.case((condition, 1), else_=0).label("goes")).subquery()


def _keys(connection: t.Any, flagged: t.Any) -> t.Any:
    query = sa.select(flagged.c.id).where(flagged.c.goes == 1).order_by(flagged.c.id)
    return connection.execute(query).scalars()


def _oldest(connection: t.Any, flagged: t.Any) -> t.Optional[datetime.datetime]:
    query = sa.select(sa.func.min(flagged.c.since)).where(flagged.c.goes == 0)
    oldest: t.Optional[datetime.datetime] = connection.execute(query).scalar()
    return oldest


def _abandoned(flagged: t.Any) -> t.Any:
    """How many documents have no configuration any more once these are gone."""
    left = (
        sa.select(flagged.c.digest)
        .group_by(flagged.c.digest)
        .having(sa.func.min(flagged.c.goes) == 1)
        .subquery()
    )
    joined = xml_documents.join(left, left.c.digest == xml_documents.c.digest)
    return sa.select(sa.func.count()).select_from(joined)
