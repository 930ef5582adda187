"""Which VMs are restored, and which are refused before anything is defined."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.relocate import Maps
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._restore import (
    Prepared,
    Request,
    note_lost,
    prepare,
)
from helpers import UUID, answer, domain_xml
from ledgers import Ledger

DISK = "<disk type='file'><source file='/images/{0}'/><target dev='vda'/></disk>"


def vm(number: int, name: str, devices: str = "", transient: bool = False) -> dict[str, Any]:
    text = domain_xml(DISK.format(name) + devices, name=name, number=number)
    live = text.replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    status = Status("running", not transient, True)
    return domain_facts(live, None if transient else text, status=status, include_xml=True)


@pytest.fixture
def recorded(ledger: Ledger) -> Ledger:
    ledger.record(answer(vm(1, "web1"), vm(2, "web2"), vm(3, "db1")), host_id="hv1")
    return ledger


def request(**more: Any) -> Request:
    values: dict[str, Any] = {
        "source_host": "hv1",
        "target_host": "hv2",
        "vms": [],
        "at": "",
        "source_lost": True,
        "ignore_elsewhere": False,
        "maps": Maps({}, {}, {}, {}),
        "secrets": {},
        "drop_secrets": False,
    }
    return Request(**{**values, **more})


def names(prepared: list[Prepared]) -> list[str]:
    return [one.vm["name"] for one in prepared]


def test_all_or_some(recorded: Ledger) -> None:
    assert names(prepare(recorded.database, request())) == ["db1", "web1", "web2"]
    assert names(prepare(recorded.database, request(vms=["web*"]))) == ["web1", "web2"]
    assert names(prepare(recorded.database, request(vms=[UUID.format(3), "db1"]))) == ["db1"]
    (one,) = prepare(recorded.database, request(vms=["web1"]))
    assert one.xml == vm(1, "web1")["xml_config"]


def test_who_is_unknown(recorded: Ledger) -> None:
    with pytest.raises(RegenerationError, match="no VM of host 'hv9'. Recorded hosts are: hv1"):
        prepare(recorded.database, request(source_host="hv9"))
    with pytest.raises(RegenerationError, match="no VM 'mail'.*It has db1, web1, web2"):
        prepare(recorded.database, request(vms=["mail"]))


def test_a_host_that_may_come_back(recorded: Ledger) -> None:
    with pytest.raises(RegenerationError, match="has these VMs .*: db1, web1, web2.*'source_lost'"):
        prepare(recorded.database, request(source_lost=False))
    assert prepare(recorded.database, request(source_lost=False, target_host="hv1"))


def test_a_third_host(recorded: Ledger) -> None:
    recorded.record(answer(vm(1, "web1")), host_id="hv3")
    recorded.record(answer(vm(1, "web1"), vm(2, "web2"), vm(3, "db1")), host_id="hv1")
    found = recorded.query(
        "SELECT host_id FROM virtual_machines WHERE domain_uuid = ?", UUID.format(1)
    )
    assert {row["host_id"] for row in found} == {"hv1", "hv3"}
    recorded.record(answer({**vm(1, "web1"), "state": "shutoff"}), host_id="hv4")
    with pytest.raises(RegenerationError, match=r"Other hosts .*web1 on hv4 \(shutoff\)"):
        prepare(recorded.database, request())
    assert prepare(recorded.database, request(ignore_elsewhere=True))


def test_vms_that_are_gone(recorded: Ledger) -> None:
    recorded.record(answer(vm(1, "web1")), host_id="hv1")
    assert names(prepare(recorded.database, request())) == ["web1"]
    assert names(prepare(recorded.database, request(vms=["db1"], source_lost=False))) == ["db1"]
    recorded.record(answer(), host_id="hv1")
    with pytest.raises(RegenerationError, match="All VMs of host hv1 are marked as gone"):
        prepare(recorded.database, request())


def test_maps_and_secrets(ledger: Ledger) -> None:
    ledger.record(answer(vm(1, "web1", "<graphics type='vnc' passwd='x'/>")), host_id="hv1")
    with pytest.raises(RegenerationError, match="web1 needs secrets .* devices/graphics/@passwd"):
        prepare(ledger.database, request())
    maps = Maps({}, {}, {}, {"/images": "/mnt"})
    secrets = {"web1": {"devices/graphics/@passwd": "hush"}}
    (one,) = prepare(ledger.database, request(maps=maps, secrets=secrets))
    assert "file='/mnt/web1'" in one.xml
    assert "passwd='hush'" in one.xml
    (one,) = prepare(ledger.database, request(drop_secrets=True))
    assert "passwd" not in one.xml
    assert one.notes == ["defined without the secrets at devices/graphics/@passwd"]


def test_a_transient_domain(ledger: Ledger) -> None:
    ledger.record(answer(vm(1, "web1", transient=True)), host_id="hv1")
    (one,) = prepare(ledger.database, request())
    assert "id=" not in one.xml.split(">")[0]
    assert one.notes[0].startswith("it had no persistent definition")


def test_the_same_vms_on_the_new_host(recorded: Ledger) -> None:
    before = {row["name"]: row["uuid"] for row in recorded.query("SELECT * FROM virtual_machines")}
    note_lost(recorded.database, [one.vm for one in prepare(recorded.database, request())])
    recorded.check()
    gone = recorded.query("SELECT deleted_at FROM virtual_machines")
    assert all(row["deleted_at"] for row in gone)
    restored = [
        {**vm(number, name), "state": "shutoff"} for number, name in ((1, "web1"), (2, "web2"))
    ]
    result = recorded.record(answer(*restored), host_id="hv2")
    assert result["vms"]["moved"] == 2
    after = {
        row["name"]: row["uuid"]
        for row in recorded.query("SELECT * FROM virtual_machines WHERE host_id = 'hv2'")
    }
    assert after == {name: before[name] for name in ("web1", "web2")}
