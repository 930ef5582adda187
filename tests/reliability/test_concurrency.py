"""Many workers and several controllers on one database: nothing is lost, mixed or locked."""

from __future__ import annotations

import datetime
import random
import time
from pathlib import Path

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import begun
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import KINDS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.remove import remove_old
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from helpers import answer, domain
from ledgers import Ledger
from reliability import fleet, workers
from reliability.databases import Store
from reliability.faults import old, upgrade_while_recording
from reliability.fleet import Host
from reliability.workers import Job, Watch


def test_fifty_workers_on_different_hosts(url: str) -> None:
    hosts = [Host(number, vms=2) for number in range(50)]
    workers.warm(url)
    with Watch(url, hosts[:3]) as watch:
        for generation, chosen in ((1, hosts), (2, hosts[:20])):
            done = workers.run([Job(url, host, generation) for host in chosen])
            assert list(workers.errors(done)) == []
            assert set(fleet.generations(resolve(url), chosen).values()) == {generation}
        looks, wrong = watch.stop()
    assert (looks > 0, wrong) == (True, [])


def test_several_controllers_on_the_same_hosts(url: str) -> None:
    """What was asked for last counts in the end, and nobody ever sees a mixture."""
    hosts = [Host(number, vms=2) for number in range(3)]
    workers.warm(url)
    with Watch(url, hosts) as watch:
        done = workers.run([Job(url, hosts[number % 3]) for number in range(45)], workers=15)
        assert list(workers.errors(done)) == []
        newest = {host: max(one.generation for one in done if one.host == host) for host in hosts}
        assert fleet.generations(resolve(url), hosts) == newest
        assert watch.stop()[1] == []


def test_a_new_host_recorded_by_several_at_once(url: str) -> None:
    """All of them find that nothing is recorded yet."""
    done = workers.run([Job(url, Host(1, vms=2))] * 8, workers=8)
    assert list(workers.errors(done)) == []
    newest = max(one.generation for one in done)
    assert fleet.generations(resolve(url), [Host(1, vms=2)]) == {Host(1, vms=2): newest}


def test_findings_evaluated_by_many_while_hosts_are_recorded(url: str) -> None:
    """Each stores an evaluation, and what is wrong is there once."""
    hosts = [Host(number, vms=2) for number in range(6)]
    assert list(workers.errors(workers.run([Job(url, host, 1) for host in hosts]))) == []
    with workers.fork.Pool(12) as pool:
        evaluations = pool.map_async(workers.evaluate, [url] * 36, chunksize=1)
        done = workers.run([Job(url, host, 2) for host in hosts], workers=3)
        assert list(workers.errors(done)) == []
        assert evaluations.get(workers.DEADLINE) == [""] * 36
    assert workers.evaluate(url) == ""
    ledger = Ledger(url, create=False)
    gone = "SELECT count(*) FROM findings WHERE code = 'vm_gone' AND closed_at IS NULL"
    assert ledger.value(gone) == 6
    assert ledger.value("SELECT max(reopened) FROM findings") == 0


def test_a_schema_upgrade_while_workers_record(store: Store) -> None:
    """Before it they are told what to do, after it they record; upgrades wait for each other."""
    url = old(store)
    applied, errors = upgrade_while_recording(url, hosts=8, upgrades=2)
    assert (sorted(applied), errors) == ([0, 2], [])
    again = workers.run([Job(url, Host(number, vms=2), 2) for number in range(8)], workers=8)
    assert list(workers.errors(again)) == []
    assert verify(resolve(url)).violations == []


def _first(folder: str, number: int) -> str:
    """The first recording of a user, after a moment."""
    time.sleep(random.uniform(0, 0.5))
    database = resolve(None, None, {"XDG_DATA_HOME": folder})
    try:
        recorder.prepare(database)
        recorder.record(database, f"hv{number}", answer(domain(number=number)))
    except Exception as error:
        return str(error)
    return ""


def test_the_first_recordings_of_a_user(tmp_path: Path) -> None:
    """All may find that the user's own file is not there, or that another one is making it."""
    with workers.fork.Pool(6) as pool:
        for number in range(3):
            folder = str(tmp_path / str(number))
            assert pool.starmap(_first, [(folder, host) for host in range(6)]) == [""] * 6
            path = tmp_path / str(number) / "virtledger" / "ledger.db"
            assert Ledger(path, create=False).value("SELECT count(*) FROM hosts") == 6


def test_a_first_recording_that_was_killed(tmp_path: Path) -> None:
    """It left an empty file, which the next one makes a ledger of."""
    path = tmp_path / "virtledger" / "ledger.db"
    path.parent.mkdir()
    path.touch()
    database = resolve(None, None, {"XDG_DATA_HOME": str(tmp_path)})
    planned = recorder.record(database, "hv1", answer(domain()), check_mode=True)
    assert planned.result("hv1")["vms"]["new"] == 1
    assert _first(str(tmp_path), 1) == ""


#: Everything is recorded; who removes what is old does so once more.
_recorded = workers.fork.Event()


def _remove(url: str) -> tuple[int, str]:
    """Remove what is old until the end; how many configurations that were."""
    count = 0
    is_last = False
    while not is_last:
        is_last = _recorded.wait(0.1)
        try:
            outcome = remove_old(resolve(url), 1, KINDS, 3, begun("retention"))
        except Exception as error:
            return count, f"{type(error).__name__}: {error}"
        count += outcome.removed["vm_configurations"]
    return count, ""


def test_old_history_is_removed_while_workers_record(url: str) -> None:
    """Hosts go back to what they were, whose documents are being removed at the moment."""
    hosts = [Host(number, vms=2) for number in range(4)]
    begin = fleet.now() - datetime.timedelta(days=30)
    _recorded.clear()
    with workers.fork.Pool(8) as pool:
        removals = [pool.apply_async(_remove, (url,)) for _number in range(2)]
        recordings = [pool.apply_async(_record_in_the_past, (url, host, begin)) for host in hosts]
        assert [one.get(workers.DEADLINE) for one in recordings] == [""] * len(hosts)
        _recorded.set()
        removed = [one.get(workers.DEADLINE) for one in removals]
    assert [error for _count, error in removed] == ["", ""]
    assert sum(count for count, _error in removed) > 0
    assert set(fleet.generations(resolve(url), hosts).values()) == {2}


def _record_in_the_past(url: str, host: Host, begin: datetime.datetime) -> str:
    """Record a host in three generations in turn, an hour after each other; what went wrong."""
    for number in range(15):
        try:
            asked_at = begin + datetime.timedelta(hours=number)
            workers.record(resolve(url), host, number % 3, asked_at)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""
