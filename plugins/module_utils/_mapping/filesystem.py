# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<filesystem>``: a host directory, image or RAM disk that the guest mounts."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    derived,
    present,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    TREE,
    checked_size,
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


def _socket_path(filesystem: Facts, report: t.Any) -> t.Optional[str]:
    return (filesystem["source"] or {}).get("@socket")


FILESYSTEM = Family(
    name="filesystem",
    fact="filesystems",
    tag="filesystem",
    index_type="filesystem",
    identity=("target_path",),
    doc="a file system that the host shares with a VM, or a container's mount",
    split=True,
    fields=(
        value("driver_type", "driver/@type", "driver, for example V(virtiofs)"),
        derived("source_path", "directory, image, device, template or pool/volume", _source_path),
        value("target_path", "target/@dir", "mount point; for QEMU a mount tag"),
        value("type", "@type", "C(mount), C(file), C(block), C(ram), ...", default="mount"),
        derived("usage", "size limit of a RAM file system in bytes", _usage, type="int"),
        derived("socket_path", "socket of an external virtiofsd", _socket_path),
        shaped("source", "source", "the whole source element, path to text", TREE),
        value("access_mode", "@accessmode", "how the host's permissions apply"),
        value("driver_format", "driver/@format", "image format"),
        present("is_read_only", "readonly", "the element C(readonly) is there"),
    )
    + COMMON,
)
