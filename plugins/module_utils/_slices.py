# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting a domain's own text out of a document that holds one, such as a status file.

The slice is the very text of the document, comments, CDATA sections and white space included: what
an archive keeps must not be what a parser made of it.
"""

from __future__ import annotations

import re
import typing as t
from xml.parsers import expat
from xml.sax import saxutils

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError

#: Children of an outer element that hold a domain. The second is cut out as a ``<domain>``.
_HOLDERS = ("domain", "inactiveDomain")

_NAME = re.compile(rb"[^ \t\r\n/>]+")


class Root(t.NamedTuple):
    """The root element's name and attributes, as they are written, prefixes included."""

    tag: str
    attributes: t.Dict[str, str]


class Outer(t.NamedTuple):
    """A document around domains.

    :ivar texts: the text of each child of the root that has text only.
    :ivar domains: the texts of the children ``domain`` and ``inactiveDomain``, each a document of
        its own.
    """

    root: Root
    texts: t.Dict[str, str]
    domains: t.Dict[str, t.List[str]]


class _Found(Exception):
    """The root element is read; nothing more is wanted."""


class _Scan:
    """One pass of expat over a document; positions are bytes of its UTF-8."""

    def __init__(self, text: str, root_only: bool) -> None:
        self.data = _xml.encode(text)
        _xml.check_bounds(self.data)
        self.root: t.Optional[Root] = None
        self.texts: t.Dict[str, str] = {}
        self.spans: t.List[t.Tuple[str, t.List[str], int, int]] = []
        self._root_only = root_only
        self._depth = 0
        self._start = 0
        self._declared: t.List[str] = []
        self._text: t.List[str] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._characters

    def run(self) -> None:
        """Read the document.

        :raises XmlError: not well-formed, nested too deep, or a DOCTYPE.
        """
        try:
            self._parser.Parse(self.data, True)
        except _Found:
            pass
        except expat.ExpatError as error:
            raise _xml.not_well_formed(str(error)) from error

    def _doctype(self, *_args: t.Any) -> None:
        raise XmlError(_xml.DOCTYPE)

    def _open(self, tag: str, attributes: t.Dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _xml.MAX_DEPTH:
            raise XmlError(_xml.TOO_DEEP)
        if self._depth == 1:
            self.root = Root(tag, attributes)
            if self._root_only:
                raise _Found
        elif self._depth == 2:
            self._start = self._parser.CurrentByteIndex
            self._declared = list(attributes)
            self._text = []

    def _characters(self, text: str) -> None:
        if self._depth == 2:
            self._text.append(text)

    def _close(self, tag: str) -> None:
        if self._depth == 2:
            if tag in _HOLDERS:
                self.spans.append((tag, self._declared, self._start, self._end(tag)))
            else:
                self.texts[tag] = "".join(self._text)
        self._depth -= 1

    def _end(self, tag: str) -> int:
        """Where the element ends; expat is before an end tag, but behind an empty element."""
        here = self._parser.CurrentByteIndex
        name = _NAME.match(self.data, here + 2) if self.data[here : here + 2] == b"</" else None
        if name is None or name.group() != tag.encode("utf-8"):
            return here
        return self.data.index(b">", here) + 1


def root(text: str) -> Root:
    """The root element of a document; what follows it is not read.

    :param text: as :func:`_xml.decode` gives it.
    :raises XmlError: not well-formed up to there, or a DOCTYPE.
    """
    scan = _Scan(text, root_only=True)
    scan.run()
    return t.cast(Root, scan.root)


def outer(text: str) -> Outer:
    """A document around domains, with their texts.

    :param text: as :func:`_xml.decode` gives it.
    :raises XmlError: not well-formed, nested too deep, or a DOCTYPE.
    """
    scan = _Scan(text, root_only=False)
    scan.run()
    found = t.cast(Root, scan.root)
    domains: t.Dict[str, t.List[str]] = {tag: [] for tag in _HOLDERS}
    for tag, declared, start, end in scan.spans:
        domains[tag].append(_slice(scan.data[start:end], tag, declared, found.attributes))
    return Outer(found, scan.texts, domains)


def _slice(data: bytes, tag: str, declared: t.Sequence[str], above: t.Mapping[str, str]) -> str:
    """The element as a document: called ``domain``, with the namespaces that it uses declared."""
    name = tag.encode("utf-8")
    added = "".join(
        " {0}={1}".format(key, saxutils.quoteattr(uri))
        for key, uri in above.items()
        if key.startswith("xmlns:")
        and key not in declared
        and key[len("xmlns:") :].encode("utf-8") + b":" in data
    )
    body = data[1 + len(name) :]
    if tag != "domain" and not body.endswith(b"/>"):
        body = body[: body.rindex(b"</")] + b"</domain>"
    return "<domain{0}{1}".format(added, body.decode("utf-8"))
