# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The existing layout: which tables it has, with which columns."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import revision_0001
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import CreateTable

#: Table to the names of its columns.
LAYOUT = {
    step.table: {column.name for column in step.columns}
    for step in revision_0001.REVISION.steps
    if isinstance(step, CreateTable)
}
