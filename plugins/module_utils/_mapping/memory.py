# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<memory>``, ``<memballoon>`` and ``<shmem>`` below ``<devices>``."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    ON_OFF,
    UNSIGNED,
    UUID,
    YES_NO,
    hexadecimal,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT32,
    VIRTIO_MODELS,
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
    size_in_bytes,
)

Facts = t.Dict[str, t.Any]

#: What a memory balloon can do beside being there: path to fact and the way to and from text.
_BALLOON_OPTIONS = (
    ("@autodeflate", "autodeflate", ON_OFF),
    ("@freePageReporting", "free_page_reporting", ON_OFF),
    ("stats/@period", "stats_period", UNSIGNED),
)


def _slot(memory: Facts, report: t.Any) -> t.Any:
    """A decimal number for libvirt; some programs write it in hexadecimal."""
    text = (memory["address"] or {}).get("slot")
    if text is None:
        return None
    number = hexadecimal(text) if text[:2] in ("0x", "0X") else UNSIGNED.convert(text)
    return report.convert("address/@slot", text, UNSIGNED) if number is INVALID else number


def _place_slot(value: t.Any, memory: Facts) -> Edits:
    return {"address/@slot": None if value is None else UNSIGNED.text(value)}


def _balloon_config(balloon: Facts, report: t.Any) -> t.Optional[t.Dict[str, t.Any]]:
    config = {
        path: balloon[name]
        for path, name, _converter in _BALLOON_OPTIONS
        if balloon[name] is not None
    }
    return config or None


def _place_balloon_config(value: t.Any, balloon: Facts) -> Edits:
    config = value or {}
    unknown = sorted(set(config) - {path for path, _name, _converter in _BALLOON_OPTIONS})
    if unknown:
        raise ValueError("{0} is no option of a memory balloon".format(", ".join(unknown)))
    return {
        path: None if config.get(path) is None else converter.text(config[path])
        for path, _name, converter in _BALLOON_OPTIONS
    }


def _kibibytes(shmem: Facts, report: t.Any) -> t.Any:
    size = shmem["size_bytes"]
    return size // 1024 if isinstance(size, int) else size


def _place_kibibytes(value: t.Any, shmem: Facts) -> Edits:
    if value is None:
        return {"size": None, "size/@unit": None}
    return {"size": UNSIGNED.text(value), "size/@unit": "KiB"}


MEMORY = Family(
    name="memory",
    fact="memory_devices",
    tag="memory",
    index_type="memory_device",
    identity=("model_name", "node", "size_bytes"),
    doc="a memory module that can be plugged: DIMM, NVDIMM, virtio-mem, virtio-pmem, SGX",
    fields=(
        value(
            "model_name",
            "@model",
            "V(dimm), V(nvdimm), V(virtio-mem), V(virtio-pmem), V(sgx-epc)",
            choices=("dimm", "nvdimm", "virtio-pmem", "virtio-mem", "sgx-epc"),
        ),
        shaped("size_bytes", "target/size", "its size", size_in_bytes(), type="int", unit="bytes"),
        value("node", "target/node", "guest NUMA node", to=UNSIGNED, maximum=UINT32),
        derived("slot", "slot that it is in", _slot, type="int", place=_place_slot, runtime=True),
        value("access", "@access", "V(shared) or V(private)", choices=("shared", "private")),
        value("discard", "@discard", "its content is thrown away when the VM stops", to=YES_NO),
        value("uuid", "uuid", "UUID of an NVDIMM", to=UUID),
        shaped(
            "requested_bytes",
            "target/requested",
            "what a virtio-mem device shall offer",
            size_in_bytes(),
            type="int",
            unit="bytes",
        ),
        shaped(
            "current_bytes",
            "target/current",
            "what a virtio-mem device offers now",
            size_in_bytes(),
            type="int",
            runtime=True,
            moving=True,
            unit="bytes",
        ),
        shaped(
            "block_bytes",
            "target/block",
            "size of the blocks of a virtio-mem device",
            size_in_bytes(),
            type="int",
            unit="bytes",
        ),
        shaped(
            "label_bytes",
            "target/label/size",
            "size of an NVDIMM's label area",
            size_in_bytes(),
            type="int",
            unit="bytes",
        ),
        present("is_read_only", "target/readonly", "the element C(readonly) is there"),
        value(
            "dynamic_memslots",
            "target/@dynamicMemslots",
            "memory slots are used as the device grows",
            to=YES_NO,
        ),
        value("guest_address", "target/address/@base", "where in the guest's memory it is"),
        value("source_path", "source/path", "file or device on the host that backs it"),
        value("source_nodemask", "source/nodemask", "host NUMA nodes that it comes from"),
        shaped(
            "source_page_bytes",
            "source/pagesize",
            "size of the host's pages",
            size_in_bytes(),
            type="int",
            unit="bytes",
        ),
        shaped(
            "source_align_bytes",
            "source/alignsize",
            "alignment of the backing file",
            size_in_bytes(),
            type="int",
            unit="bytes",
        ),
        present("source_pmem", "source/pmem", "the backing file is persistent memory"),
    )
    + COMMON,
)

MEMBALLOON = Family(
    name="memory balloon",
    fact="memory_balloons",
    tag="memballoon",
    index_type="memory_balloon",
    identity=(),
    doc="the device through which the host takes memory back from the guest",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "device model; V(none) is no balloon",
            choices=VIRTIO_MODELS + ("xen", "none"),
        ),
        value(
            "autodeflate",
            "@autodeflate",
            "it gives memory back before the guest runs out",
            to=ON_OFF,
        ),
        value(
            "free_page_reporting",
            "@freePageReporting",
            "the guest tells which pages it does not use",
            to=ON_OFF,
        ),
        value(
            "stats_period",
            "stats/@period",
            "time between two readings of the guest's statistics",
            to=UNSIGNED,
            maximum=UINT32,
            unit="seconds",
        ),
        derived(
            "config",
            "those options of it that are set, path to value",
            _balloon_config,
            type="dict",
            place=_place_balloon_config,
        ),
    )
    + COMMON,
)

SHMEM = Family(
    name="shared memory",
    fact="shmem_devices",
    tag="shmem",
    index_type="shmem_device",
    identity=("name",),
    doc="memory that several VMs share",
    split=True,
    fields=(
        value("name", "@name", "name of the shared memory on the host"),
        derived(
            "size_ki_b",
            "its size, C(size_bytes) divided by 1024",
            _kibibytes,
            type="int",
            place=_place_kibibytes,
            unit="KiB",
        ),
        value("path", "server/@path", "socket of the server that doorbells go through"),
        shaped("size_bytes", "size", "its size", size_in_bytes("b"), type="int", unit="bytes"),
        value(
            "role",
            "@role",
            "V(master) survives migration, V(peer) does not",
            choices=("master", "peer"),
        ),
        value(
            "model_name",
            "model/@type",
            "V(ivshmem-plain), V(ivshmem-doorbell) or V(ivshmem)",
            choices=("ivshmem", "ivshmem-plain", "ivshmem-doorbell"),
        ),
        value(
            "msi_vectors",
            "msi/@vectors",
            "number of interrupt vectors",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        value("msi_ioeventfd", "msi/@ioeventfd", "I/O events are handled apart", to=ON_OFF),
    )
    + COMMON,
)
