# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a changed column to changes of the XML, by the declaration of its field."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Content,
    Edits,
    Shape,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    Family,
    Field,
)

Facts = t.Dict[str, t.Any]

#: What the XML does not say: told by libvirt, by a lease, or by the builder of the facts.
_CONFIG = "config"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_in_xml(field: Field) -> bool:
    """Whether a field's value stands in the XML, so that a changed one can be written there."""
    return bool(field.path) or field.derive is not None


def comparable(field: Field, value: t.Any) -> t.Any:
    """The part of a value that comes from the XML: of addresses the configured ones."""
    if field.told:
        if not isinstance(value, list):
            return None
        value = [
            item for item in value if not isinstance(item, dict) or item.get("origin") == _CONFIG
        ]
    return None if value in ([], {}) else value


def edits_of(field: Field, old: t.Any, new: t.Any, facts: Facts) -> Edits:
    """What to change below an element so that a field has another value.

    :param facts: the element's values as they shall be.
    :raises ValueError: libvirt would not take the value, or it has no place in the XML.
    """
    try:
        edits = _edits(field, old, new, facts)
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError("it has not the shape of this field") from error
    for text in edits.values():
        if text is not None:
            if not isinstance(text, str):
                raise ValueError("it has not the shape of this field")
            require_xml_text(text)
    return edits


def _edits(field: Field, old: t.Any, new: t.Any, facts: Facts) -> Edits:
    if field.derive is not None:
        if new is not None:
            _require_range(field, str(new))
        return {} if field.place is None else dict(field.place(new, facts))
    if field.presence:
        return {field.path: "" if new else None}
    if field.repeated and field.shape is not None:
        return _list_edits(field.path, field.shape, old or [], new or [])
    if field.shape is not None:
        return _shape_edits(field.path, field.shape, old, new)
    return {field.path: None if new is None else _text(field, new)}


def _text(field: Field, value: t.Any) -> str:
    if field.converter is None or (field.type == "str" and not isinstance(value, str)):
        raise ValueError("it is no {0}".format(field.type))
    text = field.converter.text(value)
    _require_range(field, text)
    return text


def _require_range(field: Field, text: str) -> None:
    """libvirt takes some texts and numbers only.

    :raises ValueError: names them.
    """
    if field.choices and text not in field.choices:
        raise ValueError("libvirt takes {0}".format(", ".join(field.choices)))
    if field.maximum is not None and int(text) > field.maximum:
        raise ValueError("libvirt takes {0} at the most".format(field.maximum))


def require_xml_text(text: str) -> None:
    """XML has no place for most control characters.

    :raises ValueError: names the first one.
    """
    found = _NOT_XML.search(text)
    if found:
        raise ValueError("XML cannot hold the character {0!r}".format(found.group()))


def _content(shape: Shape, value: t.Any) -> Content:
    if shape.write is None:
        raise ValueError("it is only read")
    return shape.write(value)


def _join(path: str, below: str) -> str:
    return path + "/" + below if below else path


def _shape_edits(path: str, shape: Shape, old: t.Any, new: t.Any) -> Edits:
    if new is None:
        return {path: None}
    after = _content(shape, new)
    before = _old_content(shape, old)
    edits: Edits = {_join(path, below): None for below in before if below and below not in after}
    for below, text in after.items():
        if shape.whole or before.get(below) != text:
            edits[_join(path, below)] = text
    if not any(below for below in after):
        edits.setdefault(path, "")
    return edits


def _old_content(shape: Shape, old: t.Any) -> Content:
    """What the value that is to be replaced wrote; one that libvirt would refuse wrote nothing."""
    try:
        return _content(shape, old) if old is not None else {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _list_edits(path: str, shape: Shape, old: t.Sequence[t.Any], new: t.Sequence[t.Any]) -> Edits:
    """The n-th value is the n-th element; what is too much goes."""
    edits: Edits = {}
    for number in range(1, max(len(old), len(new)) + 1):
        step = path if number == 1 else "{0}[{1}]".format(path, number)
        if number > len(new):
            edits[step] = None
        elif number > len(old):
            edits.update(_shape_edits(step, shape, None, new[number - 1]))
        elif new[number - 1] != old[number - 1]:
            edits.update(_shape_edits(step, shape, old[number - 1], new[number - 1]))
    return edits


def unmapped_edits(old: t.Any, new: t.Any) -> Edits:
    """The same for what no field holds, which is path to text already.

    :raises ValueError: the new value is something else, or has what XML cannot hold.
    """
    before, after = old or {}, new or {}
    if not isinstance(after, dict) or not all(isinstance(text, str) for text in after.values()):
        raise ValueError("it is no dictionary of paths and texts")
    edits: Edits = {path: None for path in before if path not in after}
    for path, text in after.items():
        if before.get(path) != text:
            require_xml_text(text)
            edits[path] = text
    return edits


def is_same(field: Field, one: t.Any, other: t.Any) -> bool:
    """Whether two values of a field are written alike, as ``500`` and ``"500"``."""
    if one == other:
        return True
    if one is None or other is None:
        return bool(
            (field.default if one is None else one) == (field.default if other is None else other)
        )
    try:
        if field.shape is not None and field.shape.write is not None and not field.repeated:
            return field.shape.write(one) == field.shape.write(other)
        return field.converter is not None and _text(field, one) == _text(field, other)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def child_order(family: Family) -> t.Sequence[str]:
    """The names of an element's children in the order in which libvirt has them."""
    if family.children:
        return family.children
    tags = [
        field.path.split("/")[0]
        for field in family.fields
        if field.path and not field.path.startswith("@")
    ]
    return list(dict.fromkeys(tags))
