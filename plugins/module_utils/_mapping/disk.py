# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<disk>``: a VolumeAttachment."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    IMAGE_FORMATS,
    UINT32,
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
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._pci import (
    pci_edits,
    pci_reference,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    BACKING_CHAIN,
    IO_TUNE,
    TREE,
)

Facts = t.Dict[str, t.Any]

#: The attribute of ``<source>`` that says where the data is, for the types where it is one.
_SOURCE_ATTRIBUTE = {
    "file": "@file",
    "block": "@dev",
    "dir": "@dir",
    "vhostuser": "@path",
    "vhostvdpa": "@dev",
    "ctl": "@dev",
}


_BUSES = ("ide", "fdc", "scsi", "virtio", "xen", "usb", "uml", "sata", "sd", "nvme")

_FORMATS = IMAGE_FORMATS + ("aio",)

#: What names the data of a disk, of whatever type; only those of its own type may be there.
_SOURCE_NAMES = ("@file", "@dev", "@dir", "@path", "@pool", "@volume", "@protocol", "@name")

_PROTOCOLS = (
    "nbd",
    "gluster",
    "rbd",
    "iscsi",
    "http",
    "https",
    "ftps",
    "ftp",
    "ssh",
    "sheepdog",
    "tftp",
    "vxhs",
    "nfs",
)

_NVME = re.compile(r"(pci:[^/]+)(?:/([0-9]+))?\Z", re.ASCII)


def _source_ref(disk: Facts, report: t.Any) -> t.Optional[str]:
    """A path, ``pool/volume``, ``protocol:name`` or ``pci:0000:01:00.0/namespace``."""
    source: t.Dict[str, str] = disk["source"] or {}
    kind = disk["source_type"]
    if kind == "volume":
        if "@pool" in source and "@volume" in source:
            return "{0}/{1}".format(source["@pool"], source["@volume"])
        return source.get("@volume")
    if kind == "network":
        if "@protocol" not in source:
            return source.get("@name")
        return "{0}:{1}".format(source["@protocol"], source.get("@name", ""))
    if kind == "nvme":
        address = pci_reference(source, "address/@")
        if address is None:
            return None
        namespace = source.get("@namespace")
        return address if namespace is None else "{0}/{1}".format(address, namespace)
    attribute = _SOURCE_ATTRIBUTE.get(kind or "file")
    return source.get(attribute) if attribute else None


def _place_source_ref(value: t.Any, disk: Facts) -> Edits:
    kind = disk["source_type"] or "file"
    edits: Edits = {"source/" + name: None for name in _SOURCE_NAMES}
    edits.update(pci_edits(None, "source/address/@"))
    edits["source/@namespace"] = None
    if value is None:
        return edits
    if kind == "volume":
        edits.update(_volume_edits(value))
    elif kind == "network":
        edits.update(_network_edits(value))
    elif kind == "nvme":
        edits.update(_nvme_edits(value))
    elif kind in _SOURCE_ATTRIBUTE:
        edits["source/" + _SOURCE_ATTRIBUTE[kind]] = value
    else:
        raise ValueError("the source of a disk of type {0!r} cannot be set".format(kind))
    return edits


def _volume_edits(value: str) -> Edits:
    pool, slash, volume = value.partition("/")
    if not (pool and slash and volume):
        raise ValueError("{0!r} is not POOL/VOLUME".format(value))
    return {"source/@pool": pool, "source/@volume": volume}


def _network_edits(value: str) -> Edits:
    protocol, _colon, name = value.partition(":")
    if protocol not in _PROTOCOLS:
        raise ValueError(
            "{0!r} is not PROTOCOL:NAME with one of {1}".format(value, ", ".join(_PROTOCOLS))
        )
    if not name and protocol != "nbd":
        raise ValueError("{0!r} has no name, which only nbd does without".format(value))
    return {"source/@protocol": protocol, "source/@name": name or None}


def _nvme_edits(value: str) -> Edits:
    match = _NVME.match(value)
    if not match:
        raise ValueError("{0!r} is not pci:ADDRESS/NAMESPACE".format(value))
    edits = pci_edits(match.group(1), "source/address/@")
    edits["source/@namespace"] = match.group(2)
    return edits


DISK = Family(
    name="disk",
    fact="volume_attachments",
    tag="disk",
    index_type="volume",
    identity=("device_name",),
    doc="a disk, CD-ROM, LUN or floppy of a VM, with the volume behind it",
    children=(
        "driver",
        "auth",
        "source",
        "backingStore",
        "mirror",
        "target",
        "iotune",
        "readonly",
        "shareable",
        "transient",
        "serial",
        "wwn",
        "vendor",
        "product",
        "encryption",
        "boot",
        "alias",
        "address",
    ),
    fields=(
        value("device_name", "target/@dev", "target device, for example V(vda)"),
        value("bus_type", "target/@bus", "target bus, for example V(virtio)", choices=_BUSES),
        present("is_read_only", "readonly", "the element C(readonly) is there, whatever it holds"),
        value(
            "device_type",
            "@device",
            "C(disk), C(cdrom), C(lun) or C(floppy)",
            default="disk",
            choices=("disk", "cdrom", "lun", "floppy"),
        ),
        value("target_dev", "target/@dev", "target device, as RV(ignore:device_name)"),
        value(
            "target_bus",
            "target/@bus",
            "target bus; null where the XML leaves it to libvirt",
            choices=_BUSES,
        ),
        value(
            "driver_format", "driver/@type", "image format, for example V(qcow2)", choices=_FORMATS
        ),
        value(
            "driver_queues",
            "driver/@queues",
            "number of virtio queues",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        value(
            "driver_queue_size",
            "driver/@queue_size",
            "size of each queue",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        shaped("io_tune", "iotune", "I/O limits by libvirt's names, as texts", IO_TUNE),
        value("serial", "serial", "serial number that the guest sees"),
        present("shareable", "shareable", "the element C(shareable) is there, whatever it holds"),
        from_tree(
            "snapshot_name",
            "internal snapshot of a network image, not a policy",
            "source",
            "source",
            "snapshot/@name",
        ),
        value(
            "source_type",
            "@type",
            "C(file), C(block), C(dir), C(network), C(volume), C(nvme), C(vhostuser), C(vhostvdpa)",
            choices=("network", "volume", "nvme") + tuple(_SOURCE_ATTRIBUTE),
        ),
        derived(
            "source_ref",
            "where the data is: path, pool/volume, protocol:name",
            _source_ref,
            place=_place_source_ref,
            where="source",
        ),
        shaped("source", "source", "the whole source element, path to text", TREE),
        shaped(
            "backing_chain",
            "backingStore",
            "the images below this one, nearest first",
            BACKING_CHAIN,
            type="list",
            runtime=True,
        ),
        value(
            "snapshot_policy",
            "@snapshot",
            "what a snapshot of the VM does with the disk",
            choices=("no", "internal", "external", "manual"),
        ),
        value("driver_name", "driver/@name", "backend driver, for example V(qemu)"),
        value(
            "driver_cache",
            "driver/@cache",
            "cache mode",
            choices=("default", "none", "writeback", "writethrough", "directsync", "unsafe"),
        ),
        value(
            "driver_io",
            "driver/@io",
            "I/O mode",
            choices=("threads", "native", "io_uring"),
        ),
        value(
            "driver_discard",
            "driver/@discard",
            "whether discard requests reach the image",
            choices=("unmap", "ignore"),
        ),
        value("wwn", "wwn", "World Wide Name that the guest sees"),
        present("transient", "transient", "changes are thrown away when the VM stops"),
    )
    + COMMON,
)
