# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of the action to its result."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.evaluate import (
    Evaluation,
    chosen,
    evaluate,
    thresholds,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.ignore import ignores
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.listing import (
    Wanted,
    diff_of,
    gate,
    listed,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.store import (
    Values,
    stored,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current


class Request:
    """What is asked for, checked.

    :param options: as the action's argument specification has them.
    :raises VirtledgerError: an option that makes no sense.
    """

    def __init__(self, options: t.Mapping[str, t.Any], now: datetime.datetime) -> None:
        rules = chosen(options["codes"], options["exclude"])
        self.now = now
        self.fail_on: t.Optional[str] = options["fail_on"]
        self.expired: t.List[str] = []
        valid = None
        if options["ignore"] is not None:
            valid, expired = ignores(options["ignore"], now)
            self.expired = [str(rule) for rule in expired]
        self.evaluation = Evaluation(rules, thresholds(options["thresholds"]), valid)
        self.wanted = Wanted(
            frozenset(rule.code for rule in rules),
            options["severity"],
            options["host_id"],
            options["vm"],
            options["include_ignored"],
            options["include_closed"],
            options["limit"],
        )
        self.wanted.check()

    def result(self, rows: t.List[Values]) -> Values:
        """What is told of these findings; it has failed if the gate is shut."""
        result = listed(rows, self.wanted, self.now)
        result["expired_ignores"] = self.expired
        if self.expired:
            text = "These rules of option 'ignore' have expired and count no more: {0}."
            result["warnings"] = [text.format("; ".join(self.expired))]
        shut = gate(rows, self.wanted, self.now, self.fail_on) if self.fail_on else ""
        if shut:
            result.update(failed=True, msg=shut)
        return result


def evaluated(database: Database, request: Request, check_mode: bool) -> Values:
    """Evaluate and store; what is found, and what that changes.

    :raises VirtledgerError: there is no ledger.
    """
    outcome = evaluate(database, request.evaluation, check_mode)
    return {
        **request.result(outcome.rows),
        "changed": outcome.changed,
        "opened": len(outcome.opened),
        "reopened": len(outcome.reopened),
        "closed": len(outcome.closed),
        "diff": diff_of(outcome),
    }


def stored_ones(database: Database, request: Request) -> Values:
    """What was found before; nothing is evaluated.

    :raises VirtledgerError: there is no ledger.
    """
    require_ledger(database)

    def work(connection: t.Any) -> t.List[Values]:
        require_current(connection)
        return stored(connection).rows

    rows = transact(database, work, readonly=True)
    return {**request.result(rows), "changed": False, "opened": 0, "reopened": 0, "closed": 0}
