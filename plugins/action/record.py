# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``record``: facts that were gathered before, into the ledger."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
    prepare,
    record,
)

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Records the facts of one host in one transaction."""

    ARGUMENTS = _options.RECORD

    def execute(self, options: Result, task_vars: Result) -> Result:
        check_mode = self._task.check_mode
        database = self.database(options, task_vars)
        host_id = self.host_id(options, task_vars)
        prepare(database)
        summary = record(database, host_id, options["facts"], options["shared_paths"], check_mode)
        result = summary.result(host_id)
        result["database"] = str(database)
        if self._task.diff:
            result["diff"] = summary.diff(host_id)
        return result
