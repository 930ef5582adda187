# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``sync_summary``: what the recordings of a play did, in one table."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._action import LedgerAction
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import plain
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._fleet_summary import Fleet

Result = t.Dict[str, t.Any]


class ActionModule(LedgerAction):
    """Adds up what the hosts of the play have registered; it reads nothing else."""

    ARGUMENTS = _options.SYNC_SUMMARY

    def execute(self, options: Result, task_vars: Result) -> Result:
        everyone = task_vars.get("ansible_play_hosts_all") or ()
        active = frozenset(task_vars.get("ansible_play_hosts") or ())
        fleet, waiting = Fleet(), 0
        for name in everyone:
            registered = task_vars["hostvars"][name].get(options["registered"])
            if registered is None and name in active:
                waiting += 1
            else:
                fleet.add(plain(name), plain(registered))
        return {
            "changed": False,
            "msg": fleet.table(waiting, options["findings"]),
            "totals": fleet.totals(),
            "not_recorded": fleet.not_recorded(),
        }
