# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``restore``: VMs of one host from the ledger, defined on another one."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import (
    checked_host_id,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.relocate import Maps
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._restore import (
    Prepared,
    Request,
    note_lost,
    prepare,
)

Result = t.Dict[str, t.Any]

_MODULE = "virtledger.libvirt.domain_define"
#: An event of a job has it twice, and stays below 100 kB.
_DIFF_LENGTH = 30000

_DONE = ("defined", "redefined", "unchanged")


class ActionModule(LedgerAction):
    """Makes the definitions on the controller and has the host define them."""

    ARGUMENTS = _options.RESTORE
    _requires_connection = True

    def execute(self, options: Result, task_vars: Result) -> Result:
        database = self.database(options, task_vars)
        target = checked_host_id(self.host_id(options, task_vars))
        prepared = prepare(database, _request(options, target))
        answer = self._execute_module(
            module_name=_MODULE,
            module_args=_arguments(options, prepared),
            task_vars=task_vars,
        )
        told = answer.get("domains") or []
        result = _result(answer, options["source_host"], target, prepared, told)
        if self._task.diff and answer.get("diff"):
            result["diff"] = {"prepared": _shortened(answer["diff"]["prepared"])}
        lost = [one.vm for one, domain in zip(prepared, told) if domain["status"] in _DONE]
        moved = options["source_host"] != target and options["source_lost"]
        if moved and not self._task.check_mode:
            note_lost(database, lost)
        return result


def _shortened(diff: str) -> str:
    """Whole lines of a difference, as many as a job's events have room for."""
    if len(diff) <= _DIFF_LENGTH:
        return diff
    kept = diff[:_DIFF_LENGTH].rpartition("\n")[0]
    return "{0}\n... and more: restore fewer VMs at a time to see it\n".format(kept)


def _request(options: Result, target: str) -> Request:
    return Request(
        source_host=options["source_host"],
        target_host=target,
        vms=options["vms"],
        at=options["at"] or "",
        source_lost=options["source_lost"],
        ignore_elsewhere=options["ignore_elsewhere"],
        maps=Maps(*(options["map_" + name] for name in Maps._fields)),
        secrets=options["secrets"],
        drop_secrets=options["drop_secrets"],
    )


def _arguments(options: Result, prepared: t.Sequence[Prepared]) -> Result:
    return {
        "uri": options["uri"],
        "timeout": options["timeout"],
        "replace": options["replace"],
        "start": options["start"],
        "domains": [
            {"xml": one.xml, "autostart": options["autostart"] and bool(one.vm["autostart"])}
            for one in prepared
        ],
    }


def _result(
    answer: Result,
    source: str,
    target: str,
    prepared: t.Sequence[Prepared],
    told: t.Sequence[Result],
) -> Result:
    """The answer for the user: what became of each VM, and never its XML."""
    kept = ("failed", "msg", "warnings", "module_stderr")
    result = {key: answer[key] for key in kept if answer.get(key)}
    if result.get("failed"):
        result["msg"] = "Host {0}: {1}".format(target, result.get("msg") or "no message")
    vms = [
        {
            "name": one.vm["name"],
            "uuid": one.vm["uuid"],
            "domain_uuid": one.vm["domain_uuid"],
            "status": domain["status"],
            "started": domain["started"],
            "message": domain["message"],
            "notes": one.notes,
        }
        for one, domain in zip(prepared, told)
    ]
    result.update(changed=bool(answer.get("changed")), source_host=source, host_id=target, vms=vms)
    return result
