"""A ledger of many hosts out of one of few: its rows are copied within PostgreSQL.

To record a million VMs would take an hour. Their rows are of the same kind as those of the first
thousand, so they are made of these: with other keys, UUIDs, names, MAC addresses and sources.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from servers.postgresql import PostgreSQL

#: The hosts that are copied are called h0000xx; those of copy 7 h0007xx.
TEMPLATE = "h0000"

#: No key of the hosts that are copied is as large.
_STEP = 200_000

_KEYS = frozenset(
    ["id", "volume_id", "port_id", "network_id", "attachment_id", "device_id", "storage_pool_id"]
    + [family.link for family in FAMILIES if family.split]
)
_UUIDS = frozenset(("uuid", "vm_uuid", "domain_uuid"))
_DIGESTS = frozenset(("identity", "stable_digest"))
_NAMES = frozenset(("host_id", "scope", "name", "source", "source_ref", "path", "key"))
_DOCUMENTS = ("xml_documents", "vm_configurations")

#: The first two bytes after 52:54 are the host's number.
_MAC = (
    "'52:54:' || substr(h, 1, 2) || ':' || substr(h, 3, 2) || substr(mac_address, 12)",
    "to_hex(('x' || substr(mac_address, 7, 2) || substr(mac_address, 10, 2))::bit(16)::int"
    " + 20 * k)",
)


def _copied(table: Any, column: Any) -> str:
    """The expression of a column of copy ``k``."""
    name = f'"{column.name}"'
    if table.name == "hosts" and column.name == "id":
        return f"replace({name}, '{TEMPLATE}', 'h' || lpad(k::text, 4, '0'))"
    if column.name in _KEYS:
        return f"{name} + {_STEP}::bigint * k"
    if column.name in _UUIDS:
        return f"md5({name} || k)::uuid::text"
    if column.name in _DIGESTS or (column.name == "digest" and table.name in _DOCUMENTS):
        return f"md5({name} || k) || md5(k || {name})"
    if column.name == "mac_address":
        made = f"(SELECT {_MAC[0]} FROM (SELECT lpad({_MAC[1]}, 4, '0') AS h) AS made)"
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE {made} END"
    if column.name in _NAMES:
        return f"replace({name}, '{TEMPLATE}', 'h' || lpad(k::text, 4, '0'))"
    return name


def multiply(server: PostgreSQL, database: str, copies: int) -> None:
    """Add so many copies of everything that is recorded in a database; then ANALYZE."""
    rows = server.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i "
        "LEFT JOIN pg_constraint c ON c.conname = i.indexname "
        "WHERE i.schemaname = 'public' AND c.oid IS NULL",
        database=database,
    )
    # An index is made faster at once than row by row.
    server.execute(*[f"DROP INDEX {name}" for name, _definition in rows], database=database)
    for table in _tables.metadata.sorted_tables:
        if table.name == "virtledger_schema":
            continue
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        values = ", ".join(_copied(table, column) for column in table.columns)
        server.execute(
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name}, "
            f"generate_series(1, {copies}) AS k",
            database=database,
        )
        _set_sequence(server, database, table)
    server.execute(*[definition for _name, definition in rows], database=database)
    server.execute("ANALYZE", "CHECKPOINT", database=database)


def _set_sequence(server: PostgreSQL, database: str, table: Any) -> None:
    """The next key is one that no row has."""
    if "id" not in table.columns or table.name == "hosts":
        return
    largest = f"SELECT coalesce(max(id), 1) FROM {table.name}"
    found = server.execute(
        f"SELECT pg_get_serial_sequence('{table.name}', 'id')", database=database
    )[0][0]
    assert re.fullmatch(r"[\w.]+", found or "")
    server.execute(f"SELECT setval('{found}', ({largest}))", database=database)
