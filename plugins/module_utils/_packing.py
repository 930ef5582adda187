# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer as one text.

Ansible looks at every value of a module's result, on the hypervisor and again on the controller;
for the facts of hundreds of domains that takes longer than reading them from libvirt.
"""

from __future__ import annotations

import base64
import binascii
import json
import typing as t
import zlib

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError

#: No answer is larger, in bytes of JSON: that is some 30,000 domains.
LIMIT = 2**30

#: A higher level saves a tenth of the size and takes three times as long.
_LEVEL = 1

_JSON = json.JSONEncoder(separators=(",", ":")).encode


class Packer:
    """An answer that is packed domain by domain, so that the facts of one are there at a time.

    :ivar warnings: names of domains and what was odd about them.
    """

    def __init__(self) -> None:
        self.warnings: t.List[t.Tuple[t.Optional[str], str]] = []
        self._compressor = zlib.compressobj(_LEVEL)
        self._packed: t.List[bytes] = []

    def add(self, domain: t.Mapping[str, t.Any]) -> None:
        """Pack one domain's facts."""
        self.warnings.extend((domain["name"], text) for text in domain["warnings"])
        self._write("," if self._packed else '{"domains":[')
        self._write(_JSON(domain))

    def pack(self, answer: t.Mapping[str, t.Any]) -> str:
        """The whole answer as a text: base64 of zlib of JSON.

        :param answer: the rest of it; its own ``domains`` count only if none was added.
        """
        rest = dict(answer)
        if self._packed:
            del rest["domains"]
            self._write("]," + _JSON(rest)[1:])
        else:
            self._write(_JSON(rest))
        self._packed.append(self._compressor.flush())
        return base64.b64encode(b"".join(self._packed)).decode("ascii")

    def _write(self, text: str) -> None:
        self._packed.append(self._compressor.compress(text.encode("ascii")))


def pack(answer: t.Mapping[str, t.Any]) -> str:
    """The text of an answer that is there as a whole."""
    return Packer().pack(answer)


def unpack(packed: str) -> str:
    """The JSON that was packed.

    :raises FactsError: it was not, or it is larger than any answer.
    """
    decompressor = zlib.decompressobj()
    try:
        data = decompressor.decompress(base64.b64decode(packed, validate=True), LIMIT)
        text = data.decode("ascii")
    except (binascii.Error, zlib.error, ValueError) as error:
        raise FactsError("The packed answer cannot be read: {0}.".format(error)) from error
    if not decompressor.eof:
        raise FactsError("The packed answer is cut off, or larger than {0} bytes.".format(LIMIT))
    return text
