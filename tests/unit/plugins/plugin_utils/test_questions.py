"""What the ledger can be asked by: VLANs, addresses, devices of the host, metadata, what is unused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Page, ask
from helpers import answer, domain, domain_xml, pool
from ledgers import Ledger
from wired import disk, record_wired

#: Query, column, filters and the answer.
QUESTIONS: list[tuple[str, str, dict[str, Any], list[Any]]] = [
    # VLANs: of the NIC itself, of its port group, of the default one, of its network
    ("virtual_machines", "name", {"vlan": 42}, ["web1"]),
    ("virtual_machines", "name", {"vlan": 47}, ["web1"]),
    ("virtual_machines", "name", {"vlan": 4}, []),
    ("virtual_machines", "name", {"vlan": 420}, ["db1"]),
    ("ports", "mac_address", {"vlan": 30}, ["52:54:00:00:00:01"]),
    ("ports", "mac_address", {"vlan": 10}, ["52:54:00:00:00:03"]),
    ("ports", "mac_address", {"vlan": 7}, ["52:54:00:00:00:05"]),
    ("ports", "mac_address", {"vlan": 20}, []),
    ("networks", "name", {"vlan": 20}, ["lan"]),
    ("networks", "name", {"vlan": 7}, ["tagged"]),
    ("hosts", "id", {"vlan": 10}, ["hv1"]),
    ("vlans", "vlan_id", {}, [7, 10, 30, 42, 47, 420]),
    ("vlans", "vlan_id", {"vm": "web1", "vlan": 47}, [47]),
    ("vlans", "vlan_id", {"mac": "52:54:00:00:00:02"}, [42, 47]),
    # addresses
    ("virtual_machines", "name", {"ip": "192.0.2.14"}, ["web1"]),
    ("virtual_machines", "name", {"ip": "192.0.2.1"}, []),
    ("virtual_machines", "name", {"ip": "192.0.2.14*"}, ["web1", "web2"]),
    ("virtual_machines", "name", {"ip": "192.?.2.14"}, ["web1"]),
    ("ports", "mac_address", {"ip": "2001:DB8:0::5"}, ["52:54:00:00:00:05"]),
    # devices of the host
    *(
        ("virtual_machines", "name", {"pci": text}, ["web2"])
        for text in ("0000:03:00.1", "03:00.1", "3:0.1", "pci_0000_03_00_1", "03:00", "0000:03:*")
    ),
    ("virtual_machines", "name", {"pci": "03:00.2"}, []),
    ("host_devices", "source_ref", {"pci": "03:00.1"}, ["pci:0000:03:00.1"]),
    ("ports", "mac_address", {"pci": "3B:02.1"}, ["52:54:00:00:00:07"]),
    ("volume_attachments", "device_name", {"pci": "05:00.0"}, ["vdn"]),
    ("hosts", "id", {"pci": "05:00.0"}, ["hv1"]),
    ("virtual_machines", "name", {"host_device": "046d:c52b"}, ["web1"]),
    ("host_devices", "type", {"host_device": "usb:*"}, ["usb"]),
    ("host_devices", "type", {"host_device": "pci:0000:03:00.1"}, ["pci"]),
    # storage
    ("virtual_machines", "name", {"pool": "default"}, ["web1"]),
    ("virtual_machines", "name", {"pool": "/ss*"}, ["db1"]),
    ("volumes", "name", {"pool": "ssd"}, ["db.qcow2"]),
    ("storage_pools", "name", {"vm": "db1"}, ["ssd"]),
    ("storage_pools", "name", {"volume": "a.qcow2"}, ["default"]),
    ("volume_attachments", "device_name", {"serial": "SN-1"}, ["vda"]),
    ("virtual_machines", "name", {"serial": "5000c50015ea71aa"}, ["web1"]),
    ("volume_users", "vm_name", {"volume": "shared.raw"}, ["web1", "web2"]),
    ("volumes", "name", {"unused": True}, ["free.qcow2"]),
    (
        "volumes",
        "name",
        {"unused": False, "host_id": "hv1", "volume": "*.qcow2"},
        ["a.qcow2", "base.qcow2"],
    ),
    # VMs
    ("virtual_machines", "name", {"state": ["running"]}, ["web1"]),
    ("virtual_machines", "name", {"state": ["inactive"]}, ["db1", "web2"]),
    ("virtual_machines", "name", {"state": ["active", "shutoff"]}, ["db1", "web1", "web2"]),
    ("virtual_machines", "name", {"autostart": True}, []),
    ("virtual_machines", "name", {"os": "debian"}, ["db1"]),
    ("virtual_machines", "name", {"os": "debian/12"}, ["db1"]),
    ("virtual_machines", "name", {"os": "deb*"}, ["db1"]),
    ("virtual_machines", "name", {"os": "ubuntu"}, []),
    ("virtual_machines", "name", {"os": "hvm"}, ["db1", "web1", "web2"]),
    ("virtual_machines", "name", {"metadata": 'owner=Ann "A" Smith'}, ["db1"]),
    ("virtual_machines", "name", {"metadata": "owner=Ann*"}, ["db1"]),
    ("virtual_machines", "name", {"metadata": "centre=4711"}, ["db1"]),
    ("virtual_machines", "name", {"metadata": "471?"}, ["db1"]),
    ("virtual_machines", "name", {"metadata": "471"}, []),
    ("virtual_machines", "name", {"metadata": "wner=Ann*"}, []),
    ("ports", "vm_name", {"os": "debian"}, ["db1"]),
    ("attachments", "device_name", {"vm": "db1"}, ["52:54:00:00:00:08", "vda"]),
    ("host_usage", "vm_count", {}, [2, 1]),
    ("host_usage", "active_vcpu_ratio", {"host_id": "hv1"}, [0.125]),
    ("virtual_machines", "name", {"fresh": 1}, ["db1", "web1", "web2"]),
    ("hosts", "id", {"fresh": 1}, ["hv1", "hv2"]),
]


def test_answers(ledger: Ledger) -> None:
    record_wired(ledger)
    for subject, key, filters, found in QUESTIONS:
        rows, _more = ask(ledger.database, subject, Filters(**filters), 100)
        assert [row[key] for row in rows] == found, (subject, filters)


def test_uuids_of_networks_and_pools(ledger: Ledger) -> None:
    record_wired(ledger)
    first, second = ("0e700000-0000-4000-8000-00000000000" + digit for digit in "12")
    ledger.execute("UPDATE networks SET uuid = ? WHERE name = 'tagged'", first)
    ledger.execute("UPDATE storage_pools SET uuid = ? WHERE name = 'ssd'", second)
    for subject, key, filters, found in [
        ("networks", "name", {"network": first.upper()}, ["tagged"]),
        ("ports", "mac_address", {"network": first}, ["52:54:00:00:00:05", "52:54:00:00:00:06"]),
        ("storage_pools", "name", {"pool": second}, ["ssd"]),
        ("virtual_machines", "name", {"pool": second}, ["db1"]),
    ]:
        rows, _more = ask(ledger.database, subject, Filters(**filters), 100)  # type: ignore[arg-type]
        assert [row[key] for row in rows] == found, (subject, filters)


def test_pages_columns_and_order(ledger: Ledger) -> None:
    record_wired(ledger)

    def page(limit: int, **more: Any) -> tuple[list[dict[str, Any]], bool]:
        return ask(ledger.database, "virtual_machines", Filters(), Page(limit, **more))

    seen, offset, more = [], 0, True
    while more:
        rows, more = page(2, offset=offset, columns=["name"])
        seen += rows
        offset += len(rows)
    assert seen == [{"name": "db1"}, {"name": "web1"}, {"name": "web2"}]
    rows, _more = page(10, columns=["name", "metadata", "name"], order_by=["-host_id", "name"])
    assert [list(row) for row in rows] == [["name", "metadata"]] * 3
    assert [row["name"] for row in rows] == ["db1", "web1", "web2"]
    assert isinstance(rows[0]["metadata"], dict)
    # What is null comes last, in both directions.
    for order in ("os_id", "-os_id"):
        assert page(1, columns=["name"], order_by=[order])[0] == [{"name": "db1"}]
    assert page(5, offset=3) == ([], False)
    usage, _more = ask(
        ledger.database,
        "host_usage",
        Filters(),
        Page(5, 0, ["host_id", "vcpu_ratio"], ["-vcpu_ratio"]),
    )
    assert usage == [
        {"host_id": "hv1", "vcpu_ratio": 0.25},
        {"host_id": "hv2", "vcpu_ratio": 0.125},
    ]


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("subject", "filters", "page", "message"),
    [
        ("ports", {"unused": True}, Page(1), "'unused' does not apply to query 'ports'"),
        ("networks", {"serial": "x"}, Page(1, -1), "'offset' is -1, but must be from 0"),
        ("ports", {"vlan": 5000}, Page(1), "'vlan' is 5000, but must be from 0 to 4095"),
        ("ports", {"ip": "300.1.1.1"}, Page(1), "'ip' is '300.1.1.1', which is no IP address"),
        ("ports", {"pci": "one"}, Page(1), "'pci' is 'one', which is no PCI address. Write it as"),
        ("ports", {"fresh": 0}, Page(1), "'fresh' is 0, but must be more than 0"),
        ("ports", {"fresh": 1}, Page(1), "'fresh' does not apply to query 'ports'"),
        (
            "hosts",
            {},
            Page(1, 0, ["colour"]),
            "'columns' has 'colour', which is no column of query 'hosts'. Its columns are: arch,",
        ),
        ("hosts", {}, Page(1, 0, (), ["-colour"]), "'order_by' has 'colour', which is no column"),
        (
            "netbox_vm_interfaces",
            {},
            Page(1, 0, ["name"]),
            "'columns' does not apply to query 'netbox_vm_interfaces'",
        ),
    ],
)
def test_questions_that_make_no_sense(
    ledger: Ledger, subject: str, filters: dict[str, Any], page: Page, message: str
) -> None:
    with pytest.raises(VirtledgerError, match=message):
        ask(ledger.database, subject, Filters(**filters), page)


def test_what_keeps_a_volume(ledger: Ledger) -> None:
    """A file that a VM names in any other way than as a disk is no orphan."""
    names = ["nvram.fd", "kernel", "dax.img", "fs.img", "below", "top", "lost"]
    images = pool(volumes=names)
    images["volumes"][names.index("top")]["backing_path"] = "/images/below"
    more = "<os><type>hvm</type><kernel>/images/kernel</kernel><nvram>/images/nvram.fd</nvram></os>"
    text = domain_xml(
        disk("vda", "/images/top")
        + "<memory model='nvdimm'><source><path>/images/dax.img</path></source>"
        "<target><size unit='KiB'>1</size></target></memory>"
        "<filesystem type='file'><source file='/images/fs.img'/><target dir='/'/></filesystem>"
    ).replace("<os><type>hvm</type></os>", more)
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import (
        Status,
        domain_facts,
    )

    facts = domain_facts(None, text, status=Status("shutoff", True, False))
    ledger.record(answer(facts, storage_pools=[images]))
    unused, _more = ask(ledger.database, "volumes", Filters(unused=True), 100)
    assert [row["name"] for row in unused] == ["lost"]
    # Without the VM the same files are nobody's, but for the image below another one.
    ledger.record(answer(domain(name="other", number=9), storage_pools=[images]))
    unused, _more = ask(ledger.database, "volumes", Filters(unused=True), 100)
    assert sorted(row["name"] for row in unused) == sorted(set(names) - {"below"})
