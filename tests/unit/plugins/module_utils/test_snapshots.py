"""Snapshots and checkpoints: their facts, and reading them from libvirt's test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import helpers
import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request, gather
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.snapshot import (
    SNAPSHOT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._snapshots import (
    in_order,
    snapshot_facts,
)

URI = "test:///default"
SNAPSHOT = """<domainsnapshot>
  <name>before the upgrade</name>
  <description>password: in words</description>
  <state>running</state>
  <parent><name>first</name></parent>
  <creationTime>1700000000</creationTime>
  <memory snapshot='external' file='/var/lib/memory'/>
  <disks>
    <disk name='vda' snapshot='external' type='file'><driver type='qcow2'/><source file='/images/a.s1'/></disk>
    <disk name='sda' snapshot='no'/>
  </disks>
  <domain type='kvm'><name>vm</name><devices><graphics type='vnc' passwd='hunter2'/></devices></domain>
  <cookie><cpu mode='custom'/></cookie>
</domainsnapshot>
"""
CHECKPOINT = """<domaincheckpoint><name>c1</name><creationTime>1700000001</creationTime>
<disks><disk name='vda' checkpoint='bitmap' bitmap='c1'/></disks><domain type='kvm'/></domaincheckpoint>"""


@pytest.mark.parametrize("backend", ["lxml", "stdlib"])
def test_a_snapshot(backend: str) -> None:
    facts = snapshot_facts(SNAPSHOT, "snapshot", True, backend=backend)
    assert facts == {
        "name": "before the upgrade",
        "kind": "snapshot",
        "parent_name": "first",
        "state": "running",
        "description": "password: in words",
        "creation_time": 1700000000,
        "is_current": True,
        "memory_mode": "external",
        "memory_file": "/var/lib/memory",
        "disks": [
            {
                "@name": "vda",
                "@snapshot": "external",
                "@type": "file",
                "driver/@type": "qcow2",
                "source/@file": "/images/a.s1",
            },
            {"@name": "sda", "@snapshot": "no"},
        ],
        "config_xml": SNAPSHOT.replace("hunter2", "(redacted)"),
        "redacted": ["domain/devices/graphics/@passwd"],
    }
    assert list(facts) == [field.name for field in SNAPSHOT_FIELDS]


def test_a_checkpoint_and_a_choice() -> None:
    facts = snapshot_facts(CHECKPOINT.encode("utf-16"), "checkpoint", None)
    assert (facts["kind"], facts["name"], facts["is_current"]) == ("checkpoint", "c1", None)
    assert facts["disks"] == [{"@name": "vda", "@checkpoint": "bitmap", "@bitmap": "c1"}]
    assert (facts["state"], facts["memory_mode"], facts["config_xml"]) == (None, None, CHECKPOINT)
    facts = snapshot_facts(SNAPSHOT, "snapshot", False, redact=["description"])
    assert facts["description"] == "(redacted)"
    assert facts["redacted"] == ["description", "domain/devices/graphics/@passwd"]


@pytest.mark.parametrize("text", ["<domain/>", CHECKPOINT, "<domainsnapshot>"])
def test_another_document_is_refused(text: str) -> None:
    with pytest.raises(XmlError):
        snapshot_facts(text, "snapshot", None)


@pytest.mark.parametrize("text", ["soon", "", "-1", "1.5"])
def test_a_time_that_is_no_number_is_null(text: str) -> None:
    document = SNAPSHOT.replace("1700000000", text)
    assert snapshot_facts(document, "snapshot", None)["creation_time"] is None


def test_the_order() -> None:
    facts = [
        {"name": name, "kind": kind, "creation_time": seconds}
        for name, kind, seconds in (
            ("x", "snapshot", None),
            ("b", "snapshot", 2),
            ("a", "snapshot", 2),
            ("z", "snapshot", 1),
            ("a", "checkpoint", 2),
        )
    ]
    found = [(item["name"], item["kind"]) for item in in_order(facts)]
    assert found == [
        ("z", "snapshot"),
        ("a", "checkpoint"),
        ("a", "snapshot"),
        ("b", "snapshot"),
        ("x", "snapshot"),
    ]


def test_the_digest_covers_them() -> None:
    text = helpers.domain_xml()
    one, other = (snapshot_facts(SNAPSHOT, "snapshot", current) for current in (True, False))
    digests = {
        domain_facts(None, text, snapshots=snapshots)["digest"]
        for snapshots in (None, [], [one], [other])
    }
    assert len(digests) == 4
    assert domain_facts(None, text)["snapshots"] is None


@pytest.fixture
def domain() -> Iterator[Any]:
    """A domain of the test driver, whose state lives as long as any connection is open."""
    conn = libvirt.open(URI)
    found = conn.lookupByName("test")
    for left in found.listAllSnapshots(0):
        left.delete(0)
    for name, parent in (("first", None), ("second", "first")):
        xml = f"<domainsnapshot><name>{name}</name><description>of {parent}</description></domainsnapshot>"
        found.snapshotCreateXML(xml, 0)
    yield found
    conn.close()


def gathered(**options: Any) -> tuple[Any, list[Any]]:
    """The snapshots of the only domain, and the errors."""
    answer = gather(Request(URI, **options))
    return answer["domains"][0]["snapshots"], answer["errors"]


def test_of_the_test_driver(domain: Any) -> None:
    snapshots, errors = gathered()
    assert errors == []
    assert [
        (item["name"], item["parent_name"], item["is_current"], item["state"], item["kind"])
        for item in snapshots
    ] == [
        ("first", None, False, "running", "snapshot"),
        ("second", "first", True, "running", "snapshot"),
    ]
    assert snapshots[0]["creation_time"] > 1700000000
    assert "<domain type='test'>" in snapshots[0]["config_xml"]
    domain.snapshotLookupByName("second").delete(0)
    snapshots, _errors = gathered(subset=["snapshots"])
    assert [(item["name"], item["is_current"]) for item in snapshots] == [("first", True)]


def test_a_domain_without_snapshots_is_not_asked(
    domain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for snapshot in domain.listAllSnapshots(0):
        snapshot.delete(0)
    monkeypatch.delattr(libvirt.virDomain, "listAllSnapshots")
    monkeypatch.delattr(libvirt.virDomain, "hasCurrentSnapshot")
    monkeypatch.delattr(libvirt.virDomain, "listAllCheckpoints")
    assert gathered() == ([], [])


def test_left_out(domain: Any) -> None:
    assert gathered(subset=["all", "!snapshots"]) == (None, [])
    assert gathered(subset=["domains"]) == (None, [])


def failing(code: int) -> Any:
    """A method that raises libvirt's error with this code."""

    def fail(self: Any, *arguments: Any) -> None:
        error = libvirt.libvirtError("refused")
        error.err = (code, 10, "out of luck", 2, "", None, None, -1, -1)
        raise error

    return fail


@pytest.mark.parametrize(
    "method",
    ["virDomain.listAllSnapshots", "virDomainSnapshot.getXMLDesc", "virDomain.snapshotCurrent"],
)
def test_an_error_is_told_and_the_snapshots_are_not_known(
    domain: Any, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    owner, name = method.split(".")
    monkeypatch.setattr(getattr(libvirt, owner), name, failing(libvirt.VIR_ERR_INTERNAL_ERROR))
    snapshots, errors = gathered()
    assert snapshots is None
    (error,) = errors
    assert (error["object"], error["name"], error["uuid"]) == (
        "snapshot",
        "test",
        domain.UUIDString(),
    )
    assert "Snapshots of domain test" in error["message"]
    assert "out of luck" in error["message"]


def test_xml_that_is_refused_is_told(domain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libvirt.virDomainSnapshot, "getXMLDesc", lambda self, flags: "<domain/>")
    snapshots, errors = gathered()
    assert snapshots is None
    assert "not libvirt's <domainsnapshot>" in errors[0]["message"]


def test_one_that_was_removed_meanwhile_is_none(
    domain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT
    monkeypatch.setattr(libvirt.virDomainSnapshot, "getXMLDesc", failing(code))
    assert gathered() == ([], [])


def test_a_domain_that_is_gone_is_told_once(domain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for method in ("listAllSnapshots", "XMLDesc"):
        monkeypatch.setattr(libvirt.virDomain, method, failing(libvirt.VIR_ERR_NO_DOMAIN))
    answer = gather(Request(URI))
    assert [(error["object"], error["vanished"]) for error in answer["errors"]] == [
        ("domain", True)
    ]


@pytest.mark.parametrize(
    ("flag", "code", "snapshots", "told"),
    [
        ("SNAPSHOT", libvirt.VIR_ERR_NO_SUPPORT, [], 0),
        ("SNAPSHOT", libvirt.VIR_ERR_INVALID_ARG, [], 0),
        ("SNAPSHOT", libvirt.VIR_ERR_INTERNAL_ERROR, None, 1),
        ("CHECKPOINT", libvirt.VIR_ERR_INVALID_ARG, ["first", "second"], 0),
        ("CHECKPOINT", libvirt.VIR_ERR_INTERNAL_ERROR, None, 1),
    ],
)
def test_a_listing_that_fails(
    domain: Any,
    monkeypatch: pytest.MonkeyPatch,
    flag: str,
    code: int,
    snapshots: list[str] | None,
    told: int,
) -> None:
    refused = getattr(libvirt, "VIR_CONNECT_LIST_DOMAINS_HAS_" + flag)
    real = libvirt.virConnect.listAllDomains

    def listing(self: Any, flags: int) -> Any:
        return failing(code)(self) if flags == refused else real(self, flags)

    monkeypatch.setattr(libvirt.virConnect, "listAllDomains", listing)
    found, errors = gathered()
    assert (found if found is None else [item["name"] for item in found]) == snapshots
    assert len(errors) == told


def test_a_binding_without_checkpoints(domain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(libvirt, "VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT")
    snapshots, errors = gathered()
    assert (len(snapshots), errors) == (2, [])
