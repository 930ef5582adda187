# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names from outside, made fit for a message on a terminal."""

from __future__ import annotations

import os

_LONGEST = 300


def shown(name: str, longest: int = _LONGEST) -> str:
    """The name with control, bidirectional and other invisible characters escaped, cut when long.

    File names and XML may hold them, and a terminal acts on some.
    """
    escaped = "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in name[: longest + 1]
    )
    return escaped if len(name) <= longest else escaped[: longest - 3] + "..."


def plain(name: str) -> str:
    """A file's name as text that can be sent: bytes that are no UTF-8 become ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
