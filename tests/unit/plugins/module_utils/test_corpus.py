"""Real and crafted domain XML of other projects, where VIRTLEDGER_CORPUS names the folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import planted
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import (
    domain_facts,
    domain_keys,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    FAMILIES,
    OTHER,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import flatten
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml_text import element_text

CORPUS = Path(os.environ["VIRTLEDGER_CORPUS"])
DOMAINS = sorted((CORPUS / "domains").iterdir())
HOSTILE = sorted((CORPUS / "hostile").iterdir())
OTHER_ROOTS = sorted((CORPUS / "other_roots").iterdir())


def test_there_is_a_corpus() -> None:
    assert len(DOMAINS) > 100
    assert len(HOSTILE) > 40


@pytest.mark.parametrize("path", DOMAINS, ids=lambda path: path.name)
def test_domain(path: Path) -> None:
    data = path.read_bytes()
    facts = domain_facts(None, data, backend="lxml")
    assert domain_facts(None, data, backend="stdlib") == facts
    assert sorted(facts) == sorted(domain_keys())
    root = _xml.parse(data, "stdlib")
    declared = {family.tag for family in FAMILIES}
    for family in FAMILIES:
        if family is not OTHER:
            found = len(root.findall(f"devices/{family.tag}"))
            assert len(facts[family.fact]) == found, family.name
    others = [element for element in root.findall("devices/*") if element.tag not in declared]
    assert [found["tag"] for found in facts["other_devices"]] == [other.tag for other in others]
    for found, other in zip(facts["other_devices"], others, strict=True):
        again = _xml.parse(found["xml"], "stdlib")
        assert element_text(again) == found["xml"] == element_text(other)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_hostile(path: Path) -> None:
    data = path.read_bytes()
    answers = []
    for backend in ("lxml", "stdlib"):
        started = time.monotonic()
        try:
            answers.append(domain_facts(None, data, backend=backend))
        except XmlError as error:
            answers.append(type(error).__name__)
        assert time.monotonic() - started < 2
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", OTHER_ROOTS, ids=lambda path: path.name)
def test_other_documents_are_refused(path: Path) -> None:
    with pytest.raises(XmlError, match="root element"):
        domain_facts(None, path.read_bytes())


@pytest.mark.parametrize("choices", [(), REMOVABLE], ids=["always", "everything"])
@pytest.mark.parametrize("path", DOMAINS + OTHER_ROOTS, ids=lambda path: path.name)
def test_redaction_changes_what_it_says(path: Path, choices: tuple[str, ...]) -> None:
    text = _xml.decode(path.read_bytes())
    after, paths = redact(text, choices)
    before: dict[str, str] = {}
    now: dict[str, str] = {}
    flatten(_xml.parse(text), "", before)
    flatten(_xml.parse(after), "", now)
    assert list(before) == list(now)
    changed = {key for key in before if before[key] != now[key]}
    assert changed == {key for key in paths if not planted.is_remark(key)}
    assert redact(after, choices) == (after, paths)
