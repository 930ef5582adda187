# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of small elements, most of which repeat: one text, one attribute, a pair, names."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Content,
    Shape,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import (
    Report,
    numbered,
)


def _text(value: t.Any) -> str:
    if not isinstance(value, str):
        raise ValueError("{0!r} is no text".format(value))
    return value


def _keep_children(element: t.Any, path: str, report: Report) -> None:
    for step, child in numbered(element):
        report.keep(path + "/" + step, child)


def _read_text(element: t.Any, path: str, report: Report) -> str:
    report.keep_attributes(path, element)
    _keep_children(element, path, report)
    return element.text or ""


def _write_text(value: t.Any) -> Content:
    return {"": _text(value)}


#: The element's text: C(single) of ``<initarg>single</initarg>``.
TEXT_ITEM = Shape(_read_text, _write_text)


def attribute_item(name: str) -> Shape:
    """A shape for an element that is its one attribute: V(hd) of ``<boot dev='hd'/>``."""

    def read(element: t.Any, path: str, report: Report) -> t.Optional[str]:
        report.keep_attributes(path, element, known=(name,))
        _keep_children(element, path, report)
        text: t.Optional[str] = element.get(name)
        return text

    def write(value: t.Any) -> Content:
        return {"": ""} if value is None else {"@" + name: _text(value)}

    return Shape(read, write)


def _read_named(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Optional[str]]:
    """``{"name": "HOME", "value": "/root"}`` of ``<initenv name='HOME'>/root</initenv>``."""
    report.keep_attributes(path, element, known=("name",))
    _keep_children(element, path, report)
    return {"name": element.get("name"), "value": element.text or ""}


def _write_named(value: t.Any) -> Content:
    return {"@name": _text(value["name"]), "": _text(value["value"])}


#: ``{"name": "HOME", "value": "/root"}`` of ``<initenv name='HOME'>/root</initenv>``.
NAMED_TEXT = Shape(_read_named, _write_named)


def _read_names(element: t.Any, path: str, report: Report) -> t.List[str]:
    """The names of the children, ``["sha1", "sha256"]``; what those hold goes to the report."""
    report.keep_attributes(path, element)
    for step, child in numbered(element):
        report.keep_attributes(path + "/" + step, child)
        report.keep_text(path + "/" + step, child)
        for deeper, grandchild in numbered(child):
            report.keep("{0}/{1}/{2}".format(path, step, deeper), grandchild)
    return [child.tag for child in element]


def _write_names(value: t.Any) -> Content:
    return {_text(name): "" for name in value} or {"": ""}


#: The names of the children, ``["sha1", "sha256"]``.
CHILD_NAMES = Shape(_read_names, _write_names)
