# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document as it is written: where in its bytes the attributes and texts of elements stand.

A parse tree does not tell that. Here a pass of expat over the bytes gives the position of every
tag, and the tags are read again from there; the document is well-formed up to that point, which
keeps this simple.
"""

from __future__ import annotations

import array
import bisect
import re
import typing as t
from xml.parsers import expat

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError

#: Names and values in turn, as expat gives them.
Attributes = t.List[str]

_TAG_NAME = re.compile(rb"<[^ \t\r\n/>]+")
_ATTRIBUTE = re.compile(
    rb"[ \t\r\n]+([^ \t\r\n=/>]+)[ \t\r\n]*=[ \t\r\n]*(?:\"([^\"]*)\"|'([^']*)')"
)
_CDATA = re.compile(rb"<!\[CDATA\[([\s\S]*?)\]\]>")
_CHARACTER = re.compile(r"\r\n|&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot|apos));|[\s\S]")
_PREDEFINED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class Piece(t.NamedTuple):
    """A stretch of bytes that is text: an attribute's value, character data, the inside of CDATA.

    :ivar literal: no character references are in it.
    """

    start: int
    end: int
    literal: bool = False


def clark(name: str) -> str:
    """expat's ``uri}name`` as ``{uri}name``."""
    return "{" + name if "}" in name else name


def start_tag(data: bytes, index: int) -> t.Tuple[t.List[Piece], int]:
    """The values of the attributes of the tag at ``index``, and where the tag ends.

    Declarations of namespaces are left out, so these are the attributes that expat tells.
    """
    values = []
    name = _TAG_NAME.match(data, index)
    end = name.end() if name else index
    match = _ATTRIBUTE.match(data, end)
    while match:
        end = match.end()
        if not (match.group(1) == b"xmlns" or match.group(1).startswith(b"xmlns:")):
            values.append(Piece(*match.span(match.lastindex or 0)))
        match = _ATTRIBUTE.match(data, end)
    return values, data.index(b">", end) + 1


def character_data(data: bytes, start: int, end: int) -> t.List[Piece]:
    """The pieces of what stands between two tags or comments."""
    pieces = []
    for match in _CDATA.finditer(data, start, end):
        pieces += [Piece(start, match.start()), Piece(*match.span(1), literal=True)]
        start = match.end()
    return [piece for piece in [*pieces, Piece(start, end)] if piece.start < piece.end]


class _Run:
    """One piece: its characters, and where each of them begins in the raw text.

    :ivar first: the place of its first character in the whole text.
    """

    __slots__ = ("_begins", "_byte", "_raw", "_read", "_start", "first", "text")

    def __init__(self, data: bytes, piece: Piece, first: int) -> None:
        self.first = first
        self._raw = data[piece.start : piece.end].decode("utf-8")
        self.text, self._begins = _decoded(self._raw, piece.literal)
        self._start = self._byte = piece.start
        self._read = 0

    def byte(self, position: int) -> int:
        """The place in the document of the character at ``position`` of the whole text.

        Asked for in ascending order.
        """
        within = min(max(position - self.first, 0), len(self.text))
        if self._begins is not None:
            within = self._begins[within]
        if self._raw.isascii():
            return self._start + within
        self._byte += len(self._raw[self._read : within].encode("utf-8"))
        self._read = within
        return self._byte


class Characters:
    """The text that some pieces make, and the way back from it to the document's bytes.

    :ivar text: the text as a parser gives it, but for the white space of attributes.
    """

    def __init__(self, data: bytes, pieces: t.Iterable[Piece]) -> None:
        self._runs: t.List[_Run] = []
        length = 0
        for piece in pieces:
            self._runs.append(_Run(data, piece, length))
            length += len(self._runs[-1].text)
        self._firsts = [run.first for run in self._runs]
        self.text = "".join(run.text for run in self._runs)

    def stretches(self, start: int, end: int) -> t.List[t.Tuple[int, int]]:
        """The stretches of bytes that hold the characters from ``start`` to ``end``.

        Asked for in ascending order.
        """
        found = []
        index = max(bisect.bisect_right(self._firsts, start) - 1, 0)
        while index < len(self._runs) and self._firsts[index] < end:
            run = self._runs[index]
            if start < run.first + len(run.text):
                found.append((run.byte(start), run.byte(end)))
            index += 1
        return found


def _decoded(raw: str, literal: bool) -> t.Tuple[str, t.Optional[t.Sequence[int]]]:
    """Raw text as a parser gives it, and where each character begins, null where it is alike."""
    if "\r" not in raw and (literal or "&" not in raw):
        return raw, None
    characters = []
    begins = array.array("L")
    for match in _CHARACTER.finditer(raw):
        found = match.group()
        begins.append(match.start())
        characters.append(found if len(found) == 1 else _character(match))
    begins.append(len(raw))
    return "".join(characters), begins


def _character(match: t.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _PREDEFINED[name]
    if hexadecimal or decimal:
        return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
    return "\n"


class OpenElement:
    """An element whose end tag has not come yet; subclasses add what they keep of it."""

    def __init__(self, tag: str, step: str) -> None:
        self.tag = tag
        self.step = step
        self.counts: t.Dict[str, int] = {}


E = t.TypeVar("E", bound=OpenElement)


class Scan(t.Generic[E]):
    """One pass over a document, with the path of every element.

    :cvar element: the class of the elements.
    :ivar open: the elements around the current place, the root first.
    """

    element: t.Type[E]

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.open: t.List[E] = []
        self.parser = expat.ParserCreate("UTF-8", "}")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def run(self) -> None:
        """Pass over the document.

        :raises XmlError: it is not well-formed, too large, too deep, or has a DOCTYPE.
        """
        _xml.check_bounds(self.data)
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise _xml.not_well_formed(str(error)) from error

    @staticmethod
    def _doctype(*_declaration: t.Any) -> None:
        raise XmlError(_xml.DOCTYPE)

    def _start(self, name: str, attributes: Attributes) -> None:
        tag = clark(name)
        if len(self.open) >= _xml.MAX_DEPTH:
            raise XmlError(_xml.TOO_DEEP)
        step = tag
        if self.open:
            counts = self.open[-1].counts
            count = counts[tag] = counts.get(tag, 0) + 1
            step = tag if count == 1 else "{0}[{1}]".format(tag, count)
        element = self.element(tag, step)
        self.enter(element, attributes)
        self.open.append(element)

    def _end(self, _name: str) -> None:
        self.leave(self.open[-1])
        self.open.pop()

    def enter(self, element: E, attributes: Attributes) -> None:
        """An element begins; ``open`` has those around it."""

    def leave(self, element: E) -> None:
        """An element ends; it is the last one in ``open``."""

    def path(self, *below: str) -> str:
        """The path below the root of the last open element, and of something in it."""
        return "/".join([element.step for element in self.open[1:]] + list(below))
