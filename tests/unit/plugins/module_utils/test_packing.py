"""An answer as one text, and what is none."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _packing
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import (
    Packer,
    pack,
    unpack,
)

ANSWER = {"domains": [{"name": "wéb\ud800", "memory_bytes": 2**64 - 1, "title": None}], "n": 1.5}


def test_there_and_back() -> None:
    assert json.loads(unpack(pack(ANSWER))) == ANSWER
    assert len(pack({"domains": [ANSWER] * 1000})) < 2000


@pytest.mark.parametrize("count", [0, 1, 3])
def test_domain_by_domain(count: int) -> None:
    packer = Packer()
    domains = [{"name": f"vm{number}", "warnings": ["odd"]} for number in range(count)]
    for domain in domains:
        packer.add(domain)
    answer = json.loads(unpack(packer.pack({"errors": [], "domains": [], "complete": ["domains"]})))
    assert answer == {"errors": [], "domains": domains, "complete": ["domains"]}
    assert packer.warnings == [(domain["name"], "odd") for domain in domains]


def test_domains_that_were_not_asked_for() -> None:
    assert json.loads(unpack(Packer().pack({"domains": None}))) == {"domains": None}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "cut off"),
        ("no base64!", "cannot be read"),
        ("äöü", "cannot be read"),
        (base64.b64encode(b"no zlib").decode(), "cannot be read"),
        (base64.b64encode(zlib.compress(b"\xff")).decode(), "cannot be read"),
        (base64.b64encode(zlib.compress(b"{}" * 99)[:-6]).decode(), "cut off"),
    ],
)
def test_what_is_none(text: str, problem: str) -> None:
    with pytest.raises(FactsError, match=problem):
        unpack(text)


def test_one_that_would_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_packing, "LIMIT", 1000)
    assert unpack(base64.b64encode(zlib.compress(b" " * 1000)).decode()) == " " * 1000
    with pytest.raises(FactsError, match="larger than 1000 bytes"):
        unpack(base64.b64encode(zlib.compress(b" " * 100_000)).decode())
