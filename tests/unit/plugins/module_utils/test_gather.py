"""Gathering from libvirt's test driver, and what goes wrong there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import helpers
import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _connection, _domains
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import with_deadline
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    LibvirtError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import (
    Request,
    gather,
    wanted,
)

RUNSTATE = "<t:runstate xmlns:t='http://libvirt.org/schemas/domain/test/1.0'>{}</t:runstate>"
NODE = """<node>
{domains}
<network><name>lan</name><uuid>0e700000-0000-4000-8000-000000000001</uuid><forward mode='bridge'/>
 <bridge name='br0'/><portgroup name='dev' default='yes'><vlan><tag id='42'/></vlan></portgroup></network>
<network><name>nat</name><uuid>0e700000-0000-4000-8000-000000000002</uuid><forward/><bridge name='virbr0'/>
 <ip address='192.0.2.1' netmask='255.255.255.0'/></network>
<network><name>closed</name><uuid>0e700000-0000-4000-8000-000000000003</uuid><bridge name='virbr1'/></network>
<pool type='dir'><name>default</name><uuid>0d1c0000-0000-4000-8000-000000000001</uuid>
 <target><path>/images</path></target>
 <volume type='file'><name>a.qcow2</name><capacity unit='MiB'>10</capacity>
  <target><path>/images/a.qcow2</path><format type='qcow2'/></target></volume></pool>
</node>"""


def _node(tmp_path: Path, *states: int) -> str:
    domains = []
    for number, state in enumerate(states, 1):
        text = helpers.domain_xml(name=f"vm{number}", number=number).replace("kvm", "test")
        domains.append(text.replace("</domain>", RUNSTATE.format(state) + "</domain>"))
    path = tmp_path / "node.xml"
    path.write_text(NODE.format(domains="\n".join(domains)))
    return f"test://{path}"


def test_a_whole_host(tmp_path: Path) -> None:
    found = gather(Request(_node(tmp_path, 1, 3, 5, 7)))
    states = {domain["name"]: (domain["state"], domain["in_live"]) for domain in found["domains"]}
    assert states["vm1"] == ("running", True)
    assert states["vm2"] == ("paused", True)
    assert states["vm3"] == ("shutoff", False)
    assert states["vm4"][0] in ("pmsuspended", "shutoff")
    assert found["errors"] == []
    assert found["complete"] == ["networks", "storage_pools", "domains"]
    assert found["hypervisor"]["type"] == "TEST"
    assert found["hypervisor"]["cpu_count"] > 0


def test_networks_have_their_real_mode(tmp_path: Path) -> None:
    found = {item["name"]: item for item in gather(Request(_node(tmp_path)))["networks"]}
    assert {name: item["mode"] for name, item in found.items()} == {
        "lan": "bridge",
        "nat": "nat",
        "closed": "isolated",
    }
    assert found["lan"]["bridge_name"] == "br0"
    assert found["lan"]["port_groups"] == [
        {
            "name": "dev",
            "is_default": True,
            "trust_guest_rx_filters": None,
            "vlan_tags": {"trunk": None, "tags": [{"id": 42, "nativeMode": None}]},
            "virtual_port": None,
        }
    ]


def test_pools_have_their_volumes(tmp_path: Path) -> None:
    (found,) = gather(Request(_node(tmp_path)))["storage_pools"]
    assert (found["type"], found["path"], found["active"]) == ("dir", "/images", True)
    (volume,) = found["volumes"]
    assert (volume["path"], volume["format"], volume["capacity_bytes"]) == (
        "/images/a.qcow2",
        "qcow2",
        10 * 2**20,
    )


@pytest.mark.parametrize(
    ("subset", "names"),
    [
        (
            ["all"],
            {
                "hypervisor",
                "domains",
                "networks",
                "storage_pools",
                "volumes",
                "leases",
                "snapshots",
            },
        ),
        (["snapshots"], {"hypervisor", "domains", "snapshots"}),
        (["networks", "snapshots", "!domains"], {"hypervisor", "networks"}),
        (["networks"], {"hypervisor", "networks"}),
        (["volumes"], {"hypervisor", "storage_pools", "volumes"}),
        (["!domains", "!leases"], {"hypervisor", "networks", "storage_pools", "volumes"}),
        (["!all"], {"hypervisor"}),
    ],
)
def test_subsets(subset: list[str], names: set[str]) -> None:
    assert wanted(subset) == names


def test_a_subset_that_is_none() -> None:
    with pytest.raises(VirtledgerError, match="gather_subset.*'nets'"):
        wanted(["nets"])


def test_what_is_not_asked_for_is_null_and_not_complete(tmp_path: Path) -> None:
    found = gather(Request(_node(tmp_path, 1), subset=["networks"]))
    assert (found["domains"], found["storage_pools"], found["complete"]) == (
        None,
        None,
        ["networks"],
    )


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(names=["vm1"]), ["vm1"]),
        (Selection(names=["vm*"]), ["vm1", "vm2", "vm3"]),
        (Selection(names=["vm[12]"]), ["vm1", "vm2"]),
        (Selection(uuids=[helpers.UUID.format(2).upper().replace("-", "")]), ["vm2"]),
        (Selection(names=["vm1"], uuids=[helpers.UUID.format(3)]), ["vm1", "vm3"]),
        (Selection(states=["active"]), ["vm1", "vm2"]),
        (Selection(states=["paused"]), ["vm2"]),
        (Selection(states=["inactive"], names=["vm*"]), ["vm3"]),
    ],
)
def test_selection(tmp_path: Path, selection: Selection, names: list[str]) -> None:
    found = gather(Request(_node(tmp_path, 1, 3, 5), selection=selection))
    assert [domain["name"] for domain in found["domains"]] == names
    assert "domains" not in found["complete"]


def test_what_no_domain_has_is_named(tmp_path: Path) -> None:
    found = gather(
        Request(_node(tmp_path, 1), selection=Selection(names=["vm1", "web*"], uuids=["nonsense"]))
    )
    assert found["not_found"] == ["nonsense", "web*"]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("test:///no/such/file.xml", "libvirt cannot use the URI .test:///no/such/file.xml"),
        ("bogus:///system", "bogus"),
        ("qemu+unix:///system?socket=/no/such/socket", "No connection.*libvirtd or virtqemud"),
    ],
)
def test_no_connection(uri: str, message: str) -> None:
    with pytest.raises(LibvirtError, match=message):
        gather(Request(uri))


def test_without_the_binding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connection, "HAS_LIBVIRT", False)
    with pytest.raises(LibvirtError, match="python3-libvirt"):
        gather(Request("test:///default"))


class _Handle:
    """A domain that misbehaves; libvirt gives no other way to make one vanish at this moment."""

    def __init__(self, real: Any, code: int) -> None:
        self._real = real
        self._code = code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def XMLDesc(self, flags: int) -> str:
        error = libvirt.libvirtError("refused")
        error.err = (self._code, 10, "no such domain", 2, "", None, None, -1, -1)
        raise error


@pytest.mark.parametrize(
    ("code", "vanished"),
    [(libvirt.VIR_ERR_NO_DOMAIN, True), (libvirt.VIR_ERR_INTERNAL_ERROR, False)],
)
def test_one_bad_domain_does_not_lose_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, vanished: bool
) -> None:
    listing = _domains.list_domains

    def misbehaving(conn: Any) -> Any:
        first, *rest = listing(conn)
        return [first._replace(handle=_Handle(first.handle, code)), *rest]

    monkeypatch.setattr(_domains, "list_domains", misbehaving)
    found = gather(Request(_node(tmp_path, 1, 5)))
    assert [domain["name"] for domain in found["domains"]] == ["vm2"]
    (error,) = found["errors"]
    assert (error["object"], error["name"], error["vanished"]) == ("domain", "vm1", vanished)
    assert error["uuid"] == helpers.UUID.format(1)
    assert "domains" in found["complete"]


def test_one_call_per_flag_and_two_per_running_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for owner, name in (
        (libvirt.virConnect, "listAllDomains"),
        (libvirt.virDomain, "XMLDesc"),
        (libvirt.virDomain, "state"),
    ):
        real = getattr(owner, name)

        def counted(self: Any, *args: Any, _real: Any = real, _name: str = name) -> Any:
            calls.append(_name)
            return _real(self, *args)

        monkeypatch.setattr(owner, name, counted)
    gather(Request(_node(tmp_path, *[1] * 10, *[5] * 5), subset=["domains"]))
    assert calls.count("listAllDomains") == 7
    assert calls.count("XMLDesc") == 10 * 2 + 5
    assert calls.count("state") == 0


def test_the_deadline_is_kept() -> None:
    started = time.monotonic()
    with pytest.raises(
        LibvirtError, match=r"Reading x did not finish within 0.1 seconds.*'timeout'"
    ):
        with_deadline(lambda: time.sleep(5), 0.1, "Reading x")
    assert time.monotonic() - started < 2


def test_errors_pass_through_the_deadline() -> None:
    def fail() -> None:
        raise LibvirtError("as it was")

    with pytest.raises(LibvirtError, match="as it was"):
        with_deadline(fail, 5, "x")
    assert with_deadline(lambda: 7, 5, "x") == 7


@pytest.mark.parametrize(
    ("owner", "kind", "code"),
    [
        ("virNetwork", "networks", libvirt.VIR_ERR_INTERNAL_ERROR),
        ("virStoragePool", "storage_pools", libvirt.VIR_ERR_INTERNAL_ERROR),
    ],
)
def test_a_listing_that_lacks_something_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str, kind: str, code: int
) -> None:
    """Else what could not be read would be taken for gone."""
    monkeypatch.setattr(getattr(libvirt, owner), "XMLDesc", _Handle(None, code).XMLDesc)
    found = gather(Request(_node(tmp_path, 1)))
    assert found[kind] == []
    assert kind not in found["complete"]
    assert {"networks", "storage_pools", "domains"} - {kind} == set(found["complete"])
    assert found["errors"][0]["object"] == kind[:-1]


@pytest.mark.parametrize(
    ("code", "volumes", "told"),
    [(libvirt.VIR_ERR_INTERNAL_ERROR, None, 1), (libvirt.VIR_ERR_NO_STORAGE_VOL, [], 0)],
)
def test_volumes_that_fail_and_volumes_that_vanish(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    volumes: list[Any] | None,
    told: int,
) -> None:
    monkeypatch.setattr(libvirt.virStorageVol, "XMLDesc", _Handle(None, code).XMLDesc)
    found = gather(Request(_node(tmp_path)))
    assert found["storage_pools"][0]["volumes"] == volumes
    assert len(found["errors"]) == told


def test_networks_and_pools_are_redacted_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = "<network><name>n</name><metadata><a:x xmlns:a='urn:a'>qz</a:x></metadata></network>"
    pool = "<pool><name>p</name><source><auth login='me' passwd='qz'/></source></pool>"
    monkeypatch.setattr(libvirt.virNetwork, "XMLDesc", lambda self, flags: network)
    monkeypatch.setattr(libvirt.virStoragePool, "XMLDesc", lambda self, flags: pool)
    found = gather(Request(_node(tmp_path)))
    assert "qz" in str(found["networks"])
    assert "qz" not in str(found["storage_pools"])
    found = gather(Request(_node(tmp_path), selection=Selection(redact=["metadata"])))
    assert "qz" not in str(found)
    assert found["networks"][0]["unmapped"] == {"metadata/{urn:a}x": "(redacted)"}
