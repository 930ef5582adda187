"""Edits of an element in the plainest way, to test what the declarations say must be written."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

_STEP = re.compile(r"(?:\{[^}]*\}|[^/{])+")
_COUNTED = re.compile(r"(.+)\[([0-9]+)\]\Z")


def apply(root: Any, edits: dict[str, str | None]) -> None:
    """Set each path to its text; null removes the attribute, or the element with all it has."""
    for path, text in edits.items():
        steps = _STEP.findall(path)
        attribute = steps.pop()[1:] if steps and steps[-1].startswith("@") else None
        parent, element = None, root
        for step in steps:
            if element is not None:
                parent, element = element, _child(element, step, create=text is not None)
        if element is None:
            continue
        if attribute is not None and text is not None:
            element.set(attribute, text)
        elif attribute is not None:
            element.attrib.pop(attribute, None)
        elif text is not None:
            element.text = text or None
        elif parent is not None:
            parent.remove(element)


def _child(element: Any, step: str, create: bool) -> Any:
    counted = _COUNTED.match(step)
    tag, number = (counted.group(1), int(counted.group(2))) if counted else (step, 1)
    found = element.findall(tag)
    while create and len(found) < number:
        found.append(ElementTree.SubElement(element, tag))
    return found[number - 1] if len(found) >= number else None


def built(tag: str, content: dict[str, str]) -> Any:
    """The element of this content."""
    element = ElementTree.Element(tag)
    apply(element, dict(content))
    return element
