# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes: which disk of which host has which data behind it.

A volume's identity is its scope and its source. What a path means is known on one host only,
unless the path is declared shared or belongs to a network file system; what a network protocol
names is the same thing for the whole fleet.
"""

from __future__ import annotations

import hashlib
import posixpath
import typing as t

Facts = t.Mapping[str, t.Any]

#: The scope of a source that means the same on every host.
FLEET = "fleet"

#: Ports that a network source has where it names none.
_DEFAULT_PORTS = {
    "rbd": "6789",
    "gluster": "24007",
    "iscsi": "3260",
    "nbd": "10809",
    "http": "80",
    "https": "443",
    "ftp": "21",
    "ftps": "990",
    "tftp": "69",
    "ssh": "22",
    "sheepdog": "7000",
    "vxhs": "9999",
}

#: Storage pools whose volumes are reached over a network protocol, not through a path.
_NETWORK_POOLS = {
    "rbd": "rbd",
    "gluster": "gluster",
    "sheepdog": "sheepdog",
    "iscsi-direct": "iscsi",
}

#: Storage pools whose volumes have their name below the pool's path.
_PATH_POOLS = frozenset(("dir", "fs", "netfs", "logical", "disk", "vstorage", "zfs"))


class Identity(t.NamedTuple):
    """One volume: ``scope`` is ``fleet`` or ``host:NAME``, ``source`` a path or a URL."""

    scope: str
    source: str

    @property
    def digest(self) -> str:
        """SHA-256 of both, which fits into a unique index whatever the length of a path."""
        return hashlib.sha256("\n".join(self).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def name(self) -> str:
        """The last part of the source."""
        return posixpath.basename(self.source.rstrip("/")) or self.source


class Resolver:
    """Tells the identity of volumes on one host, from its pools and the declared shared paths."""

    def __init__(
        self, host_id: str, pools: t.Iterable[Facts], shared_paths: t.Iterable[str]
    ) -> None:
        self._local = "host:" + host_id
        self._shared = [posixpath.normpath(path) for path in shared_paths]
        self._pools = {pool["name"]: pool for pool in pools}
        self._mounts = sorted(
            (
                (posixpath.normpath(pool["path"]), export)
                for pool in self._pools.values()
                for export in [_network_export(pool)]
                if export and pool["path"]
            ),
            key=lambda mount: -len(mount[0]),
        )
        self._paths: t.Dict[t.Tuple[str, str], str] = {}

    def learn(self, pool: str, volume: Facts) -> None:
        """Take note of the path of a volume that a pool lists."""
        if volume["path"]:
            self._paths[pool, volume["name"]] = volume["path"]

    def of_path(self, path: str) -> Identity:
        """A file, directory or block device of the host."""
        normal = posixpath.normpath(path)
        for directory in self._shared:
            if _is_below(normal, directory):
                return Identity(FLEET, normal)
        for directory, export in self._mounts:
            if _is_below(normal, directory):
                return Identity(FLEET, export + normal[len(directory) :])
        return Identity(self._local, normal)

    def of_pool_volume(self, pool_name: str, name: str) -> Identity:
        """A volume of one of the host's pools."""
        pool = self._pools.get(pool_name)
        kind = pool["type"] if pool else None
        source: t.Dict[str, str] = (pool["source"] if pool else None) or {}
        if kind in _NETWORK_POOLS:
            below = source.get("name") or source.get("device/@path")
            full = "{0}/{1}".format(below, name) if below else name
            return Identity(FLEET, _network_url(_NETWORK_POOLS[kind], source, full))
        path = self._paths.get((pool_name, name))
        if path is None and pool and pool["path"] and kind in _PATH_POOLS:
            path = posixpath.join(pool["path"], name)
        if path is not None:
            return self.of_path(path)
        return Identity(self._local, "pool:{0}/{1}".format(pool_name, name))

    def of_disk(self, disk: Facts) -> t.Optional[Identity]:
        """What is behind a disk; None for an empty drive or a source that names nothing."""
        source: t.Dict[str, str] = disk["source"] or {}
        reference = disk["source_ref"]
        kind = disk["source_type"] or "file"
        if kind == "volume":
            if "@pool" not in source or "@volume" not in source:
                return None
            return self.of_pool_volume(source["@pool"], source["@volume"])
        if kind == "network":
            if "@protocol" not in source:
                return None
            return Identity(
                FLEET, _network_url(source["@protocol"], source, source.get("@name", ""))
            )
        if not reference:
            return None
        if reference.startswith("/"):
            return self.of_path(reference)
        return Identity(self._local, reference)


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _network_url(protocol: str, source: t.Mapping[str, str], name: str) -> str:
    """``rbd://mon1:6789,mon2:6789/pool/image``, the hosts sorted: any of them leads to it."""
    return "{0}://{1}/{2}".format(protocol, ",".join(_hosts(protocol, source)), name)


def _hosts(protocol: str, source: t.Mapping[str, str]) -> t.List[str]:
    hosts = set()
    for path, text in source.items():
        step, _slash, attribute = path.partition("/")
        if step.partition("[")[0] != "host":
            continue
        if attribute == "@name":
            port = source.get(step + "/@port") or _DEFAULT_PORTS.get(protocol)
            hosts.add("{0}:{1}".format(text, port) if port else text)
        elif attribute == "@socket":
            hosts.add("unix:" + text)
    return sorted(hosts)


def _network_export(pool: Facts) -> t.Optional[str]:
    """``nfs://server/export`` of a pool that is a mounted network file system."""
    source: t.Dict[str, str] = pool["source"] or {}
    if pool["type"] != "netfs" or "host/@name" not in source:
        return None
    kind = source.get("format/@type", "auto")
    return "{0}://{1}{2}".format(
        "nfs" if kind in ("auto", "nfs") else kind,
        source["host/@name"],
        "/" + source.get("dir/@path", "").strip("/"),
    )
