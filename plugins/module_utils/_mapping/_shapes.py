# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes: whole elements read into one list, dict or number, and written back.

Reading takes the element, its path below the device and the walk's report; what is not part of
the value goes to the report, so that a shape loses nothing either. Writing gives the content that
the value stands for, and refuses what libvirt would not take.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    UNSIGNED,
    scaled_bytes,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Content,
    Shape,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import (
    Report,
    flatten,
    numbered,
)

#: The limits of ``<iotune>``, unsigned 64-bit numbers; ``group_name`` is the only text.
_IO_TUNE_LIMITS = frozenset(
    "{0}_{1}_sec{2}".format(direction, quantity, suffix)
    for direction in ("total", "read", "write")
    for quantity in ("bytes", "iops")
    for suffix in ("", "_max", "_max_length")
) | {"size_iops_sec"}


def _read_tree(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """Everything in the element by path: ``{"@protocol": "rbd", "host/@name": "mon1"}``.

    The path of the element's own text is empty.
    """
    own = element.text
    if not own and not element[:]:
        return {"@" + name: text for name, text in element.items()}
    values: t.Dict[str, str] = {}
    flatten(element, "", values)
    if not values.get("", "x").strip():
        del values[""]
    return values


def write_tree(value: t.Any) -> Content:
    """The content of a tree is the tree."""
    if not isinstance(value, dict):
        raise ValueError("not a dictionary of paths and texts")
    return {str(path): text_of(text) for path, text in value.items()}


def text_of(value: t.Any) -> str:
    """A value that stands in the XML as it is.

    :raises ValueError: it is neither a text nor a number.
    """
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ValueError("{0!r} is no text".format(value))
    return str(value)


#: Everything in the element by path: ``{"@protocol": "rbd", "host/@name": "mon1"}``.
TREE = Shape(_read_tree, write_tree)


def read_attributes(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """The attributes of the element by name; its children go to the report."""
    own = element.text
    children = element[:]
    if own or children:
        report.keep_text(path, element)
        for step, child in numbered(children):
            report.keep(path + "/" + step, child)
    return dict(element.items())


def _write_attributes(value: t.Any) -> Content:
    return {"@" + name: text for name, text in write_tree(value).items()}


#: The attributes of the element by name.
ATTRIBUTES = Shape(read_attributes, _write_attributes)


def _read_io_tune(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """Limit to text, ``{"total_bytes_sec": "10485760"}``.

    Texts, because the limits go up to 2^64-1, which many readers of JSON round to a float.
    """
    values: t.Dict[str, str] = {}
    report.keep_attributes(path, element)
    for step, child in numbered(element):
        if step not in _IO_TUNE_LIMITS and step != "group_name":
            report.keep(path + "/" + step, child)
            continue
        below = path + "/" + step
        report.keep_attributes(below, child)
        values[step] = child.text or ""
        if step in _IO_TUNE_LIMITS:
            report.convert(below, values[step], UNSIGNED)
    return values


def _write_io_tune(value: t.Any) -> Content:
    content = write_tree(value)
    for name, text in content.items():
        if name in _IO_TUNE_LIMITS:
            number_text(text, 2**64 - 1, name)
        elif name != "group_name":
            raise ValueError("{0} is none of libvirt's limits".format(name))
    for name in content:
        total = re.sub("^(read|write)_", "total_", name)
        if total != name and content.get(total, "0") != "0" and content[name] != "0":
            raise ValueError("{0} and {1} exclude each other".format(total, name))
    return content


#: Limit to text, ``{"total_bytes_sec": "10485760"}``.
IO_TUNE = Shape(_read_io_tune, _write_io_tune)


def _read_backing_chain(element: t.Any, path: str, report: Report) -> t.List[t.Dict[str, t.Any]]:
    """The layers below a disk's image, nearest first: ``[{"type": "file", "format": ..}]``.

    ``<backingStore/>`` alone, the explicit end of the chain, goes to the report.
    """
    layers: t.List[t.Dict[str, t.Any]] = []
    below: t.Any = element
    while below is not None:
        if not len(below) and not below.keys():
            report.keep(path, below)
            break
        layer: t.Dict[str, t.Any] = {"type": below.get("type"), "format": None, "source": None}
        report.keep_attributes(path, below, known=("type",))
        following = None
        for step, child in numbered(below):
            if step == "format":
                layer["format"] = child.get("type")
                report.keep_attributes(path + "/format", child, known=("type",))
                for deeper, grandchild in numbered(child):
                    report.keep(path + "/format/" + deeper, grandchild)
            elif step == "source":
                layer["source"] = _read_tree(child, path, report)
            elif step == "backingStore":
                following = child
            else:
                report.keep(path + "/" + step, child)
        if layer["type"] is not None or layer["source"] is not None:
            layers.append(layer)
        path, below = path + "/backingStore", following
    return layers


def _write_backing_chain(value: t.Any) -> Content:
    content: Content = {}
    prefix = ""
    for layer in value:
        kind, image_format, source = parts_of(layer, "type", "format", "source")
        if kind is not None:
            content[prefix + "@type"] = text_of(kind)
        if image_format is not None:
            content[prefix + "format/@type"] = text_of(image_format)
        for path, text in write_tree(source or {}).items():
            content[prefix + "source/" + path] = text
        prefix += "backingStore/"
    return content


#: The layers below a disk's image, nearest first: ``[{"type": "file", "format": ..}]``.
BACKING_CHAIN = Shape(_read_backing_chain, _write_backing_chain)


def _read_numbers(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """The attributes of the element as numbers: ``{"sockets": 1, "cores": 4, "threads": 2}``."""
    values = read_attributes(element, path, report)
    return {
        name: report.convert(path + "/@" + name, text, UNSIGNED) for name, text in values.items()
    }


def _write_numbers(value: t.Any) -> Content:
    return {"@" + name: number_text(item, 2**64 - 1, name) for name, item in value.items()}


#: The attributes of the element as numbers: ``{"sockets": 1, "cores": 4, "threads": 2}``.
NUMBERS = Shape(_read_numbers, _write_numbers)


def size_in_bytes(default_unit: str = "KiB") -> Shape:
    """A shape for bytes from the element's number and its ``unit``."""

    def write(value: t.Any) -> Content:
        return size_content(value, "", "@unit")

    def read(element: t.Any, path: str, report: Report) -> t.Any:
        unit = None
        for name, text in element.items():
            if name == "unit":
                unit = text
            else:
                report.unmapped[path + "/@" + name] = text
        children = element[:]
        if children:
            for step, child in numbered(children):
                report.keep(path + "/" + step, child)
        return checked_size(element.text or "", unit, path, report, default_unit)

    return Shape(read, write, whole=True)


def size_content(value: t.Any, number_path: str, unit_path: str) -> Content:
    """A number of bytes as libvirt writes it: in KiB where that is a whole number."""
    size = int(number_text(value, 2**63 - 1, "size"))
    if size % 1024:
        return {number_path: str(size), unit_path: "b"}
    return {number_path: str(size // 1024), unit_path: "KiB"}


def checked_size(
    text: str, unit: t.Optional[str], path: str, report: Report, default_unit: str = "KiB"
) -> t.Any:
    """Bytes from a number and a unit, or what was found and a warning."""
    size = scaled_bytes(text, unit, default_unit)
    if size is INVALID:
        found = text if unit is None else "{0} {1}".format(text, unit)
        report.warnings.append((path, found, "a size with a unit that libvirt knows"))
        return found
    return size


def step_of(tag: str, number: int) -> str:
    """The step of a path for the element that is the n-th of its name."""
    return tag if number == 1 else "{0}[{1}]".format(tag, number)


def parts_of(value: t.Mapping[str, t.Any], *names: str) -> t.List[t.Any]:
    """The parts of a JSON object by name; those that are not there are null.

    :raises ValueError: there is one that libvirt would never hear of.
    """
    unknown = sorted(value.keys() - set(names))
    if unknown:
        raise ValueError("{0!r} is none of {1}".format(unknown[0], ", ".join(names)))
    return [value.get(name) for name in names]


def one_of(value: t.Any, choices: t.Sequence[str], name: str) -> None:
    """Refuse a value that is none of the choices.

    :raises ValueError: names them.
    """
    if value is not None and value not in choices:
        raise ValueError("{0} {1!r} is none of {2}".format(name, value, ", ".join(choices)))


def number_text(value: t.Any, maximum: int, name: str) -> str:
    """A number from 0 to the maximum.

    :raises ValueError: it is none.
    """
    text = str(value)
    if UNSIGNED.convert(text) is INVALID or int(text) > maximum:
        raise ValueError("{0} {1!r} is no number from 0 to {2}".format(name, value, maximum))
    return text
