# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading XML text into an element tree, safely, with lxml or the standard library.

Both parsers get the same bytes: the text is decoded here (byte order mark, the first bytes, the
declaration) and handed on as UTF-8, so that an encoding which only one of them knows makes no
difference. Comments and processing instructions are left out of the tree; the original text is
what an archive keeps. A document type declaration is refused: entities and attribute defaults
make the tree differ from the text, and libvirt never writes one.
"""

from __future__ import annotations

import codecs
import re
import typing as t
from xml.etree import ElementTree

from ansible_collections.virtledger.libvirt.plugins.module_utils._bounds import (
    DOCTYPE,
    check_content,
    check_names,
    not_well_formed,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError

#: The common part of lxml's and the standard library's elements that this collection uses.
Element = t.Any

#: Larger documents are refused: libvirt's own limit for one domain's XML is 4 MiB on the wire.
MAX_BYTES = 16 * 1024 * 1024

#: Elements nested deeper than this are refused, which is also where libxml2 stops by default.
MAX_DEPTH = 256

#: Tags and attributes of one document: a VM with 500 disks has some ten thousand, and four million
#: empty elements would fit into its bytes.
MAX_MARKUP = 100000

#: Attributes of one element.
MAX_ATTRIBUTES = 1000

#: Characters of the paths of all its elements together, which is what a few long names around many
#: elements multiply. Documents below the second number of bytes cannot come near the first.
MAX_PATHS = 32 * 1024 * 1024
_SMALL = 32 * 1024

TOO_DEEP = "Elements are nested more than {0} deep.".format(MAX_DEPTH)
_DECLARATION = re.compile(r"<\?xml[ \t\r\n][^>]*?\?>")
_DECLARED = re.compile(r"[\n\ufeff]*<\?xml[ \t\r\n]")
_ENCODING = re.compile(
    r"""[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][A-Za-z0-9._-]*)["']"""
)

_PYTHON_ENCODINGS = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "raw_unicode_escape", "undefined")
    + ("unicode-escape", "unicode_escape")
)

#: What a document begins with, and the encoding that this gives away (XML 1.0, appendix F).
_SIGNATURES = (
    (codecs.BOM_UTF8, "utf-8", True),
    (codecs.BOM_UTF32_LE, "utf-32-le", True),
    (codecs.BOM_UTF32_BE, "utf-32-be", True),
    (codecs.BOM_UTF16_LE, "utf-16-le", True),
    (codecs.BOM_UTF16_BE, "utf-16-be", True),
    (b"\x3c\x00\x00\x00", "utf-32-le", True),
    (b"\x00\x00\x00\x3c", "utf-32-be", True),
    (b"\x3c\x00", "utf-16-le", True),
    (b"\x00\x3c", "utf-16-be", True),
    (b"\x4c\x6f\xa7\x94", "cp037", False),
)


def parse(document: t.Union[str, bytes], backend: str = "") -> Element:
    """The root element of a document.

    :param document: the text, or the bytes of a file in any encoding that XML allows.
    :param backend: ``lxml`` or ``stdlib``; by default lxml where it is installed.
    :raises XmlError: not well-formed, unknown encoding, too large, too deep, or a DOCTYPE.
    """
    return parse_text(decode(document), backend)


def parse_text(text: str, backend: str = "") -> Element:
    """The root element of a document that :func:`decode` has read.

    :raises XmlError: as for :func:`parse`.
    """
    data = encode(text)
    check_bounds(data)
    check_content(data)
    if backend == "stdlib":
        root = parse_stdlib(data)
    else:
        # Importing lxml takes longer than what a hypervisor has beside its domains.
        from ansible_collections.virtledger.libvirt.plugins.module_utils import _lxml

        if backend or _lxml.HAS_LXML:
            root = _lxml.parse_lxml(data, parse_stdlib)
            check_names(data)
        else:
            root = parse_stdlib(data)
    if len(data) > _SMALL:
        _check_paths(root)
    return root


def check_bounds(data: bytes) -> None:
    """Refuse what is too large, before it is parsed.

    :param data: the document as UTF-8.
    :raises XmlError: too many bytes, or too many tags and attributes.
    """
    if len(data) > MAX_BYTES:
        raise XmlError(
            "The document has {0} bytes, more than the {1} that one domain may have.".format(
                len(data), MAX_BYTES
            )
        )
    if len(data) > MAX_MARKUP and data.count(b"<") + data.count(b"=") > MAX_MARKUP:
        raise XmlError("The document has more than {0} tags and attributes.".format(MAX_MARKUP))


def decode(document: t.Union[str, bytes]) -> str:
    """The document's text without byte order mark and XML declaration.

    :raises XmlError: the bytes are not in the encoding that they declare, or that is unknown; the
        declaration is there twice, or is no such.
    """
    try:
        text = document if isinstance(document, str) else document.decode(_encoding(document))
        text = text[1:] if text.startswith("\ufeff") else text
        if text.startswith("<?xml"):
            declaration = _DECLARATION.match(text)
            # The line breaks stay, so that the parser's line numbers are those of the file.
            if declaration:
                text = "\n" * declaration.group().count("\n") + text[declaration.end() :]
            if _DECLARED.match(text):
                raise not_well_formed("XML declaration not understood")
        return text
    except UnicodeError as error:
        raise XmlError("The document cannot be decoded: {0}.".format(error)) from error
    except LookupError as error:
        raise XmlError("The document declares an unknown encoding: {0}.".format(error)) from error


def encode(text: str) -> bytes:
    """A text that :func:`decode` has read as UTF-8.

    :raises XmlError: it has half a surrogate pair, or a NUL.
    """
    if "\0" in text:
        # With one at the beginning expat would take UTF-8 for UTF-16.
        raise not_well_formed("NUL character")
    try:
        return text.encode("utf-8")
    except UnicodeError as error:
        raise XmlError("The document cannot be encoded: {0}.".format(error)) from error


def _encoding(data: bytes) -> str:
    """The encoding of a file, by its byte order mark, its first bytes or its declaration."""
    family = "ascii"
    for signature, encoding, certain in _SIGNATURES:
        if data.startswith(signature):
            if certain:
                return encoding
            family = encoding
            break
    head = data[:1024].decode(family, "replace")
    declaration = _DECLARATION.match(head)
    declared = _ENCODING.search(declaration.group()) if declaration else None
    if declared:
        return _known(declared.group(1))
    return "utf-8" if family == "ascii" else family


def _known(encoding: str) -> str:
    """The encoding, unless only Python calls it one; some of those need quadratic time."""
    name = codecs.lookup(encoding).name
    if name in _PYTHON_ENCODINGS:
        raise LookupError("unknown encoding: {0}".format(encoding))
    return name


class _TreeBuilder(ElementTree.TreeBuilder):
    """Stops at the beginning of a document type declaration, before any entity is declared."""

    def doctype(self, name: str, pubid: t.Optional[str], system: t.Optional[str]) -> None:
        raise XmlError(DOCTYPE)


def parse_stdlib(data: bytes) -> Element:
    """The root element, by the standard library.

    :param data: the document as UTF-8.
    """
    parser = ElementTree.XMLParser(target=_TreeBuilder(), encoding="utf-8")
    try:
        parser.feed(data)
        root = parser.close()
    except ElementTree.ParseError as error:
        raise not_well_formed(str(error)) from error
    _check_depth(root)
    return root


def _check_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise XmlError(TOO_DEEP)
        level = [child for element in level for child in element]


def _check_paths(root: Element) -> None:
    """What keeps content by its path must not need many times the document's memory for it.

    lxml needs quadratic time for the attributes of one element.
    """
    total = 0
    level = [(root, 0)]
    while level:
        below: t.List[t.Tuple[Element, int]] = []
        for element, above in level:
            length = above + len(element.tag) + 1
            attributes = len(element.keys())
            if attributes > MAX_ATTRIBUTES:
                raise XmlError("An element has more than {0} attributes.".format(MAX_ATTRIBUTES))
            total += length * (1 + attributes)
            below.extend((child, length) for child in element)
        if total > MAX_PATHS:
            raise XmlError("Many elements are nested in elements with long names.")
        level = below


def domain_element(root: Element) -> Element:
    """``root`` itself if it is libvirt's ``<domain>``.

    :raises XmlError: another document, for example one in a namespace or a libvirt ``<network>``.
    """
    if root.tag != "domain":
        raise XmlError("The root element is <{0}>, not libvirt's <domain>.".format(root.tag))
    return root
