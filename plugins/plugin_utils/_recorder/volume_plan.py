# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes that a host's pools list, and those behind the disks of its VMs."""

from __future__ import annotations

import functools
import random
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._engine import is_cluster
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    ADDED,
    GONE,
    Change,
    Thing,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import HostPlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.locks import (
    claim,
    lock_volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Key,
    Recording,
    Row,
    Values,
    difference,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volumes import (
    FLEET,
    Identity,
    Resolver,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    storage_pools,
    volume_attachments,
    volumes,
)

Facts = t.Dict[str, t.Any]

_VOLUME = Fitting(volumes, VOLUME_FIELDS)


class VolumePlan:
    """Plans the volume rows that one host's answer concerns.

    :ivar changes: what changed, for the summary.
    """

    def __init__(
        self,
        recording: Recording,
        host: HostPlan,
        shared_paths: t.Sequence[str],
        listing: t.Sequence[Facts],
    ) -> None:
        """
        :param listing: the storage pools of the answer, if they may differ from what is recorded.
        """
        self._recording = recording
        self._host = host
        self._shared_paths = shared_paths
        self._rows: t.Dict[str, Values] = {}
        self._leaving: t.Dict[int, Values] = {}
        self._kept: t.Set[int] = set()
        self.changes: t.List[Change] = []
        self._asked = [pool for pool in listing if pool["volumes"] is not None]
        self._asked_ids = [host.pool_id(pool["name"]) for pool in self._asked]
        self._listed = self._list()

    @functools.cached_property
    def _resolver(self) -> Resolver:
        """What the host's pools tell of paths, should this answer not do so."""
        pools = [{**pool, "source": pool["source_json"]} for pool in self._host.pools]
        resolver = Resolver(self._recording.host_id, pools, self._shared_paths)
        query = (
            sa.select(storage_pools.c.name.label("pool"), volumes.c.name, volumes.c.path)
            .join(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
            .where(
                storage_pools.c.host_id == self._recording.host_id,
                volumes.c.deleted_at.is_(None),
            )
        )
        for row in self._recording.connection.execute(query).mappings():
            resolver.learn(row["pool"], row)
        return resolver

    def _list(self) -> t.Dict[str, t.Tuple[Identity, Facts, Key]]:
        """The listed volumes by the digest of their identity; two pools may list one of them."""
        listed: t.Dict[str, t.Tuple[Identity, Facts, Key]] = {}
        for pool in self._asked:
            for volume in pool["volumes"]:
                self._resolver.learn(pool["name"], volume)
        for pool, key in zip(self._asked, self._asked_ids):
            for volume in pool["volumes"]:
                identity = self._resolver.of_pool_volume(pool["name"], volume["name"])
                listed.setdefault(identity.digest, (identity, volume, key))
        return listed

    def plan(self, disks: t.Iterable[Facts], attached: t.Collection[int]) -> None:
        """Plan the listed volumes and those behind disks.

        :param attached: volumes that the VMs have now, which they may let go of.
        """
        behind: t.Dict[str, t.Tuple[Identity, Facts]] = {}
        for disk in disks:
            identity = self._resolver.of_disk(disk)
            if identity is not None:
                behind.setdefault(identity.digest, (identity, disk))
        wanted = sorted({*self._listed, *behind})
        if wanted:
            self._load(wanted)
        self._leaving = self._load_leaving(attached)
        if self._recording.locks:
            self._lock(behind)
        for digest in wanted:
            self._plan_one(*self._wanted(digest, behind))

    def _wanted(
        self, digest: str, behind: t.Mapping[str, t.Tuple[Identity, Facts]]
    ) -> t.Tuple[Identity, Values]:
        """A volume that is there, and what its row shall be."""
        if digest in self._listed:
            identity, volume, pool_id = self._listed[digest]
            values = {**_VOLUME.values(volume, {}), "storage_pool_id": pool_id}
        else:
            identity, disk = behind[digest]
            before = self._rows.get(digest)
            values = _of_disk(identity, disk, before)
            if before is not None and self._has_left_pool(before):
                values["storage_pool_id"] = None
        values.update(
            identity=digest, scope=identity.scope, source=identity.source, deleted_at=None
        )
        return identity, values

    def _has_left_pool(self, row: Values) -> bool:
        """Whether the pool of a volume was listed and does not have it any more.

        Of what several hosts share, another host's pool may have it.
        """
        is_local = row["scope"] not in (None, FLEET)
        return is_local and row["storage_pool_id"] in self._asked_keys

    def _load_leaving(self, attached: t.Collection[int]) -> t.Dict[int, Values]:
        """The volumes that may be gone: of the listed pools, or only attached; none planned."""
        connection = self._recording.connection
        living = select_all(volumes).where(volumes.c.deleted_at.is_(None))
        rows = load(connection, living, volumes.c.storage_pool_id, self._asked_keys) + [
            row
            for row in load(connection, living, volumes.c.id, attached)
            if row["storage_pool_id"] is None
        ]
        planned = {row["id"] for row in self._rows.values()}
        return {row["id"]: row for row in rows if row["id"] not in planned}

    @property
    def _asked_keys(self) -> t.List[Key]:
        """The listed pools that have been recorded before."""
        return [key for key in self._asked_ids if not isinstance(key, Row)]

    def _lock(self, behind: t.Mapping[str, t.Tuple[Identity, Facts]]) -> None:
        """Hold every row that matters until the recording is written, and read it again.

        Rows that will change, or may be marked as gone, are locked at once as strongly as it takes.
        Locking them later, after others have locked them too, were a deadlock.

        :raises LostRow: what was not to change has been changed by somebody else meanwhile.
        """
        weak = {}
        for digest, row in self._rows.items():
            fleet_wide = row["scope"] == FLEET
            weak[row["id"]] = self._stays(digest, behind) if fleet_wide else None
        weak.update(dict.fromkeys(self._leaving, False))
        fresh = {row["id"]: row for row in lock_volumes(self._recording, weak)}
        self._rows = {
            digest: fresh[row["id"]] for digest, row in self._rows.items() if row["id"] in fresh
        }
        self._leaving = {
            key: row
            for key, row in fresh.items()
            if key in self._leaving and row["deleted_at"] is None
        }
        for digest, row in self._rows.items():
            if weak[row["id"]] and not self._stays(digest, behind):
                raise LostRow("volume {0} was changed at the same time".format(row["source"]))

    def _stays(self, digest: str, behind: t.Mapping[str, t.Tuple[Identity, Facts]]) -> bool:
        _identity, values = self._wanted(digest, behind)
        return not difference(self._rows[digest], values, _VOLUME.moves)

    def _load(self, wanted: t.Sequence[str]) -> None:
        """The recorded rows; those of the existing layout tell their identity by pool and name."""
        connection = self._recording.connection
        for row in load(connection, select_all(volumes), volumes.c.identity, wanted):
            self._rows[row["identity"]] = row
        query = (
            sa.select(*volumes.c, storage_pools.c.name.label("pool"))
            .join(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
            .where(storage_pools.c.host_id == self._recording.host_id, volumes.c.identity.is_(None))
            .order_by(volumes.c.id)
        )
        known = set(wanted)
        for row in connection.execute(query).mappings():
            digest = self._resolver.of_pool_volume(row["pool"], row["name"]).digest
            if digest in known and digest not in self._rows:
                self._rows[digest] = {column.name: row[column.name] for column in volumes.c}

    def _plan_one(self, identity: Identity, values: Values) -> None:
        digest = identity.digest
        before = self._rows.get(digest)
        if before is None:
            key = self._recording.insert(volumes, values)
            self._rows[digest] = {**values, "id": key}
            self.changes.append(Change(_thing(identity.source, key), ADDED))
            return
        different = difference(before, values, _VOLUME.moves)
        self._recording.update(volumes, before["id"], different)
        thing = _thing(identity.source, before["id"])
        self.changes += differences(thing, before, different, _VOLUME.moves)

    def key(self, disk: Facts) -> t.Optional[Key]:
        """The key of the volume behind a disk that was planned."""
        identity = self._resolver.of_disk(disk)
        return None if identity is None else t.cast(Key, self._rows[identity.digest]["id"])

    def keep(self, key: t.Optional[Key]) -> None:
        """Nobody forgets this volume, to which the plan attaches something."""
        if isinstance(key, int):
            self._kept.add(key)

    def forget(self, released: t.Collection[int], removed: t.Collection[int]) -> None:
        """Mark volumes as gone that no pool lists and no attachment uses any more.

        What is still attached stays, and is in no pool any more.

        :param released: volumes that an attachment has let go of, in this plan.
        :param removed: attachments that this plan removes or points elsewhere.
        """
        asked = set(self._asked_keys)
        free = {
            key: row
            for key, row in self._leaving.items()
            if row["storage_pool_id"] in asked
            or (key in released and row["storage_pool_id"] is None)
        }
        claim(self._recording, volumes, free)
        self._pin(removed)
        attached = self._attached(free, removed)
        for key in sorted(free):
            thing = _thing(free[key]["source"] or free[key]["name"], key)
            if key not in attached:
                self._recording.update(volumes, key, {"deleted_at": self._recording.now})
                self.changes.append(Change(thing, GONE))
            elif self._has_left_pool(free[key]):
                left = {"storage_pool_id": None}
                self._recording.update(volumes, key, left)
                self.changes += differences(thing, free[key], left)

    def _pin(self, removed: t.Collection[int]) -> None:
        """See to it that a cluster forgets none of the kept volumes on another node meanwhile.

        Who forgets one has to remove all its attachments, so to write any of them is enough. It is
        one at random, since all hosts of a fleet may use one volume; only of a volume that has none
        the row itself is written. What belongs to this host alone is held by the host's row.
        """
        fleet_wide = {row["id"] for row in self._rows.values() if row["scope"] == FLEET}
        kept = self._kept & fleet_wide
        if not kept or not self._recording.locks or not is_cluster(self._recording.connection):
            return
        table, connection = volume_attachments, self._recording.connection
        living = table.c.deleted_at.is_(None)
        ends = (sa.func.min(table.c.id).label("first"), sa.func.max(table.c.id).label("last"))
        query = sa.select(table.c.volume_id, *ends).where(living).group_by(table.c.volume_id)
        spans = {row["volume_id"]: row for row in load(connection, query, table.c.volume_id, kept)}
        claim(self._recording, volumes, kept - set(spans))
        for key, span in sorted(spans.items()):
            near = table.c.id >= random.randint(span["first"], span["last"])
            chosen = sa.select(sa.func.min(table.c.id)).where(
                table.c.volume_id == key, living, near
            )
            pinned = connection.execute(chosen).scalar()
            if pinned is None or pinned in removed:
                claim(self._recording, volumes, [key])
            else:
                claim(self._recording, table, [pinned])

    def _attached(self, wanted: t.Collection[int], removed: t.Collection[int]) -> t.Set[int]:
        """Those volumes that attachments use which stay as they are."""
        table = volume_attachments
        query = sa.select(table.c.id, table.c.volume_id).where(table.c.deleted_at.is_(None))
        rows = load(self._recording.connection, query, table.c.volume_id, wanted)
        return {row["volume_id"] for row in rows if row["id"] not in removed}


def _thing(name: str, key: Key) -> Thing:
    return Thing(volumes.name, name, "volume {0}".format(name), key)


def _of_disk(identity: Identity, disk: Facts, before: t.Optional[Values]) -> Values:
    """What a disk tells of a volume that no pool lists; what is known already stays."""
    values: Values = {
        "name": identity.name[:255],
        "type": disk["source_type"],
        "format": disk["driver_format"],
        "path": identity.source if identity.source.startswith("/") else None,
    }
    known = before or {}
    return {column: known.get(column) or value for column, value in values.items()}
