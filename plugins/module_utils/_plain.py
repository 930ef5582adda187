# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents without secrets: most have none, which a quick look tells.

What takes the others apart is imported where there is one.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml

#: A document in which nothing of this stands has no secret that is always removed: the signs of a
#: URL's password and query, of JSON, of comments and CDATA, and of character references, which may
#: hide the others; then names.
_SIGNS = ("@", "?", "{", "!", "#", "query", "rdp", "commandline", "override")

#: Elements whose text is secret, or may be. A C(secret) without one only refers to it.
_ELEMENTS = re.compile(
    r"<(?:init(?!rd)|cookies|cmdline|bootloader"
    r"|secret(?!(?:\s+[\w:.-]+\s*=\s*(?:'[^'<]*'|\"[^\"<]*\"))*\s*/>))"
)

#: The same for what is removed by choice.
_CHOSEN_SIGNS = {
    "sysinfo": ("<sysinfo",),
    "metadata": ("<metadata",),
    "description": ("<description", "<title"),
    "launch_security": ("<launchSecurity",),
}


class Plain(t.NamedTuple):
    """The text of a document without secrets.

    :ivar text: with :data:`_redact.MARK` for each of them.
    :ivar redacted: the paths of where that is.
    """

    text: str
    redacted: t.List[str]


def plain_text(document: t.Union[str, bytes], also: t.Container[str] = ()) -> Plain:
    """A document as it is returned, stored and looked at.

    :param document: the text, or the bytes of a file in any encoding that XML allows.
    :param also: as for :func:`redact`.
    :raises XmlError: as for :func:`_xml.decode` and :func:`redact`.
    """
    return Plain(*redact(_xml.decode(document), also))


def redact(text: str, also: t.Container[str] = ()) -> t.Tuple[str, t.List[str]]:
    """The text of a document without secrets.

    :param text: as :func:`_xml.decode` gives it.
    :param also: what to remove besides what always is, of :data:`_options.REMOVABLE`.
    :returns: the text with each secret replaced by :data:`_redact.MARK`, and the paths below the
        root of where that is, in document order: ``devices/graphics[2]/@passwd``. What was
        redacted before is named again, and stays as it is.
    :raises XmlError: not well-formed, too deep, or a DOCTYPE; the parsers refuse it as well.
    """
    if not may_have_secrets(text, also):
        return text, []
    from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import remove

    return remove(text, also)


def may_have_secrets(text: str, also: t.Container[str]) -> bool:
    """A quick look, so that most documents need no closer one."""
    if any(sign in text for sign in _SIGNS) or _ELEMENTS.search(text):
        return True
    if "passw" in text and text.count("passw") > text.count("passwdValidTo"):
        return True
    return any(
        choice in also and any(sign in text for sign in signs)
        for choice, signs in _CHOSEN_SIGNS.items()
    )
