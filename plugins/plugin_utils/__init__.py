# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code of the actions, lookups and inventories, on the controller only."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _bytecode

_bytecode.keep()
