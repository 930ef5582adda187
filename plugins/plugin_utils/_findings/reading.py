# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules read: the ledger at one moment, each part of it once."""

from __future__ import annotations

import datetime
import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    Found,
    Threshold,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import UNSEEN
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.places import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    storage_pools,
    virtual_machines,
)

Row = t.Mapping[str, t.Any]
T = t.TypeVar("T")

#: So many VMs are named in the details of one finding.
_VMS = 50

#: The origin of a VM that no hypervisor has told.
_ARCHIVE = "archive"


class Machine(t.NamedTuple):
    """A VM that is there.

    :ivar is_active: it runs, or is paused.
    :ivar both_sides: it was read live and persistent.
    """

    uuid: str
    domain_uuid: str
    name: str
    host_id: str
    is_active: bool
    autostart: bool
    persistent: t.Optional[bool]
    os_type: t.Optional[str]
    both_sides: bool

    def __str__(self) -> str:
        return "{0} ({1})".format(self.name, self.host_id)


class Reading:
    """The ledger in one transaction that sees one moment of it.

    :ivar now: the time of that moment.
    """

    def __init__(
        self, connection: t.Any, now: datetime.datetime, thresholds: t.Mapping[str, float]
    ) -> None:
        self.connection = connection
        self.now = now
        self._thresholds = thresholds
        self._kept: t.Dict[t.Callable[[Reading], t.Any], t.Any] = {}

    def once(self, read: t.Callable[[Reading], T]) -> T:
        """What a function makes of this reading, which several rules need."""
        if read not in self._kept:
            self._kept[read] = read(self)
        made: T = self._kept[read]
        return made

    def threshold(self, threshold: Threshold) -> float:
        """Its value in this evaluation."""
        return self._thresholds.get(threshold.name, threshold.default)

    def rows(self, query: t.Any) -> t.List[Row]:
        """The rows of a query."""
        return list(self.connection.execute(query).mappings())

    @functools.cached_property
    def machines(self) -> t.Dict[str, Machine]:
        """Every VM that is there, by its UUID; not what only archived documents tell of."""
        vm = virtual_machines.c
        query = sa.select(
            vm.uuid,
            vm.domain_uuid,
            vm.name,
            vm.host_id,
            vm.state,
            vm.autostart,
            vm.persistent,
            vm.os_type,
            vm.in_live,
            vm.in_config,
        ).where(
            vm.deleted_at.is_(None),
            vm.uuid.is_not(None),
            sa.or_(vm.origin.is_(None), vm.origin != _ARCHIVE),
        )
        return {
            row["uuid"]: Machine(
                row["uuid"],
                row["domain_uuid"] or row["uuid"],
                row["name"] or row["uuid"],
                row["host_id"] or "",
                row["state"] in ACTIVE,
                bool(row["autostart"]),
                row["persistent"],
                row["os_type"],
                bool(row["in_live"] and row["in_config"]),
            )
            for row in self.rows(query)
        }

    def devices(self, query: t.Any) -> t.Iterator[t.Tuple[Machine, Row]]:
        """Rows with ``vm_uuid``, each with its VM; of VMs that are not there, none."""
        for row in self.rows(query):
            machine = self.machines.get(row["vm_uuid"])
            if machine is not None:
                yield machine, row

    @functools.cached_property
    def hosts(self) -> t.Dict[str, Row]:
        """The hosts that a hypervisor has told of, by their name."""
        query = sa.select(
            hosts.c.id, hosts.c.last_seen_at, hosts.c.last_complete_at, hosts.c.inventory_digest
        ).where(sa.or_(hosts.c.state.is_(None), hosts.c.state != UNSEEN))
        return {row["id"]: row for row in self.rows(query)}

    def is_listed(self, host_id: str) -> bool:
        """Whether a host has told its networks and pools: one that is not there is missing."""
        host = self.hosts.get(host_id)
        return host is not None and host["inventory_digest"] is not None

    @functools.cached_property
    def networks(self) -> t.Dict[t.Tuple[str, str], Row]:
        """The networks by host and name."""
        table = networks
        query = sa.select(
            table.c.host_id,
            table.c.name,
            table.c.mode,
            table.c.bridge_name,
            table.c.active,
            table.c.vlan_tags_json,
            table.c.virtual_port_json,
            table.c.port_groups_json,
        ).where(table.c.deleted_at.is_(None))
        return {(row["host_id"], row["name"]): row for row in self.rows(query)}

    @functools.cached_property
    def pools(self) -> t.Dict[t.Tuple[str, str], Row]:
        """The storage pools by host and name."""
        table = storage_pools
        query = sa.select(
            table.c.id,
            table.c.host_id,
            table.c.name,
            table.c.type,
            table.c.path,
            table.c.active,
            table.c.capacity_bytes,
            table.c.available_bytes,
        ).where(table.c.deleted_at.is_(None))
        return {(row["host_id"], row["name"]): row for row in self.rows(query)}


def of_vm(
    machine: Machine,
    table: t.Any,
    name: str,
    summary: str,
    details: t.Mapping[str, t.Any],
    *identity: str,
) -> Found:
    """A finding about a VM or one of its devices.

    :param summary: what is wrong, to go on from "VM web1 on hv1".
    :param identity: which of its devices.
    """
    text = "VM {0} on {1}{2}".format(machine.name, machine.host_id, summary)
    return Found(
        table.name,
        name,
        (machine.uuid, *identity),
        text,
        dict(details),
        machine.host_id,
        machine.uuid,
        machine.name,
    )


def of_vms(
    machines: t.Iterable[Machine],
    table: t.Any,
    name: str,
    summary: str,
    details: t.Mapping[str, t.Any],
    *identity: str,
) -> Found:
    """A finding about something that several VMs have.

    :param machines: those VMs.
    """
    known = in_order(machines)
    vms = [
        {"uuid": machine.uuid, "name": machine.name, "host_id": machine.host_id}
        for machine in known[:_VMS]
    ]
    host_ids = {machine.host_id for machine in known}
    return Found(
        table.name,
        name,
        identity,
        summary,
        {**details, "vms": vms, "vm_count": len(known)},
        known[0].host_id if len(host_ids) == 1 else None,
    )


def in_order(machines: t.Iterable[Machine]) -> t.List[Machine]:
    """VMs in the order in which they are named."""
    return sorted(machines, key=lambda machine: (machine.name, machine.host_id, machine.uuid))
