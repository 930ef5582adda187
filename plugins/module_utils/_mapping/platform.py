# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small devices of which most VMs have at most one: watchdog, TPM, RNG, IOMMU, vsock, ..."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    ON_OFF,
    UNSIGNED,
    YES_NO,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._character import (
    CHARACTER_TYPES,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT8,
    UINT32,
    VIRTIO_MODELS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import CHILD_NAMES
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    TREE,
)

WATCHDOG = Family(
    name="watchdog",
    fact="watchdogs",
    tag="watchdog",
    index_type="watchdog",
    identity=("model_name",),
    doc="a device that acts when the guest hangs",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "device model, for example V(i6300esb)",
            choices=("i6300esb", "ib700", "diag288", "itco"),
        ),
        value(
            "action",
            "@action",
            "what it does; null is V(reset)",
            choices=("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
        ),
    )
    + COMMON,
)

RNG = Family(
    name="random number generator",
    fact="rng_devices",
    tag="rng",
    index_type="rng_device",
    identity=("model_name", "backend_type"),
    doc="a source of random numbers",
    split=True,
    fields=(
        value("model_name", "@model", "device model", choices=VIRTIO_MODELS),
        value(
            "backend_type",
            "backend/@model",
            "V(random) is a device of the host, V(egd) a daemon, V(builtin) QEMU's own",
            choices=("random", "egd", "builtin"),
        ),
        value("backend_path", "backend", "device of the host, for example V(/dev/urandom)"),
        value(
            "backend_channel_type",
            "backend/@type",
            "how an EGD is reached",
            choices=CHARACTER_TYPES,
        ),
        shaped("backend_source", "backend/source", "where an EGD is, path to text", TREE),
        value(
            "rate_bytes",
            "rate/@bytes",
            "bytes that the guest may take in each period",
            to=UNSIGNED,
            maximum=UINT32,
            unit="bytes",
        ),
        value(
            "rate_period_ms",
            "rate/@period",
            "length of a period; null is 1000",
            to=UNSIGNED,
            maximum=UINT32,
            unit="milliseconds",
        ),
    )
    + COMMON,
)

TPM = Family(
    name="TPM",
    fact="tpms",
    tag="tpm",
    index_type="tpm",
    identity=("model_name",),
    doc="a trusted platform module",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "device model, for example V(tpm-crb)",
            choices=("tpm-tis", "tpm-crb", "tpm-spapr", "spapr-tpm-proxy"),
        ),
        value(
            "backend_type",
            "backend/@type",
            "V(emulator), V(passthrough) or V(external)",
            choices=("passthrough", "emulator", "external"),
        ),
        value("backend_path", "backend/device/@path", "device of the host that is passed through"),
        value("version", "backend/@version", "V(1.2) or V(2.0)", choices=("1.2", "2.0")),
        value(
            "persistent_state",
            "backend/@persistent_state",
            "the emulator's state outlives a transient VM",
            to=YES_NO,
        ),
        value(
            "debug_level",
            "backend/@debug",
            "how much the emulator logs",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        value(
            "encryption_secret",
            "backend/encryption/@secret",
            "UUID of the libvirt secret with which the state is encrypted",
        ),
        shaped(
            "active_pcr_banks",
            "backend/active_pcr_banks",
            "the PCR banks, V(sha1), V(sha256), ...",
            CHILD_NAMES,
            type="list",
        ),
        value(
            "source_type",
            "backend/source/@type",
            "V(file) or V(dir) of the emulator's state, V(unix) of an external TPM",
            choices=("file", "dir", "unix"),
        ),
        value("source_path", "backend/source/@path", "where that state or socket is"),
        shaped("profile", "backend/profile", "the emulator's profile", ATTRIBUTES),
    )
    + COMMON,
)

PANIC = Family(
    name="panic device",
    fact="panic_devices",
    tag="panic",
    index_type="panic_device",
    identity=("model_name",),
    doc="a device through which the guest tells that its kernel has panicked",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "V(isa), V(pvpanic), V(hyperv), V(pseries) or V(s390)",
            choices=("isa", "pseries", "hyperv", "s390", "pvpanic"),
        ),
    )
    + COMMON,
)

VSOCK = Family(
    name="vsock",
    fact="vsocks",
    tag="vsock",
    index_type="vsock",
    identity=(),
    doc="sockets between guest and host",
    split=True,
    fields=(
        value(
            "guest_c_id",
            "cid/@address",
            "the guest's address",
            to=UNSIGNED,
            runtime=True,
            maximum=UINT32,
        ),
        value("cid_auto", "cid/@auto", "libvirt chooses the address", to=YES_NO),
        value("model_name", "@model", "device model", choices=VIRTIO_MODELS),
    )
    + COMMON,
)

IOMMU = Family(
    name="IOMMU",
    fact="iommu_devices",
    tag="iommu",
    index_type="iommu_device",
    identity=("model_name",),
    doc="a memory management unit for devices",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "V(intel), V(amd), V(virtio) or V(smmuv3)",
            choices=("intel", "smmuv3", "virtio", "amd"),
        ),
        value("interrupt_remapping", "driver/@intremap", "interrupts are remapped", to=ON_OFF),
        value("caching_mode", "driver/@caching_mode", "needed for VFIO in the guest", to=ON_OFF),
        value("extended_interrupts", "driver/@eim", "more than 255 virtual CPUs", to=ON_OFF),
        value("iotlb", "driver/@iotlb", "devices may cache translations", to=ON_OFF),
        value(
            "address_width",
            "driver/@aw_bits",
            "width of the addresses",
            to=UNSIGNED,
            maximum=UINT8,
            unit="bits",
        ),
        value("dma_translation", "driver/@dma_translation", "DMA is translated", to=ON_OFF),
    )
    + COMMON,
)

HUB = Family(
    name="hub",
    fact="hubs",
    tag="hub",
    index_type="hub",
    identity=("type",),
    doc="a USB hub",
    fields=(value("type", "@type", "V(usb)", choices=("usb",)),) + COMMON,
)

CRYPTO = Family(
    name="crypto device",
    fact="crypto_devices",
    tag="crypto",
    index_type="crypto_device",
    identity=("model_name", "type"),
    doc="a device that encrypts for the guest",
    fields=(
        value("model_name", "@model", "V(virtio)", choices=("virtio",)),
        value("type", "@type", "V(qemu)", choices=("qemu",)),
        value(
            "backend_model", "backend/@model", "V(builtin) or V(lkcf)", choices=("builtin", "lkcf")
        ),
        value("queues", "backend/@queues", "number of queues", to=UNSIGNED, maximum=UINT32),
    )
    + COMMON,
)
