# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known by an address: NICs by IP, devices of the host by their place or product."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._json_sql import (
    as_text,
    has,
    json_pattern,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    ports,
    volume_attachments,
)

_devices = metadata.tables["host_devices"]
_attachments = metadata.tables["host_device_attachments"]

#: With domain and function or without, and with the words and separators of libvirt's own names.
_PCI = re.compile(
    r"(?:pci[:_])?(?:([0-9a-f]{1,8})[:_])?([0-9a-f]{1,2})[:_]([01]?[0-9a-f])(?:[._]([0-7]))?\Z"
)
_USB_PRODUCT = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}\Z")


def like(column: t.Any, text: str) -> t.Any:
    """Equal, or like a text with ``*`` and ``?``."""
    if "*" not in text and "?" not in text:
        return column == text
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(escaped.replace("*", "%").replace("?", "_"), escape="\\")


def ip_is(text: str) -> t.Any:
    """A NIC by one of its addresses."""
    known = as_text(ports.c.ip_addresses_json)
    if "*" in text or "?" in text:
        listed = known.regexp_match('"address":"{0}"'.format(json_pattern(text)))
        return sa.or_(like(ports.c.ip_address, text), listed)
    try:
        text = str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise VirtledgerError(
            "Option 'ip' is {0!r}, which is no IP address.".format(text),
            "Write the whole address, or one with * such as 192.0.2.*.",
        ) from None
    return sa.or_(ports.c.ip_address == text, has(known, '"address":"{0}"'.format(text)))


def pci_is(text: str) -> str:
    """A PCI address as the ledger has it, ``pci:0000:3b:02.1``; without function that is any.

    :raises VirtledgerError: it is none.
    """
    lowered = text.strip().lower()
    if "*" in lowered or "?" in lowered:
        return lowered if lowered.startswith("pci:") else "pci:" + lowered
    match = _PCI.match(lowered)
    if not match:
        raise VirtledgerError(
            "Option 'pci' is {0!r}, which is no PCI address.".format(text),
            "Write it as 0000:03:00.1, 03:00.1, pci_0000_03_00_1, or with * such as 0000:03:*.",
        )
    domain, bus, slot, function = match.groups()
    place = "{0:04x}:{1:02x}:{2:02x}".format(
        *(int(part or "0", 16) for part in (domain, bus, slot))
    )
    return "pci:{0}.{1}".format(place, function or "?")


def device_is_pci(text: str) -> t.Any:
    """A device of the host by its PCI address."""
    return like(_devices.c.address, pci_is(text))


def nic_is_pci(text: str) -> t.Any:
    """A NIC that is a PCI device of the host."""
    return sa.and_(ports.c.source_type == "hostdev", like(ports.c.source_ref, pci_is(text)))


def disk_is_pci(text: str) -> t.Any:
    """A disk that is a namespace of an NVMe drive."""
    address, place = pci_is(text), volume_attachments.c.source_ref
    return sa.and_(
        volume_attachments.c.source_type == "nvme",
        sa.or_(like(place, address), like(place, address + "/*")),
    )


def device_is(text: str) -> t.Any:
    """A device of the host by its ``source_ref``, or by where it is plugged in.

    Vendor and product alone are those of a USB device, a UUID that of a mediated one.
    """
    key = uuid_text(text)
    if key is not INVALID:
        text = "mdev:{0}".format(key)
    elif _USB_PRODUCT.match(text.lower()):
        text = "usb:" + text.lower()
    elif text.startswith("pci"):
        text = pci_is(text)
    return sa.or_(like(_devices.c.address, text), like(_devices.c.usb_address, text))


def _vms_of_device(condition: t.Any) -> t.Any:
    return (
        sa.select(_attachments.c.vm_uuid)
        .join(_devices, _devices.c.id == _attachments.c.host_device_id)
        .where(condition, _attachments.c.deleted_at.is_(None))
    )


def vms_with_host_device(text: str) -> t.Any:
    """Selects the VMs that have a device of the host."""
    return _vms_of_device(device_is(text))


def vms_with_pci(text: str) -> t.Any:
    """Selects the VMs that have a PCI device of the host, in whatever way."""
    return sa.union_all(
        _vms_of_device(device_is_pci(text)),
        sa.select(ports.c.vm_uuid).where(nic_is_pci(text), ports.c.deleted_at.is_(None)),
        sa.select(volume_attachments.c.vm_uuid).where(
            disk_is_pci(text), volume_attachments.c.deleted_at.is_(None)
        ),
    )
