# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<disk>``: a VolumeAttachment."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    derived,
    present,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._pci import pci_reference
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


def _snapshot_name(disk: Facts, report: t.Any) -> t.Optional[str]:
    return (disk["source"] or {}).get("snapshot/@name")


DISK = Family(
    name="disk",
    fact="volume_attachments",
    tag="disk",
    index_type="volume",
    identity=("device_name",),
    doc="a disk, CD-ROM, LUN or floppy of a VM, with the volume behind it",
    fields=(
        value("device_name", "target/@dev", "target device, for example V(vda)"),
        value("bus_type", "target/@bus", "target bus, for example V(virtio)"),
        present("is_read_only", "readonly", "the element C(readonly) is there, whatever it holds"),
        value("device_type", "@device", "C(disk), C(cdrom), C(lun) or C(floppy)", default="disk"),
        value("target_dev", "target/@dev", "target device, as RV(ignore:device_name)"),
        value("target_bus", "target/@bus", "target bus; null where the XML leaves it to libvirt"),
        value("driver_format", "driver/@type", "image format, for example V(qcow2)"),
        value("driver_queues", "driver/@queues", "number of virtio queues", to=UNSIGNED),
        value("driver_queue_size", "driver/@queue_size", "size of each queue", to=UNSIGNED),
        shaped("io_tune", "iotune", "I/O limits by libvirt's names, as texts", IO_TUNE),
        value("serial", "serial", "serial number that the guest sees"),
        present("shareable", "shareable", "the element C(shareable) is there, whatever it holds"),
        derived(
            "snapshot_name", "internal snapshot of a network image, not a policy", _snapshot_name
        ),
        value(
            "source_type",
            "@type",
            "C(file), C(block), C(dir), C(network), C(volume), C(nvme), C(vhostuser), C(vhostvdpa)",
        ),
        derived("source_ref", "where the data is: path, pool/volume, protocol:name", _source_ref),
        shaped("source", "source", "the whole source element, path to text", TREE),
        shaped(
            "backing_chain",
            "backingStore",
            "the images below this one, nearest first",
            BACKING_CHAIN,
            type="list",
            runtime=True,
        ),
        value("snapshot_policy", "@snapshot", "what a snapshot of the VM does with the disk"),
        value("driver_name", "driver/@name", "backend driver, for example V(qemu)"),
        value("driver_cache", "driver/@cache", "cache mode"),
        value("driver_io", "driver/@io", "I/O mode"),
        value("driver_discard", "driver/@discard", "whether discard requests reach the image"),
        value("wwn", "wwn", "World Wide Name that the guest sees"),
        present("transient", "transient", "changes are thrown away when the VM stops"),
    )
    + COMMON,
)
