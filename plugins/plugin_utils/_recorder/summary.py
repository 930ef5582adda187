# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording did, in a result that stays small whatever the size of the host."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import Told
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import Machine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    BOOKKEEPING,
    Plan,
    Recording,
)

#: Together these keep a result so small that an event of a job stays below 100 kB: that has it
#: twice, as data and as coloured text with a line for every value.
_CHANGES_LENGTH = 10000
_DIFF_LENGTH = 10000
_HOST_LENGTH = 2000
_LINES, _LINE_LENGTH = 50, 300
_MESSAGES, _MESSAGE_LENGTH = 8, 300

#: Columns that note a sighting.
_SIGHTING = frozenset(("updated_at", "last_seen_at", "last_complete_at", "used_at")) | BOOKKEEPING

#: How a VM's change is counted.
_COUNTED = ("new", "changed", "moved", "returned", "unchanged")


class Summary:
    """The result of one recording.

    :ivar unread: how many VMs were not told again, because they are as they were known.
    :ivar changed: something other than the note of the sighting was written, or would be.
    :ivar superseded: nothing of the facts was recorded, because newer ones are.
    :ivar tries: how often the transaction was tried, for others write at the same time.
    """

    def __init__(
        self,
        plan: Plan,
        machines: t.Sequence[Machine],
        gone: t.Sequence[t.Mapping[str, t.Any]],
        host_changes: t.Sequence[Told],
        facts: t.Mapping[str, t.Any],
        warnings: t.Sequence[str],
    ) -> None:
        self.changed = _is_change(plan)
        self._tables = plan.counts()
        self._machines = machines
        self._gone = gone
        self._host_changes = [str(change) for change in host_changes]
        self._errors = facts["errors"]
        self._domains = facts["domains"]
        self._warnings = [*warnings, *(str(error.get("message")) for error in facts["errors"])]
        self._warnings += [
            "Domain {0}: {1}".format(domain["name"], text)
            for domain in facts["domains"] or ()
            for text in domain["warnings"] or ()
        ]
        self.seconds: t.Dict[str, float] = {}
        self.superseded = False
        self.unread = 0
        self.tries = 1

    def note_renamed(self, former: str) -> None:
        """Say that everything recorded of the host has another name now."""
        self.changed = True
        self._host_changes = ["host {0} renamed".format(former), *self._host_changes]

    @property
    def vms(self) -> t.Dict[str, int]:
        """How many VMs were seen, are new, changed and so on."""
        vms = dict.fromkeys(_COUNTED, 0)
        for machine in self._machines:
            vms[_change(machine)] += 1
        vms["unchanged"] += self.unread
        vms["gone"] = len(self._gone)
        vms["seen"] = len(self._machines) + self.unread
        vms["failed"] = sum(1 for error in self._errors if error.get("object") == "domain")
        return vms

    def result(self, host_id: str) -> t.Dict[str, t.Any]:
        """The result as an action returns it."""
        changes, omitted = self._changes()
        return {
            "changed": self.changed,
            "superseded": self.superseded,
            "tries": self.tries,
            "host_id": host_id,
            "vms": self.vms,
            "tables": self._tables,
            "changes": changes,
            "changes_omitted": omitted,
            "host_changes": _few(self._host_changes),
            "errors": [
                {key: _cut(error.get(key)) for key in ("object", "name", "uuid", "message")}
                for error in self._errors[:_MESSAGES]
            ],
            "warnings": _some(self._warnings),
            "seconds": {stage: round(value, 4) for stage, value in self.seconds.items()},
        }

    def _changes(self) -> t.Tuple[t.List[t.Dict[str, t.Any]], int]:
        """What changed on each VM, and how many VMs were left out to keep the result small."""
        entries = [
            {
                "name": machine.name,
                "uuid": machine.vm_uuid,
                "domain_uuid": machine.key,
                "change": _change(machine),
                "lines": [str(line)[:_LINE_LENGTH] for line in machine.changes[:_LINES]],
            }
            for machine in self._machines
            if _change(machine) != "unchanged"
        ] + [
            {
                "name": row["name"],
                "uuid": row["uuid"],
                "domain_uuid": row["domain_uuid"],
                "change": "gone",
                "lines": [],
            }
            for row in self._gone
        ]
        room, kept = _CHANGES_LENGTH, []
        for entry in entries:
            room -= 200 + sum(len(line) for line in entry["lines"])
            if room < 0:
                break
            kept.append(entry)
        return kept, len(entries) - len(kept)

    def diff(self, host_id: str) -> t.Dict[str, str]:
        """The same as text for ``--diff``."""
        lines = ["host {0}".format(host_id)]
        lines += ["  {0}".format(line) for line in self._host_changes]
        changes, omitted = self._changes()
        for entry in changes:
            lines.append("  VM {0}: {1}".format(entry["name"], entry["change"]))
            lines += ["    {0}".format(line) for line in entry["lines"]]
        text, length = [], 0
        for line in lines:
            length += len(line) + 1
            if length > _DIFF_LENGTH:
                omitted += 1
                break
            text.append(_printable(line))
        if omitted:
            text.append("  ... and more")
        return {"prepared": "\n".join(text) + "\n" if self.changed else ""}


def superseded(recording: Recording, newer: datetime.datetime) -> Summary:
    """The result of facts that are older than what is recorded: nothing is written.

    :param newer: when the host was asked for what is recorded.
    """
    warning = (
        "Host {0}: these facts are of {1}, and newer ones of {2} are recorded already; they are "
        "left out. If they are not older, set the clocks.".format(
            recording.host_id,
            recording.moment.isoformat(" ", "seconds"),
            newer.isoformat(" ", "seconds"),
        )
    )
    summary = Summary(Plan(), (), (), (), {"domains": None, "errors": ()}, (warning,))
    summary.superseded = True
    return summary


def _is_change(plan: Plan) -> bool:
    if plan.inserts or plan.deletes:
        return True
    return any(set(values) - _SIGHTING for rows in plan.updates.values() for _key, values in rows)


def _change(machine: Machine) -> str:
    """A VM of which only the digest is refreshed is unchanged."""
    if machine.change == "changed" and not machine.changes:
        return "unchanged"
    return machine.change


def _cut(value: t.Any) -> t.Any:
    return value[:_MESSAGE_LENGTH] if isinstance(value, str) else value


def _some(messages: t.Sequence[str]) -> t.List[str]:
    kept = [message[:_MESSAGE_LENGTH] for message in messages[:_MESSAGES]]
    if len(messages) > _MESSAGES:
        kept.append("... and {0} more".format(len(messages) - _MESSAGES))
    return kept


def _few(lines: t.Sequence[str]) -> t.List[str]:
    """As many lines as there is room for."""
    room = _HOST_LENGTH
    kept: t.List[str] = []
    for line in lines:
        room -= len(line[:_LINE_LENGTH])
        if room < 0:
            kept.append("... and {0} more".format(len(lines) - len(kept)))
            break
        kept.append(line[:_LINE_LENGTH])
    return kept


def _printable(line: str) -> str:
    """Control and bidirectional characters escaped, for a terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
    )
