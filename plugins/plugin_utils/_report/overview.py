# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows first: numbers, charts, what is worth a look, and the worst findings."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._status import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import sheets, vm_sheets
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.charts import (
    charts,
    grouped,
    open_severities,
    sized,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import Report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.derive import (
    column,
    columns,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.others import SEVERITIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet

#: How many findings the overview names, and how many VMs of each.
_FINDINGS, _MACHINES = 8, 4


class Card(t.NamedTuple):
    """A number with what it counts."""

    label: str
    value: str
    detail: str
    href: str


class Look(t.NamedTuple):
    """What is worth a look; none of it must be wrong."""

    label: str
    number: int
    href: str


def overview(report: Report) -> t.Dict[str, t.Any]:
    """Cards, charts, what is worth a look, and the worst findings."""
    return {
        "cards": _cards(report),
        "charts": charts(report),
        "looks": [look for look in _looks(report) if look.number],
        "findings": _findings(report),
    }


def _cards(report: Report) -> t.List[Card]:
    living = [
        row
        for row in columns(
            report.rows, vm_sheets.INFO, "state", "vcpu_count", "memory_bytes", "deleted_at"
        )
        if not row[3]
    ]
    running = [row for row in living if row[0] in ACTIVE]
    cards = [
        Card("Hosts", grouped(len(report.rows[sheets.HOST.name])), "", "#hosts"),
        Card("VMs", grouped(len(living)), "{0} active".format(grouped(len(running))), "#vms"),
        Card(
            "vCPUs active",
            grouped(sum(row[1] or 0 for row in running)),
            "of {0} CPUs".format(grouped(_sum(report, sheets.HOST, "cpu_count"))),
            "#hosts?sort=-active_vcpu_count",
        ),
        Card(
            "Memory active",
            sized(sum(row[2] or 0 for row in running)),
            "of {0}".format(sized(_sum(report, sheets.HOST, "memory_bytes"))),
            "#hosts?sort=-active_memory_bytes",
        ),
        _storage(report),
    ]
    if report.scope.findings:
        found = open_severities(report)
        worst = "{0} {1}".format(grouped(found.count(SEVERITIES[0])), SEVERITIES[0])
        if not report.has_findings:
            # No row says that the rules were asked.
            worst = "nothing was ever found, or looked for: run the playbook findings"
        cards.append(Card("Findings", grouped(len(found)), worst, "#findings"))
    return cards


def _storage(report: Report) -> Card:
    has = sized(_sum(report, sheets.POOL, "capacity_bytes"))
    volumes = grouped(len(report.rows[sheets.VOLUME.name]))
    taken = sized(_sum(report, sheets.POOL, "allocation_bytes"))
    return Card("Storage in pools", taken, "of {0}, {1} volumes".format(has, volumes), "#pools")


def _sum(report: Report, sheet: Sheet, name: str) -> int:
    return sum(value or 0 for value in column(report.rows, sheet, name))


def _looks(report: Report) -> t.List[Look]:
    volumes = column(report.rows, sheets.VOLUME, "vm_count")
    macs = [
        mac
        for mac, count in columns(report.rows, vm_sheets.NETWORK, "mac_address", "mac_count")
        if mac and count > 1
    ]
    runs = column(report.rows, sheets.HOST, "last_outcome")
    failed = ("failed", "refused", "unreachable")
    media = column(report.rows, vm_sheets.CD, "source_ref")
    return [
        Look(
            "Volumes that more than one VM uses",
            sum(1 for count in volumes if count and count > 1),
            "#volumes?sort=-vm_count",
        ),
        Look("MAC addresses on more than one NIC", len(set(macs)), "#nics?sort=-mac_count"),
        Look(
            "Hosts whose last recording failed",
            sum(1 for outcome in runs if outcome in failed),
            "#hosts?sort=last_outcome",
        ),
        Look(
            "CD-ROMs and floppies with a medium",
            sum(1 for source in media if source),
            "#cds?sort=-source_ref",
        ),
        Look(
            "VMs with snapshots",
            sum(1 for count in column(report.rows, vm_sheets.INFO, "snapshot_count") if count),
            "#vms?sort=-snapshot_count&all=1",
        ),
    ]


def _findings(report: Report) -> t.List[t.Dict[str, t.Any]]:
    """The worst findings; of each code one, before a second one of any."""
    names = ("severity", "code", "summary", "vm_uuids", "ignored")
    turns: t.Dict[t.Any, int] = {}
    found: t.List[t.Tuple[bool, int, t.Dict[str, t.Any]]] = []
    for row in columns(report.rows, sheets.HEALTH, *names):
        finding = dict(zip(names, row))
        if not finding["ignored"]:
            turns[finding["code"]] = turns.get(finding["code"], 0) + 1
            found.append((turns[finding["code"]] > 1, len(found), finding))
    found.sort(key=lambda item: item[:2])
    told = [finding for _again, _place, finding in found[:_FINDINGS]]
    machines = dict(columns(report.rows, vm_sheets.INFO, "uuid", "name"))
    for finding in told:
        uuids = (finding["vm_uuids"] or "").split(" ")[:_MACHINES]
        finding["vms"] = [(uuid, machines[uuid] or uuid) for uuid in uuids if uuid in machines]
    return told
