# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the ledger. They read only, in a transaction that cannot write."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DISK,
    FAMILIES,
    INTERFACE,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    open_engine,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    OF_VM,
    Filters,
    by_vm,
    disk_is,
    like,
    mac_is,
    network_is,
    on_host,
    used_networks,
    used_volumes,
    volume_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    hosts,
    metadata,
    networks,
    ports,
    storage_pools,
    virtual_machines,
    vm_configurations,
    vm_snapshots,
    volume_attachments,
    volumes,
    xml_documents,
)

#: Larger answers make a result too large for a controller.
MAXIMUM = 10000

_vm = virtual_machines


class _Subject(t.NamedTuple):
    """What can be asked for: a query, its order, and the filters that make sense for it."""

    query: t.Callable[[], t.Any]
    order: t.Sequence[t.Any]
    filters: t.Mapping[str, t.Callable[[str], t.Any]]
    living: t.Sequence[t.Any]


def _with_vm(
    table: t.Any, *more: t.Any, join: t.Any = None, without: t.Container[str] = ()
) -> t.Callable[[], t.Any]:
    """The rows of a table with the VM that has them.

    :param without: columns that are too long for an answer.
    """

    def query() -> t.Any:
        source = table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        if join is not None:
            source = source.outerjoin(*join)
        context = [_vm.c.name.label("vm_name"), _vm.c.host_id, _vm.c.state.label("vm_state")]
        own = [
            column for column in table.c if column.name != "host_id" and column.name not in without
        ]
        return sa.select(*context, *own, *more).select_from(source)

    return query


def _device(family: Family) -> _Subject:
    """A subject for devices that are asked for by their VM."""
    table = metadata.tables[family.table]
    more: t.List[t.Any] = []
    join = None
    if family.split:
        resource = metadata.tables[family.fact]
        facts = {field.column_name: field.name for field in family.fields if field.column}
        known = {column.name for column in table.c} | {"host_id"}
        more = [
            column.label(facts.get(column.name, column.name))
            for column in resource.c
            if column.name not in known
        ]
        join = (resource, resource.c.id == table.c[family.link])
    return _Subject(
        _with_vm(table, *more, join=join),
        (_vm.c.name, table.c.ordinal, table.c.id),
        OF_VM,
        (table.c.deleted_at, _vm.c.deleted_at),
    )


def _configurations() -> t.Any:
    """What a VM was when; what it still is was seen when its host was."""
    table = vm_configurations
    last = sa.func.coalesce(table.c.last_seen_at, hosts.c.last_seen_at, type_=ty.moment())
    source = (
        table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        .outerjoin(hosts, hosts.c.id == _vm.c.host_id)
        .outerjoin(xml_documents, xml_documents.c.digest == table.c.digest)
    )
    return sa.select(
        _vm.c.name.label("vm_name"),
        _vm.c.host_id,
        table.c.vm_uuid,
        table.c.kind,
        table.c.digest,
        table.c.flags,
        table.c.first_seen_at,
        last.label("last_seen_at"),
        table.c.last_seen_at.is_(None).label("is_current"),
        table.c.host_id.label("seen_on"),
        table.c.origin,
        table.c.origin_path,
        xml_documents.c.size_bytes,
        table.c.redacted_json,
    ).select_from(source)


#: What can be asked for, by the words of the facts and tables.
SUBJECTS: t.Dict[str, _Subject] = {
    "virtual_machines": _Subject(
        lambda: sa.select(*_vm.c),
        (_vm.c.name, _vm.c.host_id, _vm.c.id),
        OF_VM,
        (_vm.c.deleted_at,),
    ),
    "volume_attachments": _Subject(
        _with_vm(
            volume_attachments,
            volumes.c.name.label("volume_name"),
            volumes.c.source.label("volume_source"),
            volumes.c.scope.label("volume_scope"),
            join=(volumes, volumes.c.id == volume_attachments.c.volume_id),
        ),
        (_vm.c.name, volume_attachments.c.ordinal, volume_attachments.c.id),
        {**OF_VM, "volume": disk_is},
        (volume_attachments.c.deleted_at, _vm.c.deleted_at),
    ),
    "ports": _Subject(
        _with_vm(ports),
        (_vm.c.name, ports.c.ordinal, ports.c.id),
        {**OF_VM, "mac": mac_is, "network": network_is},
        (ports.c.deleted_at, _vm.c.deleted_at),
    ),
    **{family.fact: _device(family) for family in FAMILIES if family not in (DISK, INTERFACE)},
    "attachments": _Subject(
        _with_vm(attachment_indices),
        (_vm.c.name, attachment_indices.c.device_type, attachment_indices.c.attachment_id),
        OF_VM,
        (attachment_indices.c.deleted_at, _vm.c.deleted_at),
    ),
    "vm_configurations": _Subject(
        _configurations,
        (_vm.c.name, vm_configurations.c.first_seen_at, vm_configurations.c.id),
        OF_VM,
        (vm_configurations.c.deleted_at, _vm.c.deleted_at),
    ),
    "vm_snapshots": _Subject(
        _with_vm(vm_snapshots, without=("config_xml",)),
        (_vm.c.name, vm_snapshots.c.creation_time, vm_snapshots.c.id),
        OF_VM,
        (vm_snapshots.c.deleted_at, _vm.c.deleted_at),
    ),
    "volumes": _Subject(
        lambda: sa.select(
            *volumes.c,
            storage_pools.c.name.label("pool_name"),
            storage_pools.c.host_id,
        ).select_from(
            volumes.outerjoin(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
        ),
        (volumes.c.name, volumes.c.id),
        {
            **by_vm(volumes.c.id, used_volumes, ("vm", "mac", "network")),
            "host_id": lambda text: sa.or_(
                like(storage_pools.c.host_id, text),
                like(volumes.c.scope, "host:" + text),
                volumes.c.id.in_(used_volumes().where(on_host(text), _vm.c.deleted_at.is_(None))),
            ),
            "volume": volume_is,
        },
        (volumes.c.deleted_at,),
    ),
    "networks": _Subject(
        lambda: sa.select(*networks.c),
        (networks.c.name, networks.c.host_id),
        {
            **by_vm(networks.c.id, used_networks, ("vm", "mac", "volume")),
            "host_id": lambda text: like(networks.c.host_id, text),
            "network": lambda text: sa.or_(
                like(networks.c.name, text), like(networks.c.bridge_name, text)
            ),
        },
        (networks.c.deleted_at,),
    ),
    "storage_pools": _Subject(
        lambda: sa.select(*storage_pools.c),
        (storage_pools.c.name, storage_pools.c.host_id),
        {"host_id": lambda text: like(storage_pools.c.host_id, text)},
        (storage_pools.c.deleted_at,),
    ),
    "hosts": _Subject(
        lambda: sa.select(*hosts.c),
        (hosts.c.id,),
        {
            **by_vm(
                hosts.c.id, lambda: sa.select(_vm.c.host_id), ("vm", "volume", "mac", "network")
            ),
            "host_id": lambda text: like(hosts.c.id, text),
        },
        (),
    ),
}


def ask(
    database: Database, subject: str, filters: Filters, limit: int
) -> t.Tuple[t.List[t.Dict[str, t.Any]], bool]:
    """The rows of an answer, and whether there are more than ``limit``.

    :raises VirtledgerError: a filter or limit that makes no sense for the subject, an unknown host.
    :raises DatabaseError: the database cannot be read.
    """
    statement = _statement(subject, filters, limit)
    if not exists(database):
        raise VirtledgerError(
            "There is no ledger yet at {0}.".format(database.path),
            "Record a hypervisor with virtledger.libvirt.sync first, or correct 'database_url'.",
        )
    engine = open_engine(database, readonly=True)

    def work(connection: t.Any) -> t.List[t.Dict[str, t.Any]]:
        require_current(connection)
        rows = [_plain(row) for row in connection.execute(statement).mappings()]
        if not rows and filters.host_id is not None:
            _require_host(connection, filters.host_id)
        return rows

    try:
        rows = run_transaction(database, engine, work)
    finally:
        engine.dispose()
    return rows[:limit], len(rows) > limit


def _require_host(connection: t.Any, host_id: str) -> None:
    """An empty answer for a host that was never recorded is a mistyped name."""
    known = connection.execute(sa.select(hosts.c.id).where(like(hosts.c.id, host_id)).limit(1))
    if known.first() is None:
        some = connection.execute(sa.select(hosts.c.id).order_by(hosts.c.id).limit(10)).scalars()
        raise VirtledgerError(
            "Host {0!r} is not in the ledger.".format(host_id),
            "Option 'host_id' takes a recorded name; among those are: {0}.".format(
                ", ".join(some) or "none yet"
            ),
        )


def _statement(subject: str, filters: Filters, limit: int) -> t.Any:
    if not 1 <= limit <= MAXIMUM:
        raise VirtledgerError(
            "Option 'limit' is {0}, but must be from 1 to {1}.".format(limit, MAXIMUM)
        )
    asked = SUBJECTS[subject]
    statement = asked.query()
    for name, text in filters._asdict().items():
        if name == "include_gone" or text is None:
            continue
        if name not in asked.filters:
            raise VirtledgerError(
                "Option {0!r} does not apply to query {1!r}.".format(name, subject),
                "It can be asked by {0}.".format(", ".join(sorted(asked.filters))),
            )
        statement = statement.where(asked.filters[name](text))
    if not filters.include_gone:
        statement = statement.where(*(column.is_(None) for column in asked.living))
    return statement.order_by(*asked.order).limit(limit + 1)


def _plain(row: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """A row as facts: JSON columns without their suffix, timestamps as ISO 8601 texts."""
    return {
        key[:-5] if key.endswith("_json") else key: value.isoformat()
        if isinstance(value, datetime.datetime)
        else value
        for key, value in row.items()
    }
