# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of values as people read them, and without what could deceive them."""

from __future__ import annotations

import datetime
import json
import re
import typing as t

#: What no reader shows as it is: control characters, halves of surrogate pairs and what is no
#: character, and marks that turn the order of letters around.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "), default=str)


def visible(text: str) -> str:
    """The same text with every character that cannot be seen written out, as in ``<U+202E>``."""
    return _UNSAFE.sub(lambda match: "<U+{0:04X}>".format(ord(match.group())), text)


def moment(value: t.Optional[datetime.datetime]) -> t.Optional[str]:
    """A time as ISO 8601 in UTC, to the second."""
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(value: t.Any) -> t.Optional[str]:
    """The same of a number of seconds since 1970."""
    if not isinstance(value, int) or not 0 <= value < 253402300800:
        return None
    return moment(datetime.datetime.fromtimestamp(value, datetime.timezone.utc))


def flat(value: t.Any) -> t.Any:
    """A list or dictionary in one line."""
    if isinstance(value, list) and all(isinstance(item, (str, int)) for item in value):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join("{0}={1}".format(key, _part(item)) for key, item in value.items())
    return value if value is None or isinstance(value, str) else _JSON.encode(value)


def _part(value: t.Any) -> str:
    return value if isinstance(value, str) else _JSON.encode(value)


def vlans(value: t.Any) -> t.Any:
    """VLAN tags: ``10``, ``10, 20 (trunk)``."""
    if not isinstance(value, dict) or not isinstance(value.get("tags"), list):
        return flat(value)
    ids = [str(tag.get("id")) if isinstance(tag, dict) else str(tag) for tag in value["tags"]]
    return ", ".join(ids) + (" (trunk)" if value.get("trunk") else "")


def groups(value: t.Any) -> t.Any:
    """Port groups with their VLANs: ``office 10, voice 20``."""
    if not isinstance(value, list):
        return flat(value)
    parts = []
    for group in value:
        if not isinstance(group, dict):
            parts.append(str(group))
            continue
        tags = vlans(group.get("vlan_tags")) if group.get("vlan_tags") else None
        name = group.get("name") or "(unnamed)"
        parts.append("{0} {1}".format(name, tags) if tags else str(name))
    return ", ".join(parts)


def addresses(value: t.Any) -> t.Any:
    """Addresses of a NIC or a network: ``192.0.2.1/24, 2001:db8::1``."""
    if not isinstance(value, list):
        return flat(value)
    return ", ".join(_address(item) for item in value)


def _address(item: t.Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    address = item.get("address") or item.get("@address")
    prefix = item.get("prefix") or item.get("@prefix") or item.get("@netmask")
    if address is None:
        return _JSON.encode(item)
    return "{0}/{1}".format(address, prefix) if prefix else str(address)


def system(value: t.Any) -> t.Any:
    """An operating system by libosinfo's name for it: ``debian 12``."""
    if not isinstance(value, str) or "://" not in value:
        return value
    return " ".join(value.split("://", 1)[1].split("/")[1:]) or value


def count_of(value: t.Any) -> t.Any:
    """How many there are of something."""
    return len(value) if isinstance(value, (list, dict)) else value


def machines(details: t.Any) -> t.List[t.Tuple[str, str, str]]:
    """Name, UUID and host of each VM in the details of a finding."""
    found = details.get("vms") if isinstance(details, dict) else None
    return [
        (str(vm.get("name")), str(vm.get("uuid")), str(vm.get("host_id")))
        for vm in found or ()
        if isinstance(vm, dict)
    ]
