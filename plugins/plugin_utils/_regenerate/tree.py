# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing an XML tree by paths, and nothing of it besides: comments, order and indentation stay.

Paths are those of the declared mapping: ``driver/@queues``, ``source/host[2]/@name``, the text of
``serial``. A step that is not there is made, at the place where its declaration has it.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._lxml import lxml_etree
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import Edits

Element = t.Any

_STEP = re.compile(r"(@?(?:\{[^}]*\})?[^/{\[]+)(?:\[(\d+)\])?(?:/|\Z)")
_INDENT = "  "

_DECLARATION = "{http://www.w3.org/2000/xmlns/}"

#: The step ``host[N]`` makes all that are missing before it.
_MOST = 10000


class Step(t.NamedTuple):
    """One step: the element's name, and which one of those with that name, from 1."""

    tag: str
    number: int


def parse_path(path: str) -> t.Tuple[t.List[Step], t.Optional[str]]:
    """The steps of a path and the attribute at its end, null for an element's text.

    ``.`` and the empty path are the element itself.
    """
    if path == ".":
        return [], None
    steps = [Step(tag, int(number or 1)) for tag, number in _STEP.findall(path)]
    if steps and steps[-1].tag.startswith("@"):
        return steps[:-1], steps[-1].tag[1:]
    return steps, None


def require_paths(edits: Edits) -> None:
    """Refuse what cannot be written because of its name.

    :raises ValueError: names the path.
    """
    for path, text in edits.items():
        if text is None or path in ("", "."):
            continue
        steps, attribute = parse_path(path)
        whole = "".join(match.group() for match in _STEP.finditer(path)) == path
        if not whole or path.endswith("/") or not all(0 < step.number <= _MOST for step in steps):
            raise ValueError("{0!r} is no path".format(path))
        for step in steps:
            lxml_etree.Element(step.tag)
        if attribute is not None:
            if attribute == "xmlns" or attribute.startswith(_DECLARATION):
                raise ValueError("{0!r} is no attribute but a declaration".format(path))
            lxml_etree.Element("x").set(attribute, "")


def children(element: Element) -> t.List[Element]:
    """The child elements, without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]


def find(element: Element, steps: t.Sequence[Step]) -> t.Optional[Element]:
    """The element that the steps lead to."""
    for step in steps:
        named = [child for child in children(element) if child.tag == step.tag]
        if len(named) < step.number:
            return None
        element = named[step.number - 1]
    return element


def edit(element: Element, edits: Edits, order: t.Sequence[str] = ()) -> None:
    """Change what the edits say.

    :param order: names of children in the order in which new ones are put.
    """
    removals = [
        (found, attribute)
        for path, text in edits.items()
        if text is None
        for steps, attribute in [parse_path(path)]
        for found in [find(element, steps)]
        if found is not None
    ]
    for path, text in edits.items():
        if text is not None:
            steps, attribute = parse_path(path)
            _set(_made(element, steps, order), attribute, text)
    for found, attribute in removals:
        _remove(element, found, attribute)


def _set(element: Element, attribute: t.Optional[str], text: str) -> None:
    if attribute is not None:
        element.set(attribute, text)
    elif text or not len(element):
        element.text = text or None


def _made(element: Element, steps: t.Sequence[Step], order: t.Sequence[str]) -> Element:
    """The element that the steps lead to, made where it is not there."""
    for depth, step in enumerate(steps):
        named = [child for child in children(element) if child.tag == step.tag]
        while len(named) < step.number:
            new = lxml_etree.Element(step.tag)
            insert(element, new, position(element, step.tag, order if depth == 0 else ()))
            named.append(new)
        element = named[step.number - 1]
    return element


def position(parent: Element, tag: str, order: t.Sequence[str]) -> int:
    """Behind its namesakes, else behind what is declared before it, else at the end."""
    before = set(order[: order.index(tag)]) if tag in order else None
    position = 0 if before is not None else len(parent)
    for index, child in enumerate(parent):
        if child.tag == tag or (before is not None and child.tag in before):
            position = index + 1
    return position


def insert(parent: Element, new: Element, position: int) -> None:
    """Put an element below another one, on a line of its own where the others are."""
    separator = parent.text if len(parent) else None
    if len(parent):
        if position:
            previous = parent[position - 1]
            last = position == len(parent)
            new.tail = previous.tail
            if last and _is_blank(separator):
                previous.tail = separator
        else:
            new.tail = separator
    elif not (parent.text or "").strip():
        own = _indentation(parent)
        if own is not None:
            parent.text = "\n" + own + _INDENT
            new.tail = "\n" + own
    parent.insert(position, new)


def _is_blank(text: t.Optional[str]) -> bool:
    return bool(text) and not str(text).strip()


def _indentation(element: Element) -> t.Optional[str]:
    """The blanks before an element's start tag; null where it does not begin a line."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        before = previous.tail
    else:
        before = parent.text if parent is not None else "\n"
    text = before or ""
    line = text.rpartition("\n")
    return line[2] if line[1] and not line[2].strip() else None


def _remove(root: Element, element: Element, attribute: t.Optional[str]) -> None:
    """Take an attribute or an element out, and what has no meaning without it."""
    if attribute is not None:
        if element.attrib.pop(attribute, None) is None:
            return
    elif element is root:
        element.text = None
    else:
        parent = element.getparent()
        remove(element)
        element = parent
    while element is not None and element is not root and _is_hollow(element):
        parent = element.getparent()
        remove(element)
        element = parent


def _is_hollow(element: Element) -> bool:
    return not element.keys() and not len(element) and not (element.text or "").strip()


def remove(element: Element) -> None:
    """Take an element out, with the line that it stood on."""
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    tail = element.tail or ""
    before = (parent.text if previous is None else previous.tail) or ""
    if element.getnext() is None or tail.strip():
        before = (before if not _is_blank(before) else "") + tail
    if len(parent) == 1 and not before.strip():
        before = ""
    parent.remove(element)
    if previous is None:
        parent.text = before or None
    else:
        previous.tail = before or None
