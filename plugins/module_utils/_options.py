# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options with one meaning everywhere, as argument specifications.

Used by the modules on hypervisors and by the actions on the controller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import DEVICE_LISTS

#: Sources of addresses that cost a call per running domain and may wait for a guest.
OPTIONAL_SOURCES = ("agent", "arp")

#: What is removed only where the user chooses so.
REMOVABLE = ("sysinfo", "metadata", "description", "launch_security")

#: What to remove besides what always is; documented in the fragment ``gathering.redaction``.
REDACTION_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "redact": {"type": "list", "elements": "str", "choices": list(REMOVABLE), "default": []},
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
    "families": {"type": "list", "elements": "str", "choices": list(DEVICE_LISTS)},
    "include_xml": {"type": "bool", "default": False},
}

_NAMES: t.Dict[str, t.Any] = {"type": "list", "elements": "str"}

#: What can date an archived document.
DATE_SOURCES = ("auto", "name", "modified")

#: Which archived documents are read, and what dates them.
ARCHIVE_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "paths": {"type": "list", "elements": "path", "required": True},
    "patterns": {**_NAMES, "default": ["*.xml"]},
    "exclude": {**_NAMES, "default": []},
    "recurse": {"type": "bool", "default": True},
    "dated_by": {"type": "str", "choices": list(DATE_SOURCES), "default": "auto"},
    "date_pattern": {"type": "str"},
    "date_format": {"type": "str"},
    **REDACTION_OPTIONS,
    "limit": {"type": "int", "default": 100000},
}

#: What a module reads besides the identity of the hypervisor.
SUBSET_OPTION: t.Dict[str, t.Dict[str, t.Any]] = {
    "gather_subset": {"type": "list", "elements": "str", "default": ["all"]},
}

#: What the asker has recorded already, so that it need not be told again, and how it is told.
ASKING_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "known_domains": {"type": "dict", "default": {}},
    "known_inventory": {"type": "str", "default": ""},
    "packed": {"type": "bool", "default": False},
}

#: Options of the module that defines domains; the action ``restore`` hands them on.
DEFINING_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "uri": GATHERING_OPTIONS["uri"],
    "timeout": GATHERING_OPTIONS["timeout"],
    "domains": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "xml": {"type": "str", "required": True, "no_log": True},
            "autostart": {"type": "bool", "default": False},
        },
    },
    "replace": {"type": "bool", "default": False},
    "start": {"type": "bool", "default": False},
}
