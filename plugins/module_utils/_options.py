# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options with one meaning everywhere, as argument specifications.

Used by the modules on hypervisors and by the actions on the controller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._addresses import OPTIONAL_SOURCES
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import FAMILY_BY_FACT
from ansible_collections.virtledger.libvirt.plugins.module_utils._places import CHOICES

#: What to remove besides what always is; documented in the fragment ``gathering.redaction``.
REDACTION_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "redact": {"type": "list", "elements": "str", "choices": list(CHOICES), "default": []},
}

#: Options of every module that asks a hypervisor; documented in the fragment ``gathering``.
GATHERING_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "uri": {"type": "str", "default": "qemu:///system"},
    "timeout": {"type": "float", "default": 120.0},
    "addresses": {
        "type": "list",
        "elements": "str",
        "choices": list(OPTIONAL_SOURCES),
        "default": [],
    },
    "address_timeout": {"type": "float", "default": 10.0},
    **REDACTION_OPTIONS,
}

#: What a module that reads domains returns of them.
DOMAIN_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "families": {"type": "list", "elements": "str", "choices": list(FAMILY_BY_FACT)},
    "include_xml": {"type": "bool", "default": False},
}

#: What a module reads besides the identity of the hypervisor.
SUBSET_OPTION: t.Dict[str, t.Dict[str, t.Any]] = {
    "gather_subset": {"type": "list", "elements": "str", "default": ["all"]},
}
