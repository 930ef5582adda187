"""Domains made from the declarations: what goes in comes out, and an edit changes what it says.

The examples are the same each time. VIRTLEDGER_EXAMPLES=NUMBER takes so many others.
"""

from __future__ import annotations

import copy
import os
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import PROVENANCE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    OTHER,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    domain_key,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate import fields
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import parsed
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import Sides
from generated import domains
from helpers import answer
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from ledgers import Ledger
from lxml import etree
from rows import Row, Vm, changed, editable

EXAMPLES = int(os.environ.get("VIRTLEDGER_EXAMPLES", "0"))

bounded = settings(
    max_examples=EXAMPLES or 50,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def text_of(xml: str) -> str:
    """The text that is archived: without secrets, which some generated texts look like."""
    found: str = domain_facts(None, xml, include_xml=True)["xml"]
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """One ledger for all examples, so that they change what is there, too."""
    return Ledger(tmp_path_factory.mktemp("property") / "ledger.db")


@bounded
@given(domains())
def test_both_parsers_give_the_same(xml: str) -> None:
    assert domain_facts(None, xml, backend="stdlib") == domain_facts(None, xml, backend="lxml")


@settings(bounded, max_examples=bounded.max_examples // 5 + 1)
@given(texts=st.lists(domains(), min_size=3, max_size=5))
def test_what_is_recorded_comes_back(recorded: Ledger, texts: list[str]) -> None:
    """Several domains at once: most of the time goes into what a recording prepares."""
    host = f"hv{recorded.value('SELECT count(*) FROM hosts')}"
    found = [domain_facts(None, xml, include_xml=True) for xml in texts]
    by_key = {domain_key(facts, host, []): facts for facts in found}
    told = answer(*by_key.values(), complete=[])
    recorded.record(told, host_id=host)
    assert recorded.record(told, host_id=host)["changed"] is False
    rows = recorded.query("SELECT uuid, domain_uuid FROM virtual_machines WHERE host_id = ?", host)
    assert {row["domain_uuid"] for row in rows} == set(by_key)
    again = regenerate_all(recorded.database, [row["uuid"] for row in rows])
    for row, one in zip(rows, again, strict=True):
        assert one.edits == []
        assert one.text == by_key[row["domain_uuid"]]["xml"]


def element_of(root: Any, vm: Vm, number: int | None) -> Any:
    """The element that a row stands for."""
    if number is None:
        return root
    elements = [element for element in root.iterfind("devices/*") if isinstance(element.tag, str)]
    return elements[vm.sides.devices[number].ordinals["config"]]


def without(text: str, vm: Vm, number: int | None) -> str:
    """The text, with the element that was edited left out: of the domain, its own."""
    root = parsed(text)
    if number is not None:
        element = element_of(root, vm, number)
        for child in list(element):
            element.remove(child)
        element.text = None
        element.attrib.clear()
    else:
        root.attrib.clear()
        root.text = None
        for child in list(root):
            child.tail = None
            if child.tag != "devices":
                root.remove(child)
    return str(etree.tostring(root, encoding="unicode"))


def is_near(field: Field, other: Field) -> bool:
    """Whether a change of one field may change another: they share a place, or one is computed."""
    if (
        other.derive is not None
        or field.derive is not None
        or other in (*OTHER.fields[:2], PROVENANCE[-1])
    ):
        return True
    one, two = field.path.partition("/@")[0], other.path.partition("/@")[0]
    if field.path == other.path or not (field.shape or other.shape):
        return field.path == other.path
    return one.startswith(two) or two.startswith(one)


@bounded
@given(xml=domains(), data=st.data())
def test_an_edited_column(xml: str, data: st.DataObject) -> None:
    vm = Vm(text_of(xml))
    number = data.draw(st.sampled_from([None, *range(len(vm.rows))]))
    declared = DOMAIN_FIELDS if number is None else vm.sides.devices[number].store.family.fields
    choices = list(editable(declared))
    assume(choices)
    field = data.draw(st.sampled_from(choices))
    row = vm.row(number)
    before = row[field.column_name]
    row[field.column_name] = wanted = new_value(data, field, before)
    try:
        text = vm.regenerated()
    except RegenerationError as error:
        event("refused: " + str(error).partition(": column")[2].partition(" is ")[2][:40])
        return
    event("written")
    assert without(text, vm, number) == without(vm.text, vm, number)
    sides = Sides({"config": text})
    after = sides.machine if number is None else sides.devices[number].values
    assert fields.is_same(
        field,
        fields.comparable(field, after[field.column_name]),
        fields.comparable(field, wanted),
    )
    old = vm.sides.machine if number is None else vm.sides.devices[number].values
    for other in declared:
        if other is not field and not is_near(field, other):
            assert after[other.column_name] == old[other.column_name], (field.name, other.name)
    if field.shape is None and field.derive is None:
        assert beside(field, after["unmapped_json"]) == beside(field, old["unmapped_json"])


def beside(field: Field, unmapped: dict[str, str]) -> dict[str, str]:
    """What no field holds, but for the place of a field and the empty element around it."""
    around = field.path.rpartition("/")[0]
    return {
        path: text
        for path, text in unmapped.items()
        if not f"{path}/".startswith(f"{field.path}/") and (path, text) != (around, "")
    }


def new_value(data: st.DataObject, field: Field, before: Any) -> Any:
    """Null, another value of the field's kind, or one that makes no sense."""
    kind = data.draw(st.sampled_from(("null", "other", "other", "other", "odd")))
    if kind == "null":
        return None
    if kind == "odd":
        return data.draw(
            st.sampled_from((0, "", "x\x01", [], {}, {"a": {"b": 1}}, [1], True, -1, "x" * 300))
        )
    if before in (None, [], {}):
        before = {"dict": {"@odd": "x"}, "list": [{"@odd": "x"}], "int": 4}.get(field.type)
    try:
        return changed(field, before)
    except (TypeError, KeyError):
        return None


@bounded
@given(xml=domains(), data=st.data())
def test_a_deleted_row(xml: str, data: st.DataObject) -> None:
    vm = Vm(text_of(xml))
    assume(vm.rows)
    number = data.draw(st.integers(0, len(vm.rows) - 1))
    vm.rows[number] = {}
    root = parsed(vm.text)
    element = element_of(root, vm, number)
    expected = Sides({"config": text_without(root, element)})
    try:
        text = vm.regenerated()
    except RegenerationError:
        return
    found = Sides({"config": text})
    assert own(found.machine) == own(expected.machine)
    assert [own(one.values) for one in found.devices] == [
        own(one.values) for one in expected.devices
    ]


def text_without(root: Any, element: Any) -> str:
    """The text of a tree without an element; what stands behind that stays."""
    parent, previous = element.getparent(), element.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)
    return etree.tostring(root, encoding="unicode")


def own(values: Row) -> Row:
    """What a row says; white space around is not part of it."""
    return {name: item for name, item in values.items() if item not in (None, [], {})}


@bounded
@given(xml=domains(), data=st.data())
def test_an_added_row(xml: str, data: st.DataObject) -> None:
    """A copy of a device, without its place, is one more device that says the same."""
    vm = Vm(text_of(xml))
    assume(vm.rows)
    number = data.draw(st.integers(0, len(vm.rows) - 1))
    device = vm.sides.devices[number]
    row = copy.deepcopy(device.values)
    row.update(ordinal=None)
    vm.added.append((device.store, row))
    try:
        text = vm.regenerated()
    except RegenerationError:
        event("refused")
        return
    event("added")
    found = Sides({"config": text})
    made = [
        {**own(one.values), "ordinal": None} for one in found.devices if one.store is device.store
    ]
    assert {**own(row), "ordinal": None} in made
    assert len(found.devices) == len(vm.sides.devices) + 1
    assert own(found.machine) == own(vm.sides.machine)
