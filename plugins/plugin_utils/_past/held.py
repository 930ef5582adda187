# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs there were at a time, and which configurations each had.

A configuration holds from its first to its last sighting. Between the last sighting of one and the
first of the next the ledger had the former; whether there was one at all in such a gap, the history
of changes tells: of VMs that were gone, and of their states.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._change_filters import vm_uuids
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import is_like, like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._past.before import (
    Status,
    gone_at,
    statuses,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import HYPERVISOR
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.places import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import Values
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.notes import (
    removed_before,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    virtual_machines,
    vm_configurations,
)

_one, _vm = vm_configurations, virtual_machines

#: What a VM's row says that its XML does not, and by which it is found.
_OF_VM = ("id", "uuid", "domain_uuid", "name", "created_at", "deleted_at", *Status._fields)
_OF_CONFIGURATION = (
    "host_id",
    "kind",
    "digest",
    "origin",
    "first_seen_at",
    "last_seen_at",
    "redacted_json",
)


class Held(t.NamedTuple):
    """A VM at a time.

    :ivar vm: what its row says now, as far as that is needed.
    :ivar texts: its configurations by kind, ``live`` and ``config``.
    :ivar status: what its XML does not tell; null where it is not known.
    """

    vm: Values
    texts: t.Dict[str, Values]
    status: Status

    @property
    def newest(self) -> Values:
        """The configuration that was seen last for the first time."""
        return max(self.texts.values(), key=lambda row: row["first_seen_at"])


def held_at(
    connection: t.Any, at: datetime.datetime, host_id: t.Optional[str], vm: t.Optional[str]
) -> t.List[Held]:
    """The VMs of a time with their configurations, by name.

    :param host_id: only those that were on this host.
    :param vm: only this one, by a UUID or a name that it has or had.
    :raises VirtledgerError: what was then has been removed.
    """
    removed = removed_before(connection)
    if removed is not None and at < removed:
        raise VirtledgerError(
            "What was at {0} is not in the ledger any more: what ended before {1} was "
            "removed.".format(at.isoformat(" ", "seconds"), removed.isoformat(" ", "seconds")),
            "Ask for a later time; a backup of the ledger may have it.",
        )
    by_vm: t.Dict[str, t.Tuple[Values, t.List[Values]]] = {}
    for row in connection.execute(_begun(at, host_id, vm)).mappings():
        known = {name: row["vm_" + name] for name in _OF_VM}
        rows = by_vm.setdefault(known["uuid"], (known, []))[1]
        rows.append({name: row[name] for name in _OF_CONFIGURATION})
    ended = [uuid for uuid, (_known, rows) in by_vm.items() if not _covering(rows, at)]
    gone = gone_at(connection, at, ended)
    known_statuses = statuses(connection, at, {uuid: one for uuid, (one, _rows) in by_vm.items()})
    found = []
    for uuid, (known, rows) in by_vm.items():
        if uuid in gone or (uuid in ended and known["deleted_at"] and known["deleted_at"] <= at):
            continue
        one = _held(known, rows, at, known_statuses[uuid])
        if host_id is None or is_like(one.newest["host_id"], host_id):
            found.append(one)
    return found


def _begun(at: datetime.datetime, host_id: t.Optional[str], vm: t.Optional[str]) -> t.Any:
    """The newest configuration of each VM, kind and origin that had begun."""
    conditions = [_one.c.first_seen_at <= at, _one.c.deleted_at.is_(None)]
    if host_id is not None:
        there = sa.select(_one.c.vm_uuid).where(like(_one.c.host_id, host_id))
        conditions.append(_one.c.vm_uuid.in_(there))
    if vm is not None:
        conditions.append(_one.c.vm_uuid.in_(vm_uuids(vm)))
    order = (_one.c.first_seen_at.desc(), _one.c.id.desc())
    whose = (_one.c.vm_uuid, _one.c.kind, _one.c.origin)
    place = sa.func.row_number().over(partition_by=whose, order_by=order).label("place")
    own = [_one.c[name] for name in _OF_CONFIGURATION]
    begun = sa.select(_one.c.vm_uuid, *own, place).where(*conditions).subquery()
    return (
        sa.select(
            *(_vm.c[name].label("vm_" + name) for name in _OF_VM),
            *(begun.c[name] for name in _OF_CONFIGURATION),
        )
        .select_from(begun.join(_vm, _vm.c.uuid == begun.c.vm_uuid))
        .where(begun.c.place == 1)
        .order_by(_vm.c.name, _vm.c.id)
    )


def _told(rows: t.Sequence[Values]) -> t.Dict[str, Values]:
    """What a hypervisor said, by kind."""
    return {row["kind"]: row for row in rows if row["origin"] == HYPERVISOR}


def _covering(rows: t.Sequence[Values], at: datetime.datetime) -> t.Dict[str, Values]:
    """What a hypervisor said before and after that time, or what documents said before."""
    told = _told(rows)
    if not told:
        newest = max(rows, key=lambda row: row["first_seen_at"])
        return {newest["kind"]: newest}
    return {
        kind: row
        for kind, row in told.items()
        if row["last_seen_at"] is None or row["last_seen_at"] >= at
    }


def _held(vm: Values, rows: t.Sequence[Values], at: datetime.datetime, status: Status) -> Held:
    told, texts = _told(rows), _covering(rows, at)
    if not told:
        # A document knows nothing but the XML.
        return Held(vm, texts, Status())
    if not texts:
        last = max(row["last_seen_at"] for row in told.values())
        texts = {kind: row for kind, row in told.items() if row["last_seen_at"] == last}
    if "config" in told and status.persistent is not False:
        texts["config"] = told["config"]
    if status.state in ACTIVE and "live" in told:
        texts["live"] = told["live"]
    elif status.state is not None and status.state not in ACTIVE and "config" in texts:
        texts.pop("live", None)
    return Held(vm, texts, status)
