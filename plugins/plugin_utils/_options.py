# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications of the actions, one home for each group of options.

Those that follow from what can be asked or removed are beside it: a recording imports neither.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._options import (
    ARCHIVE_OPTIONS,
    DEFINING_OPTIONS,
    GATHERING_OPTIONS,
    SUBSET_OPTION,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.formats import FORMATS

Arguments = t.Dict[str, t.Dict[str, t.Any]]

#: The database, of every action that works on the ledger.
DATABASE: Arguments = {
    "database_url": {"type": "str", "no_log": True},
    "database_url_file": {"type": "path"},
}

_RECORDING: Arguments = {
    "host_id": {"type": "str"},
    "renamed_from": {"type": "str"},
    "shared_paths": {"type": "list", "elements": "path", "default": []},
    "allow_empty": {"type": "bool", "default": False},
    "allow_other_host": {"type": "bool", "default": False},
    "allow_second_name": {"type": "bool", "default": False},
}

SCHEMA: Arguments = {
    **DATABASE,
    "state": {"type": "str", "choices": ["latest", "checked", "verified"], "default": "latest"},
}

RECORD: Arguments = {
    **DATABASE,
    **_RECORDING,
    "facts": {"type": "dict"},
    "archive": {"type": "dict", "options": ARCHIVE_OPTIONS},
}

SYNC: Arguments = {
    "full": {"type": "bool", "default": False},
    **DATABASE,
    **_RECORDING,
    **GATHERING_OPTIONS,
    **SUBSET_OPTION,
}

SYNC_SUMMARY: Arguments = {
    "registered": {"type": "str", "default": "sync_result"},
    "findings": {"type": "dict"},
}

_MAP: t.Dict[str, t.Any] = {"type": "dict", "default": {}}

RESTORE: Arguments = {
    **DATABASE,
    "host_id": _RECORDING["host_id"],
    "source_host": {"type": "str", "required": True},
    "vms": {"type": "list", "elements": "str", "default": []},
    "at": {"type": "str"},
    "source_lost": {"type": "bool", "default": False},
    "ignore_elsewhere": {"type": "bool", "default": False},
    "replace": DEFINING_OPTIONS["replace"],
    "start": DEFINING_OPTIONS["start"],
    "autostart": {"type": "bool", "default": False},
    "map_networks": _MAP,
    "map_bridges": _MAP,
    "map_pools": _MAP,
    "map_paths": _MAP,
    "secrets": {**_MAP, "no_log": True},
    "drop_secrets": {"type": "bool", "default": False},
    "uri": DEFINING_OPTIONS["uri"],
    "timeout": DEFINING_OPTIONS["timeout"],
}

_SEVERITIES = ["info", "warning", "critical"]

FINDINGS: Arguments = {
    **DATABASE,
    "state": {"type": "str", "choices": ["evaluated", "listed"], "default": "evaluated"},
    "codes": {"type": "list", "elements": "str", "default": []},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "severity": {"type": "str", "choices": _SEVERITIES, "default": "info"},
    "host_id": {"type": "str"},
    "vm": {"type": "str"},
    "ignore": {
        "type": "list",
        "elements": "dict",
        "options": {
            "code": {"type": "str"},
            "host_id": {"type": "str"},
            "vm": {"type": "str"},
            "object": {"type": "str"},
            "reason": {"type": "str", "required": True},
            "expires": {"type": "str"},
        },
    },
    "thresholds": _MAP,
    "fail_on": {"type": "str", "choices": _SEVERITIES},
    "include_ignored": {"type": "bool", "default": False},
    "include_closed": {"type": "bool", "default": False},
    "limit": {"type": "int", "default": 100},
}

REPORT: Arguments = {
    **DATABASE,
    "dest": {"type": "path", "required": True},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": list(FORMATS),
        "default": ["html"],
    },
    "mode": {"type": "raw"},
    "title": {"type": "str", "default": "Hypervisor fleet"},
    "host_id": {"type": "str"},
    "vm": {"type": "str"},
    "states": {"type": "list", "elements": "str", "default": []},
    "include_gone": {"type": "bool", "default": False},
    "since": {"type": "str", "default": "30d"},
    "findings": {"type": "bool", "default": True},
}

#: The options of ``sync`` that it hands on to ``hypervisor_info``.
GATHERING = (*GATHERING_OPTIONS, *SUBSET_OPTION)
