# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action ``sync``: gather on the host, record on the controller; the facts stay in between."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._garbage import seldom_collected

with seldom_collected():
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _options
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._progress import done
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.known import Known
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recording_action import (
        RecordingAction,
    )
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import load_driver
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._words import counted

    load_driver()

Result = t.Dict[str, t.Any]

_MODULE = "virtledger.libvirt.hypervisor_info"


class ActionModule(RecordingAction):
    """Runs the gathering module on the host and records its answer."""

    ARGUMENTS = _options.SYNC
    ASKS = True
    _requires_connection = True

    def execute(self, options: Result, task_vars: Result) -> Result:
        # The archive keeps the texts; they go no further than the ledger.
        arguments = {name: options[name] for name in _options.GATHERING}
        arguments.update(include_xml=True, packed=True)

        def gather(host_id: str, known: Known) -> t.Any:
            if not options["full"]:
                arguments.update(known_domains=known.domains, known_inventory=known.inventory)
            return self.gathered(_MODULE, arguments, task_vars, host_id)

        result = self.recorded(options, task_vars, gather, "sync", options["full"])
        if not result.get("failed"):
            result["msg"] = counted(result["vms"], self._task.check_mode)
            hosts = len(task_vars.get("ansible_play_hosts_all") or ())
            done(self._task._uuid, hosts, result, self._task.check_mode)
        return result
