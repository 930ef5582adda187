# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An invariant as a query for the rows that break it, and what is said of such rows."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

#: So many violations of one rule are told; the others are counted.
TOLD = 20

_LENGTH = 300


class Violation(t.NamedTuple):
    """What is wrong with one row.

    :ivar rule: the invariant that it breaks.
    :ivar key: the row's primary key, as text.
    :ivar problem: what is wrong, in words.
    """

    rule: str
    table: str
    key: str
    problem: str

    def result(self) -> t.Dict[str, str]:
        """As a result has it, no longer than a line or two."""
        return {name: text[:_LENGTH] for name, text in self._asdict().items()}


class Findings:
    """The violations that were found, few of each rule, and how many there are.

    :ivar counts: by rule.
    """

    def __init__(self) -> None:
        self.violations: t.List[Violation] = []
        self.counts: t.Dict[str, int] = {}

    def add(self, violation: Violation) -> None:
        """Count a violation and, if it is one of the first of its rule, keep it."""
        count = self.counts[violation.rule] = self.counts.get(violation.rule, 0) + 1
        if count <= TOLD:
            self.violations.append(violation)


class Rule(t.NamedTuple):
    """One invariant.

    :ivar name: what a violation of it is called.
    :ivar table: whose rows break it; where it is empty there is nothing to ask.
    :ivar query: those rows, with a column ``key`` and the columns that ``problem`` names.
    :ivar problem: what is wrong with a row, to be formatted with it.
    :ivar kind: of index rows, their ``device_type``, if it is about one only.
    """

    name: str
    table: t.Any
    query: t.Any
    problem: str
    kind: str = ""

    def examine(self, connection: t.Any, findings: Findings) -> None:
        """Add the rows that break the rule."""
        found = connection.execute(self.query.limit(TOLD + 1)).mappings().all()
        for row in found[:TOLD]:
            text = self.problem.format(**row)
            findings.add(Violation(self.name, self.table.name, str(row["key"]), text))
        if len(found) > TOLD:
            # Several rules of one name, for example one for each kind of device, share its count.
            everything = sa.select(sa.func.count()).select_from(self.query.subquery())
            findings.counts[self.name] += connection.execute(everything).scalar() - TOLD


def living(table: t.Any) -> t.Any:
    """The condition that a row is not marked as gone."""
    return table.c.deleted_at.is_(None)


def key(table: t.Any) -> t.Any:
    """The primary key of a table."""
    return next(iter(table.primary_key.columns))


def select(table: t.Any, *more: t.Any) -> t.Any:
    """A query for the key of rows and what their problem names."""
    return sa.select(key(table).label("key"), *more)


def dangling(name: str, table: t.Any, column: t.Any, target: t.Any, *conditions: t.Any) -> Rule:
    """The rule that a column holds null or the key of a row of another table.

    :param target: the column that it refers to.
    :param conditions: only rows with these are looked at.
    """
    query = (
        select(table, column.label("value"))
        .select_from(table.outerjoin(target.table, target == column))
        .where(column.is_not(None), target.is_(None), *conditions)
    )
    problem = "{0} is {{value}}, but {1} has no such row".format(column.name, target.table.name)
    return Rule(name, table, query, problem)


def repeated(
    name: str, table: t.Any, columns: t.Sequence[t.Any], *conditions: t.Any, what: str = ""
) -> Rule:
    """The rule that no two rows have the same values in some columns."""
    query = (
        sa.select(sa.func.min(key(table)).label("key"), sa.func.count().label("times"), *columns)
        .where(*conditions)
        .group_by(*columns)
        .having(sa.func.count() > 1)
    )
    values = ", ".join("{0} {{{0}}}".format(column.key) for column in columns)
    return Rule(name, table, query, "{0}{1} is there {{times}} times".format(what, values))
