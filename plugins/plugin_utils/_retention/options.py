# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specification of the action ``retention``."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._options import DATABASE, Arguments
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import KINDS

ARGUMENTS: Arguments = {
    **DATABASE,
    "older_than": {"type": "int", "required": True},
    "remove": {"type": "list", "elements": "str", "choices": list(KINDS), "default": list(KINDS)},
    "batch_size": {"type": "int", "default": 1000},
}
