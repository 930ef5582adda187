"""Questions to the ledger and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import (
    SUBJECTS,
    Filters,
    ask,
)
from helpers import UUID, answer, domain, network, pool
from ledgers import Ledger

DISK = "<disk type='file'><source file='{1}'/><target dev='{0}'/></disk>"
NIC = "<interface type='network'><mac address='{0}'/><source network='{1}'/></interface>"
EXTRAS = "<controller type='usb' index='0'/><input type='mouse'/><graphics type='vnc'/><video><model type='vga'/></video><filesystem><source dir='/a'/><target dir='b'/></filesystem>"


@pytest.fixture
def fleet(ledger: Ledger) -> Ledger:
    """Two hosts: web1 and web2 share a disk on hv1, db1 is on hv2; old1 is gone."""
    shared = DISK.format("vdb", "/images/shared.raw")
    web1 = domain(
        DISK.format("vda", "/images/a.qcow2")
        + shared
        + NIC.format("52:54:00:00:00:01", "lan")
        + EXTRAS,
        "web1",
        1,
        "running",
    )
    web2 = domain(shared + NIC.format("52:54:00:00:00:02", "dmz"), "web2", 2)
    db1 = domain(
        DISK.format("vda", "/images/a.qcow2") + NIC.format("52:54:00:00:00:03", "lan"), "db1", 3
    )
    parts = {
        "networks": [network("lan"), network("dmz", "nat", "virbr1")],
        "storage_pools": [pool(volumes=["a.qcow2", "free.qcow2"])],
    }
    ledger.record(answer(web1, web2, domain(name="old1", number=4), **parts), "hv1")
    ledger.record(answer(web1, web2, **parts), "hv1")
    ledger.record(answer(db1, networks=[network("lan")]), "hv2")
    return ledger


def names(
    fleet: Ledger, subject: str, key: str, limit: int = 100, **filters: object
) -> list[object]:
    rows, _more = ask(fleet.database, subject, Filters(**filters), limit)  # type: ignore[arg-type]
    return [row[key] for row in rows]


@pytest.mark.parametrize(
    ("subject", "key", "filters", "found"),
    [
        ("virtual_machines", "name", {}, ["db1", "web1", "web2"]),
        ("virtual_machines", "name", {"include_gone": True}, ["db1", "old1", "web1", "web2"]),
        ("virtual_machines", "name", {"host_id": "hv1"}, ["web1", "web2"]),
        ("virtual_machines", "name", {"vm": "web*"}, ["web1", "web2"]),
        ("virtual_machines", "name", {"vm": "web?", "host_id": "hv2"}, []),
        ("virtual_machines", "name", {"vm": UUID.format(3).upper()}, ["db1"]),
        ("virtual_machines", "name", {"vm": "w_b1"}, []),
        ("virtual_machines", "name", {"volume": "/images/shared.raw"}, ["web1", "web2"]),
        ("virtual_machines", "name", {"volume": "shared.raw"}, ["web1", "web2"]),
        ("virtual_machines", "name", {"mac": "52:54:0:0:0:3"}, ["db1"]),
        ("virtual_machines", "name", {"mac": "52:54:*"}, ["db1", "web1", "web2"]),
        ("virtual_machines", "name", {"network": "lan"}, ["db1", "web1"]),
        ("volume_attachments", "device_name", {"vm": "web1"}, ["vda", "vdb"]),
        ("volume_attachments", "vm_name", {"volume": "shared.*"}, ["web1", "web2"]),
        ("ports", "vm_name", {"network": "dmz"}, ["web2"]),
        ("ports", "mac_address", {"host_id": "hv2"}, ["52:54:00:00:00:03"]),
        ("filesystems", "source_path", {"vm": "web1"}, ["/a"]),
        ("controllers", "type", {"vm": "web1"}, ["usb"]),
        ("input_devices", "type", {}, ["mouse"]),
        ("consoles", "type", {}, ["vnc"]),
        ("video_devices", "model_name", {}, ["vga"]),
        ("attachments", "device_type", {"vm": "web2"}, ["port", "volume"]),
        ("volumes", "name", {"host_id": "hv1"}, ["a.qcow2", "free.qcow2", "shared.raw"]),
        ("volumes", "name", {"vm": "db1"}, ["a.qcow2"]),
        ("volumes", "scope", {"volume": "a.qcow2"}, ["host:hv1", "host:hv2"]),
        ("networks", "host_id", {"network": "lan"}, ["hv1", "hv2"]),
        ("networks", "name", {"vm": "web2"}, ["dmz"]),
        ("storage_pools", "host_id", {}, ["hv1"]),
        ("hosts", "id", {}, ["hv1", "hv2"]),
        ("hosts", "id", {"vm": "db1"}, ["hv2"]),
        ("hosts", "id", {"volume": "shared.raw"}, ["hv1"]),
        ("hosts", "id", {"mac": "52:54:00:00:00:03"}, ["hv2"]),
        ("hosts", "id", {"network": "lan"}, ["hv1", "hv2"]),
        ("volumes", "name", {"mac": "52:54:00:00:00:03"}, ["a.qcow2"]),
        ("volumes", "name", {"network": "dmz"}, ["shared.raw"]),
        ("networks", "name", {"mac": "52:54:00:00:00:03"}, ["lan"]),
        ("networks", "name", {"volume": "shared.raw"}, ["dmz", "lan"]),
        ("volume_attachments", "vm_name", {"mac": "52:54:00:00:00:03"}, ["db1"]),
        ("ports", "vm_name", {"volume": "shared.raw"}, ["web1", "web2"]),
        ("consoles", "vm_name", {"network": "dmz"}, []),
        ("attachments", "device_type", {"network": "dmz"}, ["port", "volume"]),
    ],
)
def test_answers(
    fleet: Ledger, subject: str, key: str, filters: dict[str, object], found: list[str]
) -> None:
    assert names(fleet, subject, key, **filters) == found


def test_rows_have_the_words_of_the_facts(fleet: Ledger) -> None:
    rows, _more = ask(fleet.database, "volume_attachments", Filters(vm="web1"), 1)
    assert rows[0]["source"] == {"@file": "/images/a.qcow2"}
    assert rows[0]["is_read_only"] is False
    assert (rows[0]["vm_name"], rows[0]["vm_state"], rows[0]["host_id"]) == (
        "web1",
        "running",
        "hv1",
    )
    assert rows[0]["created_at"].endswith("+00:00")


def test_the_limit(fleet: Ledger) -> None:
    rows, more = ask(fleet.database, "virtual_machines", Filters(), 2)
    assert (len(rows), more) == (2, True)
    assert ask(fleet.database, "virtual_machines", Filters(), 3)[1] is False


def test_nothing_is_written(fleet: Ledger) -> None:
    before = fleet.dump(without=())
    for subject in SUBJECTS:
        ask(fleet.database, subject, Filters(), 100)
    assert fleet.dump(without=()) == before


@pytest.mark.parametrize(
    ("subject", "filters", "limit", "message"),
    [
        (
            "sync_runs",
            {"mac": "x"},
            10,
            "'mac' does not apply to query 'sync_runs'. It can be asked by host_id",
        ),
        ("virtual_machines", {}, 0, "'limit' is 0"),
        ("hosts", {"stale": 0}, 1, "'stale' is 0, but must be more than 0"),
        ("hosts", {"stale": 1e300}, 1, "at most 876000 hours"),
        ("hosts", {"stale": float("nan")}, 1, "'stale' is nan"),
        ("ports", {"stale": 1}, 1, "'stale' does not apply to query 'ports'"),
        ("virtual_machines", {}, 10001, "from 1 to 10000"),
    ],
)
def test_questions_that_make_no_sense(
    fleet: Ledger, subject: str, filters: dict[str, str], limit: int, message: str
) -> None:
    with pytest.raises(VirtledgerError, match=message):
        ask(fleet.database, subject, Filters(**filters), limit)


def test_a_host_that_was_never_recorded(fleet: Ledger) -> None:
    with pytest.raises(VirtledgerError, match="Host 'hv9' is not in the ledger.*hv1, hv2"):
        ask(fleet.database, "ports", Filters(host_id="hv9"), 10)


def test_no_ledger_yet(tmp_path: Path) -> None:
    with pytest.raises(
        VirtledgerError, match=r"no ledger yet at .*none.db.*virtledger.libvirt.sync"
    ):
        ask(resolve(f"sqlite:///{tmp_path}/none.db"), "hosts", Filters(), 1)
    assert list(tmp_path.iterdir()) == []
