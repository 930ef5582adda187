# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of findings: those that were asked for, in a result that stays small."""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.ignore import (
    hosts_of,
    is_one_like,
    vms_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import SEVERITIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import BY_CODE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.store import Outcome

Values = t.Dict[str, t.Any]

#: The largest listing that can be asked for, and how long its JSON gets at the most.
_LIMIT, _LENGTH = 10000, 50000

#: The longest summary, diff and details of one finding.
_SUMMARY, _DIFF, _DETAILS = 400, 15000, 4000

_LINES = 100


class Wanted(t.NamedTuple):
    """Which findings are told.

    :ivar codes: those of the rules that were asked.
    :ivar severity: at least so bad.
    """

    codes: t.FrozenSet[str]
    severity: str
    host_id: t.Optional[str] = None
    vm: t.Optional[str] = None
    include_ignored: bool = False
    include_closed: bool = False
    limit: int = 100

    def check(self) -> None:
        """Refuse a limit that makes no sense.

        :raises VirtledgerError: says so.
        """
        if not 1 <= self.limit <= _LIMIT:
            raise VirtledgerError(
                "Option 'limit' is {0}, but must be from 1 to {1}.".format(self.limit, _LIMIT)
            )

    def has(self, row: Values) -> bool:
        """Whether a finding is asked for, closed and ignored ones included."""
        return (
            row["code"] in self.codes
            and _rank(row["severity"]) >= _rank(self.severity)
            and (self.host_id is None or is_one_like(self.host_id, hosts_of(row)))
            and (self.vm is None or is_one_like(self.vm, vms_of(row)))
        )


def is_ignored(row: Values, now: datetime.datetime) -> bool:
    """Whether somebody means it so, until a time that has not come yet."""
    until = row["ignored_until"]
    return row["ignore_reason"] is not None and (until is None or until > now)


def listed(rows: t.Iterable[Values], wanted: Wanted, now: datetime.datetime) -> Values:
    """The part of the result that tells the findings."""
    asked = [row for row in rows if wanted.has(row)]
    living = [row for row in asked if row["closed_at"] is None]
    counted = [row for row in living if not is_ignored(row, now)]
    told = list(living if wanted.include_ignored else counted)
    if wanted.include_closed:
        told += [row for row in asked if row["closed_at"] is not None]
    told.sort(key=_order)
    findings = _fitting([_told(row) for row in told[: wanted.limit]])
    return {
        "findings": findings,
        "rules": _rules({row["code"] for row in findings}),
        "count": len(counted),
        "counts": _counts(counted, "severity", reversed(SEVERITIES)),
        "counts_by_code": _counts(counted, "code", sorted({row["code"] for row in counted})),
        "ignored_count": len(living) - len(counted),
        "truncated": len(findings) < len(told),
    }


def gate(rows: t.Iterable[Values], wanted: Wanted, now: datetime.datetime, limit: str) -> str:
    """Why a gate is shut; empty if it is open.

    :param limit: the least severity that shuts it.
    """
    bad = [
        row
        for row in rows
        if wanted.has(row)
        and row["closed_at"] is None
        and not is_ignored(row, now)
        and _rank(row["severity"]) >= _rank(limit)
    ]
    if not bad:
        return ""
    bad.sort(key=_order)
    codes = sorted({row["code"] for row in bad})
    by_code = _counts(bad, "code", codes)
    return (
        "Findings of severity {0} or above are open: {1}. The first: {2}. See 'findings'.".format(
            limit,
            ", ".join("{0} ({1})".format(code, count) for code, count in by_code.items()),
            "; ".join(row["summary"][:_SUMMARY] for row in bad[:3]),
        )
    )


def diff_of(outcome: Outcome) -> Values:
    """What changed, as lines that Ansible prints."""
    lines = [
        "{0} {1} {2}: {3}".format(sign, row["severity"], row["code"], row["summary"][:_SUMMARY])
        for sign, rows in (
            ("opened", outcome.opened),
            ("reopened", outcome.reopened),
            ("closed", outcome.closed),
            ("marked", outcome.marked),
        )
        for row in sorted(rows, key=_order)[:_LINES]
    ]
    text = "".join(line + "\n" for line in lines)
    if len(text) > _DIFF:
        text = text[:_DIFF] + "...\n"
    return {"prepared": text}


def _rank(severity: t.Any) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _order(row: Values) -> t.Tuple[t.Any, ...]:
    names = (row["code"], row["host_id"], row["vm_name"], row["object_name"], row["fingerprint"])
    return (row["closed_at"] is not None, -_rank(row["severity"]), *(name or "" for name in names))


def _counts(rows: t.Iterable[Values], column: str, values: t.Iterable[str]) -> t.Dict[str, int]:
    counts = dict.fromkeys(values, 0)
    for row in rows:
        counts[row[column]] = counts.get(row[column], 0) + 1
    return counts


def _rules(codes: t.Iterable[str]) -> t.Dict[str, t.Dict[str, str]]:
    """What the rules behind some findings say; a rule that is not there any more says nothing."""
    return {
        code: {
            "title": BY_CODE[code].title,
            "explanation": BY_CODE[code].explanation,
            "remedy": BY_CODE[code].remedy,
        }
        for code in sorted(codes)
        if code in BY_CODE
    }


def _told(row: Values) -> Values:
    """A finding as a result has it: moments as texts, details as they are if they are short."""
    told = {
        key[:-5] if key.endswith("_json") else key: value.isoformat()
        if isinstance(value, datetime.datetime)
        else value
        for key, value in row.items()
        if key not in ("id", "fingerprint")
    }
    told["summary"] = told["summary"][:_SUMMARY]
    if len(json.dumps(told["details"])) > _DETAILS:
        told["details"] = None
    return told


def _fitting(told: t.List[Values]) -> t.List[Values]:
    """The first ones, as many as keep the result small."""
    length, fitting = 0, []
    for row in told:
        length += len(json.dumps(row))
        if length > _LENGTH:
            break
        fitting.append(row)
    return fitting
