# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specification of the action ``ledger_info``."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._status import STATES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._options import DATABASE, Arguments
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS

LEDGER_INFO: Arguments = {
    **DATABASE,
    "query": {"type": "str", "choices": list(SUBJECTS), "default": "virtual_machines"},
    "host_id": {"type": "str"},
    "vm": {"type": "str"},
    "volume": {"type": "str"},
    "mac": {"type": "str"},
    "network": {"type": "str"},
    "vlan": {"type": "int"},
    "ip": {"type": "str"},
    "pci": {"type": "str"},
    "host_device": {"type": "str"},
    "pool": {"type": "str"},
    "serial": {"type": "str"},
    "state": {"type": "list", "elements": "str", "choices": ["active", "inactive", *STATES]},
    "os": {"type": "str"},
    "autostart": {"type": "bool"},
    "metadata": {"type": "str"},
    "unused": {"type": "bool"},
    "include_gone": {"type": "bool", "default": False},
    "stale": {"type": "float"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "at": {"type": "str"},
    "fresh": {"type": "float"},
    "columns": {"type": "list", "elements": "str", "default": []},
    "order_by": {"type": "list", "elements": "str", "default": []},
    "limit": {"type": "int", "default": 100},
    "offset": {"type": "int", "default": 0},
    "netbox_cluster": {"type": "str"},
    "netbox_version": {"type": "str", "default": "4.2"},
    "netbox_base": {"type": "int", "choices": [1000, 1024], "default": 1024},
}
