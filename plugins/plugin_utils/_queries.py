# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the ledger. They read only, in a transaction that cannot write."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters, Later
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subject import Feed
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import hosts

#: Larger answers make a result too large for a controller.
MAXIMUM = 10000

#: No question goes back further than a hundred years.
_HOURS = 876000

#: Numbers of VLANs, and of rows, that databases can count.
_VLANS, _MOST_ROWS = 4095, 2**31


class Page(t.NamedTuple):
    """Which part of an answer is wanted.

    :ivar limit: the largest number of rows.
    :ivar offset: how many rows to leave out at the beginning.
    :ivar columns: the columns, by the names that the rows have; all if there are none.
    :ivar order_by: columns to order the rows by, with a minus for the other way round.
    """

    limit: int
    offset: int = 0
    columns: t.Sequence[str] = ()
    order_by: t.Sequence[str] = ()


def ask(
    database: Database,
    subject: str,
    filters: Filters,
    page: t.Union[int, Page],
    feed: t.Optional[Feed] = None,
) -> t.Tuple[t.List[t.Dict[str, t.Any]], bool]:
    """The rows of an answer, and whether there are more behind them.

    :param page: the largest number of rows, or which part is wanted.
    :param feed: what another program wants to be told, of queries that are made for one.
    :raises VirtledgerError: an option that makes no sense for the subject, an unknown host.
    :raises DatabaseError: the database cannot be read.
    """
    if isinstance(page, int):
        page = Page(page)
    find = _finder(subject, filters, page)
    require_ledger(database)
    make = SUBJECTS[subject].feed

    def work(connection: t.Any) -> t.List[t.Dict[str, t.Any]]:
        require_current(connection)
        found = find(connection)
        rows = [_plain(row) if make is None else make(row, feed or Feed()) for row in found]
        if not rows and filters.host_id is not None:
            require_host(connection, filters.host_id)
        return rows

    rows = transact(database, work, readonly=True)
    return rows[: page.limit], len(rows) > page.limit


def require_host(connection: t.Any, host_id: str) -> None:
    """An empty answer for a host that was never recorded is a mistyped name."""
    known = connection.execute(sa.select(hosts.c.id).where(like(hosts.c.id, host_id)).limit(1))
    if known.first() is None:
        some = connection.execute(sa.select(hosts.c.id).order_by(hosts.c.id).limit(10)).scalars()
        raise VirtledgerError(
            "Host {0!r} is not in the ledger.".format(host_id),
            "Option 'host_id' takes a recorded name; among those are: {0}.".format(
                ", ".join(some) or "none yet"
            ),
        )


Finder = t.Callable[[t.Any], t.Iterable[t.Mapping[str, t.Any]]]


def _finder(subject: str, filters: Filters, page: Page) -> Finder:
    """What finds the rows of a page, and one more if there are more."""
    _require_sense(filters, page)
    if filters.at is not None:
        return _past_finder(subject, filters, page)
    statement, later = _statement(subject, filters, page)

    def find(connection: t.Any) -> t.Iterable[t.Mapping[str, t.Any]]:
        conditions = (condition.condition(connection) for condition in later)
        found: t.Iterable[t.Mapping[str, t.Any]]
        found = connection.execute(statement.where(*conditions)).mappings()
        return found

    return find


def _past_finder(subject: str, filters: Filters, page: Page) -> Finder:
    """The same of rows as they were."""
    # Reading the past takes the parser, which other questions do not need.
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._past.rows import Past

    past = Past.asked(subject, filters)
    if page.order_by:
        raise VirtledgerError("Option 'order_by' does not go with 'at'.")
    columns = _named(SUBJECTS[subject].query())
    _require_choice(subject, "columns", page.columns, columns)

    def find(connection: t.Any) -> t.Iterable[t.Mapping[str, t.Any]]:
        for row in past.rows(connection, page.offset + page.limit + 1)[page.offset :]:
            if page.columns:
                yield {name: item for name, item in row.items() if _fact(name) in page.columns}
            else:
                yield row

    return find


def _statement(subject: str, filters: Filters, page: Page) -> t.Tuple[t.Any, t.List[Later]]:
    """The query for a page of rows, and the conditions that only the database itself can tell."""
    asked = SUBJECTS[subject]
    statement = asked.query()
    later: t.List[Later] = []
    for name, wanted in filters._asdict().items():
        if name == "include_gone" or wanted is None:
            continue
        if name not in asked.filters:
            raise VirtledgerError(
                "Option {0!r} does not apply to query {1!r}.".format(name, subject),
                "It can be asked by {0}.".format(", ".join(sorted(asked.filters))),
            )
        condition = asked.filters[name](wanted)
        if isinstance(condition, Later):
            later.append(condition)
        else:
            statement = statement.where(condition)
    if not filters.include_gone:
        statement = statement.where(*(column.is_(None) for column in asked.living))
    columns = _named(statement)
    order = [*_order(subject, columns, page.order_by), *asked.order]
    statement = statement.order_by(*order).limit(page.limit + 1).offset(page.offset)
    if page.columns:
        _require_choice(subject, "columns", page.columns, columns)
        chosen = [columns[name] for name in dict.fromkeys(page.columns)]
        statement = statement.with_only_columns(*chosen, maintain_column_froms=True)
    return statement, later


def _require_sense(filters: Filters, page: Page) -> None:
    if not 1 <= page.limit <= MAXIMUM:
        raise VirtledgerError(
            "Option 'limit' is {0}, but must be from 1 to {1}.".format(page.limit, MAXIMUM)
        )
    if not 0 <= page.offset <= _MOST_ROWS:
        raise VirtledgerError(
            "Option 'offset' is {0}, but must be from 0 to {1}.".format(page.offset, _MOST_ROWS)
        )
    for name in ("stale", "fresh"):
        hours = getattr(filters, name)
        if hours is not None and not 0 < hours <= _HOURS:
            raise VirtledgerError(
                "Option {0!r} is {1:g}, but must be more than 0 and at most {2} hours.".format(
                    name, hours, _HOURS
                )
            )
    if filters.vlan is not None and not 0 <= filters.vlan <= _VLANS:
        raise VirtledgerError(
            "Option 'vlan' is {0}, but must be from 0 to {1}.".format(filters.vlan, _VLANS)
        )


def _named(statement: t.Any) -> t.Dict[str, t.Any]:
    """The columns of a query by the names that the rows have."""
    return {_fact(name): column for name, column in statement.selected_columns.items()}


def _fact(name: str) -> str:
    """JSON columns have no suffix in a row."""
    return name[:-5] if name.endswith("_json") else name


def _order(
    subject: str, columns: t.Mapping[str, t.Any], wanted: t.Sequence[str]
) -> t.Iterator[t.Any]:
    """What the rows are ordered by first; nulls come last on every database, either way round."""
    _require_choice(subject, "order_by", [name.lstrip("-") for name in wanted], columns)
    for name in wanted:
        column = columns[name.lstrip("-")]
        column = getattr(column, "element", column)
        yield sa.case((column.is_(None), 1), else_=0)
        yield column.desc() if name.startswith("-") else column


def _require_choice(
    subject: str, option: str, wanted: t.Sequence[str], columns: t.Mapping[str, t.Any]
) -> None:
    if wanted and SUBJECTS[subject].feed is not None:
        raise VirtledgerError(
            "Option {0!r} does not apply to query {1!r}.".format(option, subject),
            "Its rows are what another program takes; leave the option out.",
        )
    for name in wanted:
        if name not in columns:
            raise VirtledgerError(
                "Option {0!r} has {1!r}, which is no column of query {2!r}.".format(
                    option, name, subject
                ),
                "Its columns are: {0}.".format(", ".join(sorted(columns))),
            )


def _plain(row: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """A row as facts: JSON columns without their suffix, timestamps as ISO 8601 texts."""
    return {_fact(key): _value(value) for key, value in row.items()}


def _value(value: t.Any) -> t.Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else value
