"""What happens to servers and schemas while workers record, and what the workers say of it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from reliability import fleet, workers
from reliability.databases import Service, Store
from reliability.fleet import Host
from reliability.workers import Done, Job
from servers.process import wait_until


def old(store: Store) -> str:
    """The URL of a ledger that lacks the last two revisions."""
    revisions = runner.REVISIONS
    runner.REVISIONS = revisions[:-2]
    try:
        return store.new()
    finally:
        runner.REVISIONS = revisions


def record_when_possible(url: str, number: int) -> str:
    """Record as soon as the tables are there; what went wrong besides."""
    deadline = time.monotonic() + workers.DEADLINE
    while time.monotonic() < deadline:
        done = workers.perform(Job(url, Host(number, vms=2), 1))
        if not done.error:
            return ""
        if "virtledger.libvirt.schema" not in done.error:
            return done.error
        time.sleep(random.uniform(0.01, 0.1))
    return "the tables never came"


def upgrade_while_recording(url: str, hosts: int, upgrades: int) -> tuple[list[int], list[str]]:
    """How many revisions each upgrade has applied, and what went wrong with the recordings."""
    with workers.fork.Pool(hosts + upgrades) as pool:
        records = [pool.apply_async(record_when_possible, (url, number)) for number in range(hosts)]
        upgraded = [
            pool.apply_async(runner.upgrade, (resolve(url),)) for _number in range(upgrades)
        ]
        applied = [len(upgrade.get(workers.DEADLINE).applied) for upgrade in upgraded]
        errors = [record.get(workers.DEADLINE) for record in records]
    return applied, [words for words in errors if words]


class Survived(NamedTuple):
    """What was left after a fault.

    :ivar faults: how many there were.
    :ivar done: every recording.
    :ivar told: what workers said that had no way to the server when they began.
    :ivar errors: anything else that they said.
    :ivar partial: hosts that were in no complete state after it.
    """

    faults: int
    done: list[Done]
    told: list[str]
    errors: list[str]
    partial: int


def record_through(
    url: str,
    hosts: list[Host],
    fault: Callable[[], object],
    times: int,
    number: int = 20,
    way: Callable[[str, int], str] = lambda url, _number: url,
) -> Survived:
    """Record all hosts while something happens so many times, spread over the run.

    Every host is recorded in generation 1 before. Those that were told that there is no way to the
    server are recorded again, as an administrator would do.

    :param way: how the writer of a host's number gets to the database.
    """
    workers.warm(url)
    assert not list(
        workers.errors(workers.run([Job(way(url, host.number), host, 1) for host in hosts], number))
    )
    jobs = [Job(way(url, host.number), host, 2) for host in hosts]
    done: list[Done] = []
    with workers.fork.Pool(number, maxtasksperchild=1) as pool:
        results = pool.imap_unordered(workers.perform, jobs)
        for place in _spread(len(jobs), times):
            while len(done) < place:
                done.append(results.next(workers.DEADLINE))
            fault()
        done += [results.next(workers.DEADLINE) for _job in jobs[len(done) :]]
    said = list(workers.errors(done))
    told = [words for words in said if "answers:" in words and "tries" not in words]
    partial = sum(one not in (1, 2) for one in fleet.generations(resolve(url), hosts).values())
    failed = [Job(way(url, one.host.number), one.host, 2) for one in done if one.error]
    again = workers.run(failed, number) if failed else []
    errors = [words for words in said if words not in told] + list(workers.errors(again))
    return Survived(times, done, told, errors, partial)


def _spread(jobs: int, times: int) -> Iterator[int]:
    """After how many of the jobs something happens, so many times."""
    return (jobs * (number + 1) // (times + 2) for number in range(times))


def restart(store: Service) -> None:
    """Stop the server as an administrator does, who does not wait for its clients, and start it."""
    process = store.server.process
    end = signal.SIGINT if store.kind == "postgresql" else signal.SIGTERM
    os.kill(process.pid, end)
    path = Path(f"/proc/{process.pid}")
    wait_until(lambda: not path.exists(), 30, "the server does not stop")
    process.again()
    store.server.wait()
