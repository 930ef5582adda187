# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded VM a domain is: here, moved, back again, or another one with the same UUID."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import ARCHIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.places import (
    is_active,
    places,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    virtual_machines,
)

Facts = t.Dict[str, t.Any]
Moment = t.Optional[datetime.datetime]


class Match(t.NamedTuple):
    """The VM that a domain is.

    :ivar before: its row, null for a new VM.
    :ivar replaced: the row of this host whose place it takes.
    :ivar inherits: what the replaced row tells is the VM's own history.
    :ivar doubt: why nothing is recorded of the domain this time.
    """

    before: t.Optional[Values] = None
    replaced: t.Optional[Values] = None
    inherits: bool = False
    doubt: str = ""


class Identifier:
    """Finds the VMs that the domains of one answer are; docs/concepts.md has the rules in words.

    :param last_seen: when this host was recorded before.
    :param keys: the UUIDs of the domains.
    """

    def __init__(self, recording: Recording, last_seen: Moment, keys: t.Collection[str]) -> None:
        self._host_id = recording.host_id
        self._moment = recording.moment
        self._now = recording.now
        self._last_seen = last_seen
        table = virtual_machines
        query = (
            select_all(table)
            .where(sa.or_(table.c.host_id != self._host_id, table.c.deleted_at.is_not(None)))
            .order_by(table.c.id)
        )
        self._others: t.Dict[str, t.List[Values]] = {}
        for row in load(recording.connection, query, table.c.domain_uuid, keys):
            self._others.setdefault(row["domain_uuid"], []).append(row)
        told = {row["host_id"] for rows in self._others.values() for row in rows}
        query = sa.select(hosts.c.id, hosts.c.last_seen_at, hosts.c.last_complete_at)
        self._hosts = {
            row["id"]: row for row in load(recording.connection, query, hosts.c.id, told - {None})
        }

    def seen(self, host_id: t.Optional[str]) -> Moment:
        """When a host was recorded before."""
        if host_id == self._host_id:
            return self._last_seen
        return self._hosts[host_id]["last_seen_at"] if host_id in self._hosts else None

    def match(self, key: str, domain: Facts, own: t.Optional[Values]) -> Match:
        """The VM that a domain is.

        :param own: the row of this host with the domain's UUID that is not marked as gone.
        """
        others = self._others.get(key, [])
        living = [row for row in others if row["deleted_at"] is None]
        running = [row for row in living if is_active(row)]
        if is_active(domain) and not (own is not None and is_active(own)):
            for row in sorted(running, key=_age, reverse=True):
                if own is not None and self._host_id not in places(row):
                    continue
                doubt = self._doubt(row, domain)
                if doubt:
                    return Match(own, doubt=doubt)
                if not self._never_left(row, domain):
                    return Match(row, replaced=own)
        gone = [row for row in others if row["deleted_at"] is not None]
        if own is not None:
            moved = _predecessor(gone, own)
            return Match(own) if moved is None else Match(moved, replaced=own, inherits=True)
        stopped = [row for row in living if self._stopped_lately(row)]
        if is_active(domain) and stopped and not running:
            return Match(max(stopped, key=_age))
        here = [
            row for row in gone if row["host_id"] == self._host_id or self._host_id in places(row)
        ]
        archived = [row for row in living if row["origin"] == ARCHIVE]
        for rows in (here, gone, archived):
            if rows:
                return Match(max(rows, key=_age))
        return Match()

    def _doubt(self, row: Values, domain: Facts) -> str:
        """Why this answer does not tell whether the VM has moved here; empty if it does."""
        if domain["state"] == "paused":
            return "it is paused here and runs on host {0}, so it may be arriving".format(
                row["host_id"]
            )
        place = places(row).get(self._host_id)
        host = self._hosts.get(row["host_id"])
        newest = max(
            (
                moment
                for moment in (
                    row["observed_at"],
                    host["last_complete_at"] if host else None,
                    place.noticed_at if place else None,
                )
                # What is ahead of this clock was noted before the clock was set back.
                if moment is not None and moment <= self._now
            ),
            default=self._moment,
        )
        if newest <= self._moment:
            return ""
        return "host {0}, which was asked later, told that it runs there".format(row["host_id"])

    def _never_left(self, row: Values, domain: Facts) -> bool:
        """It has run on here all the time since it was recorded here: it runs on two hosts."""
        place = places(row).get(self._host_id)
        return (
            place is not None
            and place.domain_id is not None
            and place.domain_id == domain["domain_id"]
            and self._last_seen is not None
            and self._last_seen <= place.noticed_at
        )

    def _stopped_lately(self, row: Values) -> bool:
        """It stopped on its host since this host was asked, where it did not run then."""
        place = places(row).get(row["host_id"])
        if is_active(row) or place is None:
            return False
        return self._last_seen is None or place.noticed_at >= self._last_seen


def _predecessor(gone: t.Iterable[Values], own: Values) -> t.Optional[Values]:
    """The VM that turned out to have moved here.

    It was recorded on another host when it appeared here, and has not been seen there since.
    """
    if places(own) or own["created_at"] is None:
        return None
    found = []
    for row in gone:
        place = places(row).get(row["host_id"])
        if row["host_id"] == own["host_id"] or place is None or place.until is None:
            continue
        if place.until <= own["created_at"] <= place.noticed_at:
            found.append(row)
    return max(found, key=_age, default=None)


def _age(row: Values) -> t.Tuple[datetime.datetime, int]:
    """The order of rows: by when they were marked as gone or changed."""
    moment = row["deleted_at"] or row["observed_at"] or row["updated_at"]
    return moment or datetime.datetime.min.replace(tzinfo=datetime.timezone.utc), row["id"]
