"""Every family of devices in the ledger: rows, index, hosts, second runs."""

from __future__ import annotations

import copy
import json

import golden
import helpers
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    FAMILIES,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import SUBJECTS, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from helpers import answer, domain
from ledgers import ATTACHMENTS, Ledger

GPU = (
    "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
    "<address domain='0x0000' bus='0x3b' slot='0x02' function='0x{}'/></source></hostdev>"
)

#: One text of a JSON column, as each database gets it.
JSON_TEXT = {
    "sqlite": "json_extract(features_json, '$.\"hyperv/relaxed/@state\"')",
    "postgresql": "features_json::json ->> 'hyperv/relaxed/@state'",
    "mariadb": "json_value(features_json, '$.\"hyperv/relaxed/@state\"')",
}


def everywhere() -> list[helpers.Facts]:
    """The pairs that together have a device of every family."""
    return [golden.expected(name) for name in ("devices", "disks", "interfaces", "others")]


@pytest.mark.parametrize("name", golden.names())
def test_a_second_run_changes_nothing(ledger: Ledger, name: str) -> None:
    facts = golden.expected(name)
    assert ledger.record(answer(facts))["vms"]["new"] == 1
    before = ledger.dump()
    again = ledger.record(answer(facts))
    assert again["changed"] is False
    assert ledger.dump() == before
    ledger.check()


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.family.fact)
def test_a_device_without_its_nulls_is_the_same(store: Store) -> None:
    found = [device for facts in everywhere() for device in facts[store.family.fact] or ()]
    numbers = [field.name for field in store.family.fields if field.type == "int"]
    texts = [field.name for field in store.family.fields if field.type == "str"]
    odd = [
        {**device, **dict.fromkeys(numbers, number), **dict.fromkeys(texts, "x" * 3000)}
        for device in found
        for number in (2**63, "many", True)
    ]
    assert found
    for device in found + odd:
        for whole, rest in zip(store.fit(device), store.fit(device, nulls=False), strict=True):
            assert {column: rest.get(column) for column in whole} == whole
            nulls = {
                field.column_name for field in store.family.fields if device[field.name] is None
            }
            assert not rest.keys() & nulls


def test_every_family_has_rows_and_index_rows(ledger: Ledger) -> None:
    ledger.record(answer(*everywhere()))
    ledger.check()
    for kind, table in ATTACHMENTS.items():
        rows = ledger.value(f"SELECT count(*) FROM {table}")
        indexed = ledger.value(
            "SELECT count(*) FROM attachment_indices WHERE device_type = ?", kind
        )
        assert rows == indexed > 0, kind


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.fact)
def test_one_device_less_is_one_row_less(ledger: Ledger, family: Family) -> None:
    facts = next(facts for facts in everywhere() if facts[family.fact])
    fact = family.fact
    ledger.record(answer(facts))
    fewer = copy.deepcopy(facts)
    del fewer[fact][-1]
    result = ledger.record(answer(fewer))
    assert result["vms"]["changed"] == 1
    assert result["tables"]["attachment_indices"]["deleted"] == 1
    ledger.check()
    result = ledger.record(answer(facts))
    assert result["tables"]["attachment_indices"]["inserted"] == 1
    ledger.check()


def test_a_host_device_is_of_its_host(ledger: Ledger) -> None:
    ledger.record(answer(domain(GPU.format(1), state="running")), "hv1")
    row = "SELECT id, host_id, type, address, managed FROM host_devices"
    (found,) = ledger.query(row)
    assert (found["host_id"], found["type"]) == ("hv1", "pci")
    assert (found["address"], found["managed"]) == ("pci:0000:3b:02.1", 1)
    ledger.record(answer(domain(GPU.format(1), state="running")), "hv2")
    (moved,) = ledger.query(row)
    assert moved == {**found, "host_id": "hv2"}


def test_another_host_device_is_another_row(ledger: Ledger) -> None:
    ledger.record(answer(domain(GPU.format(1))))
    result = ledger.record(answer(domain(GPU.format(2))))
    assert result["tables"]["host_devices"] == {"inserted": 1, "updated": 0, "deleted": 1}
    assert ledger.value("SELECT address FROM host_devices") == "pci:0000:3b:02.2"
    ledger.check()


def test_a_device_of_the_existing_layout_is_taken_over(ledger: Ledger) -> None:
    ledger.record(answer(domain()))
    (vm,) = ledger.query("SELECT uuid FROM virtual_machines")
    ledger.execute(
        "INSERT INTO host_devices (id, host_id, type, address, description) "
        "VALUES (70, 'hv1', 'pci', 'pci:0000:3b:02.1', 'the good GPU')"
    )
    ledger.execute(
        "INSERT INTO host_device_attachments (id, vm_uuid, host_device_id) VALUES (7, ?, 70)",
        vm["uuid"],
    )
    result = ledger.record(answer(domain(GPU.format(1))))
    assert result["tables"]["host_devices"] == {"inserted": 0, "updated": 1, "deleted": 0}
    (found,) = ledger.query("SELECT id, description, managed FROM host_devices")
    assert found == {"id": 70, "description": "the good GPU", "managed": 1}
    ledger.check()


def test_what_nobody_declared_has_its_xml(ledger: Ledger) -> None:
    ledger.record(answer(domain("<hologram flux='1'><beam/></hologram>")))
    (found,) = ledger.query("SELECT id, tag, xml FROM other_devices")
    assert (found["tag"], found["xml"]) == ("hologram", '<hologram flux="1"><beam/></hologram>')
    (index,) = ledger.query("SELECT device_type, device_id FROM attachment_indices")
    assert index == {"device_type": "other_device", "device_id": found["id"]}


def test_pseudo_terminals_move_by_themselves(ledger: Ledger) -> None:
    serial = "<serial type='pty'><source path='/dev/pts/{}'/><target port='0'/></serial>"
    ledger.record(answer(domain(serial.format(1), state="running")))
    result = ledger.record(answer(domain(serial.format(2), state="running")))
    assert result["changed"] is False
    socket = "<serial type='unix'><source path='/run/s{}'/><target port='0'/></serial>"
    ledger.record(answer(domain(socket.format(1))))
    assert ledger.record(answer(domain(socket.format(2))))["changed"] is True


def test_every_family_can_be_asked_for(ledger: Ledger) -> None:
    facts = everywhere()
    ledger.record(answer(*facts))
    for family in FAMILIES:
        rows, more = ask(ledger.database, family.fact, Filters(), 100)
        assert not more
        assert len(rows) == sum(len(vm[family.fact]) for vm in facts), family.fact
        assert {field.name for field in family.fields} <= set(rows[0]), family.fact
        for vm in facts:
            own = [row for row in rows if row["vm_name"] == vm["name"]]
            for row, device in zip(own, vm[family.fact], strict=True):
                for field in family.fields:
                    if field.type == "str":
                        assert row[field.name] == device[field.name], (family.fact, field.name)


def test_every_subject_of_a_device_is_its_list() -> None:
    assert {family.fact for family in FAMILIES} <= set(SUBJECTS)


def test_the_columns_of_the_domain_can_be_filtered(ledger: Ledger) -> None:
    ledger.record(answer(golden.expected("domain"), golden.expected("zones")))
    found = ledger.query(
        "SELECT name FROM virtual_machines "
        f"WHERE loader_secure AND hugepages AND {JSON_TEXT[ledger.dialect]} = 'on'"
    )
    assert found == [{"name": "domain"}]
    assert json.loads(
        ledger.value("SELECT boot_devices_json FROM virtual_machines WHERE name = 'domain'")
    ) == [
        "hd",
        "network",
    ]
