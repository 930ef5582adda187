# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of the declared mapping: every device family, and the fields of a domain itself."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.character import (
    CHANNEL,
    CONSOLE,
    PARALLEL,
    SERIAL,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.controller import (
    CONTROLLER,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.disk import DISK
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import (
    DOMAIN_FIELDS,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.filesystem import (
    FILESYSTEM,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.graphics import GRAPHICS
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hostdev import HOSTDEV
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.input import INPUT
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.interface import INTERFACE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.memory import (
    MEMBALLOON,
    MEMORY,
    SHMEM,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.other import (
    EMULATOR,
    OTHER,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.platform import (
    CRYPTO,
    HUB,
    IOMMU,
    PANIC,
    RNG,
    TPM,
    VSOCK,
    WATCHDOG,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.redirection import (
    REDIRDEV,
    REDIRFILTER,
    SMARTCARD,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.sound import AUDIO, SOUND
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.storage import (
    LEASE,
    NVRAM,
    PSTORE,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.video import VIDEO

#: Every device family, in the order in which libvirt prints devices. The last one takes the
#: elements that no other one declares.
FAMILIES = (
    EMULATOR,
    DISK,
    CONTROLLER,
    LEASE,
    FILESYSTEM,
    INTERFACE,
    SMARTCARD,
    SERIAL,
    PARALLEL,
    CONSOLE,
    CHANNEL,
    INPUT,
    TPM,
    GRAPHICS,
    SOUND,
    AUDIO,
    VIDEO,
    HOSTDEV,
    REDIRDEV,
    REDIRFILTER,
    HUB,
    WATCHDOG,
    MEMBALLOON,
    RNG,
    NVRAM,
    PANIC,
    SHMEM,
    MEMORY,
    CRYPTO,
    IOMMU,
    VSOCK,
    PSTORE,
    OTHER,
)

#: The families by the name of their list in the facts.
FAMILY_BY_FACT = {family.fact: family for family in FAMILIES}

__all__ = [
    "AUDIO",
    "CHANNEL",
    "CONSOLE",
    "CONTROLLER",
    "CRYPTO",
    "DISK",
    "DOMAIN_FIELDS",
    "EMULATOR",
    "FAMILIES",
    "FAMILY_BY_FACT",
    "FILESYSTEM",
    "GRAPHICS",
    "HOSTDEV",
    "HUB",
    "INPUT",
    "INTERFACE",
    "IOMMU",
    "LEASE",
    "MEMBALLOON",
    "MEMORY",
    "NVRAM",
    "OTHER",
    "PANIC",
    "PARALLEL",
    "PSTORE",
    "REDIRDEV",
    "REDIRFILTER",
    "RNG",
    "SERIAL",
    "SHMEM",
    "SMARTCARD",
    "SOUND",
    "STATUS_FIELDS",
    "TPM",
    "VIDEO",
    "VSOCK",
    "WATCHDOG",
    "Family",
    "Field",
]
