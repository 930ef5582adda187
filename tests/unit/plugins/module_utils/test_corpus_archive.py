"""Other projects' documents through the archive reader, where VIRTLEDGER_CORPUS names them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import archives
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _archive, _lxml, _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive import Request
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import Choice
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

CORPUS = Path(os.environ["VIRTLEDGER_CORPUS"])
FOLDERS = ("domains", "hostile", "other_roots")
FILES = [path for folder in FOLDERS for path in sorted((CORPUS / folder).iterdir())]

#: What a document's root element becomes, as far as it is well-formed and holds a domain.
READ = {"domain", "domstatus", "domainsnapshot", "domaincheckpoint"}


def _expected(path: Path) -> bool:
    """The document is one that holds a domain with a name."""
    try:
        root = _xml.parse(path.read_bytes(), "stdlib")
    except XmlError:
        return False
    if root.tag == "domain":
        return True
    return root.tag in READ and root.find("domain/name") is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_document(path: Path) -> None:
    started = time.monotonic()
    found = _archive.read(Request([str(path)]))
    assert time.monotonic() - started < 2
    assert found["counts"]["documents"] == 1
    assert found["counts"]["domains"] == _expected(path), found["errors"]
    for domain in found["domains"]:
        if domain["archived"]["root"] == "domain":
            data = path.read_bytes()
            live = _xml.parse(data).get("id") is not None
            direct = domain_facts(data if live else None, None if live else data)
            assert domain["digest"] == direct["digest"]
        elif domain["xml_config"] is None:
            root = _xml.parse(path.read_bytes(), "stdlib")
            inner = root.find("domain")
            assert _same(inner, _xml.parse(domain["xml"], "stdlib"))


def _same(one: _xml.Element, other: _xml.Element) -> bool:
    return (
        (one.tag, one.attrib, one.text) == (other.tag, other.attrib, other.text)
        and len(one) == len(other)
        and all(_same(*pair) and pair[0].tail == pair[1].tail for pair in zip(one, other))
    )


def test_both_parsers_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> tuple[list[dict[str, object]], list[str]]:
        request = Request([str(CORPUS / folder) for folder in FOLDERS], Choice(["*"]))
        found = _archive.read(request)
        domains = [{**domain, "xml": None, "xml_config": None} for domain in found["domains"]]
        return domains, [error["name"] for error in found["errors"]]

    with_lxml = read()
    monkeypatch.setattr(_lxml, "HAS_LXML", False)
    assert read() == with_lxml


def test_memory_and_time() -> None:
    counts, _errors, seconds, peak = archives.measured(*(CORPUS / folder for folder in FOLDERS))
    assert counts["documents"] == len(FILES)
    assert seconds < 30
    assert peak < 300


@pytest.mark.parametrize("path", sorted((CORPUS / "hostile").iterdir()), ids=lambda path: path.name)
def test_memory_of_hostile_documents(path: Path) -> None:
    counts, _errors, seconds, peak = archives.measured(path)
    assert counts["documents"] == 1
    assert seconds < 30
    assert peak < 300
