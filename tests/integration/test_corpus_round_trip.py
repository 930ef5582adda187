"""Every document of a corpus through modules, actions and tables, and back: it is the same XML."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    FAMILIES,
    OTHER,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact
from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import MARK
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import digest_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    domain_key,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    regenerate_all,
)
from helpers import answer
from ledgers import Ledger
from lxml import etree
from runs import Runner

CORPUS = Path(os.environ["VIRTLEDGER_CORPUS"])
FOLDERS = ("domains", "hostile")
FILES = sorted(path for folder in FOLDERS for path in (CORPUS / folder).iterdir())

#: What the families of devices are found by, independent of the mapping's own reading.
TAGS = {family.fact: family.tag for family in FAMILIES if family is not OTHER}


class Given(NamedTuple):
    """A document that is not refused.

    :ivar text: without secrets.
    """

    path: Path
    text: str
    secrets: list[str]


def given() -> list[Given]:
    """The documents that are domains."""
    found = []
    for path in FILES:
        try:
            text = _xml.decode(path.read_bytes())
            _xml.domain_element(_xml.parse_text(text))
        except XmlError:
            continue
        found.append(Given(path, *redact(text)))
    return found


GIVEN = given()


def original(one: Given) -> Any:
    """The root of a file, as lxml alone reads it; not every build of it knows EBCDIC."""
    data = one.path.read_bytes()
    return etree.fromstring(one.text if data.startswith("<?xm".encode("cp037")) else data)


def canonical(root: Any) -> bytes:
    """Canonical XML with comments."""
    return etree.tostring(root.getroottree(), method="c14n", with_comments=True)


def test_the_corpus_is_mostly_read() -> None:
    assert len(GIVEN) > 150
    assert {path.parent.name for path, _text, _secrets in GIVEN} == set(FOLDERS)


@pytest.fixture
def returned(runner: Runner) -> tuple[list[str], dict[str, str]]:
    """The corpus recorded by the action, and every document that the lookup returns, by digest.

    The first part has the paths of those that are refused, as the module says.
    """
    folders = [str(CORPUS / folder) for folder in FOLDERS]
    archive = {"paths": folders, "patterns": ["*"]}
    read = runner.module("archive_info", **archive, include_xml=False, families=[])
    refused = [error["name"] for error in read["errors"]]
    result = runner.module("record", host_id="corpus", archive=archive)
    assert result["vms"]["failed"] == 0
    ledger = Ledger(runner.ledger, create=False)
    ledger.check()
    wanted = ledger.query("SELECT DISTINCT vm_uuid AS uuid, digest FROM vm_configurations")
    target = runner.folder / "returned.json"
    content = (
        "[{% for one in wanted %}{{ lookup('virtledger.libvirt.domain_xml', one.uuid, at=one.digest) "
        "| to_json }}{{ '' if loop.last else ',' }}{% endfor %}]"
    )
    task = {"ansible.builtin.copy": {"content": content, "dest": str(target), "mode": "0600"}}
    (runner.folder / "wanted.json").write_text(json.dumps({"wanted": wanted}))
    runner.tasks([task], "-e", f"@{runner.folder}/wanted.json")
    texts = json.loads(target.read_text(encoding="utf-8"))
    return refused, {row["digest"]: text for row, text in zip(wanted, texts, strict=True)}


def test_through_modules_actions_and_lookup(returned: tuple[list[str], dict[str, str]]) -> None:
    refused, texts = returned
    assert sorted(refused) == sorted(
        {str(path) for path in FILES} - {str(one.path) for one in GIVEN}
    )
    for one in GIVEN:
        text = texts[digest_of(one.text)]
        assert text == one.text, one.path.name
        if not one.secrets:
            assert canonical(etree.fromstring(text)) == canonical(original(one)), one.path.name
        assert (MARK in text) == bool(one.secrets) or MARK.encode() in one.path.read_bytes()
    assert len(texts) == len({one.text for one in GIVEN})


def on_hosts() -> list[dict[str, Given]]:
    """The documents by the UUID that they are recorded under, on as many hosts as need be."""
    hosts: list[dict[str, Given]] = []
    for one in GIVEN:
        facts = domain_facts(None, one.text)
        for number in range(len(hosts) + 1):
            if number == len(hosts):
                hosts.append({})
            key = domain_key(facts, f"hv{number}", [])
            if key not in hosts[number]:
                hosts[number][key] = one
                break
    return hosts


def test_untouched_rows_are_no_edits(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    for number, documents in enumerate(on_hosts()):
        host = f"hv{number}"
        facts = [domain_facts(None, one.text, include_xml=True) for one in documents.values()]
        told: Any = json.loads(json.dumps(answer(*facts)))
        ledger.record(told, host_id=host)
        assert ledger.record(told, host_id=host)["changed"] is False
        rows = ledger.query(
            "SELECT uuid, domain_uuid FROM virtual_machines WHERE host_id = ?", host
        )
        assert {row["domain_uuid"] for row in rows} == set(documents)
        again = regenerate_all(ledger.database, [row["uuid"] for row in rows])
        for row, found in zip(rows, again, strict=True):
            one = documents[row["domain_uuid"]]
            assert found.edits == [], one.path.name
            assert found.text == one.text, one.path.name
            assert counted(ledger, row["uuid"]) == in_document(one), one.path.name
    ledger.check()


def counted(ledger: Ledger, uuid: str) -> dict[str, int]:
    """How many devices of each family the tables have of a VM."""
    tables = {family.fact: family.table for family in FAMILIES}
    counts = {
        fact: ledger.value(f"SELECT count(*) FROM {table} WHERE vm_uuid = ?", uuid)
        for fact, table in tables.items()
    }
    query = "SELECT count(*) FROM attachment_indices WHERE vm_uuid = ?"
    return {**counts, "all": ledger.value(query, uuid)}


def in_document(one: Given) -> dict[str, int]:
    """How many the file has, by XPath."""
    root = original(one)
    counts = {fact: int(root.xpath(f"count(devices/{tag})")) for fact, tag in TAGS.items()}
    every = int(root.xpath("count(devices/*)"))
    return {**counts, OTHER.fact: every - sum(counts.values()), "all": every}
