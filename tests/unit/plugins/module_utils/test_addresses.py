"""Addresses that guests' agents, ARP tables and DHCP leases tell.

The domains are stand-ins: a guest without an operating system has no agent to ask.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _addresses
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import LibvirtError

MAC = "52:54:00:00:00:01"
TOLD = {
    "eth0": {
        "hwaddr": MAC.upper(),
        "addrs": [
            {"addr": "192.0.2.7", "type": 0, "prefix": 24},
            {"addr": "fe80::1", "type": 1, "prefix": 64},
        ],
    },
    "lo": {"hwaddr": None, "addrs": [{"addr": "127.0.0.1", "type": 0, "prefix": 8}]},
    "down": {"hwaddr": "52:54:00:00:00:02", "addrs": None},
}


def libvirt_error(code: int) -> libvirt.libvirtError:
    error = libvirt.libvirtError("no")
    error.err = (code, 10, "no answer", 2, "", None, None, -1, -1)
    return error


class Domain:
    def __init__(self, name: str, answer: Any) -> None:
        self._name = name
        self._answer = answer

    def name(self) -> str:
        return self._name

    def interfaceAddresses(self, source: int) -> Any:
        if isinstance(self._answer, float):
            time.sleep(self._answer)
        if isinstance(self._answer, Exception):
            raise self._answer
        return TOLD


class Network:
    def __init__(self, leases: Any) -> None:
        self._leases = leases

    def name(self) -> str:
        return "lan"

    def DHCPLeases(self) -> Any:
        if isinstance(self._leases, Exception):
            raise self._leases
        return self._leases


class Connection:
    def __init__(self, domains: list[Domain], networks: list[Network]) -> None:
        self.domains = domains
        self.networks = networks

    def listAllDomains(self, flags: int) -> list[Domain]:
        return self.domains

    def listAllNetworks(self, flags: int) -> list[Network]:
        return self.networks


def ask(
    monkeypatch: pytest.MonkeyPatch, domains: list[Domain], sources: list[str], seconds: float = 5
) -> tuple[dict[str, Any], list[Any], list[bool]]:
    writable: list[bool] = []

    @contextlib.contextmanager
    def opened(uri: str, writable_asked: bool = False, **options: bool) -> Iterator[Connection]:
        writable.append(options.get("writable", writable_asked))
        yield Connection(domains, [])

    monkeypatch.setattr(_addresses, "connection", opened)
    book: dict[str, Any] = {}
    errors: list[Any] = []
    _addresses.add_told_addresses("qemu:///system", sources, seconds, book, errors)
    return book, errors, writable


def test_only_agents_are_asked_with_write_access(monkeypatch: pytest.MonkeyPatch) -> None:
    book, errors, writable = ask(monkeypatch, [Domain("vm", TOLD)], ["arp", "agent"])
    assert writable == [False, True]
    assert errors == []
    assert book == {
        MAC: [
            {"address": "192.0.2.7", "family": "ipv4", "prefix": 24, "origin": "arp"},
            {"address": "fe80::1", "family": "ipv6", "prefix": 64, "origin": "arp"},
        ]
    }


def test_an_agent_that_hangs_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    domains = [Domain("a", TOLD), Domain("b", 5.0), Domain("c", TOLD)]
    started = time.monotonic()
    book, errors, _writable = ask(monkeypatch, domains, ["agent"], seconds=0.2)
    assert time.monotonic() - started < 2
    assert MAC in book
    (error,) = errors
    assert (error["object"], error["name"]) == ("addresses", "b")
    assert "raise option 'address_timeout'" in error["message"]


@pytest.mark.parametrize(
    ("code", "told"),
    [(libvirt.VIR_ERR_AGENT_UNRESPONSIVE, 1), (libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, 0)],
)
def test_a_domain_without_agent_is_no_error(
    monkeypatch: pytest.MonkeyPatch, code: int, told: int
) -> None:
    domains = [Domain("a", libvirt_error(code)), Domain("b", TOLD)]
    book, errors, _writable = ask(monkeypatch, domains, ["agent"])
    assert MAC in book
    assert len(errors) == told


def test_without_write_access_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def refused(uri: str, writable: bool = False) -> Iterator[Connection]:
        if writable:
            raise LibvirtError("Access is denied.", "Join group libvirt.")
        yield Connection([Domain("vm", TOLD)], [])

    monkeypatch.setattr(_addresses, "connection", refused)
    book: dict[str, Any] = {}
    errors: list[Any] = []
    _addresses.add_told_addresses("qemu:///system", ["agent", "arp"], 5, book, errors)
    assert [item["origin"] for item in book[MAC]] == ["arp", "arp"]
    assert errors[0]["message"] == "No agent addresses: Access is denied. Join group libvirt."


@pytest.mark.parametrize(
    ("code", "told"), [(libvirt.VIR_ERR_NO_SUPPORT, 0), (libvirt.VIR_ERR_INTERNAL_ERROR, 1)]
)
def test_leases(code: int, told: int) -> None:
    lease = {"mac": MAC.upper(), "ipaddr": "192.0.2.7", "type": 0, "prefix": 24}
    networks = [Network(libvirt_error(code)), Network([lease, lease])]
    book: dict[str, Any] = {}
    errors: list[Any] = []
    _addresses.add_leases(Connection([], networks), book, errors)
    assert book == {
        MAC: [{"address": "192.0.2.7", "family": "ipv4", "prefix": 24, "origin": "lease"}]
    }
    assert len(errors) == told
