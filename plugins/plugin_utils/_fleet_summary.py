# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the recordings of a play did, as one table."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._display import shown
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._words import DIFFERENCES, seconds

OK, FAILED, UNREACHABLE, SUPERSEDED = "ok", "failed", "unreachable", "superseded"

_HEADINGS = ("host", "outcome", "VMs", *DIFFERENCES, "not readable", "time")

#: Hosts on which nothing happened are listed one by one up to so many.
_LISTED = 20

#: So many hosts are listed at all.
_MAXIMUM = 200


class Fleet:
    """The recordings of the hosts of a play.

    :ivar hosts: by inventory name: ``outcome``, ``vms`` and ``seconds``.
    """

    def __init__(self) -> None:
        self.hosts: t.Dict[str, t.Dict[str, t.Any]] = {}

    def add(self, name: str, result: t.Optional[t.Mapping[str, t.Any]]) -> None:
        """Add what the recording of one host returned; null where it returned nothing."""
        outcome = OK
        if not result or result.get("unreachable"):
            outcome = UNREACHABLE
        elif result.get("failed") or "vms" not in result:
            outcome = FAILED
        elif result.get("superseded"):
            outcome = SUPERSEDED
        result = result or {}
        stages = result.get("seconds") or {}
        self.hosts[name] = {
            "outcome": outcome,
            "vms": result.get("vms") or {},
            "seconds": round(stages.get("gather", 0.0) + stages.get("record", 0.0), 4),
        }

    def not_recorded(self) -> t.List[str]:
        """The hosts of which nothing was recorded, up to so many as are listed."""
        return [name for name, host in self.hosts.items() if host["outcome"] != OK][:_MAXIMUM]

    def totals(self) -> t.Dict[str, int]:
        """How many hosts ended how, and the VMs of all of them."""
        found = list(self.hosts.values())
        totals = {"hosts": len(found)}
        for outcome in (OK, FAILED, UNREACHABLE, SUPERSEDED):
            totals[outcome] = sum(1 for host in found if host["outcome"] == outcome)
        for name in ("seen", *DIFFERENCES):
            totals["vms" if name == "seen" else name] = self._sum(name)
        totals["not_readable"] = self._sum("failed")
        return totals

    def _sum(self, name: str) -> int:
        return sum(host["vms"].get(name, 0) for host in self.hosts.values())

    def table(
        self, waiting: int = 0, findings: t.Optional[t.Mapping[str, int]] = None
    ) -> t.List[str]:
        """The table as lines: the hosts with something to say, and a last line for all.

        :param waiting: how many hosts of the play have not been asked yet.
        :param findings: how many are open by severity, the worst first; null if nobody knows.
        """
        telling = [name for name, host in self.hosts.items() if _tells(host)]
        names = list(self.hosts) if len(self.hosts) <= _LISTED else telling[:_MAXIMUM]
        rows = [_HEADINGS, *(self._row(name) for name in names)]
        totals = self.totals()
        last = [totals["vms"], *(totals[name] for name in DIFFERENCES), totals["not_readable"], ""]
        rows.append(("total", "", *(str(item) for item in last)))
        lines = _aligned(rows)
        left_out = len(self.hosts) - len(names)
        if left_out:
            lines.insert(-1, "({0} more hosts)".format(left_out))
        ended = [
            "{0} {1}".format(totals[name], name)
            for name in (OK, FAILED, UNREACHABLE, SUPERSEDED)
            if totals[name]
        ]
        if waiting:
            ended.append("{0} still to come".format(waiting))
        lines.append("hosts: {0}".format(", ".join(ended)))
        if findings is not None:
            told = ["{0} {1}".format(number, name) for name, number in findings.items() if number]
            lines.append("findings: {0}".format(", ".join(told) or "none"))
        return lines

    def _row(self, name: str) -> t.Tuple[str, ...]:
        host = self.hosts[name]
        vms = host["vms"]
        numbers = [str(vms.get(key, "")) for key in ("seen", *DIFFERENCES, "failed")]
        time = seconds(host["seconds"]) if vms else ""
        return (shown(name), host["outcome"], *numbers, time)


def _tells(host: t.Mapping[str, t.Any]) -> bool:
    vms = host["vms"]
    return host["outcome"] != OK or any(vms.get(name) for name in (*DIFFERENCES, "failed"))


def _aligned(rows: t.Sequence[t.Sequence[str]]) -> t.List[str]:
    """Columns of equal width, texts to the left and numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            text.ljust(width) if column < 2 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
