# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one of the two XML parsers refuses, so that neither of them takes it.

libxml2 refuses names of more than 50,000 bytes and texts of more than 10,000,000; expat takes them.
libxml2 knows the names of the fifth edition of XML 1.0, expat those of the fourth.
"""

from __future__ import annotations

import re
import typing as t
from xml.parsers import expat

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError

#: Bytes of the name of an element, an attribute, a prefix or a processing instruction.
MAX_NAME = 40000

#: Bytes of one text, attribute, comment or processing instruction.
MAX_TEXT = 8 * 1024 * 1024

DOCTYPE = "The document has a document type declaration (DOCTYPE), which domain XML never has."

_DELIMITERS = b" \t\r\n<>/='\""
_WORD = rb"[^ \t\r\n<>/='\"]{" + str(MAX_NAME).encode("ascii") + rb",}"
_LONG_NAME = re.compile(
    rb"<[/?]?" + _WORD + rb"|[ \t\r\n]" + _WORD + rb"[ \t\r\n]*=[ \t\r\n]*[\"']"
)


def check_content(data: bytes) -> None:
    """Refuse a document type declaration, and names and texts too long for one of the parsers.

    :param data: the document as UTF-8.
    :raises XmlError: it has one, or it is not well-formed.
    """
    if len(data) > MAX_NAME and _has_long_word(data) and _LONG_NAME.search(data):
        raise XmlError("A name has more than {0} bytes.".format(MAX_NAME))
    # One character is found much faster than a word.
    if len(data) > MAX_TEXT or (b"!" in data and b"<!DOCTYPE" in data):
        _Content().run(data)


def check_names(data: bytes) -> None:
    """Refuse names that expat does not know, which are not all in ASCII.

    :param data: the document as UTF-8, without a document type declaration.
    :raises XmlError: it has such a name.
    """
    if not data.isascii():
        _parse(expat.ParserCreate("utf-8", "}"), data)


def not_well_formed(reason: str) -> XmlError:
    """The error for a document that is no XML.

    :param reason: without any of the document's content, which may be secret.
    """
    return XmlError("Not well-formed XML: {0}.".format(reason))


def _parse(parser: t.Any, data: bytes) -> None:
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise not_well_formed(str(error)) from error


def _has_long_word(data: bytes) -> bool:
    """A quick look: a long word fills one of the blocks of half its size."""
    size = MAX_NAME // 2
    blocks = (data[start : start + size] for start in range(0, len(data), size))
    return any(len(block.translate(None, _DELIMITERS)) == size for block in blocks)


class _Content:
    """One pass over a large document: texts between tags, attributes, comments, and no DOCTYPE."""

    def __init__(self) -> None:
        self._text = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._measure
        self._parser.ProcessingInstructionHandler = self._instruction

    def run(self, data: bytes) -> None:
        """Pass over the document."""
        _parse(self._parser, data)

    @staticmethod
    def _doctype(*_declaration: t.Any) -> None:
        raise XmlError(DOCTYPE)

    def _characters(self, text: str) -> None:
        # Comments are left out of the tree, so the texts around one are one.
        self._text += len(text.encode("utf-8"))
        if self._text > MAX_TEXT:
            raise XmlError("A text has more than {0} bytes.".format(MAX_TEXT))

    def _start(self, _tag: str, attributes: t.Mapping[str, str]) -> None:
        self._text = 0
        for text in attributes.values():
            self._measure(text)

    def _end(self, _tag: str) -> None:
        self._text = 0

    def _instruction(self, _target: str, text: str) -> None:
        self._measure(text)

    @staticmethod
    def _measure(text: str) -> None:
        if len(text) > MAX_TEXT // 4 and len(text.encode("utf-8")) > MAX_TEXT:
            raise XmlError("A text has more than {0} bytes.".format(MAX_TEXT))
