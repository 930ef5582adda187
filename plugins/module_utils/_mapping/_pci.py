# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PCI and USB addresses of the host, in the one form that searches use, and back."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    hexadecimal,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import Edits

_PCI_PARTS = ("domain", "bus", "slot", "function")
_PCI = re.compile(r"pci:([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])\Z")
_USB_PARTS = ("address/@bus", "address/@device", "vendor/@id", "product/@id")
_USB_ADDRESS = re.compile(r"usb:([0-9]{1,3})\.([0-9]{1,3})\Z", re.ASCII)
_USB_PRODUCT = re.compile(r"usb:([0-9a-f]{4}):([0-9a-f]{4})\Z")


def pci_reference(source: t.Mapping[str, str], prefix: str) -> t.Optional[str]:
    """``pci:0000:3b:02.1`` of the attributes below ``prefix``; as written if no numbers."""
    parts = [source.get(prefix + name) for name in _PCI_PARTS]
    if all(part is None for part in parts):
        return None
    numbers = [0 if part is None else hexadecimal(part) for part in parts]
    if any(number is INVALID for number in numbers):
        return "pci:" + ":".join(part or "" for part in parts)
    return "pci:{0:04x}:{1:02x}:{2:02x}.{3:x}".format(*numbers)


def usb_address(source: t.Mapping[str, str]) -> t.Optional[str]:
    """``usb:003.009``: the bus and the number on it that a device has now."""
    bus, device = source.get("address/@bus"), source.get("address/@device")
    if bus is None and device is None:
        return None
    parts = [part or "" for part in (bus, device)]
    if all(part.isdigit() and part.isascii() for part in parts):
        return "usb:{0:03d}.{1:03d}".format(*(int(part) for part in parts))
    return "usb:" + ".".join(parts)


def usb_product(source: t.Mapping[str, str]) -> t.Optional[str]:
    """``usb:046d:c52b``: vendor and product, which stay the same in every port."""
    identifiers = [source.get("vendor/@id"), source.get("product/@id")]
    if all(part is None for part in identifiers):
        return None
    numbers = [hexadecimal(part) for part in identifiers]
    if any(number is INVALID for number in numbers):
        return "usb:" + ":".join(part or "" for part in identifiers)
    return "usb:{0:04x}:{1:04x}".format(*numbers)


def usb_reference(source: t.Mapping[str, str]) -> t.Optional[str]:
    """The address of a device or, where none is named, its vendor and product."""
    return usb_address(source) or usb_product(source)


def pci_edits(reference: t.Optional[str], prefix: str) -> Edits:
    """What the attributes below ``prefix`` must be for this reference.

    :raises ValueError: not of the form ``pci:0000:3b:02.1``.
    """
    if reference is None:
        return {prefix + name: None for name in _PCI_PARTS}
    match = _PCI.match(reference)
    if not match:
        raise ValueError("{0!r} is no PCI address such as pci:0000:3b:02.1".format(reference))
    return {prefix + name: "0x" + part for name, part in zip(_PCI_PARTS, match.groups())}


def usb_edits(reference: t.Optional[str], prefix: str) -> Edits:
    """What the elements below ``prefix`` must be: an address, or vendor and product.

    :raises ValueError: neither ``usb:003.009`` nor ``usb:046d:c52b``.
    """
    edits: Edits = {prefix + path: None for path in _USB_PARTS}
    if reference is None:
        return edits
    address, product = _USB_ADDRESS.match(reference), _USB_PRODUCT.match(reference)
    if address:
        numbers = [str(int(part)) for part in address.groups()]
        edits.update(zip((prefix + "address/@bus", prefix + "address/@device"), numbers))
    elif product:
        identifiers = ["0x" + part for part in product.groups()]
        edits.update(zip((prefix + "vendor/@id", prefix + "product/@id"), identifiers))
    else:
        raise ValueError("{0!r} is neither usb:BUS.DEVICE nor usb:VENDOR:PRODUCT".format(reference))
    return edits
