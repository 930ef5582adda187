# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML texts as the archive keeps them: compressed, and named by the digest of their content."""

from __future__ import annotations

import hashlib
import re
import typing as t
import zlib

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError

#: What a configuration's text was read with: of a running domain libvirt prints the live one
#: without flags; its persistent definition takes VIR_DOMAIN_XML_INACTIVE.
FLAGS = {"live": 0, "config": 2}

#: Where a running domain's text changes by itself, as libvirt prints it.
_MOVING = re.compile(
    r"(?<=<currentMemory unit='KiB'>)\d+(?=</currentMemory>)"
    r"|(?<=[ ]path=')/dev/pts/\d+(?=')"
    r"|(?<=[ ]tty=')/dev/pts/\d+(?=')"
)


class Document(t.NamedTuple):
    """One text.

    :ivar digest: SHA-256 of the text, which names it.
    :ivar stable_digest: the same without what moves by itself: with equal ones nothing changed.
    """

    text: str
    digest: str
    stable_digest: str

    @property
    def row(self) -> t.Dict[str, t.Any]:
        """The values of its row in ``xml_documents``."""
        data = _encoded(self.text)
        return {"digest": self.digest, "size_bytes": len(data), "content": zlib.compress(data, 6)}


def document(text: str) -> Document:
    """A text with its digests."""
    return Document(text, _digest(text), _digest(_MOVING.sub("", text)))


def restored(digest: str, content: bytes) -> str:
    """The text of a stored document.

    :raises DatabaseError: the content is damaged: it does not decompress, or to something else.
    """
    try:
        data = zlib.decompress(content)
    except zlib.error:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise DatabaseError(
            "The archived document {0} is damaged.".format(digest),
            "Restore table xml_documents from a backup of the database.",
        )
    return data.decode("utf-8", "surrogatepass")


def _digest(text: str) -> str:
    return hashlib.sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
