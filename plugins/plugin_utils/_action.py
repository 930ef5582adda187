# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions have in common: validate the options, execute, turn errors into results."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import (
    chosen_database,
    plain,
    told,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import Database

Result = t.Dict[str, t.Any]


#: A job in the background would run on the managed host, where there is no ledger.
_NO_ASYNC = (
    "{0} works on the controller and cannot run in the background: remove 'async' and 'poll' "
    "(ad hoc: -B and -P). Hosts run side by side by 'forks' anyway, and option 'timeout' or "
    "'--task-timeout' limits how long one host may take."
)


class LedgerAction(ActionBase):
    """An action on the controller that works on the ledger.

    :cvar ARGUMENTS: the argument specification; the module of the same name documents it.
    :cvar CONSTRAINTS: which options go with which others, as of an AnsibleModule.
    """

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    ARGUMENTS: t.ClassVar[t.Dict[str, t.Dict[str, t.Any]]] = {}
    CONSTRAINTS: t.ClassVar[t.Dict[str, t.Any]] = {}

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[Result] = None) -> Result:
        """Validate the options and do the work; what goes wrong becomes a failed result."""
        if self._task.async_val:
            return {"failed": True, "changed": False, "msg": _NO_ASYNC.format(self._task.action)}
        result: Result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(
            argument_spec=self.ARGUMENTS, **self.CONSTRAINTS
        )
        try:
            result.update(told(self.execute(_plain(options), task_vars or {})))
        except VirtledgerError as error:
            result.update(failed=True, changed=False, msg=str(error))
        return result

    def execute(self, options: Result, task_vars: Result) -> Result:
        """The work of the action; overridden by each."""
        raise AssertionError("an action overrides this")

    def database(self, options: Result, task_vars: Result) -> Database:
        """The database by option, variable, environment or default."""
        return chosen_database(options, task_vars, self._templar, self._loader)

    def host_id(self, options: Result, task_vars: Result) -> t.Any:
        """The host's name in the ledger: the option, else the inventory's."""
        return options["host_id"] or plain(task_vars.get("inventory_hostname"))


def _plain(options: Result) -> Result:
    """The options in Python's own types, but for facts, which the recorder checks and copies."""
    facts = {key: options[key] for key in ("facts",) if key in options}
    rest = {key: item for key, item in options.items() if key not in facts}
    return {**plain(rest), **facts}
