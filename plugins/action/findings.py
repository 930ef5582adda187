# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``findings``: what is wrong in the fleet, told by rules, kept, and used as a gate."""

from __future__ import annotations

import datetime
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.request import (
    Request,
    evaluated,
    stored_ones,
)

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Evaluates the rules and lists what they find, or lists what was found before."""

    ARGUMENTS = _options.FINDINGS

    def execute(self, options: Result, task_vars: Result) -> Result:
        started = time.monotonic()
        request = Request(options, datetime.datetime.now(datetime.timezone.utc))
        database = self.database(options, task_vars)
        if options["state"] == "listed":
            result = stored_ones(database, request)
        else:
            result = evaluated(database, request, self._task.check_mode)
        if not self._task.diff:
            result.pop("diff", None)
        result["database"] = str(database)
        result["seconds"] = round(time.monotonic() - started, 3)
        return result
