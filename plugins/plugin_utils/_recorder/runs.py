# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes of the attempts to record a host: when, by whom, and how each ended.

A run that ends like the one before it adds no row: the row says how often that was, and when last.
"""

from __future__ import annotations

import datetime
import getpass
import os
import platform
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import is_whole
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.summary import Summary
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import sync_runs

Values = t.Dict[str, t.Any]

#: Where a job's number is found: AWX and its predecessors, and Ansible Runner.
_JOBS = ("AWX_JOB_ID", "TOWER_JOB_ID", "JOB_ID")

_KEY_LENGTH, _REASON_LENGTH = 255, 2000

RECORDED, UNCHANGED, SUPERSEDED = "recorded", "unchanged", "superseded"
FAILED, REFUSED, UNREACHABLE = "failed", "refused", "unreachable"


class Run(t.NamedTuple):
    """An attempt to record a host.

    :ivar action: ``sync``, ``record`` or ``backfill``.
    :ivar recorded_by: ``user@controller``.
    :ivar job: the number of AWX's job, if it is one.
    :ivar gather_seconds: how long the host took to answer.
    """

    action: str
    started_at: datetime.datetime
    recorded_by: str
    job: t.Optional[str] = None
    gather_seconds: t.Optional[float] = None


def begun(
    action: str,
    user: t.Optional[str] = None,
    environ: t.Optional[t.Mapping[str, str]] = None,
) -> Run:
    """A run that begins now.

    :param user: who started it, if something else than the operating system knows.
    """
    environ = os.environ if environ is None else environ
    job = next((environ[name] for name in _JOBS if environ.get(name)), None)
    who = "{0}@{1}".format(user or _user(), platform.node())
    return Run(action, _now(), who[:_KEY_LENGTH], job[:_KEY_LENGTH] if job else None)


def _user() -> str:
    """The user of this process; in a container it may have a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class Ending(t.NamedTuple):
    """How a run ended.

    :ivar outcome: ``recorded`` (something changed), ``unchanged``, ``superseded`` (newer facts were
        there), ``failed``, ``refused`` or ``unreachable``.
    :ivar is_complete: the answer had every VM of the host.
    :ivar reason: why it failed or is not complete.
    :ivar counts: how many VMs are new, changed and so on.
    :ivar seconds: by stage.
    """

    outcome: str
    is_complete: bool
    reason: t.Optional[str]
    counts: t.Optional[t.Dict[str, int]] = None
    seconds: t.Optional[t.Dict[str, float]] = None

    @property
    def is_repeatable(self) -> bool:
        """It may end like the run before: nothing else was written."""
        return self.outcome != RECORDED


def ended(summary: Summary, facts: t.Mapping[str, t.Any]) -> Ending:
    """The end of a run whose facts were recorded, or left out."""
    outcome = RECORDED if summary.changed else UNCHANGED
    reason = _incompleteness(facts)
    if summary.superseded:
        outcome, reason = SUPERSEDED, "newer facts of the host were recorded already"
    complete = is_whole(facts) and not summary.superseded
    seconds = {stage: round(value, 4) for stage, value in summary.seconds.items()}
    return Ending(outcome, complete, reason, summary.vms, seconds)


def _incompleteness(facts: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """What could not be read, or why the answer does not have every VM; null if it is whole."""
    messages = [str(error.get("message")) for error in facts["errors"]]
    if messages:
        more = " (and {0} more errors)".format(len(messages) - 1) if len(messages) > 1 else ""
        return messages[0] + more
    if is_whole(facts):
        return None
    return "the answer is no listing of all domains"


def note(connection: t.Any, host_id: str, run: Run, ending: Ending) -> int:
    """Write down how a run ended; the key of the note.

    It is a repetition if the newest row of the host, of this action and of this completeness tells
    the same. An unchanged run repeats one that recorded something, too.
    """
    table = sync_runs
    now = _now()
    reason = ending.reason[:_REASON_LENGTH] if ending.reason else None
    query = (
        sa.select(*table.c)
        .where(
            table.c.host_id == host_id,
            table.c.action == run.action,
            table.c.is_complete == ending.is_complete,
        )
        .order_by(table.c.id.desc())
        .limit(1)
    )
    before = connection.execute(query).mappings().first()
    if ending.is_repeatable and before is not None and _is_repetition(before, ending, reason):
        again = {
            "repeats": (before["repeats"] or 0) + 1,
            "last_at": now,
            "last_by": run.recorded_by,
            "last_job": run.job,
        }
        connection.execute(sa.update(table).where(table.c.id == before["id"]).values(again))
        return t.cast(int, before["id"])
    seconds = dict(ending.seconds or {})
    if run.gather_seconds is not None:
        seconds["gather"] = round(run.gather_seconds, 4)
    values = {
        "host_id": host_id,
        "action": run.action,
        "outcome": ending.outcome,
        "is_complete": ending.is_complete,
        "reason": reason,
        "started_at": min(run.started_at, now),
        "finished_at": now,
        "recorded_by": run.recorded_by,
        "job": run.job,
        "counts_json": ending.counts,
        "seconds_json": seconds,
        "repeats": 0,
        "last_at": now,
        "last_by": run.recorded_by,
        "last_job": run.job,
    }
    done = connection.execute(sa.insert(table), values)
    return t.cast(int, done.inserted_primary_key[0])


def _is_repetition(before: t.Mapping[str, t.Any], ending: Ending, reason: t.Optional[str]) -> bool:
    outcomes = {ending.outcome, RECORDED} if ending.outcome == UNCHANGED else {ending.outcome}
    return before["outcome"] in outcomes and before["reason"] == reason
