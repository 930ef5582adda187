# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices: the index is the union of all attachments, and each belongs to a VM that is there."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import DISK
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    virtual_machines,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import (
    Rule,
    living,
    repeated,
    select,
)

_index, _vm = attachment_indices, virtual_machines


def rules() -> t.Iterator[Rule]:
    """All rules about devices."""
    for store in STORES:
        yield from _indexed(store)
        yield from _of_a_vm(store)
        if store.resource is not None:
            yield from _with_a_resource(store, store.resource)
    yield from _volumes()
    kinds = [store.family.index_type for store in STORES]
    yield Rule(
        "index_kind_unknown",
        _index,
        select(_index, _index.c.device_type).where(
            living(_index), _index.c.device_type.not_in(kinds)
        ),
        "device_type {device_type!r} is no kind of device",
    )
    yield repeated("index_attachment_twice", _index, [_index.c.device_type, _index.c.attachment_id])
    yield repeated(
        "index_device_twice",
        _index,
        [_index.c.device_type, _index.c.device_id],
        _index.c.device_type != DISK.index_type,
        _index.c.device_id.is_not(None),
    )


def _indexed(store: Store) -> t.Iterator[Rule]:
    """The index row of an attachment, and the attachment of an index row."""
    table, kind = store.attachment, store.family.index_type
    device = table.c.volume_id if store.family is DISK else table.c[store.link or "id"]
    same = (_index.c.device_type == kind) & (_index.c.attachment_id == table.c.id) & living(_index)
    name = store.family.name
    yield Rule(
        "index_row_missing",
        table,
        select(table, table.c.vm_uuid)
        .select_from(table.outerjoin(_index, same))
        .where(living(table), _index.c.id.is_(None)),
        "the index has no row for this {0} of VM {{vm_uuid}}".format(name),
    )
    yield Rule(
        "index_row_differs",
        _index,
        select(_index, _index.c.vm_uuid, _index.c.attachment_id, _index.c.device_id)
        .add_columns(table.c.vm_uuid.label("its_vm"), device.label("its_device"))
        .select_from(table.join(_index, same))
        .where(
            living(table),
            _index.c.vm_uuid.is_distinct_from(table.c.vm_uuid)
            | _index.c.device_id.is_distinct_from(device),
        ),
        "it says VM {{vm_uuid}} and device {{device_id}}; {0} {{attachment_id}} has VM {{its_vm}} "
        "and device {{its_device}}".format(table.name),
        kind,
    )
    there = (table.c.id == _index.c.attachment_id) & living(table)
    yield Rule(
        "index_row_orphaned",
        _index,
        select(_index, _index.c.vm_uuid, _index.c.attachment_id)
        .select_from(_index.outerjoin(table, there))
        .where(living(_index), _index.c.device_type == kind, table.c.id.is_(None)),
        "{0} has no row {{attachment_id}} (VM {{vm_uuid}})".format(table.name),
        kind,
    )


def _of_a_vm(store: Store) -> t.Iterator[Rule]:
    """The VM is there; a system whose layout was taken over may have left devices of others."""
    table, name = store.attachment, store.family.name
    yield Rule(
        "device_without_vm",
        table,
        select(table, table.c.vm_uuid)
        .select_from(table.outerjoin(_vm, _vm.c.uuid == table.c.vm_uuid))
        .where(living(table), _vm.c.id.is_(None)),
        "this {0} belongs to VM {{vm_uuid}}, which is not there".format(name),
    )
    yield Rule(
        "device_of_gone_vm",
        table,
        select(table, table.c.vm_uuid, _vm.c.name)
        .select_from(table.join(_vm, _vm.c.uuid == table.c.vm_uuid))
        .where(living(table), _vm.c.deleted_at.is_not(None), _vm.c.origin.is_not(None)),
        "this {0} belongs to VM {{name}} ({{vm_uuid}}), which is marked as gone".format(name),
    )


def _with_a_resource(store: Store, resource: t.Any) -> t.Iterator[Rule]:
    """An attachment has its device, and a device its attachment."""
    table = store.attachment
    link = table.c[store.link]
    there = (resource.c.id == link) & living(resource)
    yield Rule(
        "attachment_without_device",
        table,
        select(table, table.c.vm_uuid, link.label("value"))
        .select_from(table.outerjoin(resource, there))
        .where(living(table), resource.c.id.is_(None)),
        "{0} is {{value}} (VM {{vm_uuid}}), but {1} has no such row".format(
            store.link, resource.name
        ),
    )
    # The link has no index. Nearly every device is found by way of the index over all devices; only
    # for the others the attachments are looked through.
    indexed = (
        (_index.c.device_type == store.family.index_type)
        & (_index.c.device_id == resource.c.id)
        & living(_index)
    )
    by_index = (table.c.id == _index.c.attachment_id) & (link == resource.c.id) & living(table)
    other = table.alias()
    attached = sa.exists().where(other.c[store.link] == resource.c.id, living(other))
    yield Rule(
        "device_without_attachment",
        resource,
        select(resource)
        .select_from(resource.outerjoin(_index, indexed).outerjoin(table, by_index))
        .where(living(resource), table.c.id.is_(None), ~attached),
        "no row of {0} refers to it".format(table.name),
    )


def _volumes() -> t.Iterator[Rule]:
    """A disk's volume is there."""
    table = STORES[[store.family for store in STORES].index(DISK)].attachment
    yield Rule(
        "volume_missing",
        table,
        select(table, table.c.vm_uuid, table.c.volume_id, volumes.c.deleted_at)
        .select_from(table.outerjoin(volumes, volumes.c.id == table.c.volume_id))
        .where(
            living(table),
            table.c.volume_id.is_not(None),
            volumes.c.id.is_(None) | volumes.c.deleted_at.is_not(None),
        ),
        "its volume {volume_id} is not there, or marked as gone (VM {vm_uuid})",
    )
