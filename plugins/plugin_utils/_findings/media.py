# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which data is behind a volume, whatever path or server it is reached by.

The ledger's own identity of a volume is a scope and a source. One LUN or image may have several:
a device has links in ``/dev``, an image of Ceph is reached by any of its monitors.
"""

from __future__ import annotations

import re
import typing as t
import urllib.parse

Row = t.Mapping[str, t.Any]
Key = t.Tuple[str, ...]

#: Pools whose volumes have a key that names the device itself and not a place on one host.
_SERIAL_POOLS = frozenset(("logical", "scsi", "iscsi", "mpath"))

_MAPPER = re.compile(r"/dev/mapper/((?:[^-]|--)+)-((?:[^-]|--)+)\Z")

_BY_ID = re.compile(r"/dev/disk/by-id/(?:wwn-0x|scsi-3|dm-uuid-mpath-3)([0-9a-f]+)(-part\d+)?\Z")

_BY_PATH = re.compile(r"/dev/disk/by-path/ip-[^/]+-iscsi-(.+)-lun-(\d+)(-part\d+)?\Z")

#: Protocols in which any of several servers leads to the same data.
_CLUSTERS = frozenset(("rbd", "gluster", "sheepdog"))


def keys(volume: Row) -> t.Iterator[Key]:
    """What the data behind a volume is called; two volumes with a key in common are one.

    :param volume: ``scope``, ``source``, ``key`` and ``pool_type``.
    """
    scope, source = volume["scope"] or "", volume["source"] or ""
    if volume["key"] and volume["pool_type"] in _SERIAL_POOLS:
        yield ("serial", volume["key"])
    if "://" in source:
        yield from _of_url(source)
        return
    yield ("path", scope, _of_mapper(source))
    match = _BY_ID.match(source)
    if match:
        yield ("wwid", match.group(1), match.group(2) or "")
    match = _BY_PATH.match(source)
    if match:
        yield ("iscsi", match.group(1), match.group(2), match.group(3) or "")


def _of_mapper(path: str) -> str:
    """``/dev/vg/lv`` of ``/dev/mapper/vg-lv``, in which a dash of a name is doubled."""
    match = _MAPPER.match(path)
    if not match:
        return path
    return "/dev/{0}/{1}".format(*(part.replace("--", "-") for part in match.groups()))


def _of_url(source: str) -> t.Iterator[Key]:
    url = urllib.parse.urlsplit(source)
    servers, name = url.netloc, url.path
    if url.scheme == "iscsi":
        # The name of a target is its own in the whole world.
        target, _slash, lun = name.lstrip("/").partition("/")
        yield ("iscsi", target, lun or "0", "")
    elif url.scheme in _CLUSTERS:
        for server in servers.split(","):
            yield (url.scheme, server, name)
    else:
        yield (url.scheme, servers, name)
    yield ("url", source)


def groups(volumes: t.Iterable[Row]) -> t.Dict[int, int]:
    """For each volume, by its key in the ledger, the first one of those that are the same."""
    parents: t.Dict[int, int] = {}
    owners: t.Dict[Key, int] = {}

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for volume in volumes:
        number = volume["id"]
        parents.setdefault(number, number)
        for key in keys(volume):
            first, second = sorted((root(owners.setdefault(key, number)), root(number)))
            parents[second] = first
    return {number: root(number) for number in list(parents)}
