# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What serial ports, parallel ports, consoles, channels and redirectors share: the host's side."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import ON_OFF
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    from_tree,
    is_pseudo_terminal,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Field,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

#: What libvirt calls the host's side of a character device.
CHARACTER_TYPES = (
    "dev",
    "file",
    "pipe",
    "unix",
    "tcp",
    "udp",
    "null",
    "stdio",
    "vc",
    "pty",
    "spicevmc",
    "spiceport",
    "nmdm",
    "qemu-vdagent",
    "dbus",
)


def backend_fields(tree: str = "config") -> t.Tuple[Field, ...]:
    """The fields of the host's side; the name of the one with the whole source is the caller's.

    What is known only of a running device is its pseudo-terminal or generated socket.
    """
    return (
        shaped(
            tree,
            "source",
            "the first source element, path to text",
            TREE,
            runtime=True,
            moving_when=is_pseudo_terminal,
        ),
        from_tree(
            "source_path",
            "file, device, socket or pseudo-terminal on the host",
            tree,
            "source",
            "@path",
            runtime=True,
            moving_when=is_pseudo_terminal,
        ),
        from_tree(
            "source_mode",
            "V(bind) listens, V(connect) calls",
            tree,
            "source",
            "@mode",
            runtime=True,
            choices=("bind", "connect"),
        ),
        from_tree("source_host", "address it listens on or calls", tree, "source", "@host"),
        from_tree("source_service", "port it listens on or calls", tree, "source", "@service"),
        value(
            "protocol_type",
            "protocol/@type",
            "protocol on a TCP connection",
            choices=("raw", "telnet", "telnets", "tls"),
        ),
        value("log_file", "log/@file", "file on the host that all output is copied to"),
        value("log_append", "log/@append", "that file is appended to, not begun anew", to=ON_OFF),
    )
