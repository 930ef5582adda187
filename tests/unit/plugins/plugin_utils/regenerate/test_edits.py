"""Every declared field, changed in a row: exactly that attribute or element of the XML changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import golden
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import MAC
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate import fields
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.overlay import Overlay
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import (
    parsed,
    serialised,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import Sides
from lxml import etree
from rows import Row, Vm, changed, content, editable

#: Computed values that nothing can be written for.
NEVER_NULL = {"vcpu_current_count"}


def cases() -> Iterator[Any]:
    """Each editable field with the first pair and device that have a value of it."""
    vms = {name: Vm.of_pair(name) for name in golden.names()}
    for field in editable(DOMAIN_FIELDS):
        for name, vm in vms.items():
            value = vm.machine.get(field.column_name)
            if value not in (None, [], {}) and changed(field, value) != value:
                yield pytest.param(name, None, field, id=f"domain.{field.name}")
                break
    for family in FAMILIES:
        for field in editable(family.fields):
            found = (
                (name, number)
                for name, vm in vms.items()
                for number, device in enumerate(vm.sides.devices)
                if device.store.family is family
                and fields.comparable(field, device.values.get(field.column_name)) is not None
            )
            case = next(found, None)
            if case is not None:
                yield pytest.param(*case, field, id=f"{family.name}.{field.name}")


CASES = list(cases())


def test_there_are_cases_for_all_families() -> None:
    assert {case.id.split(".")[0] for case in CASES} >= {family.name for family in FAMILIES}
    assert len(CASES) > 300


def differences(before: str, after: str) -> tuple[set[str], dict[str, str], dict[str, str]]:
    old, new = content(before), content(after)
    paths = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    return paths, old, new


@pytest.mark.parametrize(("name", "number", "field"), CASES)
def test_a_changed_column(name: str, number: int | None, field: Field) -> None:
    vm = Vm.of_pair(name)
    row = vm.machine if number is None else vm.rows[number]
    value = row[field.column_name]
    row[field.column_name] = changed(field, value)
    if field.choices == (value,):
        with pytest.raises(RegenerationError, match=f"{field.column_name} is .*libvirt takes"):
            vm.regenerated()
        return
    text = vm.regenerated()
    paths, _old, _new = differences(vm.text, text)
    assert paths
    prefix = "" if number is None else f"{vm.sides.devices[number].ordinals['config']}/"
    if field.path and field.path != ".":
        where = (
            prefix + field.path.rpartition("/@")[0] if "@" in field.path else prefix + field.path
        )
        assert all(path.startswith(where.rstrip("/")) for path in paths)
    else:
        assert all(f"{path}/".startswith(prefix) for path in paths)
    again = Sides({"config": text})
    read = again.machine if number is None else again.devices[number].values
    assert fields.is_same(
        field,
        fields.comparable(field, read[field.column_name]),
        fields.comparable(field, row[field.column_name]),
    )


@pytest.mark.parametrize(("name", "number", "field"), CASES)
def test_a_column_set_to_null(name: str, number: int | None, field: Field) -> None:
    vm = Vm.of_pair(name)
    row = vm.machine if number is None else vm.rows[number]
    row[field.column_name] = None
    if field.name in NEVER_NULL:
        with pytest.raises(RegenerationError, match=field.column_name):
            vm.regenerated()
        return
    text = vm.regenerated()
    again = Sides({"config": text})
    read = again.machine if number is None else again.devices[number].values
    assert read[field.column_name] in (None, [], {}, field.default)


@pytest.mark.parametrize("name", golden.names())
def test_untouched_rows_give_the_text_itself(name: str) -> None:
    vm = Vm.of_pair(name)
    assert vm.regenerated() == vm.text


@pytest.mark.parametrize("name", golden.names())
def test_each_deleted_row_removes_exactly_its_device(name: str) -> None:
    vm = Vm.of_pair(name)
    for number, device in enumerate(vm.sides.devices):
        kept = vm.rows[number]
        vm.rows[number] = {}
        root = parsed(vm.text)
        elements = root.findall("devices/*")
        element = elements[device.ordinals["config"]]
        element.getparent().remove(element)
        assert content(vm.regenerated()) == content(etree.tostring(root, encoding="unicode"))
        vm.rows[number] = kept


@pytest.mark.parametrize("name", golden.names())
def test_each_device_made_anew_from_its_row(name: str) -> None:
    """A device whose element is lost comes back from its columns, and what they do not hold."""
    vm = Vm.of_pair(name)
    for number, device in enumerate(vm.sides.devices):
        root = parsed(vm.text)
        element = root.findall("devices/*")[device.ordinals["config"]]
        element.getparent().remove(element)
        other = etree.tostring(root, encoding="unicode")
        overlay_root = parsed(other)
        overlay = Overlay(overlay_root, "config", Sides({"config": other}), "vm on hv1")
        if not _is_writable(device.values):
            continue
        overlay.devices(device.store, _rows_of(vm, device.store, number))
        made = Sides({"config": serialised(overlay_root, other)})
        found = [_own(one.values) for one in made.devices if one.store is device.store]
        assert _own(device.values) in found, (device.store.family.name, number)


def _is_writable(values: Row) -> bool:
    """Some devices of the pairs have values that libvirt would refuse; those stay refused."""
    tags = (values.get("vlan_tags_json") or {}).get("tags", [])
    mac = values.get("mac_address")
    return all(isinstance(tag["id"], int) for tag in tags) and (not mac or MAC.convert(mac) == mac)


def _own(values: Row) -> Row:
    return {column: value for column, value in values.items() if column != "ordinal" and value}


def _rows_of(vm: Vm, store: Any, without_place: int) -> list[Row]:
    """The rows of a family; ordinals behind the lost element count one less."""
    lost = vm.rows[without_place]["ordinal"]
    rows = []
    for number, (device, row) in enumerate(zip(vm.sides.devices, vm.rows, strict=True)):
        if device.store is store:
            moved = dict(row)
            if number == without_place:
                moved["ordinal"] = None
            elif moved["ordinal"] > lost:
                moved["ordinal"] -= 1
            rows.append(moved)
    return rows
