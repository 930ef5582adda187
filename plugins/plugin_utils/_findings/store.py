# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as they are stored, and what an evaluation makes of them."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.ignore import Ignore
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    Found,
    Rule,
    fingerprint,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    chunks,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import findings

Values = t.Dict[str, t.Any]

#: What a rule says anew at each evaluation.
_TOLD = (
    "severity",
    "object_type",
    "object_name",
    "host_id",
    "vm_uuid",
    "vm_name",
    "summary",
    "details_json",
)

_IGNORED = ("ignored_until", "ignore_reason")

#: The length of a column for names.
_NAME = 255


class State(t.NamedTuple):
    """All findings that are stored.

    :ivar mark: is another one after every evaluation that others have stored.
    """

    rows: t.List[Values]

    @property
    def mark(self) -> t.Tuple[t.Any, ...]:
        moments = [row[name] for row in self.rows for name in ("last_seen_at", "closed_at")]
        return (
            len(self.rows),
            max((row["id"] for row in self.rows), default=0),
            sum(row["reopened"] or 0 for row in self.rows),
            sum(1 for row in self.rows if row["closed_at"] is None),
            max((moment for moment in moments if moment is not None), default=None),
            sum(1 for row in self.rows if row["ignore_reason"] is not None),
        )

    @property
    def newest(self) -> t.Optional[datetime.datetime]:
        """The time of the newest evaluation."""
        moment: t.Optional[datetime.datetime] = self.mark[4]
        return moment


def stored(connection: t.Any, locked: bool = False) -> State:
    """The findings.

    :param locked: nobody else evaluates until the transaction ends.
    """
    query = select_all(findings).order_by(findings.c.id)
    if locked:
        query = query.with_for_update()
    return State([dict(row) for row in connection.execute(query).mappings()])


class Outcome:
    """What an evaluation changes; rows are as they are after it.

    :ivar rows: every finding, open or closed.
    :ivar opened: those that are new; ``reopened`` and ``closed`` likewise.
    :ivar told: open ones of which the rule says something else than before.
    :ivar marked: those that are ignored from now on, or are not any more.
    :ivar seen: all that are open and were found.
    """

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now
        self.rows: t.List[Values] = []
        self.opened: t.List[Values] = []
        self.reopened: t.List[Values] = []
        self.closed: t.List[Values] = []
        self.told: t.List[Values] = []
        self.marked: t.List[Values] = []
        self.seen: t.List[Values] = []

    @property
    def changed(self) -> bool:
        """Whether anything but the time of the sighting changes."""
        return bool(self.opened or self.reopened or self.closed or self.marked)


def compare(
    state: State,
    found: t.Iterable[t.Tuple[Rule, Found]],
    evaluated: t.Container[str],
    ignores: t.Optional[t.Sequence[Ignore]],
    now: datetime.datetime,
) -> Outcome:
    """What becomes of the stored findings.

    :param evaluated: the codes of the rules that were asked; findings of others stay as they are.
    :param ignores: the rules that count; null leaves what is ignored as it is.
    """
    outcome = Outcome(now)
    known = {row["fingerprint"]: dict(row) for row in state.rows}
    wanted: t.Dict[str, Values] = {}
    for rule, item in found:
        values = _values(rule, item)
        wanted.setdefault(values["fingerprint"], values)
    for mark, values in wanted.items():
        before = known.get(mark)
        if before is None:
            first = {"first_seen_at": now, "last_seen_at": now, "closed_at": None, "reopened": 0}
            row = {**values, **first, "last_reopened_at": None, **dict.fromkeys(_IGNORED)}
            known[mark] = row
            outcome.opened.append(row)
        else:
            _seen_again(outcome, before, values)
    for mark, row in known.items():
        if mark not in wanted and row["closed_at"] is None and row["code"] in evaluated:
            row["closed_at"] = now
            outcome.closed.append(row)
    outcome.rows = list(known.values())
    if ignores is not None:
        _mark(outcome, ignores)
    return outcome


def _seen_again(outcome: Outcome, row: Values, values: Values) -> None:
    if row["closed_at"] is not None:
        row.update(
            closed_at=None, last_reopened_at=outcome.now, reopened=(row["reopened"] or 0) + 1
        )
        outcome.reopened.append(row)
    if any(row[name] != values[name] for name in _TOLD):
        row.update({name: values[name] for name in _TOLD})
        outcome.told.append(row)
    row["last_seen_at"] = outcome.now
    outcome.seen.append(row)


def _mark(outcome: Outcome, ignores: t.Sequence[Ignore]) -> None:
    """Note what is ignored now. A new row has that from the beginning."""
    new = {row["fingerprint"] for row in outcome.opened}
    for row in outcome.rows:
        if row["closed_at"] is not None:
            continue
        rule = next((rule for rule in ignores if rule.matches(row)), None)
        values = (None, None) if rule is None else (rule.expires, rule.reason)
        if tuple(row[name] for name in _IGNORED) != values:
            row.update(zip(_IGNORED, values))
            if row["fingerprint"] not in new:
                outcome.marked.append(row)


def _values(rule: Rule, item: Found) -> Values:
    return {
        "code": rule.code,
        "severity": rule.severity,
        "object_type": item.object_type,
        "object_name": item.object_name[:_NAME],
        "host_id": item.host_id,
        "vm_uuid": item.vm_uuid,
        "vm_name": item.vm_name,
        "fingerprint": fingerprint(rule.code, item.identity),
        "summary": item.summary,
        "details_json": item.details or None,
    }


def write(connection: t.Any, outcome: Outcome) -> None:
    """Write what an evaluation changes."""
    if outcome.opened:
        connection.execute(sa.insert(findings), outcome.opened)
    for row in _changed(outcome):
        values = {name: item for name, item in row.items() if name not in ("id", "fingerprint")}
        connection.execute(sa.update(findings).where(findings.c.id == row["id"]).values(values))
    for part in chunks(sorted(row["id"] for row in outcome.seen)):
        statement = sa.update(findings).where(findings.c.id.in_(part))
        connection.execute(statement.values(last_seen_at=outcome.now))


def _changed(outcome: Outcome) -> t.List[Values]:
    """The rows of which more is written than the time, each once, in the order of their keys."""
    rows = {
        row["id"]: row
        for row in (*outcome.reopened, *outcome.closed, *outcome.told, *outcome.marked)
    }
    return [rows[key] for key in sorted(rows)]
