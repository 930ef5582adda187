# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the history of changes tells of VMs at a time: whether they were there, and their states."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    GONE,
    RETURNED,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Values,
    load,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.notes import (
    removed_before,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    schema_revisions,
    virtual_machines,
)

#: Since this revision of the schema there is a history of changes.
_REVISION = 10

_FLAGS = {"true": True, "false": False}


class Status(t.NamedTuple):
    """What libvirt says of a domain beside its XML; all null where it is not known."""

    state: t.Optional[str] = None
    persistent: t.Optional[bool] = None
    autostart: t.Optional[bool] = None


def _of_vms(*columns: t.Any) -> t.Any:
    """Changes of VMs themselves, the oldest first."""
    return (
        sa.select(changes.c.vm_uuid, *columns)
        .where(changes.c.object_type == virtual_machines.name)
        .order_by(changes.c.seen_at, changes.c.id)
    )


def gone_at(connection: t.Any, at: datetime.datetime, vm_uuids: t.Collection[str]) -> t.Set[str]:
    """Those of some VMs that were gone."""
    query = _of_vms(changes.c.change).where(
        changes.c.change.in_([ADDED, GONE, RETURNED]), changes.c.seen_at <= at
    )
    last = {
        row["vm_uuid"]: row["change"]
        for row in load(connection, query, changes.c.vm_uuid, vm_uuids)
    }
    return {uuid for uuid, change in last.items() if change == GONE}


def statuses(
    connection: t.Any, at: datetime.datetime, vms: t.Mapping[str, Values]
) -> t.Dict[str, Status]:
    """The status of VMs: what it is now, but for what changed since.

    :param vms: their rows by ``uuid``.
    """
    if not _is_known(connection, at):
        return dict.fromkeys(vms, Status())
    now = {uuid: {name: row[name] for name in Status._fields} for uuid, row in vms.items()}
    query = _of_vms(changes.c.attribute, changes.c.old_value).where(
        changes.c.attribute.in_(Status._fields), changes.c.seen_at > at
    )
    # The first change after that time counts, so it is taken last.
    for row in reversed(load(connection, query, changes.c.vm_uuid, vms)):
        value = row["old_value"]
        now[row["vm_uuid"]][row["attribute"]] = (
            value if row["attribute"] == "state" else _FLAGS.get(value)
        )
    return {uuid: Status(**values) for uuid, values in now.items()}


def _is_known(connection: t.Any, at: datetime.datetime) -> bool:
    """Whether every change since that time is in the history."""
    table = schema_revisions
    query = sa.select(sa.func.min(table.c.applied_at)).where(table.c.revision >= _REVISION)
    begun = connection.execute(query).scalar()
    removed = removed_before(connection, changes)
    return begun is not None and begun <= at and (removed is None or removed <= at)
