# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``report``: what the ledger holds, as a page, a workbook, CSV or JSON."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import files
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.make import Request, make
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Reads the ledger and writes files on the controller."""

    ARGUMENTS = _options.REPORT

    def execute(self, options: Result, task_vars: Result) -> Result:
        database = self.database(options, task_vars)
        scope = Scope(
            host_id=options["host_id"],
            vm=options["vm"],
            states=tuple(options["states"]),
            include_gone=options["include_gone"],
            since=options["since"],
            findings=options["findings"],
        )
        # Not beside the playbook: that of this collection is where the collection is installed.
        dest = os.path.join(os.getcwd(), options["dest"])
        request = Request(scope, options["title"], dest, options["formats"], options["mode"])
        made = make(database, request, self._task.check_mode)
        result = {**made.result(), "database": str(database)}
        if self._task.diff:
            result["diff"] = files.differences(made.written)
        return result
