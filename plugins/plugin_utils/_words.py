# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recordings did, in words."""

from __future__ import annotations

import typing as t

#: How a VM can differ from what was recorded, by the words of a result, in the order of telling.
DIFFERENCES = ("new", "changed", "moved", "returned", "gone")


def counted(vms: t.Mapping[str, int], check_mode: bool = False) -> str:
    """The VMs of a host: ``50 VMs, 2 new, 1 gone``."""
    told = [
        "{0} {1}".format(vms[name], "would be " + name if check_mode else name)
        for name in DIFFERENCES
        if vms[name]
    ]
    if vms["failed"]:
        told.append("{0} not readable".format(vms["failed"]))
    number = "{0} VM{1}".format(vms["seen"], "" if vms["seen"] == 1 else "s")
    return ", ".join([number, *(told or ["no change"])])


def seconds(value: float) -> str:
    """A duration: ``0.42 s``, ``75 s``."""
    return "{0:.2f} s".format(value) if value < 10 else "{0:.0f} s".format(value)
