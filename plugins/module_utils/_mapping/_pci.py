# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PCI and USB addresses of the host, in the one form that searches use."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    hexadecimal,
)


def pci_reference(source: t.Mapping[str, str], prefix: str) -> t.Optional[str]:
    """``pci:0000:3b:02.1`` of the attributes below ``prefix``; as written if no numbers."""
    parts = [source.get(prefix + name) for name in ("domain", "bus", "slot", "function")]
    if all(part is None for part in parts):
        return None
    numbers = [0 if part is None else hexadecimal(part) for part in parts]
    if any(number is INVALID for number in numbers):
        return "pci:" + ":".join(part or "" for part in parts)
    return "pci:{0:04x}:{1:02x}:{2:02x}.{3:x}".format(*numbers)


def usb_reference(source: t.Mapping[str, str]) -> t.Optional[str]:
    """``usb:003.009`` (bus and device) or ``usb:046d:c52b`` (vendor and product)."""
    bus, device = source.get("address/@bus"), source.get("address/@device")
    if bus is not None or device is not None:
        parts = [part or "" for part in (bus, device)]
        if all(part.isdigit() and part.isascii() for part in parts):
            return "usb:{0:03d}.{1:03d}".format(*(int(part) for part in parts))
        return "usb:" + ".".join(parts)
    identifiers = [source.get("vendor/@id"), source.get("product/@id")]
    if all(part is None for part in identifiers):
        return None
    numbers = [hexadecimal(part) for part in identifiers]
    if any(number is INVALID for number in numbers):
        return "usb:" + ":".join(part or "" for part in identifiers)
    return "usb:{0:04x}:{1:04x}".format(*numbers)
