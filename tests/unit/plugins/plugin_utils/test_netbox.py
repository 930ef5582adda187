"""Rows for NetBox are what the modules of netbox.netbox take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._netbox import NETBOX, feed
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import ask
from helpers import answer, domain
from ledgers import Ledger
from wired import record_wired

#: The module that takes the rows of a query.
MODULE_OF = {
    "netbox_virtual_machines": "netbox_virtual_machine",
    "netbox_vm_interfaces": "netbox_vm_interface",
    "netbox_mac_addresses": "netbox_mac_address",
    "netbox_ip_addresses": "netbox_ip_address",
    "netbox_virtual_disks": "netbox_virtual_disk",
}


def told(ledger: Ledger, subject: str, version: str = "4.2", **more: Any) -> list[dict[str, Any]]:
    wanted = feed(more.pop("cluster", None), version, more.pop("base", 1024))
    return ask(ledger.database, subject, Filters(**more), 100, wanted)[0]


def test_every_query_has_its_module() -> None:
    assert set(MODULE_OF) == set(NETBOX)


def test_rows(ledger: Ledger, fixtures: Path) -> None:
    record_wired(ledger)
    web1, web2 = told(ledger, "netbox_virtual_machines", host_id="hv1")
    assert web1 == {
        "name": "web1",
        "cluster": "hv1",
        "status": "active",
        "vcpus": 1,
        "memory": 1024,
    }
    assert web2["status"] == "offline"
    assert told(ledger, "netbox_vm_interfaces", vm="web1")[1] == {
        "virtual_machine": "web1",
        "name": "net1",
        "enabled": True,
        "description": "network lan, port group office, VLAN 42 47",
    }
    # The second NIC of a VM is so whatever is asked for, and older versions know its MAC address.
    (second,) = told(ledger, "netbox_vm_interfaces", "4.1", mac="52:54:00:00:00:07")[1:]
    assert second == {
        "virtual_machine": "web2",
        "name": "net1",
        "enabled": True,
        "mac_address": "52:54:00:00:00:07",
        "description": "hostdev pci:0000:3b:02.1",
    }
    assert told(ledger, "netbox_mac_addresses", vm="db1") == [
        {
            "mac_address": "52:54:00:00:00:08",
            "assigned_object": {"virtual_machine": "db1", "name": "net0"},
        }
    ]
    assert [row["address"] for row in told(ledger, "netbox_ip_addresses")] == [
        "192.0.2.14/24",
        "2001:db8::5/64",
        "192.0.2.140/24",
    ]
    # The size of other disks is not known.
    assert told(ledger, "netbox_virtual_disks", vm="web1") == [
        {
            "virtual_machine": "web1",
            "name": "vda",
            "size": 20480,
            "description": "/images/a.qcow2",
        }
    ]
    specs = json.loads((fixtures / "netbox.json").read_text())["modules"]
    for version in ("4.0", "4.2", "4.5"):
        for subject, module in MODULE_OF.items():
            rows = told(ledger, subject, version)
            assert rows
            for row in rows:
                json.dumps(row)
                result = ArgumentSpecValidator(specs[module]).validate(row)
                assert result.error_messages == [], (subject, row)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_units(ledger: Ledger) -> None:
    record_wired(ledger)
    sizes = {
        (version, base): told(ledger, "netbox_virtual_disks", version, base=base)[0]["size"]
        for version in ("4.0", "4.1")
        for base in (1000, 1024)
    }
    assert sizes == {
        ("4.0", 1000): 22,
        ("4.0", 1024): 20,
        ("4.1", 1000): 21475,
        ("4.1", 1024): 20480,
    }
    assert told(ledger, "netbox_virtual_machines", base=1000)[0]["memory"] == 1074
    (row, *_more) = told(ledger, "netbox_virtual_machines", cluster="fleet")
    assert row["cluster"] == "fleet"


def test_names_and_states(ledger: Ledger) -> None:
    long = "x" * 70
    states = {"paused": "paused", "crashed": "failed", "shutoff": "offline", "running": "active"}
    vms = [domain(name=name, number=n, state=name) for n, name in enumerate(states, 1)]
    ledger.record(answer(*vms, domain(name=long, number=8)), "hv1")
    ledger.record(answer(domain(name="Paused", number=9)), "hv2")
    ledger.record(answer(domain(name="new", number=10)) | {"complete": []}, "hv3")
    rows = told(ledger, "netbox_virtual_machines", "4.3")
    names = {row["name"]: row["status"] for row in rows}
    assert names.pop("paused (hv1)") == "paused"
    assert names.pop("Paused (hv2)") == "offline"
    (cut,) = (name for name in names if name.startswith("x"))
    assert len(cut) == 64
    # A host that was never recorded completely says nothing.
    assert "new" not in names
    assert {name: names[name] for name in ("crashed", "shutoff", "running")} == {
        "crashed": "failed",
        "shutoff": "offline",
        "running": "active",
    }
    (paused,) = told(ledger, "netbox_virtual_machines", "4.2", vm="paused")
    assert paused["status"] == "active"
    # Those that are gone are told on demand, unless their name is somebody else's now.
    ledger.record(answer(domain(name="shutoff", number=20)), "hv1")
    gone = {
        row["name"]: row["status"]
        for row in told(ledger, "netbox_virtual_machines", include_gone=True)
    }
    assert gone.pop("shutoff") == "offline"
    assert gone.pop("crashed") == gone.pop("running") == "decommissioning"
    ledger.execute("UPDATE hosts SET last_complete_at = NULL WHERE id = ?", "hv1")
    assert [row["name"] for row in told(ledger, "netbox_virtual_machines")] == ["Paused"]
    assert len(told(ledger, "netbox_virtual_machines", fresh=1)) == 1
    assert told(ledger, "netbox_virtual_machines", stale=1) == []


@pytest.mark.parametrize("version", ["", "four", "4", "4.x", "-1.2"])
def test_what_is_no_version(version: str) -> None:
    with pytest.raises(VirtledgerError, match="'netbox_version' is .*, which is no version"):
        feed(None, version, 1024)
