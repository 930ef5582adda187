# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows first: numbers, charts, and what is worth a look."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import sheets, vm_sheets
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import Report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.derive import (
    RUNNING,
    column,
    columns,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.others import SEVERITIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import Sheet
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.texts import visible

#: How many bars a chart has, how many findings the overview names, and how many VMs of each.
_BARS, _FINDINGS, _MACHINES = 10, 8, 4

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class Card(t.NamedTuple):
    """A number with what it counts."""

    label: str
    value: str
    detail: str
    href: str


class Bar(t.NamedTuple):
    """A bar.

    :ivar parts: of which kind each part is, where it begins and how long it is, in percent.
    """

    label: str
    href: str
    value: str
    parts: t.List[t.Tuple[str, float, float]]


class Chart(t.NamedTuple):
    """A chart of bars.

    :ivar legend: the kinds of parts, where there are several.
    :ivar more: how many bars it has no room for.
    """

    title: str
    bars: t.List[Bar]
    legend: t.List[t.Tuple[str, str]]
    more: int
    href: str


class Look(t.NamedTuple):
    """What is worth a look; none of it must be wrong."""

    label: str
    number: int
    href: str


def overview(report: Report) -> t.Dict[str, t.Any]:
    """Cards, charts, what is worth a look, and the worst findings."""
    charts = [
        _counted(report, vm_sheets.INFO, "state", "VMs by state", "vms"),
        _counted(report, vm_sheets.INFO, "os", "VMs by operating system", "vms"),
        _severities(report),
        _hosts(report),
        _loads(
            report, "Memory of running VMs per host", "running_memory_bytes", "memory_bytes", sized
        ),
        _loads(report, "vCPUs of running VMs per host", "running_vcpus", "cpu_count", str),
        _pools(report),
    ]
    return {
        "cards": _cards(report),
        "charts": [chart for chart in charts if chart.bars],
        "looks": [look for look in _looks(report) if look.number],
        "findings": _findings(report),
    }


def sized(number: t.Optional[float]) -> str:
    """Bytes as people read them."""
    value = float(number or 0)
    for unit in _UNITS:
        if abs(value) < 1024 or unit == _UNITS[-1]:
            return "{0:.{1}f} {2}".format(value, 0 if value >= 100 or unit == "B" else 1, unit)
        value /= 1024
    raise AssertionError("the last unit is for everything")


def link(slug: str, **parameters: str) -> str:
    """An address in the page; filters are given as ``f_state``, by values as the page has them."""
    pairs = {key.replace("f_", "f.", 1): visible(value) for key, value in parameters.items()}
    return "#{0}?{1}".format(slug, urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote))


def _cards(report: Report) -> t.List[Card]:
    living = [
        row
        for row in columns(
            report.rows, vm_sheets.INFO, "state", "vcpu_count", "memory_bytes", "deleted_at"
        )
        if not row[3]
    ]
    running = [row for row in living if row[0] in RUNNING]
    hosts = report.rows[sheets.HOST.name]
    cpus = sum(value or 0 for value in column(report.rows, sheets.HOST, "cpu_count"))
    memory = sum(value or 0 for value in column(report.rows, sheets.HOST, "memory_bytes"))
    pools = list(columns(report.rows, sheets.POOL, "allocation_bytes", "capacity_bytes"))
    volumes = len(report.rows[sheets.VOLUME.name])
    cards = [
        Card("Hosts", _number(len(hosts)), "", "#hosts"),
        Card("VMs", _number(len(living)), "{0} running".format(_number(len(running))), "#vms"),
        Card(
            "vCPUs running",
            _number(sum(row[1] or 0 for row in running)),
            "of {0} CPUs".format(_number(cpus)),
            "#hosts?sort=-running_vcpus",
        ),
        Card(
            "Memory running",
            sized(sum(row[2] or 0 for row in running)),
            "of {0}".format(sized(memory)),
            "#hosts?sort=-running_memory_bytes",
        ),
        Card(
            "Storage in pools",
            sized(sum(row[0] or 0 for row in pools)),
            "of {0}, {1} volumes".format(
                sized(sum(row[1] or 0 for row in pools)), _number(volumes)
            ),
            "#pools",
        ),
    ]
    if report.scope.findings:
        found = _open(report)
        worst = "{0} {1}".format(_number(found.count(SEVERITIES[0])), SEVERITIES[0])
        cards.append(Card("Findings", _number(len(found)), worst, "#findings"))
    return cards


def _number(number: int) -> str:
    return "{0:,}".format(number)


def _tally(values: t.Iterable[t.Any]) -> t.List[t.Tuple[t.Any, int]]:
    """How often there is each value, the most frequent first."""
    found: t.Dict[t.Any, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _counted(report: Report, sheet: Sheet, name: str, title: str, slug: str) -> Chart:
    found = _tally(column(report.rows, sheet, name))
    longest = max((count for _value, count in found), default=1)
    bars = [
        Bar(
            "not known" if value is None else str(value),
            link(slug, **{"f_" + name: "-" if value is None else value}),
            _number(count),
            [("state-" + str(value) if name == "state" else "plain", 0.0, 100.0 * count / longest)],
        )
        for value, count in found[:_BARS]
    ]
    return Chart(title, bars, [], max(0, len(found) - _BARS), "#" + slug)


def _open(report: Report) -> t.List[t.Any]:
    """The severities of the findings that nobody ignores."""
    pairs = columns(report.rows, sheets.HEALTH, "severity", "ignored")
    return [severity for severity, ignored in pairs if not ignored]


def _severities(report: Report) -> Chart:
    found = dict(_tally(_open(report)))
    order = [*SEVERITIES, *sorted(set(found) - set(SEVERITIES), key=str)]
    longest = max(found.values(), default=1)
    bars = [
        Bar(
            str(name),
            link("findings", f_severity=str(name), f_ignored="0"),
            _number(found[name]),
            [("severity-" + str(name), 0.0, 100.0 * found[name] / longest)],
        )
        for name in order
        if name in found
    ]
    return Chart("Findings by severity", bars, [], 0, "#findings")


def _hosts(report: Report) -> Chart:
    found = sorted(
        columns(report.rows, sheets.HOST, "host_id", "vm_count", "running_count"),
        key=lambda row: (-row[1], row[0]),
    )
    longest = max((row[1] for row in found), default=0) or 1
    bars = [
        Bar(
            host,
            link("vms", f_host_id=host),
            "{0} of {1}".format(_number(running), _number(count)),
            [
                ("state-running", 0.0, 100.0 * running / longest),
                ("state-shutoff", 100.0 * running / longest, 100.0 * (count - running) / longest),
            ],
        )
        for host, count, running in found[:_BARS]
    ]
    legend = [("state-running", "running"), ("state-shutoff", "not running")]
    return Chart("VMs per host", bars, legend, max(0, len(found) - _BARS), "#hosts?sort=-vm_count")


def _loads(
    report: Report, title: str, used: str, owned: str, shown: t.Callable[[t.Any], str]
) -> Chart:
    """What VMs take of what a host has; the fullest hosts first."""
    found = sorted(
        (row for row in columns(report.rows, sheets.HOST, "host_id", used, owned) if row[2]),
        key=lambda row: (-row[1] / row[2], row[0]),
    )
    bars = [
        _load(host, link("vms", f_host_id=host), taken, has, shown)
        for host, taken, has in found[:_BARS]
    ]
    return Chart(title, bars, _LOAD_LEGEND, max(0, len(found) - _BARS), "#hosts?sort=-" + used)


_LOAD_LEGEND = [("used", "taken"), ("over", "more than there is"), ("free", "free")]


def _load(label: str, href: str, taken: int, has: int, shown: t.Callable[[t.Any], str]) -> Bar:
    """Taken and free, or what there is and how much too much that is."""
    whole = max(taken, has)
    inside = 100.0 * min(taken, has) / whole
    rest = ("over" if taken > has else "free", inside, 100.0 - inside)
    value = "{0} of {1}, {2:.0f} %".format(shown(taken), shown(has), 100.0 * taken / has)
    return Bar(label, href, value, [("used", 0.0, inside), rest])


def _pools(report: Report) -> Chart:
    names = ("name", "host_id", "allocation_bytes", "capacity_bytes")
    found = sorted(
        (row for row in columns(report.rows, sheets.POOL, *names) if row[3] and row[2] is not None),
        key=lambda row: (-row[2] / row[3], str(row[1]), str(row[0])),
    )
    bars = [
        _load(
            "{0} on {1}".format(name, host),
            link("volumes", f_host_id=str(host), f_pool_name=str(name)),
            taken,
            has,
            sized,
        )
        for name, host, taken, has in found[:_BARS]
    ]
    return Chart(
        "Storage pools",
        bars,
        _LOAD_LEGEND,
        max(0, len(found) - _BARS),
        "#pools?sort=-allocation_bytes",
    )


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
