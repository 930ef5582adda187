"""Defining domains, on libvirt's test driver, whose default hypervisor lives as long as a connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._define import (
    Order,
    Policy,
    define,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import LibvirtError

URI = "test:///default"
UUID = "cccccccc-0000-4000-8000-{:012d}"


@pytest.fixture
def host() -> Iterator[Any]:
    """The test driver's hypervisor, with one running domain called ``test``."""
    connection = libvirt.open(URI)
    for domain in connection.listAllDomains():
        if domain.name() != "test":
            if domain.isActive():
                domain.destroy()
            domain.undefine()
    yield connection
    connection.close()


def xml(number: int = 1, name: str = "new", devices: str = "", memory: int = 1024) -> str:
    return (
        f"<domain type='test'><name>{name}</name><uuid>{UUID.format(number)}</uuid>"
        f"<memory>{memory}</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
        f"<devices>{devices}</devices></domain>"
    )


def run(*texts: str, autostart: bool = False, **policy: bool) -> list[dict[str, Any]]:
    domains, _warnings = define(URI, [Order(text, autostart) for text in texts], Policy(**policy))
    return domains


def status(*domains: dict[str, Any]) -> list[str]:
    return [domain["status"] for domain in domains]


def names(host: Any) -> set[str]:
    return {domain.name() for domain in host.listAllDomains()}


def test_define_and_start(host: Any) -> None:
    first, second = run(xml(), xml(2, "other"), start=True)
    assert status(first, second) == ["defined", "defined"]
    assert first["started"]
    assert names(host) == {"test", "new", "other"}
    assert host.lookupByName("new").isActive()
    assert "<name>new</name>" in first["after"]
    assert first["before"] == ""


def test_autostart(host: Any) -> None:
    run(xml(), autostart=True)
    assert host.lookupByName("new").autostart() == 1


def test_check_mode_changes_nothing(host: Any) -> None:
    (domain,) = run(xml(), start=True, check_mode=True)
    assert (domain["status"], domain["started"], domain["after"]) == ("defined", False, xml())
    assert names(host) == {"test"}


def test_one_that_is_there_keeps_all_of_them_out(host: Any) -> None:
    run(xml())
    first, second = run(xml(2, "other"), xml())
    assert status(first, second) == ["skipped", "refused"]
    assert "option 'replace'" in second["message"]
    assert names(host) == {"test", "new"}


def test_replace_and_replace_again(host: Any) -> None:
    run(xml())
    (changed,) = run(xml(memory=2048), replace=True)
    assert changed["status"] == "redefined"
    assert changed["before"] != changed["after"]
    (same,) = run(xml(memory=2048), replace=True)
    assert same["status"] == "unchanged"


def test_a_running_domain_is_never_replaced(host: Any) -> None:
    run(xml(), start=True)
    (domain,) = run(xml(), replace=True)
    assert (domain["status"], domain["message"]) == ("refused", "it is running on the host")


def test_one_that_is_there_as_it_is_ordered_stays(host: Any) -> None:
    run(xml())
    there = host.lookupByName("new").XMLDesc(0)
    (domain,) = run(there.replace("\n", " \n"))
    assert (domain["status"], domain["started"]) == ("unchanged", False)
    (planned,) = run(there, start=True, check_mode=True)
    assert (planned["status"], planned["before"]) == ("unchanged", planned["after"])
    (domain,) = run(there, start=True)
    assert (domain["status"], domain["started"]) == ("unchanged", True)
    # it runs now, and is as it should be
    (domain,) = run(there, start=True, replace=True)
    assert (domain["status"], domain["started"]) == ("unchanged", False)
    assert host.lookupByName("new").isActive()
    other = there.replace("<vcpu placement='static'>1<", "<vcpu placement='static'>2<")
    assert other != there
    (domain,) = run(other, replace=True)
    assert (domain["status"], domain["message"]) == ("refused", "it is running on the host")


def test_the_name_of_another_domain(host: Any) -> None:
    (domain,) = run(xml(name="test"), replace=True)
    assert domain["status"] == "refused"
    assert "another domain of this name" in domain["message"]


def test_without_uuid(host: Any) -> None:
    (domain,) = run("<domain type='test'><name>a</name></domain>")
    assert domain["status"] == "refused"
    assert "no usable UUID" in domain["message"]


def test_what_libvirt_refuses_does_not_keep_the_others(host: Any) -> None:
    bad = xml(2, "bad", "<disk type='file'><source file='/a'/></disk>")
    first, second = run(bad, xml())
    assert status(first, second) == ["failed", "defined"]
    assert "target" in first["message"]


def test_missing_networks_and_pools_are_named(host: Any) -> None:
    devices = (
        "<interface type='network'><source network='nowhere'/></interface>"
        "<interface type='network'><source network='default'/></interface>"
        "<disk type='volume'><source pool='gone' volume='v'/><target dev='vda'/></disk>"
    )
    _domains, warnings = define(URI, [Order(xml(devices=devices), False)], Policy(check_mode=True))
    assert warnings == [
        "The host has no network 'nowhere', which new will need to start.",
        "The host has no storage pool 'gone', which new will need to start.",
    ]


def test_what_is_told_holds_no_secret(host: Any) -> None:
    (domain,) = run(xml(devices="<graphics type='vnc' passwd='hush'/>"), check_mode=True)
    assert "hush" not in domain["after"]


def test_bad_input(host: Any) -> None:
    with pytest.raises(LibvirtError, match="cannot be used: Not well-formed"):
        run("<domain>")
    with pytest.raises(LibvirtError, match="No connection to bogus"):
        define("bogus:///x", [Order(xml(), False)], Policy())
