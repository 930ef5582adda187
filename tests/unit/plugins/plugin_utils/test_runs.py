"""Records of runs: one row for what ends alike, and failures that are noted without hiding anything."""

from __future__ import annotations

import datetime
import getpass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    FactsError,
    LibvirtError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import attempt as trying
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import record
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from helpers import UUID, answer, domain
from ledgers import Ledger

DISK = "<disk type='file'><source file='{}'/><target dev='vda'/></disk>"
BROKEN = {"object": "domain", "name": "vm2", "uuid": UUID.format(2), "message": "vm2 is on fire"}


def noted(ledger: Ledger) -> list[dict[str, Any]]:
    rows, _more = ask(ledger.database, "sync_runs", Filters(), 100)
    return rows


def attempt(
    ledger: Ledger, gathered: Any, host_id: str = "hv1", action: str = "sync", **more: Any
) -> list[str]:
    """One attempt, whose facts are given or an error; the warnings that were shown."""
    warnings: list[str] = []

    def gather() -> Any:
        if isinstance(gathered, Exception):
            raise gathered
        return gathered

    trying.attempt(
        ledger.database,
        host_id,
        runs.begun(action, **more),
        gather,
        lambda facts, run: record(ledger.database, host_id, facts, run=run),
        warnings.append,
    )
    return warnings


def test_what_is_noted_of_a_run(ledger: Ledger) -> None:
    before = datetime.datetime.now(UTC)
    attempt(ledger, answer(domain()), user="ann", environ={"JOB_ID": "17"})
    (row,) = noted(ledger)
    assert (row["host_id"], row["action"], row["outcome"], row["repeats"]) == (
        "hv1",
        "sync",
        "recorded",
        0,
    )
    assert (row["is_complete"], row["reason"], row["job"]) == (True, None, "17")
    assert row["recorded_by"].startswith("ann@")
    assert (row["counts"]["new"], row["counts"]["seen"]) == (1, 1)
    assert {"gather", "plan", "write"} <= set(row["seconds"])
    times = [
        datetime.datetime.fromisoformat(row[name])
        for name in ("started_at", "finished_at", "last_at")
    ]
    assert before <= times[0] <= times[1] == times[2]


def test_runs_without_a_change_are_one_row(ledger: Ledger) -> None:
    attempt(ledger, answer(domain()), environ={"AWX_JOB_ID": "1"})
    for job in ("2", "3"):
        attempt(ledger, answer(domain()), user="bob", environ={"AWX_JOB_ID": job})
    (row,) = noted(ledger)
    assert (row["outcome"], row["repeats"], row["job"], row["last_job"]) == (
        "recorded",
        2,
        "1",
        "3",
    )
    assert row["last_by"].startswith("bob@")
    assert row["last_at"] > row["finished_at"]
    attempt(ledger, answer(domain(DISK.format("/a"))))
    attempt(ledger, answer(domain(DISK.format("/a"))))
    assert [(row["outcome"], row["repeats"]) for row in noted(ledger)] == [
        ("recorded", 1),
        ("recorded", 2),
    ]


def test_runs_of_two_kinds_in_turn_add_no_rows(ledger: Ledger) -> None:
    """A whole answer every night, and one VM by name every hour."""
    part = answer(domain(), complete=[])
    for _night in range(3):
        attempt(ledger, answer(domain()))
        attempt(ledger, part)
        attempt(ledger, part, action="record")
    rows = {(row["action"], row["is_complete"]): row for row in noted(ledger)}
    assert len(noted(ledger)) == len(rows) == 3
    assert rows["sync", True]["repeats"] == rows["sync", False]["repeats"] == 2
    assert rows["sync", False]["reason"] == "the answer is no listing of all domains"


def test_an_answer_with_errors_is_not_complete(ledger: Ledger) -> None:
    attempt(ledger, answer(domain(), errors=[BROKEN, {"object": "network", "message": "no"}]))
    (row,) = noted(ledger)
    assert (row["outcome"], row["is_complete"]) == ("recorded", False)
    assert row["reason"] == "vm2 is on fire (and 1 more errors)"
    assert row["counts"]["failed"] == 1


def test_failures_alike_are_one_row(ledger: Ledger) -> None:
    attempt(ledger, answer(domain()))
    dead = LibvirtError("No connection to qemu:///system: no socket.", "Check the daemon.")
    for _time in range(3):
        with pytest.raises(LibvirtError, match="no socket"):
            attempt(ledger, dead)
    with pytest.raises(LibvirtError, match="120 seconds"):
        attempt(ledger, LibvirtError("Reading it did not finish within 120 seconds."))
    attempt(ledger, answer(domain()))
    assert [(row["outcome"], row["repeats"], row["reason"]) for row in noted(ledger)] == [
        ("recorded", 1, None),
        ("failed", 0, "Reading it did not finish within 120 seconds."),
        ("failed", 2, "No connection to qemu:///system: no socket. Check the daemon."),
    ]
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL") == 1


def test_other_ends_of_a_run(ledger: Ledger) -> None:
    with pytest.raises(ConnectionError):
        attempt(ledger, ConnectionError("Failed to connect\nvia ssh"), "hv7")
    with pytest.raises(FactsError, match="mapping_version"):
        attempt(ledger, {"domains": []}, "hv8", action="record")
    with pytest.raises(RuntimeError):
        attempt(ledger, RuntimeError("password=qz"), "hv9")
    rows = {row["host_id"]: row for row in noted(ledger)}
    assert (rows["hv7"]["outcome"], rows["hv7"]["reason"]) == (
        "unreachable",
        "Failed to connect via ssh",
    )
    assert rows["hv8"]["outcome"] == "failed"
    assert "mapping_version" in rows["hv8"]["reason"]
    assert rows["hv9"]["reason"] == "unexpected error: RuntimeError"
    assert ledger.value("SELECT count(*) FROM hosts") == 0


def test_older_facts_are_noted_as_such(ledger: Ledger) -> None:
    ledger.record(answer(domain()))
    early = datetime.datetime.now(UTC) - datetime.timedelta(hours=1)
    ledger.record(answer(domain(DISK.format("/a"))), asked_at=early)
    row, _first = noted(ledger)
    assert (row["outcome"], row["is_complete"], row["repeats"]) == ("superseded", False, 0)


def test_a_backfill_is_called_so(ledger: Ledger) -> None:
    ledger.record(answer(complete=[], counts={"documents": 0}))
    (row,) = noted(ledger)
    assert (row["action"], row["outcome"], row["is_complete"]) == ("backfill", "unchanged", False)


def test_check_mode_notes_nothing(ledger: Ledger) -> None:
    ledger.record(answer(domain()), check_mode=True)
    with pytest.raises(LibvirtError):
        trying.attempt(
            ledger.database,
            "hv1",
            runs.begun("sync"),
            lambda: (_ for _ in ()).throw(LibvirtError("dead")),
            lambda facts, run: record(ledger.database, "hv1", facts, check_mode=True),
            None,
        )
    assert noted(ledger) == []


def test_a_failure_before_the_first_run_makes_no_ledger(tmp_path: Path) -> None:
    database = resolve(None, environ={"XDG_DATA_HOME": str(tmp_path)})
    warnings: list[str] = []
    with pytest.raises(LibvirtError, match="dead"):
        trying.attempt(
            database,
            "hv1",
            runs.begun("sync"),
            lambda: (_ for _ in ()).throw(LibvirtError("dead")),
            lambda facts, run: record(database, "hv1", facts, run=run),
            warnings.append,
        )
    assert (list(tmp_path.iterdir()), warnings) == ([], [])


def test_a_dead_database_does_not_hide_the_failure(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_arguments: Any, **_more: Any) -> None:
        raise DatabaseError("The database answers: it is gone.")

    monkeypatch.setattr(trying, "transact", dead)
    warnings: list[str] = []
    with pytest.raises(VirtledgerError, match="no socket"):
        trying.attempt(
            ledger.database,
            "hv1",
            runs.begun("sync"),
            lambda: (_ for _ in ()).throw(LibvirtError("no socket")),
            lambda facts, run: record(ledger.database, "hv1", facts, run=run),
            warnings.append,
        )
    assert warnings == [
        "Host hv1: the failure could not be noted. The database answers: it is gone."
    ]


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found: 1000740000")

    monkeypatch.setattr(getpass, "getuser", nameless)
    run = runs.begun("sync", environ={})
    assert run.recorded_by.partition("@")[0].isdigit()
    assert run.job is None
    assert len(runs.begun("sync", user="u" * 300, environ={"JOB_ID": "9" * 300}).job or "") == 255


def test_what_was_not_seen_for_long(ledger: Ledger) -> None:
    ledger.record(answer(domain(name="here", number=1)), "hv1")
    ledger.record(answer(domain(name="there", number=2)), "hv2")
    ledger.record(answer(domain(name="part", number=3), complete=[]), "hv3")
    late = datetime.datetime.now(UTC) - datetime.timedelta(hours=30)
    ledger.record(answer(domain(name="late", number=4)), "hv4", asked_at=late)

    def names(subject: str, key: str, stale: float) -> list[str]:
        return [row[key] for row in ask(ledger.database, subject, Filters(stale=stale), 10)[0]]

    assert names("hosts", "id", 24) == ["hv3", "hv4"]
    assert names("virtual_machines", "name", 24) == ["late", "part"]
    assert names("hosts", "id", 48) == ["hv3"]
    (host,) = ask(ledger.database, "hosts", Filters(host_id="hv3"), 1)[0]
    assert (host["last_complete_at"], host["last_outcome"]) == (None, "recorded")
    assert host["last_reason"] == "the answer is no listing of all domains"
    with pytest.raises(LibvirtError):
        attempt(ledger, LibvirtError("dead"), "hv1")
    (host,) = ask(ledger.database, "hosts", Filters(host_id="hv1"), 1)[0]
    assert (host["last_outcome"], host["last_reason"]) == ("failed", "dead")
    assert host["last_run_at"] > host["last_complete_at"]
