"""What recordings did, in words and as a table."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _progress
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._fleet_summary import Fleet
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._words import counted, seconds


def vms(**numbers: int) -> dict[str, int]:
    names = ("seen", "new", "changed", "moved", "returned", "unchanged", "gone", "failed")
    return {**dict.fromkeys(names, 0), **numbers}


def result(**numbers: int) -> dict[str, Any]:
    return {"vms": vms(**numbers), "changed": True, "seconds": {"gather": 0.5, "record": 0.25}}


@pytest.mark.parametrize(
    ("numbers", "check_mode", "words"),
    [
        ({"seen": 5}, False, "5 VMs, no change"),
        ({"seen": 1, "new": 1}, False, "1 VM, 1 new"),
        ({"seen": 3, "changed": 2, "gone": 1}, True, "3 VMs, 2 would be changed, 1 would be gone"),
        ({"seen": 3, "moved": 1, "failed": 2}, False, "3 VMs, 1 moved, 2 not readable"),
    ],
)
def test_words(numbers: dict[str, int], check_mode: bool, words: str) -> None:
    assert counted(vms(**numbers), check_mode) == words


def test_durations() -> None:
    assert [seconds(value) for value in (0.004, 9.99, 75.4)] == ["0.00 s", "9.99 s", "75 s"]


def test_a_table_of_all_outcomes() -> None:
    fleet = Fleet()
    fleet.add("hv1", result(seen=20, new=2, gone=1))
    fleet.add("hv-two", result(seen=3, unchanged=3))
    fleet.add("hv3", {"failed": True, "msg": "no libvirt"})
    fleet.add("hv4", None)
    fleet.add("hv5", {**result(seen=4), "superseded": True})
    assert fleet.table() == [
        "host    outcome      VMs  new  changed  moved  returned  gone  not readable    time",
        "hv1     ok            20    2        0      0         0     1             0  0.75 s",
        "hv-two  ok             3    0        0      0         0     0             0  0.75 s",
        "hv3     failed",
        "hv4     unreachable",
        "hv5     superseded     4    0        0      0         0     0             0  0.75 s",
        "total                 27    2        0      0         0     1             0",
        "hosts: 2 ok, 1 failed, 1 unreachable, 1 superseded",
    ]
    findings = {"critical": 2, "warning": 0, "info": 12}
    assert fleet.table(findings=findings)[-1] == "findings: 2 critical, 12 info"
    assert fleet.table(findings=dict.fromkeys(findings, 0))[-1] == "findings: none"
    assert fleet.not_recorded() == ["hv3", "hv4", "hv5"]
    assert fleet.totals() == {
        "hosts": 5,
        "ok": 2,
        "failed": 1,
        "unreachable": 1,
        "superseded": 1,
        "vms": 27,
        "new": 2,
        "changed": 0,
        "moved": 0,
        "returned": 0,
        "gone": 1,
        "not_readable": 0,
    }


def test_what_a_play_takes_for_failed_is_failed() -> None:
    fleet = Fleet()
    fleet.add("hv1", {**result(seen=3), "failed": True})
    assert (fleet.not_recorded(), fleet.totals()["failed"]) == (["hv1"], 1)


def test_of_a_large_fleet_only_what_tells_something() -> None:
    fleet = Fleet()
    for number in range(1000):
        fleet.add(f"hv{number}", result(seen=10, changed=1 if number == 500 else 0))
    lines = fleet.table(waiting=24)
    assert [line.split()[0] for line in lines[:2]] == ["host", "hv500"]
    assert lines[2] == "(999 more hosts)"
    assert lines[3].split()[:3] == ["total", "10000", "0"]
    assert lines[4:] == ["hosts: 1000 ok, 24 still to come"]


def test_of_a_fleet_that_changed_everywhere_a_bounded_number() -> None:
    fleet = Fleet()
    for number in range(5000):
        fleet.add(f"hv{number}", result(seen=1, new=1))
    assert len(fleet.table()) == 204
    assert "(4800 more hosts)" in fleet.table()


def test_a_name_that_moves_the_cursor_is_shown_escaped() -> None:
    fleet = Fleet()
    fleet.add("hv\x1b[2J", None)
    assert "\x1b" not in "".join(fleet.table())


def test_the_position_counts_anew_for_another_task(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Recorder:
        def display(self, text: str, **_options: Any) -> None:
            told.append(text)

        def verbose(self, text: str, **_options: Any) -> None:
            told.append("-v " + text)

    monkeypatch.setattr(_progress, "Display", Recorder)
    answer = {**result(seen=2, new=1), "host_id": "hv1"}
    for task, hosts in (("a", 12), ("a", 12), ("b", 2), ("c", 1)):
        _progress.done(task, hosts, answer, False)
    _progress.done("d", 12, {**answer, "superseded": True}, False)
    assert told[::2] == [
        "[ 1/12] hv1: 2 VMs, 1 new (0.75 s)",
        "[ 2/12] hv1: 2 VMs, 1 new (0.75 s)",
        "[1/2] hv1: 2 VMs, 1 new (0.75 s)",
        "hv1: 2 VMs, 1 new (0.75 s)",
        "[ 1/12] hv1: left out, newer facts are recorded already (0.75 s)",
    ]
    assert told[1] == "-v hv1: gather 0.50 s, record 0.25 s"


def test_where_nobody_can_count_there_is_no_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_shared", None)
    assert _progress._position("a") == 0
