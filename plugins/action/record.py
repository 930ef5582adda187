# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``record``: facts that were gathered before, or archived XML, into the ledger."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recording_action import (
    RecordingAction,
)

Result = t.Dict[str, t.Any]

_MODULE = "virtledger.libvirt.archive_info"


class ActionModule(RecordingAction):
    """Records the facts of one host in one transaction."""

    ARGUMENTS = _options.RECORD
    CONSTRAINTS: t.ClassVar[t.Dict[str, t.Any]] = {
        "mutually_exclusive": [("facts", "archive")],
        "required_one_of": [("facts", "archive")],
    }
    _requires_connection = True

    def execute(self, options: Result, task_vars: Result) -> Result:
        if options["archive"] is None:
            return self.recorded(
                options, task_vars, lambda _host_id, _known: options["facts"], "record"
            )
        # The texts are parsed here, and only the newest one of a VM.
        arguments = {**options["archive"], "families": [], "include_xml": True}
        return self.recorded(
            options,
            task_vars,
            lambda host_id, _known: self.gathered(_MODULE, arguments, task_vars, host_id),
            "backfill",
        )
