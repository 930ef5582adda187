# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``sync``: gather on the host, record on the controller; the facts stay in between."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import (
    checked_host_id,
    checked_shared_paths,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
    prepare,
    record,
)

Result = t.Dict[str, t.Any]

_MODULE = "virtledger.libvirt.hypervisor_info"


class ActionModule(LedgerAction):
    """Runs the gathering module on the host and records its answer."""

    ARGUMENTS = _options.SYNC
    _requires_connection = True

    def execute(self, options: Result, task_vars: Result) -> Result:
        check_mode = self._task.check_mode
        database = self.database(options, task_vars)
        host_id = checked_host_id(self.host_id(options, task_vars))
        shared_paths = checked_shared_paths(options["shared_paths"])
        prepare(database)
        started = time.monotonic()
        facts = self._execute_module(
            module_name=_MODULE,
            module_args={
                **{name: options[name] for name in _options.GATHERING},
                # The archive keeps the texts; they go no further than the ledger.
                "include_xml": True,
            },
            task_vars=task_vars,
        )
        gathered = time.monotonic() - started
        if facts.get("failed"):
            return _failure(facts, host_id)
        summary = record(database, host_id, facts, shared_paths, check_mode)
        summary.seconds["gather"] = gathered
        result = summary.result(host_id)
        result["database"] = str(database)
        if self._task.diff:
            result["diff"] = summary.diff(host_id)
        return result


def _failure(facts: Result, host_id: str) -> Result:
    """What the module said, and nothing of what it may have gathered."""
    kept = ("msg", "exception", "module_stdout", "module_stderr", "warnings")
    result = {key: facts[key] for key in kept if facts.get(key)}
    result.setdefault("msg", "The gathering module failed without a message.")
    result["msg"] = "Host {0}: {1} Nothing was recorded.".format(host_id, result["msg"])
    return {**result, "failed": True, "changed": False, "host_id": host_id}
