"""What of a text moves by itself is what the mapping declares as moving."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import (
    source_digest,
    stable,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import document

LIVE = """<domain type='kvm' id='{id}'>
  <name>a</name>
  <memory unit='KiB'>2048</memory>
  <currentMemory unit='KiB'>{balloon}</currentMemory>
  <clock offset='variable' adjustment='{clock}' basis='utc'/>
  <devices>
    <console type='pty' tty='/dev/pts/{pty}'>
      <source path='/dev/pts/{pty}'/>
      <target type='serial' port='0'/>
    </console>
    <memory model='virtio-mem'>
      <target>
        <size unit='KiB'>4096</size>
        <current unit='KiB'>{plugged}</current>
      </target>
    </memory>
    <interface type='user'>
      <mac address='52:54:00:AA:00:01'/>
      <target dev='{vnet}'/>
    </interface>
  </devices>
</domain>
"""
USUAL = {"id": 3, "balloon": 2048, "clock": -5, "pty": 1, "plugged": 0, "vnet": "vnet0"}


@pytest.mark.parametrize(
    ("name", "value", "moves"),
    [
        ("id", 14, True),
        ("balloon", 1024, True),
        ("clock", 12, True),
        ("pty", 17, True),
        ("plugged", 4096, True),
        ("vnet", "vnet7", False),
    ],
)
def test_the_text_moves_where_the_facts_do(name: str, value: object, moves: bool) -> None:
    before, after = LIVE.format(**USUAL), LIVE.format(**{**USUAL, name: value})
    assert before != after
    assert (stable(before) == stable(after)) is moves
    facts = [domain_facts(text, None)["digest"] for text in (before, after)]
    assert (facts[0] == facts[1]) is moves


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "<currentMemory unit='KiB'>7</currentMemory>",
            "<currentMemory unit='KiB'></currentMemory>",
        ),
        ("<currentMemory unit='KiB'>7 </currentMemory>", None),
        ("<currentMemory unit='MiB'>7</currentMemory>", None),
        ("<clock offset='variable' adjustment='reset'/>", None),
        ("<source path='/dev/pts/7'/>", "<source path=''/>"),
        (
            "<source path='/dev/pts/7/8'/><source path='/dev/pts/9'/>",
            "<source path='/dev/pts/7/8'/><source path=''/>",
        ),
        (
            "<log path='/dev/pts/'/><console tty='/dev/pts/10'/>",
            "<log path='/dev/pts/'/><console tty=''/>",
        ),
        ("<source xpath='/dev/pts/7'/>", None),
    ],
)
def test_only_whole_values_move(text: str, rest: str | None) -> None:
    assert stable(text) == (text if rest is None else rest)


def digest(text: str = "x", state: str = "running", book: Any = None, shots: Any = ()) -> str:
    return source_digest([LIVE.format(**USUAL), text], [state, True], book or {}, list(shots))


def test_everything_counts_that_facts_are_made_of() -> None:
    mine, other = (
        {mac: [{"address": "192.0.2.1"}]} for mac in ("52:54:00:aa:00:01", "52:54:00:aa:00:02")
    )
    digests = [
        digest(),
        digest("y"),
        digest(state="paused"),
        digest(book=mine),
        digest(shots=[{"name": "s"}]),
        source_digest([None, "x"], ["running", True], {}, []),
        source_digest([LIVE.format(**USUAL), "x"], ["running", True], {}, None),
    ]
    assert len(set(digests)) == len(digests)
    assert digest(book=other) == digest() == digest()


def test_a_definition_does_not_move() -> None:
    """``virsh setmem --config`` is somebody's choice, not the balloon's."""
    before, after = (LIVE.format(**{**USUAL, "balloon": size}) for size in (2048, 1024))
    assert digest(before) != digest(after)
    assert document(before, "config").stable_digest != document(after, "config").stable_digest
    assert document(before, "live").stable_digest == document(after, "live").stable_digest
    definitions = [text.replace(" id='3'", "") for text in (before, after)]
    digests = {domain_facts(None, text)["digest"] for text in definitions}
    assert len(digests) == 2
