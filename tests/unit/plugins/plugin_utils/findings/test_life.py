"""How findings live: opened, kept, closed, reopened, ignored, listed, and stored by several at once."""

from __future__ import annotations

import datetime
import json
import threading
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    SchemaError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings import evaluate
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.request import (
    Request,
    evaluated,
    stored_ones,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from fleets import bridged, disk, vm
from helpers import answer
from ledgers import Ledger

Result = dict[str, Any]

DEFAULTS: Result = {
    "codes": [],
    "exclude": [],
    "severity": "info",
    "host_id": None,
    "vm": None,
    "ignore": None,
    "thresholds": {},
    "fail_on": None,
    "include_ignored": False,
    "include_closed": False,
    "limit": 100,
}


def request(later: datetime.timedelta = datetime.timedelta(0), **options: Any) -> Request:
    return Request({**DEFAULTS, **options}, datetime.datetime.now(UTC) + later)


def evaluation(ledger: Ledger, check_mode: bool = False, **options: Any) -> Result:
    return evaluated(ledger.database, request(**options), check_mode)


def moves(result: Result) -> tuple[bool, int, int, int]:
    """Changed; how many were opened, reopened, closed."""
    return tuple(result[name] for name in ("changed", "opened", "reopened", "closed"))  # type: ignore[return-value]


def codes(result: Result) -> list[str]:
    return [item["code"] for item in result["findings"]]


SHARED = [vm(disk("/s/x")), vm(disk("/s/x"), 2)]
DOWN = vm(bridged("01", more="<link state='down'/>"), 3)


@pytest.fixture
def fleet(ledger: Ledger) -> Ledger:
    """A disk that two VMs of hv1 write to, and a NIC of hv2 whose link is down."""
    ledger.record(answer(*SHARED), "hv1")
    ledger.record(answer(DOWN), "hv2")
    return ledger


def test_a_finding_is_opened_kept_closed_and_reopened(fleet: Ledger) -> None:
    first = evaluation(fleet)
    assert moves(first) == (True, 2, 0, 0)
    assert codes(first) == ["shared_disk", "link_down"]
    (opened, _other) = first["findings"]
    assert opened["first_seen_at"] == opened["last_seen_at"]
    assert [entry["name"] for entry in opened["details"]["vms"]] == ["vm1", "vm2"]
    assert first["diff"]["prepared"].startswith("opened critical shared_disk: Volume /s/x")
    assert first["counts"] == {"critical": 1, "warning": 0, "info": 1}
    assert set(first["rules"]) == {"shared_disk", "link_down"}

    second = evaluation(fleet)
    assert moves(second) == (False, 0, 0, 0)
    (kept, _other) = second["findings"]
    assert kept["first_seen_at"] == opened["first_seen_at"]
    assert kept["last_seen_at"] > opened["last_seen_at"]
    assert second["diff"]["prepared"] == ""

    fleet.record(answer(SHARED[0]), "hv1")
    closing = evaluation(fleet, exclude=["vm_gone"])
    assert moves(closing) == (True, 0, 0, 1)
    assert codes(closing) == ["link_down"]
    assert "closed critical shared_disk" in closing["diff"]["prepared"]
    shown = evaluation(fleet, exclude=["vm_gone"], include_closed=True)
    closed = shown["findings"][-1]
    assert (closed["code"], closed["last_seen_at"]) == ("shared_disk", kept["last_seen_at"])
    assert closed["closed_at"] is not None

    fleet.record(answer(*SHARED), "hv1")
    again = evaluation(fleet)
    assert moves(again) == (True, 0, 1, 0)
    back = again["findings"][0]
    assert (back["reopened"], back["closed_at"]) == (1, None)
    assert back["first_seen_at"] == opened["first_seen_at"]
    assert back["last_reopened_at"] == back["last_seen_at"]
    assert fleet.value("SELECT count(*) FROM findings") == 2


def test_check_mode_finds_out_the_same_and_writes_nothing(fleet: Ledger) -> None:
    before = fleet.dump(without=())
    planned = evaluation(fleet, check_mode=True)
    assert fleet.dump(without=()) == before
    done = evaluation(fleet)
    assert codes(planned) == codes(done)
    assert planned["diff"] == done["diff"]
    assert moves(planned) == moves(done)


def test_what_a_rule_says_anew_is_no_change(fleet: Ledger) -> None:
    evaluation(fleet)
    renamed = vm(disk("/s/x"), 2)
    renamed["name"] = "other"
    fleet.record(answer(SHARED[0], renamed), "hv1")
    result = evaluation(fleet)
    assert moves(result) == (False, 0, 0, 0)
    assert "and vm1 (hv1)" in result["findings"][0]["summary"]
    assert "other (hv1)" in fleet.value("SELECT summary FROM findings WHERE severity = 'critical'")


def test_what_is_left_out_is_not_closed(fleet: Ledger) -> None:
    evaluation(fleet)
    fleet.record(answer(SHARED[0]), "hv1")
    for options in ({"codes": ["link_down"]}, {"exclude": ["shared_disk", "vm_gone"]}):
        assert moves(evaluation(fleet, **options)) == (False, 0, 0, 0)
    # These choose what is listed, so the other one is closed all the same.
    result = evaluation(fleet, host_id="hv2", severity="info", exclude=["vm_gone"])
    assert moves(result) == (True, 0, 0, 1)
    assert codes(result) == ["link_down"]


def test_what_is_listed(fleet: Ledger) -> None:
    evaluation(fleet)
    for options, told in (
        ({"severity": "critical"}, ["shared_disk"]),
        ({"host_id": "hv1"}, ["shared_disk"]),
        ({"host_id": "hv?"}, ["shared_disk", "link_down"]),
        ({"host_id": "hv[12]"}, []),
        ({"vm": "vm2"}, ["shared_disk"]),
        ({"vm": "vm3"}, ["link_down"]),
        ({"limit": 1}, ["shared_disk"]),
    ):
        result = stored_ones(fleet.database, request(**options))
        assert codes(result) == told, options
        assert result["truncated"] is ("limit" in options)
        assert result["changed"] is False


def test_ledger_info_has_them(fleet: Ledger) -> None:
    evaluation(fleet)

    def asked(**filters: Any) -> list[str]:
        rows, _more = ask(fleet.database, "findings", Filters(**filters), 10)
        return [row["code"] for row in rows]

    assert asked() == ["link_down", "shared_disk"]
    assert asked(host_id="hv1") == asked(vm="vm2") == ["shared_disk"]
    assert asked(host_id="hv2") == asked(vm="vm3") == ["link_down"]
    fleet.record(answer(SHARED[0]), "hv1")
    evaluation(fleet, exclude=["vm_gone"])
    assert asked() == ["link_down"]
    assert asked(include_gone=True) == ["link_down", "shared_disk"]


def test_what_is_meant_so(fleet: Ledger) -> None:
    rule = {"code": "shared_*", "vm": "vm1", "reason": "a cluster", "expires": "2999-12-31"}
    result = evaluation(fleet, ignore=[rule], fail_on="critical")
    assert codes(result) == ["link_down"]
    assert (result["count"], result["ignored_count"]) == (1, 1)
    assert "failed" not in result
    shown = evaluation(fleet, include_ignored=True)["findings"][0]
    assert (shown["ignore_reason"], shown["ignored_until"][:10]) == ("a cluster", "3000-01-01")
    # Who does not say what is ignored leaves it so; who says that nothing is, ends it.
    assert evaluation(fleet)["ignored_count"] == 1
    ended = evaluation(fleet, ignore=[])
    assert (ended["changed"], ended["ignored_count"]) == (True, 0)
    assert "marked critical shared_disk" in ended["diff"]["prepared"]


def test_an_ignore_that_expires(fleet: Ledger) -> None:
    soon = datetime.datetime.now(UTC) + datetime.timedelta(hours=1)
    rule = {"object": "/s/x", "reason": "until the move", "expires": soon.isoformat()}
    assert evaluation(fleet, ignore=[rule])["ignored_count"] == 1
    later = evaluation(fleet, later=datetime.timedelta(hours=2), fail_on="critical")
    assert later["ignored_count"] == 0
    assert later["failed"] is True
    expired = evaluation(fleet, later=datetime.timedelta(hours=2), ignore=[rule])
    assert expired["expired_ignores"] == ["object /s/x (until the move)"]
    assert "count no more: object /s/x (until the move)" in expired["warnings"][0]
    assert evaluation(fleet, include_ignored=True)["findings"][0]["ignore_reason"] is None


def test_the_gate(fleet: Ledger) -> None:
    result = evaluation(fleet, fail_on="critical")
    assert result["failed"] is True
    assert result["msg"].startswith(
        "Findings of severity critical or above are open: shared_disk (1). The first: Volume /s/x is written"
    )
    # It is stored before the task fails.
    assert evaluation(fleet)["changed"] is False
    assert "link_down (1)" in evaluation(fleet, fail_on="info")["msg"]
    assert "failed" not in evaluation(fleet, fail_on="critical", host_id="hv2")
    assert stored_ones(fleet.database, request(fail_on="warning"))["failed"] is True


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"codes": ["shared"]}, r"'codes' has 'shared', which is no code.*shared_disk"),
        ({"exclude": ["x"]}, "'exclude' has 'x'"),
        ({"codes": ["link_down"], "exclude": ["link_down"]}, "leave no rule"),
        ({"limit": 0}, "'limit' is 0, but must be from 1 to 10000"),
        ({"thresholds": {"stale": 1}}, r"'stale', which is no threshold.*stale_hours"),
        ({"thresholds": {"stale_hours": "soon"}}, r"'stale_hours' is 'soon'.*from 0.1 to"),
        ({"thresholds": {"gone_days": -1}}, "'gone_days' is -1"),
        ({"thresholds": {"gone_days": "nan"}}, "'gone_days' is 'nan'"),
        ({"ignore": [{"reason": "all"}]}, "says neither of code, host_id, vm, object"),
        ({"ignore": [{"code": "x", "reason": " "}]}, "empty 'reason'"),
        ({"ignore": [{"code": "x", "reason": "y", "expires": "soon"}]}, "'soon', which is no date"),
        ({"ignore": [{"code": "x", "reason": "y", "expires": "2026-02-30"}]}, "no date"),
    ],
)
def test_wrong_options(options: Result, message: str) -> None:
    with pytest.raises(VirtledgerError, match=message):
        request(**options)


def test_without_a_ledger(tmp_path: Any) -> None:
    database = resolve(f"sqlite:///{tmp_path / 'none.db'}")
    for work in (
        lambda: evaluated(database, request(), False),
        lambda: stored_ones(database, request()),
    ):
        with pytest.raises(VirtledgerError, match="There is no ledger yet"):
            work()
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_of_an_older_revision(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runner, "REVISIONS", runner.REVISIONS[:9])
        database = resolve(place if isinstance(place, str) else f"sqlite:///{place}")
        runner.upgrade(database)
    with pytest.raises(SchemaError, match=r"revision 9.*virtledger\.libvirt\.schema"):
        evaluated(database, request(), False)


def test_a_reader_lists_and_nobody_else_is_kept_waiting(fleet: Ledger) -> None:
    """Several evaluate at once: each finding is there once, and the last one stored is the newest."""
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(evaluation(fleet)["count"])
        except BaseException as error:
            results.append(error)

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [2, 2, 2, 2]
    assert fleet.value("SELECT count(*) FROM findings") == 2
    assert fleet.value("SELECT max(reopened) FROM findings") == 0


def test_an_older_reading_is_never_stored_over_a_newer_one(
    fleet: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = evaluate._read
    others = [True]

    def reading(*arguments: Any) -> Any:
        read = original(*arguments)
        if others:
            others.pop()
            fleet.record(answer(SHARED[0]), "hv1")
            evaluation(fleet, exclude=["vm_gone"])
        return read

    monkeypatch.setattr(evaluate, "_read", reading)
    result = evaluation(fleet, exclude=["vm_gone"])
    assert codes(result) == ["link_down"]
    assert fleet.value("SELECT count(*) FROM findings WHERE closed_at IS NULL") == 1


def test_whoever_is_always_overtaken_stores_at_last(
    fleet: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def overtaken(*_arguments: Any) -> bool:
        asked.append(1)
        return False

    monkeypatch.setattr(evaluate, "_store", overtaken)
    assert evaluation(fleet)["opened"] == 2
    assert len(asked) == 3
    assert fleet.value("SELECT count(*) FROM findings WHERE closed_at IS NULL") == 2
    fleet.record(answer(SHARED[0]), "hv1")
    assert evaluation(fleet, exclude=["vm_gone"])["closed"] == 1


def test_a_clock_that_was_set_back(fleet: Ledger) -> None:
    evaluation(fleet)
    ahead = datetime.datetime.now(UTC) + datetime.timedelta(days=1)
    moment = ahead.replace(tzinfo=None).isoformat(" ")
    zone = "+00:00" if fleet.dialect != "mariadb" else ""
    fleet.execute(f"UPDATE findings SET last_seen_at = '{moment}{zone}'")
    fleet.record(answer(SHARED[0]), "hv1")
    evaluation(fleet, exclude=["vm_gone"])
    (row,) = fleet.query("SELECT * FROM findings WHERE closed_at IS NOT NULL")
    assert row["closed_at"] > row["last_seen_at"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_result_stays_small(ledger: Ledger) -> None:
    long = "n" * 200
    ledger.record(
        answer(
            *(
                vm(disk(f"/i/{long}{number}", "sda", kind="cdrom"), number)
                for number in range(1, 301)
            )
        )
    )
    ledger.is_checked = False
    result = evaluation(ledger, limit=10000)
    assert result["count"] == result["opened"] == 300
    assert result["truncated"] is True
    assert 20 < len(result["findings"]) < 300
    assert len(json.dumps(result)) < 100_000


def test_what_is_stored_keeps_to_its_columns(ledger: Ledger) -> None:
    """Names of any length, and of any letters."""
    path = "/i/" + "ü" * 400
    ledger.record(answer(vm(disk(path)), vm(disk(path), 2)))
    (item,) = evaluation(ledger)["findings"]
    assert item["object_name"] == path[:255]
    assert path[:300] in item["summary"]
    assert path in ledger.value("SELECT summary FROM findings")
    assert moves(evaluation(ledger)) == (False, 0, 0, 0)
