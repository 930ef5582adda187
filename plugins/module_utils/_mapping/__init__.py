# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared mapping between domain XML, facts and columns: one module per device family."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    Field,
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
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.input import INPUT
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.interface import INTERFACE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.video import VIDEO

#: Counts up with every change of what the facts of one and the same XML are.
MAPPING_VERSION = 2

#: Every device family, in the order in which facts and documentation list them.
FAMILIES = (DISK, INTERFACE, FILESYSTEM, CONTROLLER, INPUT, GRAPHICS, VIDEO)

#: The families by the name of their list in the facts.
FAMILY_BY_FACT = {family.fact: family for family in FAMILIES}

__all__ = [
    "CONTROLLER",
    "DISK",
    "DOMAIN_FIELDS",
    "FAMILIES",
    "FAMILY_BY_FACT",
    "FILESYSTEM",
    "GRAPHICS",
    "INPUT",
    "INTERFACE",
    "MAPPING_VERSION",
    "STATUS_FIELDS",
    "VIDEO",
    "Family",
    "Field",
]
