# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<graphics>``: a Console: where a person sees the VM's screen."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import SIGNED, YES_NO
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT16,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Edits,
    Family,
    derived,
    repeated,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

Facts = t.Dict[str, t.Any]


def _listen_address(console: Facts, report: t.Any) -> t.Optional[str]:
    """The attribute repeats the first ``<listen>`` with an address; either may be alone."""
    if console["listen"] is not None:
        return console["listen"]
    for listen in console["listens"]:
        if "@address" in listen:
            return listen["@address"]
    return None


def _socket_path(console: Facts, report: t.Any) -> t.Optional[str]:
    for listen in console["listens"]:
        if "@socket" in listen:
            return listen["@socket"]
    return None


def _first_with(console: Facts, attribute: str) -> t.Optional[str]:
    """The step of the first C(listen) element with this attribute."""
    for number, listen in enumerate(console["listens"] or (), 1):
        if attribute in listen:
            return "listen" if number == 1 else "listen[{0}]".format(number)
    return None


def _place_listen_address(value: t.Any, console: Facts) -> Edits:
    """Where both the attribute and an element are there, libvirt wants them alike."""
    element = _first_with(console, "@address")
    edits: Edits = {}
    if element is not None:
        edits[element + "/@address"] = value
    if element is None or console["listen"] is not None:
        edits["@listen"] = value
    return edits


def _place_socket_path(value: t.Any, console: Facts) -> Edits:
    element = _first_with(console, "@socket")
    if element is not None:
        return {element + "/@socket": value}
    if console["listens"]:
        raise ValueError("none of its listen elements is a socket")
    if value is None:
        return {}
    return {"listen/@type": "socket", "listen/@socket": value}


GRAPHICS = Family(
    name="console",
    fact="consoles",
    tag="graphics",
    index_type="console",
    identity=("type",),
    doc="a graphical console: VNC, SPICE, RDP, a local window",
    fields=(
        value(
            "type",
            "@type",
            "V(vnc), V(spice), V(rdp), V(sdl), V(dbus), ...",
            choices=("vnc", "spice", "rdp", "sdl", "desktop", "dbus", "egl-headless"),
        ),
        derived(
            "listen_address",
            "address that it listens on",
            _listen_address,
            runtime=True,
            place=_place_listen_address,
            where="@listen or listen/@address",
        ),
        value(
            "port",
            "@port",
            "TCP port; -1 while libvirt has yet to choose",
            to=SIGNED,
            runtime=True,
            maximum=UINT16,
        ),
        value(
            "tls_port",
            "@tlsPort",
            "TCP port with TLS",
            to=SIGNED,
            runtime=True,
            maximum=UINT16,
        ),
        value(
            "websocket_port",
            "@websocket",
            "websocket port",
            to=SIGNED,
            runtime=True,
            maximum=UINT16,
        ),
        value("autoport", "@autoport", "libvirt chooses the port", to=YES_NO),
        value("listen", "@listen", "the attribute C(listen) as it stands", runtime=True),
        repeated("listens", "listen", "the C(listen) elements, path to text each", TREE),
        derived(
            "socket_path",
            "UNIX socket that it listens on",
            _socket_path,
            runtime=True,
            place=_place_socket_path,
            where="listen/@socket",
        ),
        value("keymap", "@keymap", "keyboard layout"),
        value("password_valid_to", "@passwdValidTo", "when the password expires"),
    )
    + COMMON,
)
