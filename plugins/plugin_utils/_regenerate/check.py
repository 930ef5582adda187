# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt refuses of a domain as a whole, named before it is handed over."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError

Element = t.Any

#: The attribute that ``<source>`` of an interface must have, by the interface's type.
_NEEDED_SOURCE = {"network": "network", "bridge": "bridge", "direct": "dev", "vdpa": "dev"}


def require_definable(root: Element, name: str) -> None:
    """Fail for XML that libvirt would refuse whatever the hypervisor.

    :param name: what messages call the VM.
    :raises RegenerationError: names every problem that was found.
    """
    problems = [*_of_domain(root), *_of_disks(root), *_of_interfaces(root), *_of_boot_orders(root)]
    if problems:
        raise RegenerationError(
            "libvirt would refuse VM {0}: {1}.".format(name, "; ".join(problems)),
            "Correct the columns in the ledger, or ask for the archived XML alone.",
        )


def _of_domain(root: Element) -> t.Iterator[str]:
    domain_name = root.findtext("name") or ""
    if not domain_name.strip():
        yield "the domain has no name"
    if "/" in domain_name or "\n" in domain_name:
        yield "the name {0!r} has a slash or a line break".format(domain_name)
    uuid = root.findtext("uuid")
    if uuid is not None and uuid_text(uuid) is INVALID:
        yield "{0!r} is no UUID".format(uuid)


def _of_disks(root: Element) -> t.Iterator[str]:
    seen: t.Set[str] = set()
    for disk in root.iterfind("devices/disk"):
        target = disk.find("target")
        device = target.get("dev") if target is not None else None
        if not device:
            yield "a disk has no target device"
        elif device in seen:
            yield "two disks have the target device {0}".format(device)
        else:
            seen.add(device)


def _of_interfaces(root: Element) -> t.Iterator[str]:
    for interface in root.iterfind("devices/interface"):
        kind = interface.get("type")
        if not kind:
            yield "an interface has no type"
        needed = _NEEDED_SOURCE.get(kind)
        source = interface.find("source")
        if needed and (source is None or not source.get(needed)):
            mac = interface.find("mac")
            which = mac.get("address") if mac is not None else None
            yield "interface {0} of type {1} has no source {1}".format(which or "without MAC", kind)


def _of_boot_orders(root: Element) -> t.Iterator[str]:
    seen: t.Set[str] = set()
    for boot in root.iterfind("devices/*/boot"):
        order = boot.get("order")
        if order in seen:
            yield "two devices have the boot order {0}".format(order)
        elif order is not None:
            seen.add(order)
    if seen and root.find("os/boot") is not None:
        yield "devices have a boot order beside the domain's boot devices (boot_devices_json)"
