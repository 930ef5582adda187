# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archived texts as trees, and changed trees as texts in the handwriting they came in."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._lxml import lxml_etree

#: Comments, CDATA sections and processing instructions stay; in a start tag, where the serialiser
#: escapes every angle bracket, the attributes are found.
_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|(<[^<>]+>)", re.DOTALL)
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_FIRST_QUOTE = re.compile(r"<[^<>!?][^<>]*?=\s*(['\"])")


def parsed(text: str) -> t.Any:
    """The root of a text with everything in the tree: comments, CDATA marks, instructions.

    :param text: one that :func:`_xml.parse` has taken; what libxml2 reports beyond that, such as a
        namespace that is no URI, does no harm.
    """
    parser = lxml_etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        strip_cdata=False,
        collect_ids=False,
        recover=True,
    )
    return lxml_etree.fromstring(text.encode("utf-8"), parser)


def serialised(root: t.Any, original: str) -> str:
    """The document of an lxml tree, with attributes quoted as in the original text.

    libvirt writes single quotes, lxml double ones; a line that nobody changed stays the same.
    """
    text: str = lxml_etree.tostring(root.getroottree(), encoding="unicode")
    quote = _FIRST_QUOTE.search(original)
    if quote is not None and quote.group(1) == "'":
        text = _MARKUP.sub(_requoted, text)
    return text + "\n" if original.endswith("\n") and not text.endswith("\n") else text


def _requoted(match: t.Match[str]) -> str:
    tag = match.group(1)
    return match.group() if tag is None else _ATTRIBUTE.sub(_single, tag)


def _single(match: t.Match[str]) -> str:
    value = match.group(1).replace("'", "&apos;").replace("&quot;", '"')
    return "='{0}'".format(value)
