# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``schema``: create, upgrade or check the tables of the ledger, and what is in them."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import SchemaError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import Database
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST, newer
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verified

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Brings the database to the latest revision, or says which one it has."""

    ARGUMENTS = _options.SCHEMA

    def execute(self, options: Result, task_vars: Result) -> Result:
        database = self.database(options, task_vars)
        if options["state"] == "checked":
            checked = _check(database)
            _require_views(database)
            return checked
        if options["state"] == "verified":
            return {**_check(database), **verified(database)}
        outcome = runner.upgrade(database, dry_run=self._task.check_mode)
        result: Result = {
            "changed": bool(outcome.applied or outcome.views),
            "database": str(database),
            "revision_before": outcome.before,
            "revision": outcome.before if self._task.check_mode else outcome.after,
            "latest_revision": LATEST,
            "applied": outcome.applied,
            "views": outcome.views,
        }
        if self._task.diff and outcome.ddl:
            result["diff"] = {"prepared": "".join(text + ";\n" for text in outcome.ddl)}
        return result


def _check(database: Database) -> Result:
    """Fail unless the database is at the revision that this collection writes."""
    found, stamped = runner.inspect(database)
    if found > LATEST:
        raise newer(found).of(database)
    if found < LATEST or not stamped:
        state = "at revision {0}".format(found) if stamped else "without a ledger"
        if found and not stamped:
            state = "an existing layout that has not been upgraded"
        raise SchemaError(
            "The database {0} is {1}; needed is revision {2}.".format(database, state, LATEST),
            "Run the action virtledger.libvirt.schema with state=latest.",
        )
    return {
        "changed": False,
        "database": str(database),
        "revision_before": found,
        "revision": found,
        "latest_revision": LATEST,
        "applied": [],
        "views": [],
    }


def _require_views(database: Database) -> None:
    """Fail unless all views are there.

    :raises SchemaError: some are not.
    """
    lacking = runner.lacking_views(database)
    if lacking:
        raise SchemaError(
            "The database {0} lacks the views {1}, or columns of them.".format(
                database, ", ".join(lacking)
            ),
            "Run the action virtledger.libvirt.schema with state=latest.",
        )
