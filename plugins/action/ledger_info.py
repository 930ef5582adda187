# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``ledger_info``: questions to the ledger."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._netbox import feed
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import (
    Filters,
    Page,
    ask,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._query_options import LEDGER_INFO

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Reads rows of the ledger; it never writes."""

    ARGUMENTS = LEDGER_INFO

    def execute(self, options: Result, task_vars: Result) -> Result:
        database = self.database(options, task_vars)
        filters = Filters(**{name: options[name] for name in Filters._fields})
        page = Page(**{name: options[name] for name in Page._fields})
        netbox = feed(*(options["netbox_" + name] for name in ("cluster", "version", "base")))
        rows, truncated = ask(database, options["query"], filters, page, netbox)
        return {
            "changed": False,
            "query": options["query"],
            "rows": rows,
            "count": len(rows),
            "truncated": truncated,
            "next_offset": page.offset + len(rows) if truncated else None,
        }
