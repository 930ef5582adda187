"""What an inventory reads from the ledger, the same from every database."""

from __future__ import annotations

from typing import Any

import inventories
import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    SchemaError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.patterns import Patterns
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.read import read
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import (
    HYPERVISORS,
    VMS,
    Wanted,
)
from inventories import HOSTILE
from ledgers import Ledger

ALL = ["db", "db1", "web1", HOSTILE, "WEB2", "db", "hv1"]


@pytest.fixture
def fleet(ledger: Ledger) -> Ledger:
    """The ledger of a kind with the fleet."""
    inventories.record_fleet(ledger)
    return ledger


def of(
    subject: str = VMS,
    max_age: float | None = None,
    include_gone: bool = False,
    full: bool = False,
    families: tuple[str, ...] = (),
    **filters: list[str],
) -> Wanted:
    patterns = {name: Patterns.of(texts) for name, texts in filters.items()}
    return Wanted(subject, patterns, max_age, include_gone, full, families)


def names(fleet: Ledger, asked: Wanted) -> list[str]:
    return [thing["name"] for thing in read(fleet.database, asked)["things"]]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, sorted(ALL)),
    ({"names": ["web*"]}, ["web1"]),
    ({"names": ["db?"]}, ["db1"]),
    ({"names": ["*", "!db*", "!*{*"]}, ["WEB2", "hv1", "web1"]),
    ({"names": ["*"] * 600 + ["x"]}, sorted(ALL)),
    ({"names": ["no"] * 600}, []),
    ({"hosts": ["hv2"]}, ["WEB2", "db", "hv1"]),
    ({"hosts": ["!hv2"], "names": ["db"]}, ["db"]),
    ({"states": ["running"]}, ["web1"]),
    ({"states": ["!running"], "hosts": ["hv1"]}, ["db", "db1", HOSTILE]),
    ({"networks": ["lan"]}, ["web1"]),
    ({"networks": ["lan", "d?z"]}, ["web1", HOSTILE]),
    ({"networks": ["!*"], "hosts": ["hv1"]}, ["db", "db1"]),
    ({"bridges": ["br0"]}, ["db1", HOSTILE]),
    ({"bridges": ["virbr*"]}, ["web1"]),
    ({"vlans": ["42"]}, ["web1"]),
    ({"vlans": ["7"]}, [HOSTILE]),
    ({"vlans": ["4*"]}, ["web1", HOSTILE]),
    ({"vlans": ["*"]}, ["web1", HOSTILE]),
    ({"pools": ["default"]}, ["web1"]),
    ({"pools": ["fast"]}, [HOSTILE]),
    ({"pools": ["*a*"]}, ["web1", HOSTILE]),
    ({"os": ["debian12"]}, ["web1"]),
    ({"os": ["deb*"]}, ["web1"]),
    ({"os": ["ebian12"]}, []),
    ({"os": ["!*"], "names": ["web*", "db1"]}, ["db1"]),
    ({"tags": ["web"]}, ["web1"]),
    ({"tags": ["we"]}, []),
    ({"tags": ["env=prod"]}, ["web1"]),
    ({"tags": ["env=*"]}, ["web1"]),
    ({"tags": ["env=test"]}, []),
    ({"tags": ['50%_off "now"']}, ["web1"]),
    ({"tags": ["50%?off*"]}, ["web1"]),
    ({"tags": ["größe*"]}, []),
    ({"tags": ["*"]}, ["web1"]),
    ({"max_age": 1}, sorted(ALL)),
]


def test_filters(fleet: Ledger) -> None:
    for filters, found in FILTERS:
        assert sorted(names(fleet, of(**filters))) == sorted(found), filters


def test_what_was_not_seen_for_long_can_be_left_out(fleet: Ledger) -> None:
    fleet.execute("UPDATE hosts SET last_complete_at = NULL WHERE id = 'hv2'")
    assert "WEB2" in names(fleet, of())
    assert names(fleet, of(max_age=1)) == ["db", "db1", "web1", HOSTILE]
    assert names(fleet, of(HYPERVISORS, max_age=1)) == ["hv1"]


def test_facts_of_a_vm(fleet: Ledger) -> None:
    answer = read(fleet.database, of(names=["web1"]))
    (web1,) = answer["things"]
    assert {"db", "hv1", "hv2"} <= set(answer["repeated"])
    assert "web1" not in answer["repeated"]
    assert len(web1.pop("uuid")) == 36
    assert web1.pop("observed_at").endswith("+00:00")
    assert web1.pop("host_seen_at").endswith("+00:00")
    mac = "52:54:00:00:00:01"
    assert {key: item for key, item in web1.items() if item is not None} == {
        "name": "web1",
        "domain_uuid": "aaaaaaaa-0000-4000-8000-000000000001",
        "host_id": "hv1",
        "virt_type": "kvm",
        "os_type": "hvm",
        "vcpu_count": 1,
        "vcpu_current_count": 1,
        "memory_bytes": 2**30,
        "os_id": "http://debian.org/debian/12",
        "state": "running",
        "persistent": True,
        "autostart": False,
        "os": "debian12",
        "os_name": "debian",
        "os_version": "12",
        "tags": ['50%_off "now"', "web"],
        "labels": {"env": "prod"},
        "marks": ['50%_off "now"', "web", "env=prod"],
        "networks": ["lan"],
        "bridges": ["virbr1"],
        "vlans": [42],
        "pools": ["default"],
        "mac_addresses": [mac],
        "addresses": [
            {
                "address": "192.0.2.4",
                "family": None,
                "prefix": 24,
                "origin": "config",
                "mac_address": mac,
            },
            {
                "address": "2001:db8::4",
                "family": "ipv6",
                "prefix": 64,
                "origin": "config",
                "mac_address": mac,
            },
        ],
    }


def test_full_facts_and_families(fleet: Ledger) -> None:
    asked = of(
        names=["web1", "db"], full=True, families=("ports", "volume_attachments", "controllers")
    )
    web1 = next(row for row in read(fleet.database, asked)["things"] if row["name"] == "web1")
    assert web1["boot_menu"] is None
    assert web1["in_live"] is True
    assert "{urn:b}labels/{urn:b}env" in web1["metadata"]
    assert [port["mac_address"] for port in web1["ports"]] == ["52:54:00:00:00:01"]
    assert web1["ports"][0]["source"] == {"@network": "lan"}
    assert web1["volume_attachments"][0]["source_ref"] == "/images/a.qcow2"
    assert web1["controllers"] == []
    assert not {"vm_uuid", "id", "created_at"} & set(web1["ports"][0])


def test_families_that_have_two_tables(ledger: Ledger) -> None:
    from helpers import answer

    usb = "<controller type='usb' index='3' model='nec-xhci'/>"
    ledger.record(answer(inventories.machine("a", 1, usb)))
    (row,) = read(ledger.database, of(families=("controllers",)))["things"]
    (controller,) = row["controllers"]
    assert (controller["type"], controller["index"], controller["ordinal"]) == ("usb", 3, 0)


def test_vms_that_are_gone(fleet: Ledger) -> None:
    things = read(fleet.database, of(hosts=["hv1"], include_gone=True))["things"]
    gone = {thing["name"]: thing["gone_at"] for thing in things if thing["gone_at"]}
    assert list(gone) == ["old1"]
    assert gone["old1"].endswith("+00:00")


def test_hypervisors(fleet: Ledger) -> None:
    hv1, hv2 = read(fleet.database, of(HYPERVISORS))["things"]
    assert (hv1["name"], hv1["vm_count"], hv1["vm_active_vm_count"]) == ("hv1", 4, 1)
    assert (hv1["networks"], hv1["bridges"], hv1["vlans"], hv1["pools"]) == (
        ["dmz", "lan"],
        ["br0", "virbr1"],
        [42],
        ["default"],
    )
    assert (hv1["cpu_count"], hv1["cpu_topology"]["cores"]) == (8, 4)
    assert (hv2["name"], hv2["vm_count"], hv2["networks"]) == ("hv2", 3, [])
    for filters, found in (
        ({"hosts": ["hv2", "!hv1"]}, ["hv2"]),
        ({"hosts": ["!hv2"]}, ["hv1"]),
        ({"states": ["running"]}, ["hv1"]),
        ({"names": ["db"]}, ["hv1", "hv2"]),
        ({"names": ["db"], "hosts": ["hv2"]}, ["hv2"]),
        ({"tags": ["none"]}, []),
    ):
        assert names(fleet, of(HYPERVISORS, **filters)) == found, filters


def test_the_number_of_statements_does_not_grow(fleet: Ledger) -> None:
    engine = open_engine(fleet.database, readonly=True)
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().startswith("SELECT virtual_machines") or "FROM " in statement:
            seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        read(fleet.database, of(families=("ports",)))
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    # revision, VMs, NICs, pools, ports, all names, all hypervisors
    assert len(seen) == 7


def test_broken_values_are_no_reason_to_fail(fleet: Ledger) -> None:
    fleet.is_checked = False
    fleet.execute("UPDATE virtual_machines SET metadata_json = 'no JSON', state = NULL, os_id = ''")
    fleet.execute(
        "UPDATE ports SET vlan_tags_json = '[1]', ip_addresses_json = '{{', ip_address = 'x'"
    )
    fleet.execute("UPDATE networks SET port_groups_json = '[1, null]', vlan_tags_json = '3'")
    fleet.execute("UPDATE volume_attachments SET source_json = '[]'")
    things = {thing["name"]: thing for thing in read(fleet.database, of())["things"]}
    assert things["web1"]["addresses"][0]["address"] == "x"
    assert (things["web1"]["vlans"], things["web1"]["tags"], things["web1"]["os"]) == ([], [], None)
    assert len(read(fleet.database, of(HYPERVISORS))["things"]) == 2


def test_no_ledger(tmp_path: Any) -> None:
    with pytest.raises(
        VirtledgerError, match="There is no ledger yet at .*none.db. Record a hyper"
    ):
        read(resolve(f"sqlite:///{tmp_path}/none.db"), of())
    assert not (tmp_path / "none.db").exists()


def test_an_old_schema(tmp_path: Any) -> None:
    made = Ledger(tmp_path / "old.db")
    made.execute("DELETE FROM virtledger_schema WHERE revision > 3")
    with pytest.raises(SchemaError, match="old.db: It is at schema revision 3.*libvirt.schema"):
        read(made.database, of())
