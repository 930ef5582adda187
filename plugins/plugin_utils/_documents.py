# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML texts as the archive keeps them: compressed, and named by the digest of their content."""

from __future__ import annotations

import hashlib
import typing as t
import zlib

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import digest_of, stable

#: What a configuration's text was read with: of a running domain libvirt prints the live one
#: without flags; its persistent definition takes VIR_DOMAIN_XML_INACTIVE.
FLAGS = {"live": 0, "config": 2}
LIVE = "live"


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


def document(text: str, kind: str) -> Document:
    """A text with its digests.

    :param kind: ``live`` or ``config``. A definition does not move by itself.
    """
    digest = digest_of(text)
    return Document(text, digest, digest_of(stable(text)) if kind == LIVE else digest)


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


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
