# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of what NICs and networks have: virtual ports, filters, VLANs, addresses."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Content,
    Shape,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    number_text,
    one_of,
    parts_of,
    read_attributes,
    step_of,
    text_of,
    write_tree,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import (
    Report,
    numbered,
)


def _read_virtual_port(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """``{"type": "openvswitch", "parameters": {"interfaceid": ...}}``; the type may be null."""
    report.keep_attributes(path, element, known=("type",))
    parameters: t.Dict[str, str] = {}
    for step, child in numbered(element):
        if step == "parameters":
            parameters = read_attributes(child, path + "/" + step, report)
        else:
            report.keep(path + "/" + step, child)
    return {"type": element.get("type"), "parameters": parameters}


def _write_virtual_port(value: t.Any) -> Content:
    kind, parameters = parts_of(value, "type", "parameters")
    one_of(kind, ("802.1Qbg", "802.1Qbh", "openvswitch", "midonet"), "type")
    content = {"@type": kind} if kind is not None else {}
    for name, text in write_tree(parameters or {}).items():
        content["parameters/@" + name] = text
    return content or {"": ""}


#: ``{"type": "openvswitch", "parameters": {"interfaceid": ...}}``; the type may be null.
VIRTUAL_PORT = Shape(_read_virtual_port, _write_virtual_port)


def _read_filter_reference(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
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


def _write_filter_reference(value: t.Any) -> Content:
    name_of_filter, parameters = parts_of(value, "filter", "parameters")
    content = {} if name_of_filter is None else {"@filter": text_of(name_of_filter)}
    for number, pair in enumerate(parameters or (), 1):
        for name, text in zip(("name", "value"), pair):
            if text is not None:
                content["{0}/@{1}".format(step_of("parameter", number), name)] = text_of(text)
    return content or {"": ""}


#: ``{"filter": "clean-traffic", "parameters": [["IP", "10.0.0.1"], ["IP", "10.0.0.2"]]}``.
FILTER_REFERENCE = Shape(_read_filter_reference, _write_filter_reference)


def _read_vlan(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
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


def _write_vlan(value: t.Any) -> Content:
    trunk, tags = parts_of(value, "trunk", "tags")
    one_of(trunk, ("yes",), "trunk")
    content = {} if trunk is None else {"@trunk": trunk}
    for number, tag in enumerate(tags or (), 1):
        step = step_of("tag", number)
        identifier, native_mode = parts_of(tag, "id", "nativeMode")
        if identifier is not None:
            content[step + "/@id"] = number_text(identifier, 4095, "VLAN tag")
        one_of(native_mode, ("tagged", "untagged"), "nativeMode")
        if native_mode is not None:
            content[step + "/@nativeMode"] = native_mode
    return content or {"": ""}


#: ``{"trunk": "yes", "tags": [{"id": 42, "nativeMode": "untagged"}, {"id": 47, ...}]}``.
VLAN = Shape(_read_vlan, _write_vlan)


def _read_static_address(element: t.Any, path: str, report: Report) -> t.Dict[str, t.Any]:
    """One ``<ip>`` of a NIC: ``{"address": .., "family": .., "prefix": 24, "origin": ..}``."""
    report.keep_attributes(path, element, known=("address", "family", "prefix"))
    prefix = element.get("prefix")
    return {
        "address": element.get("address"),
        "family": element.get("family"),
        "prefix": None if prefix is None else report.convert(path + "/@prefix", prefix, UNSIGNED),
        "origin": "config",
    }


def _write_static_address(value: t.Any) -> Content:
    names = ("address", "family", "prefix")
    parts = parts_of(value, *names, "origin")
    return {"@" + name: text_of(part) for name, part in zip(names, parts) if part is not None}


#: One ``<ip>`` of a NIC: ``{"address": .., "family": .., "prefix": 24, "origin": "config"}``.
STATIC_ADDRESS = Shape(_read_static_address, _write_static_address)
