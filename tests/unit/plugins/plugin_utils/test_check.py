"""Facts that are none: each is a message that names host and place, and nothing is written."""

from __future__ import annotations

import base64
import contextlib
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import pack
from helpers import answer, domain, pool
from ledgers import Ledger

FULL = (
    "<disk type='file'><source file='/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/></interface>"
    "<controller type='usb' index='0' model='qemu-xhci'/><input type='tablet' bus='usb'/>"
    "<filesystem><source dir='/srv'/><target dir='srv'/></filesystem>"
    "<graphics type='vnc' port='5901' listen='127.0.0.1'/><video><model type='virtio'/></video>"
)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda facts: facts.update(domains="x"), "domains: not a list"),
        (lambda facts: facts.update(domains=[1]), r"domains\[0\]: not a dictionary"),
        (lambda facts: facts["domains"][0].pop("name"), r"domains\[0\].name: missing"),
        (
            lambda facts: facts["domains"][0].update(vcpu_count=["x"]),
            r"vcpu_count: \['x'\] is no int",
        ),
        (
            lambda facts: facts["domains"][0]["ports"].append(7),
            r"domains\[0\].ports\[1\]: not a dictionary",
        ),
        (
            lambda facts: facts["domains"][0]["ports"][0].update(vlan_tags="42"),
            "vlan_tags: '42' is no dict",
        ),
        (lambda facts: facts["domains"].append(facts["domains"][0]), "is there twice"),
        (lambda facts: facts.pop("mapping_version"), "mapping_version"),
        (lambda facts: facts.update(mapping_version=99), "mapping version 99, newer than"),
        (lambda facts: facts.update(mapping_version=1), "mapping version 1, older than"),
        (lambda facts: facts.update(failed=True, msg="boom"), "the result of a failed task: boom"),
        (
            lambda facts: facts.update(domains=None, networks=None, storage_pools=None),
            "neither domains",
        ),
        (lambda facts: facts.update(networks=[{"name": None}]), r"networks\[0\]"),
        (
            lambda facts: facts.update(storage_pools=[pool(volumes=[]) | {"volumes": "x"}]),
            "volumes: not a list",
        ),
        (
            lambda facts: facts.update(storage_pools=[pool(volumes=[]) | {"name": "x" * 256}]),
            r"storage_pools\[0\].name: longer than 255",
        ),
        (lambda facts: facts["domains"][0].update(memory_bytes=-1), "memory_bytes: -1 is negative"),
        (
            lambda facts: facts["domains"].append(
                facts["domains"][0] | {"uuid": facts["domains"][0]["uuid"].upper()}
            ),
            "UUID .* is there twice",
        ),
        (
            lambda facts: facts.update(domains=[facts["domains"][0] | {"uuid": None}] * 2),
            "name vm1 is there twice",
        ),
        (
            lambda facts: facts["domains"][0].update(title="half \ud800"),
            r"facts\[domains\]\[0\]\[title\]: a text with a NUL or half",
        ),
        (
            lambda facts: facts["domains"][0]["ports"][0].update(source={"@bridge": "a\0b"}),
            r"\[ports\]\[0\]\[source\]\[@bridge\]: a text with a NUL",
        ),
        (
            lambda facts: facts["domains"][0].update(unmapped={"a": None}),
            r"domains\[0\].unmapped: not a dictionary of texts",
        ),
        (
            lambda facts: facts["domains"][0].update(warnings=[{}]),
            r"domains\[0\].warnings: not a list of texts",
        ),
        (lambda facts: facts.update(complete=["domains", {}]), "complete: not a list of texts"),
        (lambda facts: facts.update(errors=[7]), r"errors\[0\]: not a dictionary"),
        (lambda facts: facts.update(errors=[{"uuid": []}]), r"errors\[0\].uuid: not a text"),
    ],
)
def test_facts_edited_into_nonsense(ledger: Ledger, edit: Any, message: str) -> None:
    facts = answer(domain(FULL))
    edit(facts)
    before = ledger.dump(without=())
    with pytest.raises(FactsError, match=message) as caught:
        ledger.record(facts)
    assert "hv1" in str(caught.value)
    assert ledger.dump(without=()) == before


def test_one_odd_value_anywhere_is_a_message_or_recorded(ledger: Ledger) -> None:
    """Whatever is put in the place of whichever value, the recorder never breaks off."""
    facts = answer(domain(FULL), storage_pools=[pool(volumes=[])], errors=[{"uuid": "x"}])
    odd: list[Any] = [None, -1, 2**70, 1.5, True, "x" * 300, "a\0b", [], [None], {}, {"a": []}]
    for number, (holder, key) in enumerate(_places(facts)):
        kept, holder[key] = holder[key], odd[number % len(odd)]
        with contextlib.suppress(FactsError):
            ledger.record(facts)
        holder[key] = kept
    ledger.check()


def test_what_ansible_adds_to_a_result_does_not_matter(ledger: Ledger) -> None:
    result = ledger.record(answer(domain(FULL), warnings=[object()], invocation={"x": {1}}))
    assert result["vms"]["new"] == 1


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def test_a_packed_answer_is_the_same(ledger: Ledger) -> None:
    facts = answer(domain(FULL))
    assert ledger.record({"packed": pack(facts), "changed": False})["vms"]["new"] == 1
    assert ledger.record(facts)["vms"]["unchanged"] == 1
    for wrong, message in (
        (pack(facts)[:-8], "hv1: packed: The packed answer"),
        (packed(b"[]"), "hv1: facts: a list, not a dictionary"),
        (packed(b"{"), "hv1: packed: no JSON"),
    ):
        with pytest.raises(FactsError, match=message):
            ledger.record({"packed": wrong})


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in facts: what holds a value, and under which key."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _places(value[key])


@pytest.mark.parametrize("text", ["\U0001f600", "C:\\u0000"])
def test_texts_that_only_look_odd_are_recorded(ledger: Ledger, text: str) -> None:
    ledger.record(answer(domain(FULL) | {"title": text}))
    assert ledger.value("SELECT title FROM virtual_machines") == text


@pytest.mark.parametrize("host_id", ["", "  ", "x" * 256, "a\nb", "a\u202eb"])
def test_names_that_are_none(ledger: Ledger, host_id: str) -> None:
    with pytest.raises(FactsError, match="host_id"):
        ledger.record(answer(), host_id)
