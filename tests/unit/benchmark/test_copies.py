"""Ledgers of many VMs that are copies of a few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.copies import multiply
from benchmark.fleet import Fleet
from ledgers import Ledger, close
from servers.session import new_name


def test_copies_are_hosts_of_their_own(servers: Any, tmp_path: Path) -> None:
    name = new_name()
    servers.postgresql.create(name)
    ledger = Ledger(servers.postgresql.url(name))
    for host in Fleet().hosts(2, 4):
        ledger.record(host.facts(tmp_path), host.name)
    tables = ledger.tables()
    before = {table: ledger.value(f"SELECT count(*) FROM {table}") for table in tables}
    close(ledger.url)
    multiply(servers.postgresql, name, 3)
    for table in tables:
        copies = 1 if table == "virtledger_schema" else 4
        assert ledger.value(f"SELECT count(*) FROM {table}") == before[table] * copies
    for table, column in (
        ("virtual_machines", "uuid"),
        ("virtual_machines", "name"),
        ("ports", "mac_address"),
        ("volumes", "identity"),
        ("hosts", "id"),
    ):
        query = f"SELECT count(DISTINCT {column}) FROM {table}"
        assert ledger.value(query) == ledger.value(f"SELECT count(*) FROM {table}")
    orphans = (
        "SELECT count(*) FROM attachment_indices i LEFT JOIN volume_attachments a "
        "ON a.id = i.attachment_id AND a.vm_uuid = i.vm_uuid "
        "LEFT JOIN virtual_machines m ON m.uuid = a.vm_uuid "
        "WHERE i.device_type = 'volume' AND m.id IS NULL"
    )
    assert ledger.value(orphans) == 0
    # Keys go on behind those of the copies, and what is recorded besides fits in.
    ledger.record(Fleet().host(960_000, 2).facts(tmp_path), "h960000")
    assert ledger.value("SELECT count(*) FROM virtual_machines") == 34
    close(ledger.url)
    servers.postgresql.drop(name)
