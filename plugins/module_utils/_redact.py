# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing secrets from the text of a document, before it is parsed.

libvirt leaves VNC and SPICE passwords and HTTP cookies out of what a read-only connection may
read; an archived file has them. Everything else that is secret is in every dump. The places are
declared in :mod:`_places`; what of a text is secret, in :mod:`_secrets`. The characters of a
secret are replaced in the text itself, and everything else stays byte for byte what it was.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _places, _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._places import (
    EVERYTHING,
    INSIDE,
    NOTHING,
    ORDINARY,
    TEXTS,
    Place,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._raw_xml import (
    Attributes,
    Characters,
    OpenElement,
    Piece,
    Scan,
    character_data,
    clark,
    start_tag,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._secrets import (
    Finder,
    Spans,
    shell,
    whole,
)

#: Stands where a secret was. Nowhere in XML needs it an escape.
MARK = "(redacted)"

_MARK = re.compile(re.escape(MARK))

#: Prefixes of elements and attributes in a comment.
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*):[A-Za-z_]")

#: No argument and no kernel command line has that many bytes, and no document that much text where
#: secrets may be. What is beyond is not taken apart but removed as a whole, unless it has none of
#: the signs that go with a secret.
_LONG = 64 * 1024
_MUCH = 1024 * 1024
_LONG_SIGNS = ("=", ":", "@", "-", "&#", "crypt", MARK)

#: So is a text with more secrets.
_MANY = 1000


def remove(text: str, also: t.Container[str] = ()) -> t.Tuple[str, t.List[str]]:
    """The text of a document without secrets, as :func:`_plain.redact` returns it.

    :raises XmlError: not well-formed, too deep, or a DOCTYPE; the parsers refuse it as well.
    """
    redactor = _Redactor(_xml.encode(text), also)
    redactor.run()
    return redactor.result()


def marked(text: str) -> t.List[str]:
    """The paths of the values with :data:`MARK` in them, which a user has to supply.

    :param text: as :func:`_xml.decode` gives it.
    :raises XmlError: as for :func:`remove`.
    """
    if MARK not in text:
        return []
    scan = _Marked(_xml.encode(text))
    scan.run()
    return list(dict.fromkeys(scan.paths))


class _Element(OpenElement):
    """An open element, and what of its content is secret.

    :ivar pieces: collects its text where that may be secret; elements within the text of a
        kernel command line share one list.
    :ivar find: what of that text is secret; null where an element around it says so.
    :ivar argument: the last argument among its children.
    """

    def __init__(self, tag: str, step: str) -> None:
        super().__init__(tag, step)
        self.zone = ORDINARY
        self.pieces: t.Optional[t.List[Piece]] = None
        self.find: t.Optional[Finder] = None
        self.argument = ""
        self.empty = False


class _Edit(t.NamedTuple):
    start: int
    end: int
    text: str
    path: str


class _Budget:
    """How much text of a document may still be taken apart."""

    def __init__(self) -> None:
        self._left = _MUCH

    def allows(self, size: int) -> bool:
        """Whether a text may be, which is then counted."""
        if size > _LONG:
            return False
        self._left -= size
        return self._left >= 0


class _Redactor(Scan[_Element]):
    """Notes what is to be replaced in a document."""

    element = _Element

    def __init__(
        self, data: bytes, also: t.Container[str], budget: t.Optional[_Budget] = None
    ) -> None:
        super().__init__(data)
        self._also = also
        self._budget = budget or _Budget()
        self._edits: t.List[_Edit] = []
        self._markup_end = 0
        self.parser.CommentHandler = self._comment
        self.parser.ProcessingInstructionHandler = self._instruction

    def result(self) -> t.Tuple[str, t.List[str]]:
        """The document's text with all replacements, and their paths."""
        parts, position = [], 0
        edits = sorted(self._edits)
        for edit in edits:
            parts += [self.data[position : edit.start], edit.text.encode("utf-8")]
            position = edit.end
        parts.append(self.data[position:])
        return b"".join(parts).decode("utf-8"), list(dict.fromkeys(edit.path for edit in edits))

    def enter(self, element: _Element, attributes: Attributes) -> None:
        index = self.parser.CurrentByteIndex
        parent = self.open[-1] if self.open else None
        if parent is not None:
            self._take_text(parent, index)
            if not parent.zone and _places.is_ordinary(element.tag, parent.tag, attributes):
                return
        names = attributes[::2]
        texts = attributes[1::2]
        place = Place(
            element.tag,
            parent.tag if parent is not None else "",
            parent is not None and (len(self.open) == 1 or _places.is_domain(parent.tag)),
            dict(zip(names, texts)),
            parent.argument if parent is not None else "",
        )
        element.zone = _places.zone(place, parent.zone if parent is not None else "", self._also)
        if element.zone == NOTHING:
            return
        self._expect_text(element, place, parent)
        finders = [self._finder(element, place, *pair) for pair in zip(names, texts)]
        if any(finders) or element.pieces is not None:
            pieces, self._markup_end = start_tag(self.data, index)
            element.empty = self.data[self._markup_end - 2 : self._markup_end] == b"/>"
            steps = (element.step,) if self.open else ()
            for name, piece, find in zip(names, pieces, finders):
                if find is not None:
                    self._replace([piece], find, *steps, "@" + clark(name))
        if place.is_argument and parent is not None:
            parent.argument = place.attributes.get("value", "")

    def _expect_text(self, element: _Element, place: Place, parent: t.Optional[_Element]) -> None:
        if element.zone == INSIDE and parent is not None:
            element.pieces = parent.pieces
        elif element.zone:
            element.find, element.pieces = whole, []
        else:
            element.find = _places.text_finder(place)
            if element.find is not None:
                element.zone, element.pieces = INSIDE, []

    def _finder(self, element: _Element, place: Place, name: str, text: str) -> t.Optional[Finder]:
        if element.zone == EVERYTHING:
            return whole
        return _places.attribute_finder(place, name, text, self._also)

    def leave(self, element: _Element) -> None:
        if element.pieces is None:
            return
        index = self.parser.CurrentByteIndex
        if not element.empty:
            self._take_text(element, index)
            self._markup_end = self.data.index(b">", index) + 1
        if element.find is not None:
            text = self._replace(element.pieces, element.find)
            if element.tag == "initarg" and len(self.open) > 1:
                self.open[-2].argument = text

    def _comment(self, _text: str) -> None:
        self._remark(b"<!--", b"-->", "comment()")

    def _instruction(self, target: str, _text: str) -> None:
        self._remark(b"<?" + target.encode("utf-8"), b"?>", "processing-instruction()")

    def _remark(self, opening: bytes, closing: bytes, step: str) -> None:
        """A comment or processing instruction: not part of the content around it."""
        index = self.parser.CurrentByteIndex
        inside = self.open[-1] if self.open else None
        if inside is not None:
            self._take_text(inside, index)
        start = index + len(opening)
        end = self.data.index(closing, start)
        self._markup_end = end + len(closing)
        if inside is not None and inside.zone == NOTHING:
            return
        if inside is not None and inside.zone in (EVERYTHING, TEXTS):
            self._replace([Piece(start, end, literal=True)], whole, step)
            return
        before = self.data[start:end].decode("utf-8")
        find = shell if self._budget.allows(end - start) else _all_or_nothing
        after = _without_secrets(self._without_commented(before, inside), find)
        if after != before or MARK in after:
            self._edits.append(_Edit(start, end, after, self.path(step)))

    def _without_commented(self, text: str, inside: t.Optional[_Element]) -> str:
        """The text of a comment without the secrets of elements that are commented out."""
        if "<" not in text:
            return text
        spaces = "".join(
            " xmlns:{0}='{0}'".format(prefix)
            for prefix in sorted({*_PREFIX.findall(text)} - {"xml", "xmlns"})
        )
        tag = _places.local_name(inside.tag) if inside is not None else "comment"
        frame = "<domain{0}><{1}>{{0}}</{1}></domain>".format(spaces, tag)
        head, tail = frame.split("{0}")
        inner = _Redactor(_xml.encode(head + text + tail), self._also, self._budget)
        try:
            inner.run()
        except XmlError:
            return text
        redacted, _paths = inner.result()
        return redacted[len(head) : len(redacted) - len(tail)]

    def _take_text(self, element: _Element, index: int) -> None:
        """Collect what stands since the last markup."""
        if element.pieces is not None:
            element.pieces += character_data(self.data, self._markup_end, index)

    def _replace(self, pieces: t.List[Piece], find: Finder, *below: str) -> str:
        """Replace what is secret in a text; the text as it was, empty for a very long one."""
        if not self._budget.allows(sum(piece.end - piece.start for piece in pieces)):
            self._replace_long(pieces, find, self.path(*below))
            return ""
        characters = Characters(self.data, pieces)
        spans = _secrets_in(characters.text, find)
        path = self.path(*below) if spans else ""
        for start, end in spans:
            text = MARK
            for first, last in characters.stretches(start, end):
                self._edits.append(_Edit(first, last, text, path))
                text = ""
        return characters.text

    def _replace_long(self, pieces: t.List[Piece], find: Finder, path: str) -> None:
        """Remove a text that is not taken apart, but for blanks around it, or leave it."""
        raw = b"".join(self.data[piece.start : piece.end] for piece in pieces)
        if find is not whole and not any(sign.encode("ascii") in raw for sign in _LONG_SIGNS):
            return
        before, after = len(raw) - len(raw.lstrip()), len(raw.rstrip())
        text, position = MARK, 0
        for piece in pieces:
            start = max(piece.start, piece.start + before - position)
            end = min(piece.end, piece.start + after - position)
            position += piece.end - piece.start
            if start < end:
                self._edits.append(_Edit(start, end, text, path))
                text = ""


def _secrets_in(text: str, find: Finder) -> Spans:
    """What is secret in a text, or was: spans in order that do not overlap."""
    spans = _merged(find(text) + [match.span() for match in _MARK.finditer(text)])
    return spans if len(spans) <= _MANY else whole(text)


def _without_secrets(text: str, find: Finder) -> str:
    """A text that is as it is written, as that of a comment."""
    parts, position = [], 0
    for start, end in _secrets_in(text, find):
        parts += [text[position:start], MARK]
        position = end
    return "".join(parts) + text[position:]


def _all_or_nothing(text: str) -> Spans:
    """What is secret in a text that is not taken apart."""
    return whole(text) if any(sign in text for sign in _LONG_SIGNS) else []


def _merged(spans: Spans) -> Spans:
    """The spans in order, those that overlap or touch as one."""
    merged: Spans = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class _Marked(Scan[OpenElement]):
    """Finds :data:`MARK` in attributes and texts."""

    element = OpenElement

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.paths: t.List[str] = []
        self.parser.CharacterDataHandler = self._text

    def enter(self, element: OpenElement, attributes: Attributes) -> None:
        steps = (element.step,) if self.open else ()
        for name, text in zip(attributes[::2], attributes[1::2]):
            if MARK in text:
                self.paths.append(self.path(*steps, "@" + clark(name)))

    def _text(self, text: str) -> None:
        if MARK in text:
            self.paths.append(self.path())
