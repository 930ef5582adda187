# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a VM was before: what tells a migration from a VM that runs on two hosts."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import Values
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import parse_moment

#: States of a VM that runs on its host; the last one is a word of the existing layout.
ACTIVE = frozenset((*_status.ACTIVE, "ACTIVE"))

#: So many places are remembered of a VM; the archive has them all.
_REMEMBERED = 20


class Place(t.NamedTuple):
    """A host that a VM has left, or on which it stopped.

    :ivar domain_id: libvirt's number of the domain while it ran there, null if it did not run.
    :ivar until: when the host was asked that told so last.
    :ivar noticed_at: when that was found not to be so any more.
    """

    host_id: str
    domain_id: t.Optional[int]
    until: t.Optional[datetime.datetime]
    noticed_at: datetime.datetime


def is_active(row: t.Mapping[str, t.Any]) -> bool:
    """Whether a VM runs, by its row or its facts."""
    return row["state"] in ACTIVE


def places(row: Values) -> t.Dict[str, Place]:
    """The places of a row by host; what somebody else wrote there counts for nothing."""
    stored = row["whereabouts_json"]
    found = {}
    for item in stored if isinstance(stored, list) else ():
        try:
            until = item["until"]
            found[str(item["host_id"])] = Place(
                str(item["host_id"]),
                item["domain_id"],
                None if until is None else parse_moment(until),
                parse_moment(item["noticed_at"]),
            )
        except (KeyError, TypeError, ValueError):
            continue
    return found


def with_place(
    row: Values, until: t.Optional[datetime.datetime], now: datetime.datetime
) -> t.List[Values]:
    """The places of a VM that is not, or does not run, where its row says any more."""
    kept = [place for place in places(row).values() if place.host_id != row["host_id"]]
    number = row["domain_id"] if is_active(row) else None
    kept.append(Place(row["host_id"], number, until, now))
    return [_stored(place) for place in kept[-_REMEMBERED:]]


def without_place(entries: t.Sequence[Values], host_id: str) -> t.List[Values]:
    """The places of a VM that is, or runs, on a host again."""
    return [entry for entry in entries if entry["host_id"] != host_id]


def stored_places(row: Values) -> t.List[Values]:
    """The places of a row as they are stored."""
    return [_stored(place) for place in places(row).values()]


def _stored(place: Place) -> Values:
    return {
        "host_id": place.host_id,
        "domain_id": place.domain_id,
        "until": None if place.until is None else place.until.isoformat(),
        "noticed_at": place.noticed_at.isoformat(),
    }
