# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that a recording decides on, held until it is written.

SQLite has one writer at a time. On a server the hosts' own rows keep recordings of one host apart;
what several hosts share, VMs that move and volumes, is locked row by row, always in the same order.
A transaction reads what others have committed meanwhile (READ COMMITTED), so what it reads once it
has a lock is how things are.

The nodes of a Galera cluster do not see each other's locks. They compare what was written: of two
transactions that wrote one row the first one stays, the other is tried again. So what is locked
elsewhere is written there, if nothing else of it is (:meth:`Plan.claim`).
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._engine import is_cluster
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    virtual_machines,
    volumes,
)

#: Of so many groups of volumes each is locked in its own way, else all in the stronger one.
_GROUPS = 20


def lock_hosts(connection: t.Any, host_ids: t.Collection[str]) -> None:
    """Let two recordings of one host follow each other."""
    if connection.dialect.name == "sqlite":
        return
    chosen = hosts.c.id.in_(sorted(host_ids))
    connection.execute(sa.select(hosts.c.id).where(chosen).order_by(hosts.c.id).with_for_update())
    if is_cluster(connection):
        now = datetime.datetime.now(datetime.timezone.utc)
        connection.execute(sa.update(hosts).where(chosen).values(updated_at=now))


def claim(recording: Recording, table: t.Any, keys: t.Iterable[t.Any]) -> None:
    """See to it that a cluster, too, lets nobody else change these rows; new ones are nobody's."""
    if recording.locks and is_cluster(recording.connection):
        recording.plan.claim(table, (key for key in keys if isinstance(key, int)))


def lock_machines(recording: Recording, rows: t.Iterable[Values]) -> None:
    """Lock the rows of VMs that will be changed.

    :raises LostRow: another host's recording has changed one since it was read.
    """
    before = {row["id"]: row for row in rows}
    if not recording.locks or not before:
        return
    table = virtual_machines
    query = sa.select(table.c.id, table.c.host_id, table.c.deleted_at, table.c.updated_at)
    query = query.order_by(table.c.id).with_for_update()
    for row in load(recording.connection, query, table.c.id, before):
        was = before[row["id"]]
        if any(row[column] != was[column] for column in row if column in was):
            raise LostRow(
                "VM {0} was recorded of another host at the same time".format(was["uuid"])
            )
    claim(recording, table, before)


def lock_volumes(
    recording: Recording, weak: t.Mapping[int, t.Optional[bool]]
) -> t.Iterator[Values]:
    """Lock rows of volumes in the order of their keys, which all writers keep; as they are then.

    :param weak: by key, whether others may hold the row too (it will stay as it is); null where
        that does not matter, since nobody else wants it.
    """
    query = select_all(volumes).order_by(volumes.c.id)
    groups = _groups(weak)
    if len(groups) > _GROUPS:
        groups = [(False, sorted(weak))]
    for shared, keys in groups:
        locked = query.with_for_update(read=bool(shared))
        yield from load(recording.connection, locked, volumes.c.id, keys)


def _groups(
    weak: t.Mapping[int, t.Optional[bool]],
) -> t.List[t.Tuple[t.Optional[bool], t.List[int]]]:
    """Neighbours that are locked in the same way."""
    groups: t.List[t.Tuple[t.Optional[bool], t.List[int]]] = []
    for key in sorted(weak):
        kind = weak[key]
        before = groups[-1][0] if groups else None
        if groups and (kind is None or before is None or kind == before):
            groups[-1][1].append(key)
            groups[-1] = (before if kind is None else kind, groups[-1][1])
        else:
            groups.append((kind, [key]))
    return groups
