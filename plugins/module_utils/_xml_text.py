# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One element of a tree as XML text, the same whichever parser the tree came from."""

from __future__ import annotations

import typing as t

#: An element of lxml or the standard library.
Element = t.Any

#: Prefixes of the namespaces that libvirt's drivers use.
_PREFIXES = {
    "http://www.w3.org/XML/1998/namespace": "xml",
    **{
        "http://libvirt.org/schemas/domain/{0}/1.0".format(driver): driver
        for driver in ("qemu", "lxc", "xen", "bhyve", "vmware", "test", "openvz")
    },
}

_TEXT_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE_ESCAPES = {**_TEXT_ESCAPES, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def element_text(element: Element) -> str:
    """One element with everything in it as XML text, the same from both parsers.

    Attributes stand in their order, namespaces are declared at the first name that needs them;
    prefixes are not those of the document, which the standard library's parser does not tell.
    """
    parts: t.List[str] = []
    _write(element, {"http://www.w3.org/XML/1998/namespace": "xml"}, parts)
    return "".join(parts)


def _write(element: Element, known: t.Dict[str, str], parts: t.List[str]) -> None:
    scope = dict(known)
    name = _qualified(element.tag, scope)
    attributes = [
        ' {0}="{1}"'.format(_qualified(key, scope), _escaped(text, _ATTRIBUTE_ESCAPES))
        for key, text in element.items()
    ]
    declared = [
        ' xmlns:{0}="{1}"'.format(prefix, _escaped(uri, _ATTRIBUTE_ESCAPES))
        for uri, prefix in scope.items()
        if uri not in known
    ]
    parts.append("<" + name + "".join(declared + attributes))
    if not len(element) and not element.text:
        parts.append("/>")
        return
    parts.append(">" + _escaped(element.text or "", _TEXT_ESCAPES))
    for child in element:
        _write(child, scope, parts)
        parts.append(_escaped(child.tail or "", _TEXT_ESCAPES))
    parts.append("</" + name + ">")


def _qualified(name: str, scope: t.Dict[str, str]) -> str:
    """A name in Clark notation with a prefix that the scope knows, or now does."""
    if not name.startswith("{"):
        return name
    uri, local = name[1:].split("}", 1)
    if uri not in scope:
        scope[uri] = _PREFIXES.get(uri) or "ns{0}".format(len(scope))
    return "{0}:{1}".format(scope[uri], local)


def _escaped(text: str, escapes: t.Mapping[str, str]) -> str:
    for character, escape in escapes.items():
        if character in text:
            text = text.replace(character, escape)
    return text
