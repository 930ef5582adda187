# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<serial>``, ``<parallel>``, ``<console>``, ``<channel>``: lines of characters to the host."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._character import (
    CHARACTER_TYPES,
    backend_fields,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT16,
    UINT32,
    is_pseudo_terminal,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    derived,
    value,
)

Facts = t.Dict[str, t.Any]


def _mirrors_serial(console: Facts, report: t.Any) -> bool:
    """Such a console of a fully virtualised guest is its serial port 0, told a second time."""
    return console["target_type"] in (None, "serial") and console["target_port"] in (None, 0)


_TYPE = value(
    "type", "@type", "host's side, for example V(pty), V(tcp), V(unix)", choices=CHARACTER_TYPES
)
_TARGET_PORT = value(
    "target_port",
    "target/@port",
    "number of the port in the guest",
    to=UNSIGNED,
    maximum=UINT32,
)

SERIAL = Family(
    name="serial",
    fact="serial_devices",
    tag="serial",
    index_type="serial_device",
    identity=("target_port",),
    doc="a serial port",
    split=True,
    fields=(
        _TYPE,
        _TARGET_PORT,
        *backend_fields(),
        value(
            "target_type",
            "target/@type",
            "kind of port, for example V(isa-serial)",
            choices=(
                "isa-serial",
                "usb-serial",
                "pci-serial",
                "spapr-vio-serial",
                "system-serial",
                "sclp-serial",
                "isa-debug",
            ),
        ),
        value(
            "model_name",
            "target/model/@name",
            "device model, for example V(pci-serial)",
            choices=(
                "isa-serial",
                "usb-serial",
                "pci-serial",
                "spapr-vty",
                "pl011",
                "16550a",
                "sclpconsole",
                "sclplmconsole",
                "isa-debugcon",
            ),
        ),
    )
    + COMMON,
)

PARALLEL = Family(
    name="parallel",
    fact="parallel_devices",
    tag="parallel",
    index_type="parallel_device",
    identity=("target_port",),
    doc="a parallel port",
    fields=(_TYPE, _TARGET_PORT, *backend_fields()) + COMMON,
)

CONSOLE = Family(
    name="text console",
    fact="text_consoles",
    tag="console",
    index_type="text_console",
    identity=("target_type", "target_port"),
    doc="a text console; C(consoles) are the graphical ones",
    fields=(
        _TYPE,
        _TARGET_PORT,
        *backend_fields(),
        value(
            "target_type",
            "target/@type",
            "V(serial), V(virtio), V(xen), V(lxc), V(sclp), ...",
            choices=("xen", "serial", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm"),
        ),
        value(
            "tty",
            "@tty",
            "pseudo-terminal on the host, as the attribute repeats it",
            runtime=True,
            moving_when=is_pseudo_terminal,
        ),
        derived(
            "mirrors_serial",
            "of an C(hvm) guest it is serial port 0 once more, not a device of its own: the target "
            "is port 0, or none is named, of type C(serial) or none",
            _mirrors_serial,
            type="bool",
        ),
    )
    + COMMON,
)

CHANNEL = Family(
    name="channel",
    fact="channel_devices",
    tag="channel",
    index_type="channel_device",
    identity=("target_type", "target_name", "target_address", "target_port"),
    doc="a channel between a program in the guest and the host, as guest agents use",
    split=True,
    fields=(
        _TYPE,
        value("target_name", "target/@name", "name in the guest, V(org.qemu.guest_agent.0)"),
        *backend_fields(),
        value(
            "target_type",
            "target/@type",
            "V(virtio), V(guestfwd) or V(xen)",
            choices=("virtio", "guestfwd", "xen"),
        ),
        value("target_address", "target/@address", "address in the guest that is forwarded"),
        value(
            "target_port",
            "target/@port",
            "TCP port in the guest that is forwarded",
            to=UNSIGNED,
            maximum=UINT16,
        ),
        value(
            "target_state",
            "target/@state",
            "V(connected) or V(disconnected): a program in the guest has it open",
            runtime=True,
            choices=("connected", "disconnected"),
        ),
    )
    + COMMON,
)
