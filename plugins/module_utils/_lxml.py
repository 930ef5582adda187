# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading XML with lxml, where it is installed."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._bounds import not_well_formed

lxml_etree: t.Any
try:
    from lxml import etree as lxml_etree

    HAS_LXML = True
except ImportError:
    lxml_etree = None
    HAS_LXML = False


def parse_lxml(data: bytes, otherwise: t.Callable[[bytes], t.Any]) -> t.Any:
    """The root element, by lxml.

    :param data: the document as UTF-8.
    :param otherwise: reads what lxml takes for an error and XML does not.
    :raises XmlError: not well-formed.
    """
    try:
        root = lxml_etree.fromstring(data, _lxml_parser())
    except lxml_etree.XMLSyntaxError as error:
        if any(entry.type_name == "WAR_NS_URI" for entry in error.error_log):
            # A namespace that is no URI is none of the errors that make a document unreadable.
            return otherwise(data)
        raise not_well_formed(_lxml_reason(error)) from None
    return root


def _lxml_parser() -> t.Any:
    return lxml_etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        # Else the beginning of the text decides.
        encoding="utf-8",
        # xml:id may be any text, and several times the same, as for the standard library.
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )


def _lxml_reason(error: t.Any) -> str:
    """What is wrong by libxml2's name for it; its message quotes the document.

    ``tag name mismatch: line 3, column 12``
    """
    entry = error.error_log.last_error
    name = entry.type_name if entry is not None else "syntax error"
    line, column = error.position
    plain = name.replace("ERR_", "").replace("_", " ").lower()
    return "{0}: line {1}, column {2}".format(plain, line, column)
