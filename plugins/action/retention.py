# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``retention``: remove old history, archived XML, changes and notes of runs."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import awx_user
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import begun
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.notes import RETENTION
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.options import (
    ARGUMENTS as ACCEPTED,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.remove import (
    remove_old,
)

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Removes what is older than so many days, but for the last state of everything."""

    ARGUMENTS = ACCEPTED

    def execute(self, options: Result, task_vars: Result) -> Result:
        database = self.database(options, task_vars)
        outcome = remove_old(
            database,
            options["older_than"],
            options["remove"],
            options["batch_size"],
            begun(RETENTION, awx_user(task_vars)),
            self._task.check_mode,
        )
        result = {**outcome.result(), "database": str(database)}
        if self._task.diff:
            result["diff"] = outcome.diff()
        return result
