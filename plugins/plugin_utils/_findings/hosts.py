# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about hosts."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import Reading
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    WARNING,
    Found,
    Rule,
    Threshold,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import hosts

_STALE = Threshold(
    "stale_hours",
    48,
    0.1,
    876000,
    "A host is stale if no complete answer of it was recorded for so many hours.",
)


def _stale(reading: Reading) -> t.Iterator[Found]:
    since = reading.now - datetime.timedelta(hours=reading.threshold(_STALE))
    for host_id, row in reading.hosts.items():
        last = row["last_complete_at"]
        if last is not None and last >= since:
            continue
        told = "was never recorded completely"
        if last is not None:
            told = "was recorded completely for the last time at {0}".format(
                last.isoformat(" ", "minutes")
            )
        details = {"last_complete_at": None if last is None else last.isoformat()}
        summary = "Host {0} {1}".format(host_id, told)
        yield Found(hosts.name, host_id, (host_id,), summary, details, host_id)


RULES = (
    Rule(
        "host_stale",
        WARNING,
        "A host was not recorded for a while",
        "No complete answer of the host was recorded in the time of the threshold. What the "
        "ledger and the other findings say of it is that old; they stay open until it answers "
        "again.",
        "Look at its last attempts (ledger_info, query sync_runs), and record it again.",
        _stale,
        _STALE,
    ),
)
