# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host itself, its networks, its storage pools and the volumes that they list."""

from __future__ import annotations

import datetime
import hashlib
import json
import posixpath
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Plan,
    Row,
    Values,
    difference,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volumes import (
    Identity,
    Resolver,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    storage_pools,
    volume_attachments,
    volumes,
)

Facts = t.Dict[str, t.Any]
Key = t.Union[int, Row]

_HOST = Fitting(hosts, HYPERVISOR_FIELDS)
_NETWORK = Fitting(networks, NETWORK_FIELDS)
_POOL = Fitting(storage_pools, POOL_FIELDS)
_VOLUME = Fitting(volumes, VOLUME_FIELDS)
_MOVING = _POOL.moving | _VOLUME.moving


def inventory_digest(facts: Facts, shared_paths: t.Sequence[str]) -> t.Optional[str]:
    """SHA-256 over what the host's answer says besides its domains; None if it is not whole."""
    if facts["hypervisor"] is None or facts["networks"] is None or facts["storage_pools"] is None:
        return None
    pools = [
        {
            **{key: item for key, item in pool.items() if key not in _MOVING},
            "volumes": [
                {key: item for key, item in volume.items() if key not in _MOVING}
                for volume in pool["volumes"] or ()
            ],
            "listed": pool["volumes"] is not None,
        }
        for pool in facts["storage_pools"]
    ]
    covered = [
        MAPPING_VERSION,
        facts["hypervisor"],
        facts["networks"],
        pools,
        sorted(facts["complete"]),
        sorted(shared_paths),
    ]
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class HostPlan:
    """Plans the rows of one host, its networks, pools and volumes.

    :ivar changes: what changed, for the summary.
    :ivar resolver: tells the identity of the volumes of this host.
    """

    def __init__(
        self,
        connection: t.Any,
        plan: Plan,
        host_id: str,
        now: datetime.datetime,
        shared_paths: t.Sequence[str],
    ) -> None:
        self._connection = connection
        self._plan = plan
        self._host_id = host_id
        self._now = now
        self._shared_paths = shared_paths
        self.changes: t.List[str] = []
        self._networks: t.Dict[str, Values] = {}
        self._pools: t.Dict[str, Values] = {}
        self._listed: t.List[t.Tuple[Key, Facts, Identity]] = []
        self._volumes: t.Dict[str, Values] = {}
        self.resolver = Resolver(host_id, (), ())

    def host(self, facts: Facts, digest: t.Optional[str], complete: bool) -> bool:
        """The host's own row, with the note that it was seen.

        :returns: whether anything besides the domains may differ from what is recorded.
        """
        row = self._load(hosts, hosts.c.id)
        before = row[0] if row else None
        seen = {"last_seen_at": self._now}
        if complete:
            seen["last_complete_at"] = self._now
        whole = digest is not None and before is not None and before["digest"] == digest
        values = _HOST.values(facts["hypervisor"], {}) if facts["hypervisor"] else {}
        if before is None:
            stamps = {"id": self._host_id, "created_at": self._now, "updated_at": self._now}
            self._plan.insert(
                hosts, {**values, "state": "CONNECTED", "digest": digest, **stamps, **seen}
            )
            self.changes.append("host {0} added".format(self._host_id))
            return True
        changed = {} if whole else difference(before, values, ())
        if changed:
            self.changes += describe("host " + self._host_id, before, changed)
            changed["updated_at"] = self._now
        if digest is not None and not whole:
            changed["digest"] = digest
        self._plan.update(hosts, self._host_id, {**changed, **seen})
        return not whole

    def _load(self, table: t.Any, column: t.Any) -> t.List[Values]:
        query = select_all(table).where(column == self._host_id)
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def inventory(self, facts: Facts, changed: bool) -> None:
        """Networks, pools and listed volumes: planned where they may differ, else only loaded."""
        complete = facts["complete"] if changed else ()
        self._networks = self._named(
            networks,
            "network",
            _NETWORK,
            facts["networks"] if changed else None,
            "networks" in complete,
        )
        self._pools = self._named(
            storage_pools,
            "storage pool",
            _POOL,
            facts["storage_pools"] if changed else None,
            "storage_pools" in complete,
        )
        live = [pool for pool in self._pools.values() if pool["deleted_at"] is None]
        known = [{**pool, "source": pool["source_json"]} for pool in live]
        self.resolver = Resolver(self._host_id, known, self._shared_paths)
        if changed:
            self._list_volumes(facts["storage_pools"] or ())
        else:
            self._remember_volumes()

    def _named(
        self,
        table: t.Any,
        kind: str,
        fitting: Fitting,
        found: t.Optional[t.Sequence[Facts]],
        complete: bool,
    ) -> t.Dict[str, Values]:
        """The rows of a table by name, after planning those that were found and those gone."""
        rows: t.Dict[str, Values] = {}
        for row in sorted(self._load(table, table.c.host_id), key=lambda row: row["id"]):
            if row["name"] not in rows or row["deleted_at"] is None:
                rows[row["name"]] = row
        for facts in found or ():
            unmapped = dict(facts["unmapped"] or {})
            values = fitting.values(facts, unmapped)
            values["unmapped_json"] = unmapped
            name = values["name"]
            label = "{0} {1}".format(kind, name)
            before = rows.get(name)
            if before is None:
                values.update(host_id=self._host_id, created_at=self._now, updated_at=self._now)
                rows[name] = {**values, "id": self._plan.insert(table, values), "deleted_at": None}
                self.changes.append(label + " added")
                continue
            values["deleted_at"] = None
            different = difference(before, values, fitting.moving)
            if different:
                self.changes += describe(label, before, different)
                different["updated_at"] = self._now
                self._plan.update(table, before["id"], different)
            rows[name] = {**before, **values}
        if complete and found is not None:
            self._mark_gone(table, kind, rows, {facts["name"] for facts in found})
        return rows

    def _mark_gone(
        self, table: t.Any, kind: str, rows: t.Dict[str, Values], found: t.Container[str]
    ) -> None:
        for name, row in rows.items():
            if name not in found and row["deleted_at"] is None:
                self._plan.update(table, row["id"], {"deleted_at": self._now})
                row["deleted_at"] = self._now
                self.changes.append("{0} {1} is gone".format(kind, name))

    def network_id(self, port: t.Mapping[str, t.Any]) -> t.Optional[Key]:
        """The network that a port belongs to, by name or by the bridge that the network owns."""
        name = port["network_name"]
        if name is not None:
            row = self._networks.get(name)
            return row["id"] if row and row["deleted_at"] is None else None
        bridge = port["bridge_name"]
        if bridge is None:
            return None
        for row in self._networks.values():
            if row["bridge_name"] == bridge and row["deleted_at"] is None:
                return t.cast(Key, row["id"])
        return None

    def _list_volumes(self, pools: t.Sequence[Facts]) -> None:
        for pool in pools:
            for volume in pool["volumes"] or ():
                self.resolver.learn(pool["name"], volume)
        for pool in pools:
            for volume in pool["volumes"] or ():
                identity = self.resolver.of_pool_volume(pool["name"], volume["name"])
                self._listed.append((self._pools[pool["name"]]["id"], volume, identity))

    def _remember_volumes(self) -> None:
        """Nothing changed here: the paths of the pools' volumes are those recorded."""
        query = (
            sa.select(storage_pools.c.name.label("pool"), volumes.c.name, volumes.c.path)
            .join(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
            .where(storage_pools.c.host_id == self._host_id, volumes.c.deleted_at.is_(None))
        )
        for row in self._connection.execute(query).mappings():
            self.resolver.learn(row["pool"], row)

    def volumes(self, disks: t.Mapping[str, t.Tuple[Identity, Facts]]) -> None:
        """Plan the listed volumes and those behind disks, in one stable order.

        :param disks: digest of the identity to the identity and one disk that has it.
        """
        listed: t.Dict[str, t.Tuple[Key, Facts, Identity]] = {}
        for pool_id, volume, identity in self._listed:
            listed.setdefault(identity.digest, (pool_id, volume, identity))
        self._load_volumes({*listed, *disks})
        for digest in sorted({*listed, *disks}):
            if digest in listed:
                pool_id, facts, identity = listed[digest]
                values = _VOLUME.values(facts, {})
                values["storage_pool_id"] = pool_id
            else:
                identity, disk = disks[digest]
                values = _of_disk(identity, disk, self._volumes.get(digest))
            self._volume(digest, identity, values)

    def _load_volumes(self, wanted: t.Collection[str]) -> None:
        for row in load(self._connection, select_all(volumes), volumes.c.identity, wanted):
            self._volumes[row["identity"]] = row
        self._adopt_volumes(wanted)

    def _adopt_volumes(self, wanted: t.Collection[str]) -> None:
        """Rows of the existing layout have no identity; pool and name tell it."""
        query = (
            sa.select(*volumes.c, storage_pools.c.name.label("pool"))
            .join(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
            .where(storage_pools.c.host_id == self._host_id, volumes.c.identity.is_(None))
            .order_by(volumes.c.id)
        )
        for row in self._connection.execute(query).mappings():
            digest = self.resolver.of_pool_volume(row["pool"], row["name"]).digest
            if digest in wanted and digest not in self._volumes:
                self._volumes[digest] = {column.name: row[column.name] for column in volumes.c}

    def _volume(self, digest: str, identity: Identity, values: Values) -> None:
        values.update(identity=digest, scope=identity.scope, source=identity.source)
        before = self._volumes.get(digest)
        if before is None:
            values.update(created_at=self._now, updated_at=self._now)
            self._volumes[digest] = {**values, "id": self._plan.insert(volumes, values)}
            self.changes.append("volume {0} added".format(identity.source))
            return
        values["deleted_at"] = None
        if isinstance(values.get("storage_pool_id"), Row):
            different = dict(values)
        else:
            different = difference(before, values, _VOLUME.moving)
        if different:
            self.changes += describe("volume " + identity.source, before, different)
            different["updated_at"] = self._now
            self._plan.update(volumes, before["id"], different)

    def volume_id(self, identity: t.Optional[Identity]) -> t.Optional[Key]:
        """The key of a volume that :meth:`volumes` has planned."""
        return None if identity is None else self._volumes[identity.digest]["id"]

    def forget_volumes(
        self, facts: Facts, released: t.Collection[int], removed: t.Collection[int]
    ) -> None:
        """Mark volumes as gone that no pool lists and no attachment uses any more.

        :param released: volumes that an attachment has let go of, in this plan.
        :param removed: attachments that this plan removes or points elsewhere.
        """
        listing = {
            self._pools[pool["name"]]["id"]
            for pool in facts["storage_pools"] or ()
            if self._listed and pool["volumes"] is not None
        }
        listing = {key for key in listing if isinstance(key, int)}
        everything = select_all(volumes).where(volumes.c.deleted_at.is_(None))
        rows = load(self._connection, everything, volumes.c.storage_pool_id, listing)
        rows += [
            row
            for row in load(self._connection, everything, volumes.c.id, released)
            if row["storage_pool_id"] is None
        ]
        planned = {row["id"] for row in self._volumes.values()}
        free = {row["id"]: row for row in rows if row["id"] not in planned}
        for key in sorted(set(free) - self._attached(free, removed)):
            self._plan.update(volumes, key, {"deleted_at": self._now})
            name = free[key]["source"] or free[key]["name"]
            self.changes.append("volume {0} is gone".format(name))

    def _attached(self, wanted: t.Collection[int], removed: t.Collection[int]) -> t.Set[int]:
        """Those volumes that attachments use which stay as they are."""
        table = volume_attachments
        query = sa.select(table.c.id, table.c.volume_id).where(table.c.deleted_at.is_(None))
        rows = load(self._connection, query, table.c.volume_id, wanted)
        return {row["volume_id"] for row in rows if row["id"] not in removed}


def _of_disk(identity: Identity, disk: Facts, before: t.Optional[Values]) -> Values:
    """What a disk tells of a volume that no pool lists; what is known already stays."""
    values: Values = {"name": identity.name[:255]}
    if before is not None and before["name"]:
        values["name"] = before["name"]
    if before is None or before["type"] is None:
        values["type"] = disk["source_type"]
    if before is None or before["format"] is None:
        values["format"] = disk["driver_format"]
    if identity.source.startswith("/"):
        values["path"] = posixpath.normpath(identity.source)
    return values


def describe(label: str, before: t.Mapping[str, t.Any], changed: Values) -> t.List[str]:
    """``disk vda: driver_cache null -> "writeback"`` for each changed column.

    :param label: of what; empty where the reader knows.
    """
    prefix = label + ": " if label else ""
    return [
        "{0}{1} {2} -> {3}".format(prefix, column, _short(before[column]), _short(value))
        for column, value in changed.items()
        if column not in _UNTOLD and not isinstance(value, Row)
    ]


#: Columns that say nothing to a person when they change.
_UNTOLD = frozenset(("digest", "xml_digest", "ordinal", "updated_at", "identity", "scope"))


def _short(value: t.Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text if len(text) <= 120 else text[:117] + "..."
