# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating all rules: reading one moment of the ledger, then storing in one transaction.

Reading takes seconds in a large fleet and nobody waits for it. Storing is short. Whoever has stored
an evaluation in between was later than this reading, so the ledger is then read again.
"""

from __future__ import annotations

import datetime
import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    LostRow,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.ignore import Ignore
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import Reading
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import Found, Rule
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import (
    BY_CODE,
    RULES,
    THRESHOLDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.store import (
    Outcome,
    State,
    compare,
    stored,
    write,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current

#: How often the ledger is read while nobody waits for it; whoever has been overtaken by others so
#: often reads once more while all of them wait.
_READINGS = 3


class Evaluation(t.NamedTuple):
    """What to evaluate, and how.

    :ivar rules: the rules to ask.
    :ivar thresholds: numbers that are not the default, by name.
    :ivar ignores: see :func:`store.compare`.
    """

    rules: t.Tuple[Rule, ...]
    thresholds: t.Mapping[str, float]
    ignores: t.Optional[t.Sequence[Ignore]] = None


def chosen(codes: t.Sequence[str], exclude: t.Sequence[str]) -> t.Tuple[Rule, ...]:
    """The rules of these codes, all if there are none, without the excluded ones.

    :raises VirtledgerError: there is no rule of that code, or none is left.
    """
    for name, given in (("codes", codes), ("exclude", exclude)):
        unknown = sorted(set(given) - set(BY_CODE))
        if unknown:
            raise VirtledgerError(
                "Option {0!r} has {1!r}, which is no code of a finding.".format(name, unknown[0]),
                "The codes are: {0}.".format(", ".join(sorted(BY_CODE))),
            )
    rules = tuple(
        rule for rule in RULES if (not codes or rule.code in codes) and rule.code not in exclude
    )
    if not rules:
        raise VirtledgerError("Options 'codes' and 'exclude' leave no rule to ask.")
    return rules


def thresholds(given: t.Mapping[str, t.Any]) -> t.Dict[str, float]:
    """The numbers of the option ``thresholds``.

    :raises VirtledgerError: there is no such threshold, or a value is no number in its bounds.
    """
    values = {}
    for name, text in given.items():
        known = THRESHOLDS.get(name)
        if known is None:
            raise VirtledgerError(
                "Option 'thresholds' has {0!r}, which is no threshold.".format(name),
                "There are: {0}.".format(", ".join(sorted(THRESHOLDS))),
            )
        try:
            value = float(text)
        except (TypeError, ValueError):
            value = known.minimum - 1
        if not known.minimum <= value <= known.maximum:
            raise VirtledgerError(
                "Threshold {0!r} is {1!r}, but must be a number from {2:g} to {3:g}.".format(
                    name, text, known.minimum, known.maximum
                )
            )
        values[name] = value
    return values


def evaluate(database: Database, what: Evaluation, check_mode: bool = False) -> Outcome:
    """Ask the rules and store what they find, or find out what that would be.

    :raises VirtledgerError: there is no ledger.
    :raises DatabaseError: the database cannot be read or written.
    """
    require_ledger(database)
    for _attempt in range(_READINGS):
        before, outcome = transact(database, functools.partial(_read, what), readonly=True)
        if check_mode or transact(database, functools.partial(_store, before, outcome)):
            return outcome
    return transact(database, functools.partial(_read_and_store, database, what))


def _read(what: Evaluation, connection: t.Any) -> t.Tuple[State, Outcome]:
    require_current(connection)
    before = stored(connection)
    now = datetime.datetime.now(datetime.timezone.utc)
    if before.newest is not None:
        # No clock that is set back makes an evaluation earlier than the one before it.
        now = max(now, before.newest + datetime.timedelta(microseconds=1))
    reading = Reading(connection, now, what.thresholds)
    found: t.List[t.Tuple[Rule, Found]] = [
        (rule, item) for rule in what.rules for item in rule.find(reading)
    ]
    codes = {rule.code for rule in what.rules}
    return before, compare(before, found, codes, what.ignores, now)


def _store(before: State, outcome: Outcome, connection: t.Any) -> bool:
    """Write, unless somebody else has stored an evaluation since the reading."""
    require_current(connection)
    if stored(connection, locked=True).mark != before.mark:
        return False
    write(connection, outcome)
    return True


def _read_and_store(database: Database, what: Evaluation, connection: t.Any) -> Outcome:
    """Read while nobody else stores; in a transaction of its own, which sees one moment."""
    require_current(connection)
    held = stored(connection, locked=True)
    before, outcome = transact(database, functools.partial(_read, what), readonly=True)
    if before.mark != held.mark:
        raise LostRow("the findings were stored otherwise meanwhile")
    write(connection, outcome)
    return outcome
