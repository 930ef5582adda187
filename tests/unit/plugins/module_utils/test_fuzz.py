"""Mutated documents: refused or read, the same by both parsers, and nothing else ever happens.

VIRTLEDGER_FUZZ=SECONDS lets it run longer, with another seed each time; what fails is in the message.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    VirtledgerError,
    XmlError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact
from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import marked
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    regenerate_all,
)
from fuzzing import Mutator, seeds
from helpers import answer
from ledgers import Ledger

Facts = dict[str, Any]

SECONDS = float(os.environ.get("VIRTLEDGER_FUZZ", "0"))
RUNS = [20260101, 20260102, 20260103] if not SECONDS else [random.SystemRandom().getrandbits(32)]
COUNT = 500


def read(data: bytes, backend: str, **more: Any) -> Facts | None:
    """The facts, null for a document that is refused."""
    try:
        return domain_facts(None, data, backend=backend, include_xml=True, **more)
    except XmlError:
        return None


def recorded_and_back(ledger: Ledger, facts: Facts) -> None:
    """Record a domain; what comes back is its text."""
    try:
        ledger.record(answer(facts, complete=[]))
    except VirtledgerError:
        return
    digest = facts["xml_digest"]
    uuid = ledger.value("SELECT uuid FROM virtual_machines WHERE xml_digest = ?", digest)
    (found,) = regenerate_all(ledger.database, [uuid])
    assert found.edits == []
    assert found.text == facts["xml"]


def check(data: bytes, ledger: Ledger | None) -> bool:
    """Everything that holds of any document; whether it is read."""
    facts = read(data, "lxml")
    assert read(data, "stdlib") == facts
    if facts is None:
        return False
    json.dumps(facts).encode("ascii")
    text, paths = redact(_xml.decode(data), REMOVABLE)
    assert redact(text, REMOVABLE) == (text, paths)
    marked(text)
    without = read(text.encode("utf-8"), "stdlib")
    assert without is not None
    assert without.keys() == facts.keys()
    for name, item in facts.items():
        if isinstance(item, list) and item and isinstance(item[0], dict):
            assert [sorted(one) for one in without[name]] == [sorted(one) for one in item]
    if ledger is not None:
        recorded_and_back(ledger, facts)
    return True


@pytest.mark.parametrize("seed", RUNS)
def test_mutated_documents(seed: int, tmp_path: Path) -> None:
    mutator = Mutator(random.Random(seed))
    ledger = Ledger(tmp_path / "ledger.db")
    end = time.monotonic() + SECONDS
    number = count = 0
    while number < COUNT or time.monotonic() < end:
        number += 1
        data = mutator.document()
        try:
            count += check(data, ledger if number % 5 == 0 else None)
        except Exception as error:
            (tmp_path / "found.xml").write_bytes(data)
            message = (
                f"seed {seed}, document {number}, kept in {tmp_path}/found.xml: {error!r:.500}"
            )
            raise AssertionError(message) from error
    # Else the mutations are too rough to test anything but refusals.
    assert number * 0.2 < count < number * 0.95
    ledger.check()


@pytest.mark.parametrize("path", seeds(), ids=lambda path: path.name)
def test_every_beginning(path: Path) -> None:
    """A file that is cut off is refused, wherever that is, until only white space is missing."""
    data = path.read_bytes()
    if read(data, "lxml") is None:
        return
    # White space in UTF-8 and UTF-16.
    data = data.rstrip(b" \t\r\n\0")
    step = max(1, len(data) // 20)
    for end in range(0, len(data), step):
        assert read(data[:end], "lxml") is None
        assert read(data[:end], "stdlib") is None
