# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts of bars, as numbers: how often there is what, and what is taken of what there is."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import sheets, vm_sheets
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import Report
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.derive import (
    columns,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.others import SEVERITIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.texts import visible

#: How many bars a chart has.
_BARS = 10

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


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


def charts(report: Report) -> t.List[Chart]:
    """All charts that have something to show."""
    found = [
        _counted(report, "state", "VMs by state"),
        _counted(report, "os", "VMs by operating system"),
        _severities(report),
        _hosts(report),
        _loads(
            report, "Memory of active VMs per host", "active_memory_bytes", "memory_bytes", sized
        ),
        _loads(report, "vCPUs of active VMs per host", "active_vcpu_count", "cpu_count", str),
        _pools(report),
    ]
    return [chart for chart in found if chart.bars]


def sized(number: t.Optional[float]) -> str:
    """Bytes as people read them."""
    value = float(number or 0)
    for unit in _UNITS:
        if abs(value) < 1024 or unit == _UNITS[-1]:
            return "{0:.{1}f} {2}".format(value, 0 if value >= 100 or unit == "B" else 1, unit)
        value /= 1024
    raise AssertionError("the last unit is for everything")


def grouped(number: int) -> str:
    """A number with commas between thousands."""
    return "{0:,}".format(number)


def link(slug: str, **parameters: str) -> str:
    """An address in the page; filters are given as ``f_state``, by values as the page has them."""
    pairs = {key.replace("f_", "f.", 1): visible(value) for key, value in parameters.items()}
    return "#{0}?{1}".format(slug, urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote))


def _tally(values: t.Iterable[t.Any]) -> t.List[t.Tuple[t.Any, int]]:
    """How often there is each value, the most frequent first."""
    found: t.Dict[t.Any, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _counted(report: Report, name: str, title: str) -> Chart:
    """How many of the VMs that are there have each value of a column."""
    pairs = columns(report.rows, vm_sheets.INFO, name, "deleted_at")
    found = _tally(value for value, gone in pairs if not gone)
    longest = max((count for _value, count in found), default=1)
    bars = [
        Bar(
            "not known" if value is None else str(value),
            link("vms", **{"f_" + name: "-" if value is None else value}),
            grouped(count),
            [("state-" + str(value) if name == "state" else "plain", 0.0, 100.0 * count / longest)],
        )
        for value, count in found[:_BARS]
    ]
    return Chart(title, bars, [], max(0, len(found) - _BARS), "#vms")


def open_severities(report: Report) -> t.List[t.Any]:
    """The severities of the findings that nobody ignores."""
    pairs = columns(report.rows, sheets.HEALTH, "severity", "ignored")
    return [severity for severity, ignored in pairs if not ignored]


def _severities(report: Report) -> Chart:
    found = dict(_tally(open_severities(report)))
    order = [*SEVERITIES, *sorted(set(found) - set(SEVERITIES), key=str)]
    longest = max(found.values(), default=1)
    bars = [
        Bar(
            str(name),
            link("findings", f_severity=str(name), f_ignored="0"),
            grouped(found[name]),
            [("severity-" + str(name), 0.0, 100.0 * found[name] / longest)],
        )
        for name in order
        if name in found
    ]
    return Chart("Findings by severity", bars, [], 0, "#findings")


def _hosts(report: Report) -> Chart:
    found = sorted(
        columns(report.rows, sheets.HOST, "host_id", "vm_count", "active_vm_count"),
        key=lambda row: (-row[1], row[0]),
    )
    longest = max((row[1] for row in found), default=0) or 1
    bars = [
        Bar(
            host,
            link("vms", f_host_id=host),
            "{0} of {1}".format(grouped(running), grouped(count)),
            [
                ("state-running", 0.0, 100.0 * running / longest),
                ("state-shutoff", 100.0 * running / longest, 100.0 * (count - running) / longest),
            ],
        )
        for host, count, running in found[:_BARS]
    ]
    legend = [("state-running", "active"), ("state-shutoff", "not active")]
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
