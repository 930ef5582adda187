# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings that somebody has seen and means so: rules that say which, why and until when."""

from __future__ import annotations

import datetime
import fnmatch
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC, parse_moment

Row = t.Mapping[str, t.Any]

_PARTS = ("code", "host_id", "vm", "object")


class Ignore(t.NamedTuple):
    """One rule; of what it matches every part has to, ``*`` and ``?`` stand for any characters.

    :ivar expires: from this time on it counts no more; null if it has no end.
    """

    reason: str
    expires: t.Optional[datetime.datetime]
    code: t.Optional[str] = None
    host_id: t.Optional[str] = None
    vm: t.Optional[str] = None
    object: t.Optional[str] = None

    def matches(self, row: Row) -> bool:
        """Whether a finding is meant."""
        return (
            _is_like(self.code, [row["code"]])
            and _is_like(self.host_id, hosts_of(row))
            and _is_like(self.vm, vms_of(row))
            and _is_like(self.object, [row["object_name"]])
        )

    def __str__(self) -> str:
        parts = [
            "{0} {1}".format(name, value)
            for name in _PARTS
            for value in [getattr(self, name)]
            if value is not None
        ]
        return "{0} ({1})".format(", ".join(parts), self.reason)


def hosts_of(row: Row) -> t.List[str]:
    """The hosts that a finding is about."""
    vms = [vm["host_id"] for vm in _vms(row)]
    return [host_id for host_id in (row["host_id"], *vms) if host_id]


def vms_of(row: Row) -> t.List[str]:
    """Names and UUIDs of the VMs that a finding is about."""
    vms = [vm[key] for vm in _vms(row) for key in ("name", "uuid")]
    return [text for text in (row["vm_name"], row["vm_uuid"], *vms) if text]


def _vms(row: Row) -> t.List[t.Dict[str, str]]:
    details = row["details_json"]
    found = details.get("vms") if isinstance(details, dict) else None
    return found if isinstance(found, list) else []


def _is_like(pattern: t.Optional[str], values: t.Iterable[t.Optional[str]]) -> bool:
    return pattern is None or is_one_like(pattern, values)


def is_one_like(pattern: str, values: t.Iterable[t.Optional[str]]) -> bool:
    """Whether one of the values is like a text with ``*`` and ``?``; nothing else is special."""
    literal = pattern.replace("[", "[[]")
    return any(fnmatch.fnmatchcase(value, literal) for value in values if value is not None)


def ignores(
    given: t.Iterable[t.Mapping[str, t.Any]], now: datetime.datetime
) -> t.Tuple[t.List[Ignore], t.List[Ignore]]:
    """The rules that count, and those that have expired.

    :param given: as of the option ``ignore``.
    :raises VirtledgerError: one names nothing, gives no reason, or its end is no date.
    """
    known = [_ignore(item) for item in given]
    valid = [rule for rule in known if rule.expires is None or rule.expires > now]
    return valid, [rule for rule in known if rule not in valid]


def _ignore(item: t.Mapping[str, t.Any]) -> Ignore:
    parts = {name: item.get(name) for name in _PARTS}
    if not any(parts.values()):
        raise VirtledgerError(
            "A rule of option 'ignore' says neither of {0}.".format(", ".join(_PARTS)),
            "It would hide everything; say at least one of them.",
        )
    reason = (item["reason"] or "").strip()
    if not reason:
        raise VirtledgerError(
            "A rule of option 'ignore' has an empty 'reason'.",
            "Write why the finding is meant so; those who come later will ask.",
        )
    return Ignore(reason, _moment(item.get("expires")), **parts)


def _moment(text: t.Optional[str]) -> t.Optional[datetime.datetime]:
    """The end of a rule; that of a day is midnight (UTC) after it."""
    if not text:
        return None
    try:
        if len(text) == len("2027-01-31"):
            day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
            return day + datetime.timedelta(days=1)
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise VirtledgerError(
            "'expires' of a rule of option 'ignore' is {0!r}, which is no date.".format(text),
            "Write it like 2027-01-31, which is to the end of that day (UTC), or with a time like "
            "2027-01-31T12:00:00Z.",
        ) from None
