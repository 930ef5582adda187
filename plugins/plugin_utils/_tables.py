# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The current tables: what the newest revision of the migrations leads to.

Device columns follow from the declared mapping; a test proves that the migrations make exactly
these tables.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    STATUS_FIELDS,
    Family,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

metadata = sa.MetaData()

_COMMON_NAMES = frozenset(field.name for field in COMMON)

#: Text columns that are looked up by, with their lengths. All other texts are of any length.
_KEYS = {
    "address": ty.LONG_KEY,
    "device_name": 255,
    "mac_address": 255,
    "name": 255,
    "network_name": 255,
    "source_ref": ty.LONG_KEY,
    "tag": 255,
}
_UUIDS = frozenset(("uuid", "domain_uuid", "host_uuid"))


def _column(field: Field) -> sa.Column[t.Any]:
    name = field.column_name
    if name in _UUIDS:
        return sa.Column(name, ty.uuid())
    if name in _KEYS:
        return sa.Column(name, ty.key(_KEYS[name]))
    makers: t.Dict[str, t.Callable[[], t.Any]] = {
        "str": ty.text,
        "int": ty.integer,
        "bool": ty.flag,
        "list": ty.document,
        "dict": ty.document,
    }
    return sa.Column(name, makers[field.type]())


def _columns(fields: t.Iterable[Field]) -> t.List[sa.Column[t.Any]]:
    return [_column(field) for field in fields]


def _own(fields: t.Iterable[Field]) -> t.List[sa.Column[t.Any]]:
    """The columns of a family itself, which a resource table has."""
    return _columns(field for field in fields if field.name not in _COMMON_NAMES)


def _table(name: str, *columns: t.Any) -> sa.Table:
    """A table with the columns that every table of records has."""
    return sa.Table(
        name,
        metadata,
        sa.Column("id", ty.integer(), primary_key=True, autoincrement=True),
        sa.Column("created_at", ty.moment()),
        sa.Column("updated_at", ty.moment()),
        sa.Column("deleted_at", ty.moment()),
        *columns,
        sqlite_autoincrement=True,
    )


def _of_vm(name: str, *columns: t.Any) -> sa.Table:
    """A table with a row for each of some things of a VM."""
    return _table(name, sa.Column("vm_uuid", ty.uuid()), *columns)


#: Columns of device tables that no field fills: keys of other tables, and what the existing layout
#: has besides.
_FURTHER: t.Dict[str, t.Callable[[], t.List[sa.Column[t.Any]]]] = {
    "volume_attachments": lambda: [sa.Column("volume_id", ty.integer())],
    "consoles": lambda: [
        sa.Column("host_id", ty.key()),
        sa.Column("model_name", ty.text()),
        sa.Column("metadata", ty.text()),
    ],
    "host_devices": lambda: [
        sa.Column("host_id", ty.key()),
        sa.Column("description", ty.text()),
    ],
    "usb_redirectors": lambda: [sa.Column("filter_rule", ty.text())],
}


def _family(family: Family) -> None:
    """The table of a family or, where it is split, that of the devices and of the attachments."""
    further = _FURTHER.get(family.fact, list)()
    if not family.split:
        _of_vm(family.fact, *further, *_columns(family.fields))
        return
    _table(family.fact, *further, *_own(family.fields))
    _of_vm(family.table, sa.Column(family.link, ty.integer()), *_columns(COMMON))


hosts = sa.Table(
    "hosts",
    metadata,
    sa.Column("id", ty.key(), primary_key=True),
    sa.Column("uri", ty.text()),
    sa.Column("state", ty.text()),
    sa.Column("task_state", ty.text()),
    *_columns(field for field in HYPERVISOR_FIELDS if field.name != "uri"),
    sa.Column("inventory_digest", ty.key(64)),
    sa.Column("digest", ty.key(64)),
    sa.Column("created_at", ty.moment()),
    sa.Column("updated_at", ty.moment()),
    sa.Column("last_seen_at", ty.moment()),
    sa.Column("last_complete_at", ty.moment()),
)

virtual_machines = _table(
    "virtual_machines",
    sa.Column("host_id", ty.key()),
    sa.Column("uuid", ty.uuid()),
    sa.Column("task_state", ty.text()),
    sa.Column("is_template", ty.flag()),
    sa.Column("sync_status", ty.text()),
    sa.Column("drift_details", ty.text()),
    sa.Column("needs_rebuild", ty.flag()),
    *_columns(DOMAIN_FIELDS + STATUS_FIELDS),
    sa.Column("digest", ty.key(64)),
    sa.Column("xml_digest", ty.key(64)),
    sa.Column("source_digest", ty.key(64)),
    sa.Column("mapping_version", ty.integer()),
    sa.Column("observed_at", ty.moment()),
    sa.Column("origin", ty.key()),
    sa.Column("whereabouts_json", ty.document()),
)

storage_pools = _table("storage_pools", sa.Column("host_id", ty.key()), *_columns(POOL_FIELDS))

volumes = _table(
    "volumes",
    sa.Column("storage_pool_id", ty.integer()),
    *_columns(VOLUME_FIELDS),
    sa.Column("identity", ty.key(64)),
    sa.Column("scope", ty.key()),
    sa.Column("source", ty.text()),
)

for _declared in FAMILIES:
    _family(_declared)

volume_attachments = metadata.tables["volume_attachments"]
ports = metadata.tables["ports"]

networks = _table("networks", sa.Column("host_id", ty.key()), *_columns(NETWORK_FIELDS))

port_bindings = _table(
    "port_bindings", sa.Column("port_id", ty.integer()), sa.Column("network_id", ty.integer())
)

attachment_indices = _table(
    "attachment_indices",
    sa.Column("vm_uuid", ty.uuid(), nullable=False),
    sa.Column("device_type", ty.key(), nullable=False),
    sa.Column("attachment_id", ty.integer(), nullable=False),
    sa.Column("device_id", ty.integer()),
)

vm_snapshots = _of_vm(
    "vm_snapshots",
    sa.Column("name", ty.key()),
    sa.Column("description", ty.text()),
    sa.Column("parent_name", ty.text()),
    sa.Column("state", ty.text()),
    sa.Column("config_xml", ty.text()),
    sa.Column("kind", ty.key()),
    sa.Column("creation_time", ty.integer()),
    sa.Column("is_current", ty.flag()),
    sa.Column("memory_mode", ty.text()),
    sa.Column("memory_file", ty.text()),
    sa.Column("disks_json", ty.document()),
    sa.Column("redacted_json", ty.document()),
)

#: XML texts by the SHA-256 of what is stored: compressed, without secrets.
xml_documents = sa.Table(
    "xml_documents",
    metadata,
    sa.Column("digest", ty.key(64), primary_key=True),
    sa.Column("created_at", ty.moment()),
    sa.Column("size_bytes", ty.integer()),
    sa.Column("content", ty.binary(), nullable=False),
    sa.Column("used_at", ty.moment()),
)

#: When a VM had which configuration: what a hypervisor said from the first to the last sighting
#: (null while it still says so), or what one archived document said at its date.
vm_configurations = _of_vm(
    "vm_configurations",
    sa.Column("host_id", ty.key()),
    sa.Column("kind", ty.key()),
    sa.Column("digest", ty.key(64)),
    sa.Column("stable_digest", ty.key(64)),
    sa.Column("flags", ty.integer()),
    sa.Column("first_seen_at", ty.moment()),
    sa.Column("last_seen_at", ty.moment()),
    sa.Column("origin", ty.key()),
    sa.Column("origin_path", ty.text()),
    sa.Column("redacted_json", ty.document()),
)

#: Attempts to record a host; what ends like before is noted in ``repeats`` and ``last_...``.
sync_runs = sa.Table(
    "sync_runs",
    metadata,
    sa.Column("id", ty.integer(), primary_key=True, autoincrement=True),
    sa.Column("host_id", ty.key()),
    sa.Column("action", ty.key()),
    sa.Column("outcome", ty.key()),
    sa.Column("is_complete", ty.flag()),
    sa.Column("reason", ty.text()),
    sa.Column("started_at", ty.moment()),
    sa.Column("finished_at", ty.moment()),
    sa.Column("recorded_by", ty.key()),
    sa.Column("job", ty.key()),
    sa.Column("counts_json", ty.document()),
    sa.Column("seconds_json", ty.document()),
    sa.Column("repeats", ty.integer()),
    sa.Column("last_at", ty.moment()),
    sa.Column("last_by", ty.key()),
    sa.Column("last_job", ty.key()),
    sqlite_autoincrement=True,
)

#: What changed since the sighting before: a row for each attribute, and for what came or went.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", ty.integer(), primary_key=True, autoincrement=True),
    sa.Column("seen_at", ty.moment()),
    sa.Column("run_id", ty.integer()),
    sa.Column("host_id", ty.key()),
    sa.Column("vm_uuid", ty.uuid()),
    sa.Column("domain_uuid", ty.uuid()),
    sa.Column("vm_name", ty.key()),
    sa.Column("object_type", ty.key()),
    sa.Column("object_name", ty.key()),
    sa.Column("object_id", ty.integer()),
    sa.Column("change", ty.key()),
    sa.Column("attribute", ty.key()),
    sa.Column("old_value", ty.text()),
    sa.Column("new_value", ty.text()),
    sqlite_autoincrement=True,
)

#: What rules find wrong in the fleet, open or closed; the rule tells the rest by its code.
findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", ty.integer(), primary_key=True, autoincrement=True),
    sa.Column("code", ty.key()),
    sa.Column("severity", ty.key()),
    sa.Column("object_type", ty.key()),
    sa.Column("object_name", ty.key()),
    sa.Column("host_id", ty.key()),
    sa.Column("vm_uuid", ty.uuid()),
    sa.Column("vm_name", ty.key()),
    sa.Column("fingerprint", ty.key(64)),
    sa.Column("summary", ty.text()),
    sa.Column("details_json", ty.document()),
    sa.Column("first_seen_at", ty.moment()),
    sa.Column("last_seen_at", ty.moment()),
    sa.Column("closed_at", ty.moment()),
    sa.Column("reopened", ty.integer()),
    sa.Column("last_reopened_at", ty.moment()),
    sa.Column("ignored_until", ty.moment()),
    sa.Column("ignore_reason", ty.text()),
    sqlite_autoincrement=True,
)

schema_revisions = sa.Table(
    "virtledger_schema",
    metadata,
    sa.Column("revision", ty.integer(), primary_key=True, autoincrement=False),
    sa.Column("name", ty.text()),
    sa.Column("applied_at", ty.moment()),
)
