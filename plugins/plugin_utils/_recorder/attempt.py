# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One attempt to record a host, from the question to the note of how it ended."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    OutpacedError,
    RefusedError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.summary import Summary
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current

#: A failure is noted at once or not at all: the user waits for the message.
_TRIES = 2


def attempt(
    database: Database,
    host_id: str,
    run: runs.Run,
    gather: t.Callable[[], t.Any],
    store: t.Callable[..., Summary],
    warn: t.Optional[t.Callable[[str], None]],
    unreachable: t.Type[Exception] = ConnectionError,
) -> Summary:
    """Ask for facts and record them; what fails is noted, and raised again.

    :param gather: returns the facts.
    :param store: records them: ``store(facts, run=...)``.
    :param warn: shows a warning to the user; null where nothing is to be written.
    :param unreachable: what ``gather`` raises where there is no way to the host.
    """
    started = time.monotonic()
    try:
        facts = gather()
        gathered = time.monotonic() - started
        summary = store(facts, run=run._replace(gather_seconds=gathered))
    except Exception as error:
        # One who was outpaced tries again at once.
        if warn is not None and not isinstance(error, OutpacedError):
            problem = _note_failure(database, host_id, run, _ending(error, unreachable))
            if problem:
                warn("Host {0}: the failure could not be noted. {1}".format(host_id, problem))
        raise
    summary.seconds["gather"] = gathered
    return summary


def _ending(error: Exception, unreachable: t.Type[Exception]) -> runs.Ending:
    words = " ".join(str(error).split())
    if isinstance(error, unreachable):
        return runs.Ending(runs.UNREACHABLE, False, words)
    if isinstance(error, VirtledgerError):
        refused = isinstance(error, RefusedError)
        return runs.Ending(runs.REFUSED if refused else runs.FAILED, False, words)
    # Nobody has seen to it that the words of another error hold nothing secret.
    return runs.Ending(runs.FAILED, False, "unexpected error: {0}".format(type(error).__name__))


def _note_failure(database: Database, host_id: str, run: runs.Run, ending: runs.Ending) -> str:
    """Note a failure; why that is not possible, if it is not. The failure itself matters more."""
    if not exists(database):
        return ""

    def work(connection: t.Any) -> None:
        require_current(connection)
        runs.note(connection, host_id, run, ending)

    try:
        transact(database, work, tries=_TRIES)
    except Exception as error:
        return str(error)
    return ""
