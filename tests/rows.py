"""The rows of a VM, to be edited in tests, and the XML that they make."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import golden
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    MAC,
    SIGNED,
    UNSIGNED,
    UUID,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import Field
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import flatten
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import STORES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate import fields
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.overlay import Overlay
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import (
    parsed,
    serialised,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import Sides
from lxml import etree

Row = dict[str, Any]


class Vm:
    """The archived text of a VM and the rows that were recorded from it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sides = Sides({"config": self.text})
        self.machine = {**copy.deepcopy(self.sides.machine), "host_id": "hv1"}
        self.rows = [copy.deepcopy(device.values) for device in self.sides.devices]
        self.added: list[tuple[Any, Row]] = []

    @classmethod
    def of_pair(cls, name: str) -> Vm:
        """The VM of a golden pair."""
        live, config = golden.texts(name)
        data = config or live
        assert data is not None
        return cls(_xml.decode(data))

    def row(self, number: int | None) -> Row:
        """The VM's own row, or that of a device."""
        return self.machine if number is None else self.rows[number]

    def regenerated(self) -> str:
        """The text with the rows laid over it; an empty row is a deleted one."""
        root = parsed(self.text)
        overlay = Overlay(root, "config", self.sides, "vm on hv1")
        for store in STORES:
            rows = [
                row
                for device, row in zip(self.sides.devices, self.rows, strict=True)
                if device.store is store and row
            ]
            rows += [row for of_store, row in self.added if of_store is store]
            overlay.devices(store, rows)
        overlay.machine(self.machine)
        return serialised(root, self.text) if overlay.lines else self.text


def content(text: str) -> dict[str, str]:
    """Path to text of everything, a device counted by its place among all devices."""
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    found: dict[str, str] = {}
    for number, element in enumerate(root.findall("devices/*")):
        flatten(element, f"{number}", found)
    for devices in root.findall("devices"):
        root.remove(devices)
    flatten(root, "", found)
    return found


def changed(field: Field, value: Any) -> Any:
    """Another value of a field, of the kind that it has."""
    others = [choice for choice in field.choices if choice != value]
    if others:
        return others[0]
    if field.name in SAMPLES:
        return SAMPLES[field.name](value)
    if field.converter is MAC:
        return "52:54:00:ff:ff:0e"
    if field.converter is UUID:
        return "dddddddd-0000-4000-8000-00000000000d"
    if field.converter in (UNSIGNED, SIGNED):
        return value - 1 if isinstance(value, int) and value > 1 else 3
    if field.type == "bool":
        return not value
    if field.type == "int":
        return value * 2 if isinstance(value, int) and value else 2**20
    if field.type == "str":
        return f"{value or ''}x"
    return _other(value)


def _other(value: Any) -> Any:
    """The same tree with one text in it changed."""
    if isinstance(value, dict):
        last = list(value)[-1]
        return {**value, last: _other(value[last])}
    if isinstance(value, list):
        return [*value[:-1], _other(value[-1])]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


#: Values that their place in the XML gives a form.
SAMPLES: dict[str, Any] = {
    "vcpu_current_count": lambda value: max(1, value - 1) if value > 1 else value,
    "vlan_tags": lambda value: {**value, "tags": [{"id": 7, "nativeMode": None}]},
}


def editable(declared: Any) -> Iterator[Field]:
    """The fields whose values can be written."""
    for field in declared:
        if fields.is_in_xml(field) and not (field.derive is not None and field.place is None):
            yield field
