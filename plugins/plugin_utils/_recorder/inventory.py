# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host itself, its networks and its storage pools."""

from __future__ import annotations

import datetime
import functools
import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._inventory import (
    inventory_digest,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import digest_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    GONE,
    Change,
    Thing,
    Told,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Key,
    Recording,
    Values,
    difference,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    storage_pools,
)

Facts = t.Dict[str, t.Any]

#: The words of the existing layout for a host that answered, and for one that did not.
SEEN, UNSEEN = "CONNECTED", "DISCONNECTED"

_HOST = Fitting(hosts, HYPERVISOR_FIELDS)


def host_digest(facts: Facts, shared_paths: t.Sequence[str]) -> t.Optional[str]:
    """SHA-256 over what decides of a host's networks, pools and volumes; null if unknown."""
    return combined_digest(inventory_digest(facts) or facts["inventory_digest"], shared_paths)


def combined_digest(inventory: t.Optional[str], shared_paths: t.Sequence[str]) -> t.Optional[str]:
    """The digest of an inventory, and of the directories that several hosts share."""
    return None if inventory is None else digest_of(json.dumps([inventory, sorted(shared_paths)]))


@functools.lru_cache(maxsize=1)
def _host_query() -> t.Any:
    return select_all(hosts).where(hosts.c.id == sa.bindparam("host"))


def host_row(connection: t.Any, host_id: str) -> t.Optional[Values]:
    """The row of a host; null if it has none."""
    row = connection.execute(_host_query(), {"host": host_id}).mappings().first()
    return None if row is None else dict(row)


class _Named:
    """Things of a host that have a name there: networks, storage pools."""

    def __init__(self, recording: Recording, table: t.Any, kind: str, fitting: Fitting) -> None:
        self._recording = recording
        self._table = table
        self._kind = kind
        self._fitting = fitting

    @functools.cached_property
    def rows(self) -> t.Dict[str, Values]:
        """By name, as they will be; those marked as gone are among them."""
        table, recording = self._table, self._recording
        rows: t.Dict[str, Values] = {}
        query = select_all(table).where(table.c.host_id == recording.host_id).order_by(table.c.id)
        for row in recording.connection.execute(query).mappings():
            if row["name"] not in rows or row["deleted_at"] is None:
                rows[row["name"]] = dict(row)
        return rows

    @property
    def living(self) -> t.List[Values]:
        """The rows that are not marked as gone."""
        return [row for row in self.rows.values() if row["deleted_at"] is None]

    def plan(self, found: t.Sequence[Facts], complete: bool) -> t.List[Change]:
        """Plan what was found and, if the listing is complete, what is gone; what changes."""
        changes = [change for facts in found for change in self._plan_one(facts)]
        names = {facts["name"] for facts in found}
        for name, row in self.rows.items():
            if complete and name not in names and row["deleted_at"] is None:
                gone = {"deleted_at": self._recording.now}
                self._recording.update(self._table, row["id"], gone)
                row.update(gone)
                changes.append(Change(self._thing(name, row["id"]), GONE))
        return changes

    def _thing(self, name: str, key: Key) -> Thing:
        return Thing(self._table.name, name, "{0} {1}".format(self._kind, name), key)

    def _plan_one(self, facts: Facts) -> t.List[Change]:
        unmapped = dict(facts["unmapped"] or {})
        values = self._fitting.values(facts, unmapped)
        values.update(unmapped_json=unmapped, host_id=self._recording.host_id, deleted_at=None)
        name = values["name"]
        before = self.rows.get(name)
        if before is None:
            key = self._recording.insert(self._table, values)
            self.rows[name] = {**values, "id": key}
            return [Change(self._thing(name, key), ADDED)]
        different = difference(before, values, self._fitting.moves)
        self._recording.update(self._table, before["id"], different)
        self.rows[name] = {**before, **values}
        thing = self._thing(name, before["id"])
        return differences(thing, before, different, self._fitting.moves)


class HostPlan:
    """Plans the rows of one host, its networks and its storage pools.

    :ivar changes: what changed, for the summary.
    :ivar last_seen: when the host was recorded before.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.changes: t.List[Told] = []
        self._thing = Thing(hosts.name, recording.host_id, "host " + recording.host_id)
        self.last_seen: t.Optional[datetime.datetime] = None
        self._networks = _Named(recording, networks, "network", Fitting(networks, NETWORK_FIELDS))
        self._pools = _Named(
            recording, storage_pools, "storage pool", Fitting(storage_pools, POOL_FIELDS)
        )

    def host(self, facts: Facts, digest: t.Optional[str], complete: bool) -> bool:
        """The host's own row, with the note that it was seen.

        :returns: whether anything besides the domains may differ from what is recorded.
        """
        recording = self._recording
        before = recording.host
        self.last_seen = before["last_seen_at"] if before is not None else None
        seen = {"last_seen_at": recording.moment}
        if complete:
            seen["last_complete_at"] = recording.moment
        values = _HOST.values(facts["hypervisor"], {}) if facts["hypervisor"] else {}
        values["state"] = SEEN
        if before is None:
            values.update(seen, id=recording.host_id, digest=digest)
            values["inventory_digest"] = inventory_digest(facts)
            recording.insert(hosts, values)
            self.changes.append(Change(self._thing, ADDED))
            return True
        known = digest is not None and before["digest"] == digest and not recording.full
        if known or not self._is_told(facts):
            recording.plan.update(hosts, recording.host_id, seen)
            return False
        changed = difference(before, values, _HOST.moves)
        self.changes += differences(self._thing, before, changed, _HOST.moves)
        if digest is not None:
            changed["digest"] = digest
            changed["inventory_digest"] = inventory_digest(facts)
        recording.update(hosts, recording.host_id, changed)
        recording.plan.update(hosts, recording.host_id, seen)
        return True

    @staticmethod
    def _is_told(facts: Facts) -> bool:
        """An answer may leave out what the asker knows; then there is nothing to compare."""
        told = (facts["hypervisor"], facts["networks"], facts["storage_pools"])
        return facts["inventory_digest"] is None or any(item is not None for item in told)

    def seen_at(self) -> t.Optional[datetime.datetime]:
        """When the host was recorded last."""
        query = sa.select(hosts.c.last_seen_at).where(hosts.c.id == self._recording.host_id)
        seen: t.Optional[datetime.datetime] = self._recording.connection.execute(query).scalar()
        return seen

    def known(self) -> None:
        """The host's row for VMs that only archived XML tells; nobody has seen the host yet."""
        recording = self._recording
        query = sa.select(hosts.c.id).where(hosts.c.id == recording.host_id)
        if recording.connection.execute(query).first() is None:
            recording.insert(hosts, {"id": recording.host_id, "state": UNSEEN})
            self.changes.append(Change(self._thing, ADDED))

    def inventory(self, facts: Facts) -> None:
        """Plan the networks and the pools that were gathered."""
        for name, things in (("networks", self._networks), ("storage_pools", self._pools)):
            if facts[name] is not None:
                self.changes += things.plan(facts[name], name in facts["complete"])

    @property
    def pools(self) -> t.List[Values]:
        """The host's storage pools as they will be."""
        return self._pools.living

    def pool_id(self, name: str) -> Key:
        """The key of a pool that was gathered."""
        return t.cast(Key, self._pools.rows[name]["id"])

    def network_id(self, port: t.Mapping[str, t.Any]) -> t.Optional[Key]:
        """The network that a port belongs to, by name or by the bridge that the network owns."""
        column = "bridge_name" if port["network_name"] is None else "name"
        wanted = port["bridge_name"] if port["network_name"] is None else port["network_name"]
        if wanted is None:
            return None
        return next((row["id"] for row in self._networks.living if row[column] == wanted), None)
