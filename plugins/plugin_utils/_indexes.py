# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The indexes of the current tables: what the newest revision of the migrations leads to.

Recording and asking do not need them declared. They are apart because SQLAlchemy imports what it
has for every database that an option of an index names.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    metadata,
    virtual_machines,
)

#: Name, table and columns.
_PLAIN = (
    ("idx_virtual_machines_host_name", "virtual_machines", ("host_id", "name")),
    ("idx_virtual_machines_name", "virtual_machines", ("name",)),
    ("idx_virtual_machines_uuid", "virtual_machines", ("uuid",)),
    ("idx_virtual_machines_by_domain", "virtual_machines", ("domain_uuid",)),
    ("idx_storage_pools_by_uuid", "storage_pools", ("uuid",)),
    ("idx_storage_pools_host_name", "storage_pools", ("host_id", "name")),
    ("idx_volumes_storage_pool_id", "volumes", ("storage_pool_id",)),
    ("idx_volumes_name", "volumes", ("name",)),
    ("idx_volume_attachments_volume_id", "volume_attachments", ("volume_id",)),
    ("idx_volume_attachments_source_ref", "volume_attachments", ("source_ref",)),
    ("idx_port_vm_mac_address", "ports", ("vm_uuid", "mac_address")),
    ("idx_ports_mac_address", "ports", ("mac_address",)),
    ("idx_ports_source_ref", "ports", ("source_ref",)),
    ("idx_ports_network_name", "ports", ("network_name",)),
    ("idx_port_bindings_port_id", "port_bindings", ("port_id",)),
    ("idx_port_bindings_network_id", "port_bindings", ("network_id",)),
    ("idx_consoles_host_id", "consoles", ("host_id",)),
    ("idx_host_devices_host_id", "host_devices", ("host_id",)),
    ("idx_vsocks_guest_c_id", "vsocks", ("guest_c_id",)),
    ("idx_shmem_devices_name", "shmem_devices", ("name",)),
    ("idx_other_devices_tag", "other_devices", ("tag",)),
    ("idx_attachment_indices_device_type", "attachment_indices", ("device_type",)),
    ("idx_attachment_indices_device_id", "attachment_indices", ("device_id",)),
    ("idx_attachment_index_vm_uuid", "attachment_indices", ("vm_uuid",)),
    ("idx_vm_configurations_digest", "vm_configurations", ("digest",)),
    ("idx_sync_runs_host_id", "sync_runs", ("host_id",)),
    ("idx_sync_runs_last_at", "sync_runs", ("last_at",)),
    ("idx_changes_vm_uuid", "changes", ("vm_uuid", "seen_at")),
    ("idx_changes_host_id", "changes", ("host_id", "seen_at")),
    ("idx_changes_seen_at", "changes", ("seen_at",)),
    ("idx_changes_object", "changes", ("object_type", "object_id")),
    ("idx_changes_run_id", "changes", ("run_id",)),
    ("idx_changes_vm_name", "changes", ("vm_name",)),
    ("idx_findings_host_id", "findings", ("host_id",)),
    ("idx_findings_closed_at", "findings", ("closed_at",)),
)

_UNIQUE = (
    ("uniq_volumes_identity", "volumes", ("identity",)),
    ("idx_network_host_name", "networks", ("host_id", "name")),
    ("uniq_findings_fingerprint", "findings", ("fingerprint",)),
    ("uniq_attachment_index", "attachment_indices", ("device_type", "attachment_id")),
)

#: Tables whose index by VM has another name, or another column beside it.
_INDEXED_BY_VM = frozenset(("ports", "attachment_indices", "changes"))


def indexes_of(table: t.Any) -> t.List[t.Any]:
    """The indexes of a table, by their names."""
    return sorted(table.indexes, key=lambda index: str(index.name))


def _make(name: str, table: t.Any, columns: t.Iterable[str], **options: t.Any) -> None:
    sa.Index(name, *(table.c[column] for column in columns), **options)


def _declare() -> None:
    for table in metadata.tables.values():
        if "deleted_at" in table.c:
            _make("idx_{0}_deleted_at".format(table.name), table, ("deleted_at",))
        if "vm_uuid" in table.c and table.name not in _INDEXED_BY_VM:
            _make("idx_{0}_vm_uuid".format(table.name), table, ("vm_uuid",))
    for unique, indexes in ((False, _PLAIN), (True, _UNIQUE)):
        for name, table_name, columns in indexes:
            _make(name, metadata.tables[table_name], columns, unique=unique)
    _make(
        "idx_host_devices_address",
        metadata.tables["host_devices"],
        ("address",),
        mysql_length=ty.INDEXED_PREFIX,
        mariadb_length=ty.INDEXED_PREFIX,
    )
    for column in ("path", "source"):
        _make(
            "idx_volumes_{0}".format(column),
            metadata.tables["volumes"],
            (column,),
            postgresql_using="hash",
            mysql_length=ty.INDEXED_PREFIX,
            mariadb_length=ty.INDEXED_PREFIX,
        )
    # On MariaDB and MySQL a generated column takes the place of each condition.
    living = virtual_machines.c.deleted_at.is_(None)
    one_device = (attachment_indices.c.device_type != "volume") & (
        attachment_indices.c.device_id.is_not(None)
    )
    for name, table, columns, condition in (
        ("uniq_virtual_machines_live", virtual_machines, ("host_id", "domain_uuid"), living),
        (
            "uniq_attachment_index_device",
            attachment_indices,
            ("device_type", "device_id"),
            one_device,
        ),
    ):
        options = {"sqlite_where": condition, "postgresql_where": condition}
        _make(name, table, columns, unique=True, **options)


_declare()
