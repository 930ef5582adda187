# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing secrets from a domain's tree, before anything is read from it.

libvirt leaves VNC and SPICE passwords and HTTP cookies out of what a read-only connection may
read; an archived file has them. Secrets on QEMU's command line are in every dump.
"""

from __future__ import annotations

import re
import typing as t

#: Stands where a secret was.
MARK = "(redacted)"

_QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"

#: Attributes that are passwords, and elements whose text is a secret: (path, attribute or None).
_PLACES = (
    ("devices/graphics", "passwd"),
    ("devices/disk/source/cookies/cookie", None),
)

#: ``data=...`` of a ``secret`` object, ``password=...`` of any other.
_SECRET_OPTION = re.compile(r"(?i)\b((?:password|passwd|secret|token)=)([^,\s]+)")
_SECRET_DATA = re.compile(r"(?i)\b(data=)([^,\s]+)")
_SECRET_JSON = re.compile(r'(?i)("(?:data|password|passwd|secret|token)"\s*:\s*")([^"]+)(")')
_SECRET_NAME = re.compile(r"(?i)passw|secret|token|credential|api_?key|private_?key")


def redact(root: t.Any) -> t.List[str]:
    """Replace the secrets in a ``<domain>`` by :data:`MARK`.

    :returns: the paths of what was replaced, in document order for each kind.
    """
    removed: t.List[str] = []
    for path, attribute in _PLACES:
        for element in root.iterfind(path):
            if attribute is None and element.text:
                element.text = MARK
                removed.append(path)
            elif attribute is not None and element.get(attribute):
                element.set(attribute, MARK)
                removed.append(path + "/@" + attribute)
    for element in root.iterfind("{0}commandline/*".format(_QEMU)):
        text = element.get("value")
        if text and _redacted_option(element, text) != text:
            element.set("value", _redacted_option(element, text))
            removed.append(
                "{0}/@value".format(element.tag.replace(_QEMU, "qemu:commandline/qemu:"))
            )
    return removed


def _redacted_option(element: t.Any, text: str) -> str:
    if element.tag == _QEMU + "env":
        return MARK if _SECRET_NAME.search(element.get("name") or "") else text
    text = _SECRET_OPTION.sub(r"\1" + MARK, text)
    if text.startswith("secret,"):
        text = _SECRET_DATA.sub(r"\1" + MARK, text)
    if text.startswith("{"):
        text = _SECRET_JSON.sub(r"\1" + MARK + r"\3", text)
    return text


def marked(text: str) -> t.List[str]:
    """Where a secret was removed."""
    return ["?"] if MARK in text else []
