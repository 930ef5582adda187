# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<redirdev>``, ``<redirfilter>``, ``<smartcard>``: what a console's user lends a VM."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._character import (
    CHARACTER_TYPES,
    backend_fields,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    repeated,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import TEXT_ITEM
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import ATTRIBUTES

#: ``<redirdev>``: a port for the USB devices of the person at the console.
REDIRDEV = Family(
    name="redirector",
    fact="usb_redirectors",
    tag="redirdev",
    index_type="usb_redirector",
    identity=("bus", "type"),
    doc="a port through which the user of a console lends the VM a USB device",
    split=True,
    fields=(
        value("type", "@type", "host's side, for example V(spicevmc)", choices=CHARACTER_TYPES),
        value("bus", "@bus", "V(usb)", choices=("usb",)),
        *backend_fields("source"),
    )
    + COMMON,
)

REDIRFILTER = Family(
    name="redirection filter",
    fact="redirection_filters",
    tag="redirfilter",
    index_type="redirection_filter",
    identity=(),
    doc="which USB devices may be lent to the VM",
    fields=(
        repeated(
            "rules",
            "usbdev",
            "the rules in their order, attribute to text each; the first that matches decides",
            ATTRIBUTES,
        ),
    )
    + COMMON,
)

SMARTCARD = Family(
    name="smartcard",
    fact="smartcards",
    tag="smartcard",
    index_type="smartcard",
    identity=("type",),
    doc="a smartcard reader",
    split=True,
    fields=(
        value(
            "type",
            "@mode",
            "V(host), V(host-certificates) or V(passthrough)",
            choices=("host", "host-certificates", "passthrough"),
        ),
        value(
            "channel_type",
            "@type",
            "host's side where it is passed through, for example V(spicevmc)",
            choices=CHARACTER_TYPES,
        ),
        *backend_fields(),
        repeated("certificates", "certificate", "names of the host's certificates", TEXT_ITEM),
        value("database", "database", "folder with the host's certificates"),
    )
    + COMMON,
)
