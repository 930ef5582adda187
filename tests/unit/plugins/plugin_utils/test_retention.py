"""Retention: what is old goes, the last state of everything stays, and the ledger is whole throughout."""

from __future__ import annotations

import datetime
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    RegenerationError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tables
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import document
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention import notes, remove
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import KINDS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from helpers import UUID, answer, domain_xml
from ledgers import Ledger

Facts = dict[str, Any]

#: What has tests of its own for each rule; changes have one rule only.
OWN = ("configurations", "sync_runs", "findings")

NOW = datetime.datetime.now(UTC)
REMOVED = "was removed"


def ago(days: float) -> datetime.datetime:
    return NOW - datetime.timedelta(days=days)


def disk(name: str) -> str:
    return f"<disk type='file'><source file='/images/{name}'/><target dev='vda'/></disk>"


def told(config: str | None, live: str | None = None, number: int = 1) -> Facts:
    """A VM whose definition, and whose running domain, have the disks of these names."""
    texts = [
        None if name is None else domain_xml(disk(name), f"vm{number}", number)
        for name in (live, config)
    ]
    if texts[0] is not None:
        texts[0] = texts[0].replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    state = "shutoff" if live is None else "running"
    return domain_facts(*texts, status=Status(state, config is not None, False), include_xml=True)


def record(ledger: Ledger, days: float, *domains: Facts, **more: Any) -> None:
    """What a host answered so many days ago."""
    ledger.record(answer(*domains, **more), asked_at=ago(days))


def retain(ledger: Ledger, older_than: int = 365, **more: Any) -> dict[str, Any]:
    """Remove what is old; the result but for the time that it took."""
    run = runs.begun("retention", environ={"JOB_ID": "17"})
    options: dict[str, Any] = {"kinds": OWN, "batch_size": 1000, **more}
    result = remove.remove_old(ledger.database, older_than, run=run, **options).result()
    del result["seconds"]
    return result


def shape(ledger: Ledger) -> list[tuple[str, int, bool]]:
    """The configurations: kind, days ago, still open."""
    return [
        (
            row["kind"],
            round((NOW - datetime.datetime.fromisoformat(row["first_seen_at"])).days / 10) * 10,
            row["last_seen_at"] is None,
        )
        for row in ledger.query("SELECT * FROM vm_configurations ORDER BY kind, first_seen_at")
    ]


def text(ledger: Ledger, days: float, kind: str = "auto", number: int = 1) -> str:
    """What a VM was so many days ago; an error in words."""
    wanted = Wanted(kind, ago(days).isoformat())
    try:
        return regenerate_all(ledger.database, [UUID.format(number)], wanted)[0].text
    except RegenerationError as error:
        return str(error)


def write(ledger: Ledger, table: Any, rows: list[dict[str, Any]]) -> None:
    with open_engine(ledger.database).begin() as connection:
        connection.execute(sa.insert(table), rows)


def run_row(days: float, host_id: str | None = "hv1", **more: Any) -> dict[str, Any]:
    """A note of a run so many days ago."""
    time = ago(days)
    return {
        "host_id": host_id,
        "action": "sync",
        "outcome": "recorded",
        "is_complete": True,
        "started_at": time,
        "finished_at": time,
        "last_at": time,
        "repeats": 0,
        **more,
    }


def days_of_runs(ledger: Ledger, host_id: str = "hv1") -> list[int]:
    rows = ledger.query("SELECT last_at FROM sync_runs WHERE host_id = ?", host_id)
    return sorted((NOW - datetime.datetime.fromisoformat(row["last_at"])).days for row in rows)


@pytest.fixture
def history(ledger: Ledger) -> Ledger:
    """One VM that was changed five times."""
    for days, name in ((500, "a"), (450, "b"), (400, "c"), (300, "d"), (200, "e")):
        record(ledger, days, told(name))
    return ledger


def test_old_configurations_go_with_their_documents(history: Ledger) -> None:
    assert retain(history)["removed"] == {
        "vm_configurations": 2,
        "xml_documents": 2,
        "sync_runs": 0,
        "findings": 0,
    }
    assert [days for _kind, days, _open in shape(history)] == [400, 300, 200]
    assert history.value("SELECT count(*) FROM xml_documents") == 3


def test_what_was_since_then_is_answered_as_before(history: Ledger) -> None:
    days = [364, 310, 299, 250, 199, 1]
    before = [text(history, day) for day in days]
    retain(history)
    assert [text(history, day) for day in days] == before
    assert "/images/c" in before[0]


def test_what_was_removed_is_called_so(history: Ledger) -> None:
    retain(history)
    for day in (499, 420):
        assert REMOVED in text(history, day)
    assert "/images/c" in text(history, 399)
    digest = document(domain_xml(disk("a"), "vm1", 1), "config").digest
    with pytest.raises(RegenerationError, match=REMOVED):
        regenerate_all(history.database, [UUID.format(1)], Wanted(at=digest))


def test_before_the_first_removal_nothing_is_called_removed(history: Ledger) -> None:
    answered = text(history, 600)
    assert "The ledger has no config or live configuration" in answered
    assert REMOVED not in answered


def test_a_definition_that_was_removed_is_not_answered_by_the_running_domain(
    ledger: Ledger,
) -> None:
    """The domain runs all the time, its definition was changed meanwhile."""
    for days, name in ((500, "old"), (450, "old"), (400, "new"), (1, "new")):
        record(ledger, days, told(name, live="running"))
    assert "/images/old" in text(ledger, 460)
    retain(ledger)
    assert REMOVED in text(ledger, 460)
    assert "/images/running" in text(ledger, 460, "live")


def test_a_vm_that_is_gone_keeps_its_last_state(ledger: Ledger) -> None:
    record(ledger, 900, told("a", live="b"))
    record(ledger, 850, told("c", live="d"))
    record(ledger, 800, told("c", live="d"))
    record(ledger, 700)
    result = retain(ledger)
    assert result["removed"]["vm_configurations"] == 2
    assert shape(ledger) == [("config", 850, False), ("live", 850, False)]
    assert "/images/c" in text(ledger, 10)
    assert ledger.value("SELECT count(*) FROM virtual_machines") == 1


def test_a_document_that_something_else_has_stays(ledger: Ledger) -> None:
    for days, name in ((500, "a"), (450, "b"), (1, "a")):
        record(ledger, days, told(name))
    assert retain(ledger)["removed"] == {
        "vm_configurations": 1,
        "xml_documents": 0,
        "sync_runs": 0,
        "findings": 0,
    }
    assert "/images/a" in text(ledger, 0)


def test_a_document_without_a_configuration_goes(ledger: Ledger) -> None:
    record(ledger, 1, told("a"))
    rows = [{**document(f"<x{n}/>", "config").row, "used_at": ago(1)} for n in range(3)]
    write(ledger, _tables.xml_documents, rows)
    planned = retain(ledger, check_mode=True)
    assert retain(ledger, batch_size=2)["removed"] == planned["removed"]
    assert planned["removed"]["xml_documents"] == 3


def test_a_second_run_changes_nothing(history: Ledger) -> None:
    write(history, _tables.sync_runs, [run_row(days) for days in (600, 500)])
    assert retain(history)["changed"] is True
    before = history.dump(without=())
    result = retain(history)
    assert (result["changed"], set(result["removed"].values())) == (False, {0})
    assert history.dump(without=()) == before


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_check_mode_says_the_same_and_writes_nothing(history: Ledger, batch_size: int) -> None:
    write(history, _tables.sync_runs, [run_row(days) for days in (600, 500, 400)])
    before = history.dump(without=())
    planned = retain(history, batch_size=batch_size, check_mode=True)
    assert history.dump(without=()) == before
    done = retain(history, batch_size=batch_size)
    assert {**planned, "before": None} == {**done, "before": None}
    assert done["removed"] == {
        "vm_configurations": 2,
        "xml_documents": 2,
        "sync_runs": 2,
        "findings": 0,
    }
    counts = {name: len(history.query(f"SELECT * FROM {name}")) for name in done["kept"]}
    counts["sync_runs"] -= 1  # the note of the removal itself
    assert counts == done["kept"]
    (oldest,) = history.query("SELECT min(first_seen_at) AS oldest FROM vm_configurations")
    assert done["oldest_kept"]["vm_configurations"] == oldest["oldest"].replace(" ", "T")


def test_each_kind_alone(history: Ledger) -> None:
    write(history, _tables.sync_runs, [run_row(days) for days in (600, 500)])
    assert retain(history, kinds=["sync_runs"])["removed"] == {"sync_runs": 1}
    assert REMOVED not in text(history, 600)
    removed = retain(history, kinds=["configurations"])["removed"]
    assert removed == {"vm_configurations": 2, "xml_documents": 2}


def test_which_notes_of_runs_stay(ledger: Ledger) -> None:
    """Of each host, outcome and completeness the newest, and what the next run may repeat."""
    failed = {"outcome": "failed", "is_complete": False}
    rows = [
        *(run_row(days) for days in (900, 800, 700)),
        *(run_row(days, outcome="unchanged") for days in (890, 790)),
        *(run_row(days, **failed) for days in (880, 780, 100)),
        *(run_row(days, action="record", **failed) for days in (870, 770)),
        *(run_row(days, "hv2") for days in (950, 940)),
    ]
    write(ledger, _tables.sync_runs, rows)
    assert retain(ledger)["removed"]["sync_runs"] == 7
    assert days_of_runs(ledger) == [100, 700, 770, 790]
    assert days_of_runs(ledger, "hv2") == [940]


def test_a_run_that_was_repeated_lately_is_not_old(ledger: Ledger) -> None:
    rows = [run_row(900, last_at=ago(100)), run_row(800), run_row(50)]
    write(ledger, _tables.sync_runs, rows)
    assert retain(ledger)["removed"]["sync_runs"] == 1
    assert days_of_runs(ledger) == [50, 100]


def test_a_removal_is_noted(history: Ledger) -> None:
    retain(history, batch_size=1)
    query = "SELECT * FROM sync_runs WHERE action = 'retention'"
    (note,) = history.query(query)
    assert (note["host_id"], note["outcome"], note["job"]) == (None, "removed", "17")
    assert '"vm_configurations":2' in note["counts_json"]
    assert note["started_at"] <= note["finished_at"] <= note["last_at"]


def test_the_newest_note_tells_of_all_removals(history: Ledger) -> None:
    """One that removes more comes first; its note is gone in the end, its reach is not forgotten."""
    retain(history, older_than=250)
    write(history, _tables.sync_runs, [run_row(800), run_row(700)])
    retain(history, older_than=650)
    with open_engine(history.database).begin() as connection:
        oldest = sa.select(sa.func.min(_tables.sync_runs.c.id)).where(
            _tables.sync_runs.c.action == "retention"
        )
        key = connection.execute(oldest).scalar()
        connection.execute(sa.delete(_tables.sync_runs).where(_tables.sync_runs.c.id == key))
    assert REMOVED in text(history, 350)


def test_what_breaks_off_leaves_a_whole_ledger(
    history: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = remove._remove_documents, []

    def failing(connection: Any, digests: Any) -> int:
        calls.append(digests)
        if len(calls) == 2:
            raise DatabaseError("gone")
        return original(connection, digests)

    monkeypatch.setattr(remove, "_remove_documents", failing)
    with pytest.raises(DatabaseError):
        retain(history, batch_size=1)
    monkeypatch.undo()
    assert [days for _kind, days, _open in shape(history)] == [450, 400, 300, 200]
    history.check()
    assert REMOVED in text(history, 499)
    (note,) = history.query("SELECT * FROM sync_runs WHERE action = 'retention'")
    assert '"vm_configurations":1' in note["counts_json"]
    assert retain(history)["removed"]["vm_configurations"] == 1


def _meanwhile(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Start something beside; it gets half a second to run into what is held."""
    results: list[Any] = []

    def perform() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=perform)
    thread.start()
    thread.join(0.5)
    return thread, results


def test_a_document_that_a_recording_is_about_to_use_stays(
    history: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The VM is again what it was first, and that is being removed at the moment."""
    original, started = recorder.note, []

    def noting(*arguments: Any) -> None:
        started.append(_meanwhile(lambda: retain(history)))
        original(*arguments)

    monkeypatch.setattr(recorder, "note", noting)
    record(history, 0, told("a"))
    ((thread, results),) = started
    thread.join()
    assert results[0]["removed"] == {
        "vm_configurations": 2,
        "xml_documents": 1,
        "sync_runs": 0,
        "findings": 0,
    }
    history.check()
    assert "/images/a" in text(history, -1)


def test_a_recording_that_needs_a_document_while_it_goes_brings_it_back(
    history: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, started = remove._remove_documents, []

    def removing(connection: Any, digests: Any) -> int:
        count = original(connection, digests)
        if not started:
            started.append(_meanwhile(lambda: record(history, 0, told("a"))))
        return count

    monkeypatch.setattr(remove, "_remove_documents", removing)
    assert retain(history)["removed"]["xml_documents"] == 2
    ((thread, results),) = started
    thread.join()
    assert results == [None]
    history.check()
    assert "/images/a" in text(history, -1)


def test_a_note_that_is_repeated_while_it_goes_stays(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(ledger, _tables.sync_runs, [run_row(days) for days in (900, 800, 1)])
    original = remove._plan

    def planning(*arguments: Any) -> Any:
        plan = original(*arguments)
        with open_engine(ledger.database).begin() as connection:
            table = _tables.sync_runs
            statement = sa.update(table).where(table.c.started_at < ago(850))
            connection.execute(statement.values(last_at=NOW))
        return plan

    monkeypatch.setattr(remove, "_plan", planning)
    assert retain(ledger)["removed"]["sync_runs"] == 1
    assert days_of_runs(ledger) == [0, 1]


def test_findings_that_are_closed_for_long(ledger: Ledger) -> None:
    rows = [
        {
            "fingerprint": name,
            "first_seen_at": ago(900),
            "last_seen_at": ago(800),
            "closed_at": closed,
        }
        for name, closed in (("old", ago(400)), ("late", ago(300)), ("open", None))
    ]
    write(ledger, _tables.findings, rows)
    assert retain(ledger, kinds=["findings"], batch_size=1)["removed"] == {"findings": 1}
    left = ledger.query("SELECT fingerprint FROM findings ORDER BY fingerprint")
    assert [row["fingerprint"] for row in left] == ["late", "open"]


def _random_history(ledger: Ledger, generator: random.Random) -> None:
    """Configurations of one VM: what hypervisors told follows each other, documents are anywhere."""
    record(ledger, 5, told("now", live="now"))
    vm_uuid = ledger.value("SELECT uuid FROM virtual_machines")
    rows = []
    for kind in ("config", "live"):
        times = sorted(generator.sample(range(10, 200), 2 * generator.randrange(8)), reverse=True)
        spans = [(*pair, "hypervisor") for pair in zip(times[::2], times[1::2])]
        spans += [
            (day, day, "archive")
            for day in generator.sample(range(10, 200), generator.randrange(4))
        ]
        rows += [
            {
                "vm_uuid": vm_uuid,
                "host_id": "hv1",
                "kind": kind,
                "digest": f"{kind}{number}",
                "first_seen_at": ago(first),
                "last_seen_at": ago(last),
                "origin": origin,
            }
            for number, (first, last, origin) in enumerate(spans)
        ]
    documents = []
    for row in rows:
        found = document(domain_xml(disk(row["digest"])), row["kind"])
        row["digest"] = row["stable_digest"] = found.digest
        documents.append({**found.row, "used_at": ago(1)})
    if rows:
        write(ledger, _tables.vm_configurations, rows)
        write(ledger, _tables.xml_documents, documents)


@pytest.mark.parametrize("seed", range(6))
def test_no_answer_becomes_a_wrong_one(ledger: Ledger, seed: int) -> None:
    """Since then every answer is as before; earlier ones are as before, or say that it was removed."""
    generator = random.Random(seed)
    _random_history(ledger, generator)
    older_than = generator.randrange(20, 180)
    asked = [(day + 0.5, kind) for day in range(0, 210, 9) for kind in ("auto", "config", "live")]
    before = [text(ledger, day, kind) for day, kind in asked]
    retain(ledger, older_than, batch_size=3)
    for (day, kind), answered in zip(asked, before, strict=True):
        now = text(ledger, day, kind)
        same = now == answered or _is_none(now, answered)
        assert same or (day > older_than and REMOVED in now), (day, kind)


def _is_none(now: str, before: str) -> bool:
    """Both times there is none; which one is the first has changed."""
    return all(words.startswith("The ledger has no") for words in (now, before))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"older_than": 0}, "'older_than' is 0, but must be from 1 to 36500"),
        ({"older_than": -5}, "'older_than' is -5"),
        ({"older_than": 10**9}, "'older_than' is 1000000000"),
        ({"batch_size": 0}, "'batch_size' is 0, but must be from 1 to 10000"),
    ],
)
def test_numbers_out_of_their_bounds(
    history: Ledger, options: dict[str, Any], message: str
) -> None:
    before = history.dump(without=())
    with pytest.raises(VirtledgerError, match=message):
        retain(history, **options)
    assert history.dump(without=()) == before


def test_without_a_ledger(tmp_path: Path) -> None:
    database = resolve(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(VirtledgerError, match="There is no ledger yet"):
        remove.remove_old(database, 365, KINDS, 1000, runs.begun("retention"))
    assert list(tmp_path.iterdir()) == []


def test_the_diff_shows_the_tables(history: Ledger) -> None:
    run = runs.begun("retention")
    diff = remove.remove_old(history.database, 365, KINDS, 1000, run, True).diff()
    assert diff["before"].splitlines()[0] == "vm_configurations: 5 rows"
    assert diff["after"].splitlines()[0].startswith("vm_configurations: 3 rows, the oldest of 20")


def test_old_changes_go(history: Ledger) -> None:
    planned = retain(history, kinds=KINDS, check_mode=True, batch_size=3)
    done = retain(history, kinds=KINDS, batch_size=3)
    assert planned["removed"] == done["removed"]
    assert done["removed"]["changes"] == planned["removed"]["changes"] > 0
    seen = history.query("SELECT min(seen_at) AS oldest, count(*) AS number FROM changes")[0]
    assert done["kept"]["changes"] == seen["number"] > 0
    assert done["oldest_kept"]["changes"] == seen["oldest"].replace(" ", "T")
    assert seen["oldest"] > ago(365).isoformat(" ")
    assert retain(history, kinds=["changes"])["removed"] == {"changes": 0}


def test_who_saw_a_change_that_stays_is_known(history: Ledger) -> None:
    """Notes of runs become as old as what they recorded."""
    history.execute(
        "UPDATE sync_runs SET started_at = seen.seen_at, finished_at = seen.seen_at, "
        "last_at = seen.seen_at FROM (SELECT run_id, min(seen_at) AS seen_at FROM changes "
        "GROUP BY run_id) AS seen WHERE seen.run_id = sync_runs.id"
        if history.dialect != "mariadb"
        else "UPDATE sync_runs JOIN changes ON run_id = sync_runs.id "
        "SET started_at = seen_at, finished_at = seen_at, last_at = seen_at"
    )
    assert retain(history, kinds=["sync_runs"])["removed"] == {"sync_runs": 0}
    assert retain(history, kinds=["changes"])["removed"]["changes"] > 0
    assert retain(history, kinds=["sync_runs"])["removed"] == {"sync_runs": 3}
    assert history.value("SELECT count(*) FROM changes WHERE run_id IS NULL") == 0


def test_the_note_tells_how_far_changes_were_removed(history: Ledger) -> None:
    retain(history, kinds=["changes"])
    with history.connected() as connection:
        assert notes.removed_before(connection, _tables.changes) is not None
        assert notes.removed_before(connection) is None
    retain(history)
    with history.connected() as connection:
        assert notes.removed_before(connection, _tables.changes) is not None
        assert notes.removed_before(connection) is not None
