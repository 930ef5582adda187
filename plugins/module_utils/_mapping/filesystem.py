# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<filesystem>``: a host directory, image or RAM disk that the guest mounts."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    IMAGE_FORMATS,
    from_tree,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Edits,
    Family,
    derived,
    present,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    TREE,
    checked_size,
    size_content,
)

Facts = t.Dict[str, t.Any]

#: The attribute of ``<source>`` that says where the data is, by filesystem type.
_SOURCE_ATTRIBUTE = {
    "mount": "@dir",
    "bind": "@dir",
    "file": "@file",
    "block": "@dev",
    "template": "@name",
}


#: What names the source of a file system, of whatever type.
_SOURCE_NAMES = ("@dir", "@file", "@dev", "@name", "@pool", "@volume")


def _source_path(filesystem: Facts, report: t.Any) -> t.Optional[str]:
    source: t.Dict[str, str] = filesystem["source"] or {}
    if filesystem["type"] == "volume" and "@pool" in source:
        return "{0}/{1}".format(source["@pool"], source.get("@volume", ""))
    return source.get(_SOURCE_ATTRIBUTE.get(filesystem["type"], "@dir"))


def _usage(filesystem: Facts, report: t.Any) -> t.Any:
    source: t.Dict[str, str] = filesystem["source"] or {}
    if "@usage" not in source:
        return None
    return checked_size(source["@usage"], source.get("@units"), "source/@usage", report)


def _place_source_path(value: t.Any, filesystem: Facts) -> Edits:
    kind = filesystem["type"]
    edits: Edits = {"source/" + name: None for name in _SOURCE_NAMES}
    if value is None:
        return edits
    if kind == "volume":
        pool, slash, volume = value.partition("/")
        if not (pool and slash and volume):
            raise ValueError("{0!r} is not POOL/VOLUME".format(value))
        edits.update({"source/@pool": pool, "source/@volume": volume})
    elif kind in _SOURCE_ATTRIBUTE:
        edits["source/" + _SOURCE_ATTRIBUTE[kind]] = value
    else:
        raise ValueError("a file system of type {0!r} has no source to set".format(kind))
    return edits


def _place_usage(value: t.Any, filesystem: Facts) -> Edits:
    if value is None:
        return {"source/@usage": None, "source/@units": None}
    return dict(size_content(value, "source/@usage", "source/@units"))


FILESYSTEM = Family(
    name="filesystem",
    fact="filesystems",
    tag="filesystem",
    index_type="filesystem",
    identity=("target_path",),
    doc="a file system that the host shares with a VM, or a container's mount",
    split=True,
    children=(
        "driver",
        "binary",
        "idmap",
        "source",
        "target",
        "readonly",
        "space_hard_limit",
        "space_soft_limit",
        "boot",
        "alias",
        "address",
    ),
    fields=(
        value(
            "driver_type",
            "driver/@type",
            "driver, for example V(virtiofs)",
            choices=("path", "handle", "loop", "nbd", "ploop", "virtiofs", "mtp"),
        ),
        derived(
            "source_path",
            "directory, image, device, template or pool/volume",
            _source_path,
            place=_place_source_path,
            where="source",
        ),
        value("target_path", "target/@dir", "mount point; for QEMU a mount tag"),
        value(
            "type",
            "@type",
            "C(mount), C(file), C(block), C(ram), ...",
            default="mount",
            choices=("mount", "file", "block", "template", "ram", "bind", "volume"),
        ),
        derived(
            "usage",
            "size limit of a RAM file system in bytes",
            _usage,
            type="int",
            place=_place_usage,
            where="source/@usage",
            unit="bytes",
        ),
        from_tree("socket_path", "socket of an external virtiofsd", "source", "source", "@socket"),
        shaped("source", "source", "the whole source element, path to text", TREE),
        value(
            "access_mode",
            "@accessmode",
            "how the host's permissions apply",
            choices=("passthrough", "mapped", "squash"),
        ),
        value(
            "driver_format",
            "driver/@format",
            "image format",
            choices=IMAGE_FORMATS,
        ),
        present("is_read_only", "readonly", "the element C(readonly) is there"),
    )
    + COMMON,
)
