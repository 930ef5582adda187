# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<hostdev>``: a device of the host that the VM has to itself."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import ON_OFF, YES_NO
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    VIRTIO_MODELS,
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
    usb_address,
    usb_edits,
    usb_product,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

Facts = t.Dict[str, t.Any]
Source = t.Dict[str, str]

#: The types of mode ``capabilities`` (containers) and the element that names the device.
_CAPABILITIES = {"storage": "block", "misc": "char", "net": "interface"}

_SCSI = re.compile(r"scsi:([^:/]+):([0-9]+):([0-9]+):([0-9]+)\Z", re.ASCII)
_ISCSI = re.compile(r"scsi:(iscsi):(.+)\Z")
_SCSI_PARTS = ("adapter/@name", "address/@bus", "address/@target", "address/@unit")
_UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def _source_ref(device: Facts, report: t.Any) -> t.Optional[str]:
    """The device in one string that begins with its type.

    A USB device that is named by vendor and product is known by them: the address that libvirt
    adds while the domain runs is another one after the next plugging.
    """
    source: Source = device["source"] or {}
    kind = device["type"]
    if kind == "pci":
        return pci_reference(source, "address/@")
    if kind == "usb":
        return usb_product(source) or usb_address(source)
    if kind == "scsi":
        return _scsi_reference(source)
    name = _name_path(kind)
    if name is None or name not in source:
        return None
    return "{0}:{1}".format(kind, source[name])


def _name_path(kind: t.Any) -> t.Optional[str]:
    """Where the source of the simpler types has the device's name."""
    if kind == "mdev":
        return "address/@uuid"
    return "@wwpn" if kind == "scsi_host" else _CAPABILITIES.get(kind)


def _scsi_reference(source: Source) -> t.Optional[str]:
    if "@protocol" in source:
        return "scsi:{0}:{1}".format(source["@protocol"], source.get("@name", ""))
    if not any(part in source for part in _SCSI_PARTS):
        return None
    return "scsi:" + ":".join(source.get(part, "") for part in _SCSI_PARTS)


def _place_source_ref(value: t.Any, device: Facts) -> Edits:
    kind = device["type"]
    if kind == "pci":
        return pci_edits(value, "source/address/@")
    if kind == "usb":
        return usb_edits(value, "source/")
    if kind == "scsi":
        return _scsi_edits(value)
    name = _name_path(kind)
    if name is None:
        raise ValueError("a device of type {0!r} has no reference to set".format(kind))
    if value is None:
        return {"source/" + name: None}
    prefix, _colon, text = value.partition(":")
    if prefix != kind or not text:
        raise ValueError("{0!r} does not begin with {1}:".format(value, kind))
    if kind == "mdev" and not _UUID_TEXT.match(text):
        raise ValueError("{0!r} is not mdev:UUID".format(value))
    return {"source/" + name: text}


def _scsi_edits(value: t.Any) -> Edits:
    paths = ("@protocol", "@name") + _SCSI_PARTS
    edits: Edits = {"source/" + path: None for path in paths}
    if value is None:
        return edits
    address, target = _SCSI.match(value), _ISCSI.match(value)
    if address:
        edits.update(zip(("source/" + path for path in _SCSI_PARTS), address.groups()))
    elif target:
        edits.update(zip(("source/@protocol", "source/@name"), target.groups()))
    else:
        raise ValueError(
            "{0!r} is neither scsi:ADAPTER:BUS:TARGET:UNIT nor scsi:iscsi:NAME".format(value)
        )
    return edits


def _usb_address(device: Facts, report: t.Any) -> t.Optional[str]:
    return usb_address(device["source"] or {}) if device["type"] == "usb" else None


HOSTDEV = Family(
    name="host device",
    fact="host_devices",
    tag="hostdev",
    index_type="host_device",
    identity=("type", "source_ref"),
    doc="a device of the host that is passed through to the VM",
    split=True,
    fields=(
        value(
            "type",
            "@type",
            "V(pci), V(usb), V(scsi), V(scsi_host), V(mdev); of a container V(storage), V(misc), "
            "V(net)",
            choices=("usb", "pci", "scsi", "scsi_host", "mdev", "storage", "misc", "net"),
        ),
        derived(
            "source_ref",
            "the device on its host: V(pci:0000:3b:02.1), V(usb:046d:c52b) or V(usb:003.009), "
            "V(mdev:UUID), V(scsi:scsi_host0:0:1:2), V(scsi_host:WWPN), V(storage:/dev/sdf), ...",
            _source_ref,
            place=_place_source_ref,
            column="address",
        ),
        value(
            "mode",
            "@mode",
            "V(subsystem) or V(capabilities)",
            choices=("subsystem", "capabilities"),
        ),
        value("managed", "@managed", "libvirt takes it from the host and gives it back", to=YES_NO),
        shaped("source", "source", "the whole source element, path to text", TREE),
        derived(
            "usb_address",
            "where a USB device is plugged in, V(usb:003.009)",
            _usb_address,
            runtime=True,
        ),
        from_tree(
            "startup_policy",
            "what happens where the device is missing",
            "source",
            "source",
            "@startupPolicy",
            choices=("mandatory", "requisite", "optional"),
        ),
        value("driver_name", "driver/@name", "driver on the host", choices=("kvm", "vfio", "xen")),
        value("driver_model", "driver/@model", "variant of that driver"),
        value(
            "model_name",
            "@model",
            "model of a mediated or SCSI host device, V(vfio-pci), V(vfio-ap), V(virtio), ...",
            choices=("vfio-pci", "vfio-ccw", "vfio-ap") + VIRTIO_MODELS,
        ),
        value("display", "@display", "a mediated device shows a screen", to=ON_OFF),
        value("ramfb", "@ramfb", "it shows one before its driver is loaded", to=ON_OFF),
        value(
            "sgio", "@sgio", "SCSI commands are filtered or not", choices=("filtered", "unfiltered")
        ),
        value("rawio", "@rawio", "the VM's process may do raw I/O", to=YES_NO),
        value("rom_enabled", "rom/@enabled", "the device's ROM is there at all", to=YES_NO),
        value("rom_bar", "rom/@bar", "the guest sees the device's ROM", to=ON_OFF),
        value("rom_file", "rom/@file", "file with another ROM"),
        value(
            "teaming_type",
            "teaming/@type",
            "V(transient) steps back for a NIC when the VM migrates",
            choices=("persistent", "transient"),
        ),
        value("teaming_persistent", "teaming/@persistent", "alias of that NIC"),
        present("is_read_only", "readonly", "the element C(readonly) is there"),
        present("shareable", "shareable", "the element C(shareable) is there"),
    )
    + COMMON,
)
