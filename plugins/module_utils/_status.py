# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a domain beside its XML."""

from __future__ import annotations

import typing as t

Facts = t.Dict[str, t.Any]

#: MAC address to addresses as in a port's ``ip_addresses``.
AddressBook = t.Mapping[str, t.List[Facts]]

#: libvirt's domain states by their number.
STATES = (
    "nostate",
    "running",
    "blocked",
    "paused",
    "shutdown",
    "shutoff",
    "crashed",
    "pmsuspended",
)

#: Those in which there is a live configuration, and those in which there is none.
ACTIVE = ("running", "blocked", "paused", "shutdown", "pmsuspended")
INACTIVE = ("shutoff", "crashed")


class Status(t.NamedTuple):
    """What libvirt says of a domain beside its XML; all null for an archived one."""

    state: t.Optional[str] = None
    persistent: t.Optional[bool] = None
    autostart: t.Optional[bool] = None
