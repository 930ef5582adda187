# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each device family is stored: which tables hold what the declaration names."""

from __future__ import annotations

import functools
import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import PROVENANCE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DISK,
    FAMILIES,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    VALUE_LENGTH,
    Thing,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Key,
    Values,
    is_empty,
    load,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa

#: What says nothing of a device that came or went: where it stood, and what others repeat.
_NOT_TELLING = frozenset((*(field.name for field in PROVENANCE), "alias", "address", "source"))

#: So much of one text tells which device it was.
_TOLD_LENGTH = 200

Device = t.TypeVar("Device", bound=t.Mapping[str, t.Any])

#: Prefix of a resource's columns where a query has them beside the attachment's.
_PREFIX = "resource_"


class Store:
    """The tables of one family.

    :ivar attachment: has ``vm_uuid``; its key is ``attachment_id`` in the index.
    :ivar resource: the device itself where the layout keeps it apart, else None.
    :ivar link: the attachment's column with the key of the resource.
    :ivar has_host: the attachment has a column for the host; ``resource_has_host`` likewise.
    """

    def __init__(self, family: Family) -> None:
        tables: t.Any = _tables.metadata.tables
        self.family = family
        self.attachment = tables[family.table]
        self.resource = tables[family.fact] if family.split else None
        self.link = family.link
        self._identity = [family.field(name).column_name for name in family.identity]
        resource = self.resource
        self.has_host = "host_id" in self.attachment.c
        self.resource_has_host = resource is not None and "host_id" in resource.c
        own = [
            field
            for field in family.fields
            if resource is not None and field.column_name in resource.c
        ]
        self._resource_fitting = Fitting(resource, own) if resource is not None else None
        self._attachment_fitting = Fitting(
            self.attachment, [field for field in family.fields if field not in own]
        )

    def moves(self, column: str, before: t.Any, after: t.Any) -> bool:
        """Whether a column's value changed by itself."""
        fittings = (self._attachment_fitting, self._resource_fitting)
        return any(fitting.moves(column, before, after) for fitting in fittings if fitting)

    def follows(self, column: str, before: t.Any, after: t.Any) -> bool:
        """Whether a column's value came with a start of the VM, or went with a stop."""
        fittings = (self._attachment_fitting, self._resource_fitting)
        return column == "in_live" or any(
            fitting.follows(column, before, after) for fitting in fittings if fitting
        )

    def thing(self, device: t.Mapping[str, t.Any], key: Key, owner: str = "") -> Thing:
        """What a change of a device is told of.

        :param key: of the row in the table that is called like the list in the facts.
        :param owner: the VM's name, where the reader of the line does not know it.
        """
        label = self.family.label(device)
        name = label[len(self.family.name) + 1 :] or self.family.name
        return Thing(
            self.family.fact, name, "VM {0}: {1}".format(owner, label) if owner else label, key
        )

    def telling(self, device: t.Mapping[str, t.Any]) -> Values:
        """What tells which device it is, from its facts or its columns; short enough to keep."""
        told: Values = {}
        room = VALUE_LENGTH
        for field in self.family.fields:
            name = field.name
            value = device[name] if name in device else device.get(field.column_name)
            if name in _NOT_TELLING or value is False or is_empty(value):
                continue
            if isinstance(value, str):
                value = value[:_TOLD_LENGTH]
            room -= len(name) + len(json.dumps(value)) + 6
            if room < 0:
                break
            told[name] = value
        return told

    def fit(self, device: t.Mapping[str, t.Any], nulls: bool = True) -> t.Tuple[Values, Values]:
        """A device's columns in the attachment and in the resource.

        :param nulls: also those that are null.
        """
        unmapped = dict(device["unmapped"] or {})
        resource: Values = {}
        if self._resource_fitting:
            resource = self._resource_fitting.values(device, unmapped, nulls)
        attachment = self._attachment_fitting.values(device, unmapped, nulls)
        attachment["unmapped_json"] = unmapped
        return attachment, resource

    def load(self, connection: t.Any, vm_uuids: t.Collection[str]) -> t.Dict[str, t.List[Values]]:
        """The recorded devices of some VMs; a resource's columns are among the attachment's.

        The keys are in ``id`` and, of the resource, in ``resource_id``.
        """
        found: t.Dict[str, t.List[Values]] = {}
        if not vm_uuids:
            return found
        for row in load(connection, self._query, self.attachment.c.vm_uuid, vm_uuids):
            found.setdefault(row["vm_uuid"], []).append(row)
        for rows in found.values():
            rows.sort(key=lambda row: (row["ordinal"] is not None, row["ordinal"], row["id"]))
        return found

    @functools.cached_property
    def _query(self) -> t.Any:
        table = self.attachment
        selected = list(table.c)
        source = table
        if self.resource is not None:
            selected += [
                column.label(_PREFIX + column.name if column.name in table.c else column.name)
                for column in self.resource.c
            ]
            source = table.outerjoin(self.resource, self.resource.c.id == table.c[self.link])
        return sa.select(*selected).select_from(source).where(table.c.deleted_at.is_(None))

    def keyed(self, devices: t.Iterable[Device]) -> t.Dict[t.Tuple[t.Any, ...], Device]:
        """Devices by what identifies them in their columns, and their order where that is alike."""
        counts: t.Dict[t.Tuple[t.Any, ...], int] = {}
        result = {}
        for device in devices:
            key = tuple([device.get(column) for column in self._identity])
            occurrence = counts[key] = counts.get(key, 0) + 1
            result[(*key, occurrence)] = device
        return result

    @property
    def device_column(self) -> str:
        """The attachment's column with what the index calls the device."""
        if self.family is DISK:
            return "volume_id"
        return self.link if self.resource is not None else "id"

    def own_key(self, row: t.Mapping[str, t.Any]) -> Key:
        """The key in the table that is called like the list in the facts."""
        return row[self.link] if self.resource is not None else row["id"]

    def device_id(self, row: t.Mapping[str, t.Any]) -> t.Any:
        """What the index calls the device: the volume, the resource, or the row itself."""
        return row[self.device_column]


STORES = tuple(Store(family) for family in FAMILIES)
