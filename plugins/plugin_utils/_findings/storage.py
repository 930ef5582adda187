# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about storage pools and their volumes."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import Reading
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    INFO,
    WARNING,
    Found,
    Rule,
    Threshold,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.usage import (
    Usage,
    attached,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    storage_pools,
    volumes,
)

_UNUSED = Threshold(
    "unused_hours",
    24,
    0,
    876000,
    "A volume that nobody uses is told once the ledger has known it for so many hours.",
)
_OVERCOMMIT = Threshold(
    "overcommit_percent",
    100,
    1,
    100000,
    "A pool is over-committed if its volumes may grow to more than so many per cent of its size.",
)

#: Pools whose volumes are made for VMs; the others show what the host has anyway.
_FOR_VMS = ("dir", "fs", "netfs", "logical", "rbd", "gluster", "sheepdog", "zfs", "vstorage")

#: Volumes that are folders.
_FOLDERS = ("dir", "netdir")

_GIB = 2**30


def _unused(reading: Reading) -> t.Iterator[Found]:
    since = reading.now - datetime.timedelta(hours=reading.threshold(_UNUSED))
    pool = storage_pools
    columns = (volumes.c.id, volumes.c.name, volumes.c.path, volumes.c.source, volumes.c.identity)
    query = (
        sa.select(
            *columns,
            volumes.c.format,
            volumes.c.allocation_bytes,
            pool.c.name.label("pool"),
            pool.c.host_id,
        )
        .select_from(volumes.join(pool, pool.c.id == volumes.c.storage_pool_id))
        .where(
            volumes.c.deleted_at.is_(None),
            pool.c.deleted_at.is_(None),
            pool.c.type.in_(_FOR_VMS),
            sa.or_(volumes.c.type.is_(None), volumes.c.type.not_in(_FOLDERS)),
            volumes.c.created_at <= sa.literal(since, ty.moment()),
        )
    )
    used = attached(reading)
    candidates = [row for row in reading.rows(query) if row["id"] not in used]
    usage = Usage(reading) if candidates else None
    for row in candidates:
        is_image = row["format"] == "iso" or (row["name"] or "").lower().endswith(".iso")
        if is_image or usage is None or usage.has(row["host_id"], row["pool"], row):
            continue
        source = row["path"] or row["source"] or row["name"] or "?"
        text = "Volume {0} of pool {1} on {2} is used by nobody".format(
            source, row["pool"], row["host_id"]
        )
        details = {"pool": row["pool"], "allocation_bytes": row["allocation_bytes"]}
        identity = (row["identity"] or str(row["id"]),)
        yield Found(volumes.name, source, identity, text, details, row["host_id"])


def _overcommitted(reading: Reading) -> t.Iterator[Found]:
    limit = reading.threshold(_OVERCOMMIT)
    size = sa.func.coalesce(volumes.c.capacity_bytes, volumes.c.allocation_bytes, 0)
    query = (
        sa.select(
            volumes.c.storage_pool_id,
            sa.func.sum(size).label("promised"),
            sa.func.count().label("volume_count"),
        )
        .where(volumes.c.deleted_at.is_(None), volumes.c.storage_pool_id.is_not(None))
        .group_by(volumes.c.storage_pool_id)
    )
    promised = {row["storage_pool_id"]: row for row in reading.rows(query)}
    for (host_id, name), pool in reading.pools.items():
        row, capacity = promised.get(pool["id"]), pool["capacity_bytes"]
        if row is None or not capacity or int(row["promised"]) * 100 <= capacity * limit:
            continue
        total = int(row["promised"])
        percent, count = total * 100 / capacity, row["volume_count"]
        text = "Pool {0} on {1} has promised {2:.1f} GiB to {3} volumes: {4:.0f} % of {5:.1f} GiB"
        summary = text.format(name, host_id, total / _GIB, count, percent, capacity / _GIB)
        details = {
            "promised_bytes": total,
            "capacity_bytes": capacity,
            "available_bytes": pool["available_bytes"],
            "percent": round(percent, 1),
            "volume_count": count,
        }
        yield Found(storage_pools.name, name, (host_id, name), summary, details, host_id)


RULES = (
    Rule(
        "volume_unused",
        INFO,
        "A volume is used by nobody",
        "A storage pool has a volume that no disk of any VM has. Not told are: backing files, "
        "files of snapshots, firmware, UEFI variables, kernels, what any other device or QEMU "
        "argument names, the TPM's state and the cloud-init image of a VM that is there, "
        "installation media (.iso), folders, and pools that show devices of the host (disk, "
        "scsi, iscsi, mpath).",
        "If nobody needs it: virsh vol-delete. Ask who made it first; the ledger cannot know of "
        "programs besides libvirt.",
        _unused,
        _UNUSED,
    ),
    Rule(
        "pool_overcommitted",
        WARNING,
        "A thin-provisioned pool is over-committed",
        "The volumes of a pool may grow to more than the pool can hold. When it is full, VMs "
        "that write are paused or fail.",
        "Watch how full it is and extend it in time, move volumes to another pool, or raise the "
        "threshold to what you mean to risk.",
        _overcommitted,
        _OVERCOMMIT,
    ),
)
