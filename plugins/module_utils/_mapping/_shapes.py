# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes: whole elements read into one list, dict or number.

Each takes the element, its path below the device and the walk's report; what is not part of the
value goes to the report, so that a shape loses nothing either.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    UNSIGNED,
    scaled_bytes,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import Shape
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


def tree(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """Everything in the element by path: ``{"@protocol": "rbd", "host/@name": "mon1"}``."""
    values: t.Dict[str, str] = {}
    flatten(element, "", values)
    values.pop("", None)
    return values


def attributes(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """The attributes of the element by name; its children go to the report."""
    for step, child in numbered(element):
        report.keep(path + "/" + step, child)
    return dict(element.items())


def io_tune(element: t.Any, path: str, report: Report) -> t.Dict[str, str]:
    """Limit to text, ``{"total_bytes_sec": "10485760"}``.

    Texts, because the limits go up to 2^64-1, which many readers of JSON round to a float.
    """
    values: t.Dict[str, str] = {}
    report.keep_attributes(path, element)
    for step, child in numbered(element):
        if step not in _IO_TUNE_LIMITS and step != "group_name":
            report.keep(path + "/" + step, child)
            continue
        report.keep_attributes(path + "/" + step, child)
        values[step] = child.text or ""
        if step in _IO_TUNE_LIMITS:
            report.convert(path + "/" + step, values[step], UNSIGNED)
    return values


def virtual_port(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """``{"type": "openvswitch", "parameters": {"interfaceid": ...}}``; the type may be null."""
    report.keep_attributes(path, element, known=("type",))
    parameters: t.Dict[str, str] = {}
    for step, child in numbered(element):
        if step == "parameters":
            parameters = attributes(child, path + "/" + step, report)
        else:
            report.keep(path + "/" + step, child)
    return {"type": element.get("type"), "parameters": parameters}


def filter_reference(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """``{"filter": "clean-traffic", "parameters": [["IP", "10.0.0.1"], ["IP", "10.0.0.2"]]}``.

    Parameters are pairs in document order because a name that repeats makes a list variable.
    """
    report.keep_attributes(path, element, known=("filter",))
    parameters = []
    for step, child in numbered(element):
        if child.tag == "parameter":
            parameters.append([child.get("name"), child.get("value")])
            report.keep_attributes(path + "/" + step, child, known=("name", "value"))
        else:
            report.keep(path + "/" + step, child)
    return {"filter": element.get("filter"), "parameters": parameters}


def vlan(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """``{"trunk": "yes", "tags": [{"id": 42, "nativeMode": "untagged"}, {"id": 47, ...}]}``."""
    report.keep_attributes(path, element, known=("trunk",))
    tags = []
    for step, child in numbered(element):
        if child.tag != "tag":
            report.keep(path + "/" + step, child)
            continue
        below = path + "/" + step
        report.keep_attributes(below, child, known=("id", "nativeMode"))
        tag = child.get("id")
        number = None if tag is None else report.convert(below + "/@id", tag, UNSIGNED)
        tags.append({"id": number, "nativeMode": child.get("nativeMode")})
    return {"trunk": element.get("trunk"), "tags": tags}


def backing_chain(element: t.Any, path: str, report: Report) -> t.List[t.Dict[str, t.Any]]:
    """The layers below a disk's image, nearest first: ``[{"type": "file", "format": ..}]``.

    ``<backingStore/>`` alone, the explicit end of the chain, goes to the report.
    """
    if not len(element) and not element.keys():
        report.keep(path, element)
    layers: t.List[t.Dict[str, t.Any]] = []
    below: t.Any = element
    while below is not None:
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
                layer["source"] = tree(child, path, report)
            elif step == "backingStore":
                following = child
            else:
                report.keep(path + "/" + step, child)
        if layer["type"] is not None or layer["source"] is not None:
            layers.append(layer)
        path, below = path + "/backingStore", following
    return layers


def numbers(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """The attributes of the element as numbers: ``{"sockets": 1, "cores": 4, "threads": 2}``."""
    values = attributes(element, path, report)
    return {
        name: report.convert(path + "/@" + name, text, UNSIGNED) for name, text in values.items()
    }


def size_in_bytes(default_unit: str = "KiB") -> Shape:
    """A shape for bytes from the element's number and its ``unit``."""

    def read(element: t.Any, path: str, report: Report) -> t.Any:
        report.keep_attributes(path, element, known=("unit",))
        for step, child in numbered(element):
            report.keep(path + "/" + step, child)
        unit = element.get("unit")
        return checked_size(element.text or "", unit, path, report, default_unit)

    return read


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


def static_address(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """One ``<ip>`` of a NIC: ``{"address": .., "family": .., "prefix": 24, "origin": ..}``."""
    report.keep_attributes(path, element, known=("address", "family", "prefix"))
    prefix = element.get("prefix")
    return {
        "address": element.get("address"),
        "family": element.get("family"),
        "prefix": None if prefix is None else report.convert(path + "/@prefix", prefix, UNSIGNED),
        "origin": "config",
    }
