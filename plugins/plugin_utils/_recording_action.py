# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions that record have in common: gather on the host, record on the controller."""

from __future__ import annotations

import datetime
import functools
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.utils.display import Display
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    FactsError,
    OutpacedError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import (
    LedgerAction,
    Result,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import awx_user
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import Database
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._garbage import seldom_collected
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.attempt import attempt
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import (
    checked_host_id,
    checked_shared_paths,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.known import (
    NOTHING,
    Known,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import (
    prepare,
    record,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.refuse import Permits
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import begun

#: How often a host is asked for what differs while others record it.
_ATTEMPTS = 2


class GatheringFailed(FactsError):
    """The module on the host failed.

    :ivar details: what it said besides, for the result.
    """

    def __init__(self, message: str, details: Result) -> None:
        super().__init__(message)
        self.details = details


class RecordingAction(LedgerAction):
    """Records one host's facts; they stay between module and ledger.

    :cvar ASKS: the facts are those that the host answers now.
    """

    ASKS: t.ClassVar[bool] = False

    @seldom_collected()
    def recorded(
        self,
        options: Result,
        task_vars: Result,
        gather: t.Callable[[str, Known], t.Any],
        action: str,
        full: bool = False,
    ) -> Result:
        """Record what ``gather(host_id, known)`` returns; the result for the user.

        :param action: what the run is called in the ledger.
        :param full: compare every row, whatever digests say.
        """
        check_mode = self._task.check_mode
        database = self.database(options, task_vars)
        host_id = checked_host_id(self.host_id(options, task_vars))
        shared_paths = checked_shared_paths(options["shared_paths"])
        for known in self._known(database, host_id, shared_paths):
            asked_at = datetime.datetime.now(datetime.timezone.utc) if self.ASKS else None
            store = functools.partial(
                record,
                database,
                host_id,
                shared_paths=shared_paths,
                check_mode=check_mode,
                asked_at=asked_at,
                full=full,
                known=known,
                renamed_from=options["renamed_from"] or "",
                permits=Permits(*(options["allow_" + name] for name in Permits._fields)),
            )
            try:
                summary = attempt(
                    database,
                    host_id,
                    begun(action, awx_user(task_vars)),
                    functools.partial(gather, host_id, known or NOTHING),
                    store,
                    None if check_mode else Display().warning,
                    AnsibleConnectionFailure,
                )
                break
            except OutpacedError:
                continue
            except GatheringFailed as error:
                return {
                    **error.details,
                    "failed": True,
                    "changed": False,
                    "msg": str(error),
                    "host_id": host_id,
                }
        result = summary.result(host_id)
        result["database"] = str(database)
        if self._task.diff:
            result["diff"] = summary.diff(host_id)
        return result

    def _known(
        self, database: Database, host_id: str, shared_paths: t.Sequence[str]
    ) -> t.Iterator[t.Optional[Known]]:
        """What is recorded of the host, for every time that it is asked.

        It is asked again where somebody else recorded it meanwhile, in the end without leaving
        anything out.
        """
        for _attempt in range(_ATTEMPTS if self.ASKS else 0):
            yield prepare(database, host_id, shared_paths)
        prepare(database)
        yield None

    def gathered(self, module: str, arguments: Result, task_vars: Result, host_id: str) -> t.Any:
        """The facts that a module on the host returns.

        :raises GatheringFailed: with what the module said, and nothing of what it may have read.
        """
        facts = self._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        if facts.get("failed"):
            kept = ("exception", "module_stdout", "module_stderr", "warnings")
            details = {key: facts[key] for key in kept if facts.get(key)}
            message = facts.get("msg") or "The gathering module failed without a message."
            raise GatheringFailed(
                "Host {0}: {1} Nothing was recorded.".format(host_id, message), details
            )
        return facts
