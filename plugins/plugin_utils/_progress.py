# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run over many hosts is: a line for every host that is done, on standard error."""

from __future__ import annotations

import multiprocessing
import typing as t
import zlib

from ansible.utils.display import Display
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._words import counted, seconds

#: Ansible imports actions before it forks its workers, so this is common to all of them: which task
#: it is about, and how many hosts have done it.
_shared: t.Any
try:
    _shared = multiprocessing.Array("Q", 2)
except OSError:
    # No shared memory here, so nobody counts.
    _shared = None


def done(task_uuid: str, hosts: int, result: t.Mapping[str, t.Any], check_mode: bool) -> None:
    """Tell that a host is done.

    :param task_uuid: the task, the same for all its hosts.
    :param hosts: how many hosts the play has in all.
    :param result: of the recording.
    """
    display = Display()
    line = "{0}: {1}".format(result["host_id"], counted(result["vms"], check_mode))
    if result.get("superseded"):
        line = "{0}: left out, newer facts are recorded already".format(result["host_id"])
    line += " ({0})".format(seconds(sum(_whole(result["seconds"]))))
    position = _position(task_uuid)
    if hosts > 1 and position:
        digits = len(str(hosts))
        line = "[{0:>{2}}/{1}] {3}".format(min(position, hosts), hosts, digits, line)
    display.display(line, stderr=True)
    stages = ", ".join(
        "{0} {1}".format(stage, seconds(value)) for stage, value in result["seconds"].items()
    )
    display.verbose("{0}: {1}".format(result["host_id"], stages), caplevel=0)


def _whole(stages: t.Mapping[str, float]) -> t.Iterator[float]:
    """The stages that contain the others."""
    return (stages.get(name, 0.0) for name in ("gather", "record"))


def _position(task_uuid: str) -> int:
    """How many hosts have done the task, with this one; 0 where nobody counts."""
    if _shared is None:
        return 0
    task = zlib.crc32(task_uuid.encode())
    with _shared.get_lock():
        if _shared[0] != task:
            _shared[0], _shared[1] = task, 0
        _shared[1] += 1
        return int(_shared[1])
