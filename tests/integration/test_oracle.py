"""libvirt's own word for it: what the ledger gives back defines the same domain.

The test driver takes nearly every domain, a real libvirtd only those whose machine type and
devices its QEMU has. Neither starts anything here.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import helpers
import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import redact
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from ledgers import ATTACHMENTS, Ledger
from lxml import etree

CORPUS = Path(os.environ["VIRTLEDGER_CORPUS"])
QEMU = "/usr/bin/qemu-system-x86_64"
SHUT_OFF = Status("shutoff", True, False)

#: Columns of a VM that say which row it is, and not what the VM is.
OF_THE_ROW = {"id", "uuid", "host_id", "digest", "xml_digest"}


class Sample(NamedTuple):
    """A domain of the corpus as libvirt prints it, without secrets, and as it prints that."""

    name: str
    text: str
    expected: str


@pytest.fixture(autouse=True, scope="module")
def quiet() -> None:
    """Errors are raised as exceptions; by default the binding prints them as well."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)


def dump(connection: libvirt.virConnect, text: str) -> str:
    """What libvirt makes of a definition; it is gone again afterwards."""
    domain = connection.defineXML(text)
    try:
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
        return str(domain.XMLDesc(flags))
    finally:
        is_qemu = connection.getType() == "QEMU"
        domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM if is_qemu else 0)


def for_the_test_driver(root: Any) -> None:
    root.set("type", "test")
    root.attrib.pop("id", None)
    for kind in root.findall("os/type"):
        for name in ("arch", "machine"):
            kind.attrib.pop(name, None)


def for_this_qemu(root: Any) -> None:
    """Emulated, by the one QEMU that is here, and a machine type that it has."""
    root.set("type", "qemu")
    root.attrib.pop("id", None)
    for kind in root.findall("os/type"):
        machine = kind.get("machine", "")
        kind.set("machine", "q35" if "q35" in machine else "pc")
    for emulator in root.findall("devices/emulator"):
        emulator.text = QEMU


def samples(connection: libvirt.virConnect, prepare: Any) -> list[Sample]:
    """All domains of the corpus that libvirt takes, printed by it once."""
    found = []
    for path in sorted((CORPUS / "domains").iterdir()):
        try:
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(huge_tree=True))
            prepare(root)
            text = redact(dump(connection, etree.tostring(root, encoding="unicode")))[0]
            first = dump(connection, text)
            found.append(Sample(path.name, first, dump(connection, first)))
        except (etree.XMLSyntaxError, libvirt.libvirtError):
            continue
    return found


def recorded(ledger: Ledger, given: list[Sample], host: str) -> dict[str, str]:
    """Record them, those with one UUID on different hosts; each one's UUID in the ledger."""
    batches: list[dict[str, Sample]] = []
    for sample in given:
        key = str(etree.fromstring(sample.text).findtext("uuid"))
        batch = next((batch for batch in batches if key not in batch), None)
        if batch is None:
            batch = {}
            batches.append(batch)
        batch[key] = sample
    uuids = {}
    for number, batch in enumerate(batches):
        facts = [
            domain_facts(None, sample.text, status=SHUT_OFF, include_xml=True)
            for sample in batch.values()
        ]
        ledger.record(helpers.answer(*facts), f"{host}{number}")
        for row in ledger.query(
            "SELECT uuid, domain_uuid FROM virtual_machines WHERE host_id = ?", f"{host}{number}"
        ):
            uuids[batch[row["domain_uuid"]].name] = row["uuid"]
    return uuids


def differing(
    connection: libvirt.virConnect, ledger: Ledger, given: list[Sample], uuids: dict[str, str]
) -> list[str]:
    """The names of those that libvirt prints otherwise once they went through the ledger."""
    texts = regenerate_all(ledger.database, [uuids[sample.name] for sample in given])
    return [
        sample.name
        for sample, one in zip(given, texts, strict=True)
        if dump(connection, one.text) != sample.expected
    ]


def bare(sample: Sample) -> Sample:
    """Its name, and the metadata: other programs' XML is shown in columns, not made from them."""
    root = etree.fromstring(sample.text)
    for child in root:
        if child.tag not in ("name", "uuid", "metadata"):
            root.remove(child)
    return sample._replace(text=etree.tostring(root, encoding="unicode"))


def give_rows(ledger: Ledger, givers: dict[str, str], takers: dict[str, str]) -> None:
    """All devices, as if they were inserted, and all columns of some VMs become those of others."""
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        described = connection.execute("PRAGMA table_info(virtual_machines)").fetchall()
        columns = ", ".join(row[1] for row in described if row[1] not in OF_THE_ROW)
        for name, giver in givers.items():
            for table in ATTACHMENTS.values():
                connection.execute(
                    f"UPDATE {table} SET vm_uuid = ?, ordinal = NULL WHERE vm_uuid = ?",
                    (takers[name], giver),
                )
            connection.execute(
                f"UPDATE virtual_machines SET ({columns}) = "
                f"(SELECT {columns} FROM virtual_machines WHERE uuid = ?) WHERE uuid = ?",
                (giver, takers[name]),
            )


def compared(connection: libvirt.virConnect, given: list[Sample], folder: Path) -> None:
    """As they were recorded, and then with nothing left of the archived text but a name."""
    ledger = Ledger(folder / "ledger.db")
    uuids = recorded(ledger, given, "hv")
    assert differing(connection, ledger, given, uuids) == []
    takers = recorded(ledger, [bare(sample) for sample in given], "bare")
    give_rows(ledger, uuids, takers)
    assert differing(connection, ledger, given, takers) == []


def test_the_test_driver_agrees(tmp_path: Path) -> None:
    with (CORPUS / "MANIFEST.tsv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    told = {
        Path(row["path"]).name
        for row in rows
        if row["path"].startswith("domains/") and row["test_driver_9.0_accepts"] == "yes"
    }
    (tmp_path / "node.xml").write_text("<node/>")
    with closing(libvirt.open(f"test://{tmp_path}/node.xml")) as connection:
        given = samples(connection, for_the_test_driver)
        print(f"libvirt's test driver takes {len(given)}, {len(told)} were expected")
        assert told <= {sample.name for sample in given}
        compared(connection, given, tmp_path)


def test_a_real_libvirtd_agrees(lab: Lab, tmp_path: Path) -> None:
    with closing(lab.hypervisor(1).connect()) as connection:
        given = samples(connection, for_this_qemu)
        print(f"the lab's libvirtd takes {len(given)}")
        assert len(given) >= 30
        compared(connection, given, tmp_path)
