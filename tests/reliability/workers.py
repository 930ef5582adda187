"""Recording by many workers at once, each a fork of its own, as Ansible does it."""

from __future__ import annotations

import datetime
import multiprocessing
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import Database, resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings import (
    evaluate as evaluation,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import RULES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.summary import Summary
from reliability import fleet
from reliability.fleet import Host

#: How many record at once.
WORKERS = 50

#: Seconds after which one recording, with all its waiting, counts as hung.
DEADLINE = 150.0

fork = multiprocessing.get_context("fork")


#: Numbers the recordings of several controllers in the order in which they asked.
_asked = fork.Value("q", 0)


class Job(NamedTuple):
    """One recording of a host: in a generation, or in the next one of all that are asked for."""

    url: str
    host: Host
    generation: int = 0


class Done(NamedTuple):
    """How a recording ended.

    :ivar superseded: newer facts were there already.
    :ivar tries: of the transaction.
    """

    host: Host
    generation: int
    seconds: float
    superseded: bool = False
    error: str = ""
    tries: int = 1


def perform(job: Job) -> Done:
    """Ask and record; an error is part of the answer."""
    started = time.monotonic()
    generation, asked_at = job.generation, None
    if not generation:
        with _asked:
            _asked.value += 1
            generation, asked_at = _asked.value, fleet.now()
        time.sleep(random.uniform(0, 0.2))  # an answer takes its time
    superseded, words, tries = False, "", 1
    try:
        summary = record(resolve(job.url), job.host, generation, asked_at)
        superseded, tries = summary.superseded, summary.tries
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
    return Done(job.host, generation, time.monotonic() - started, superseded, words, tries)


def record(
    database: Database, host: Host, generation: int, asked_at: datetime.datetime | None = None
) -> Summary:
    """Record a host in a generation."""
    recorder.prepare(database)
    facts = fleet.facts(host, generation)
    return recorder.record(database, host.name, facts, asked_at=asked_at)


def evaluate(url: str) -> str:
    """Evaluate all findings; the error, if it is one."""
    try:
        evaluation.evaluate(resolve(url), evaluation.Evaluation(RULES, {}))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def warm(url: str) -> None:
    """Record a host that counts nowhere: forks inherit its statements, which take long to compile."""
    done = perform(Job(url, Host(9999, vms=2), 1))
    assert not done.error, done.error


def run(jobs: Sequence[Job], workers: int = WORKERS) -> list[Done]:
    """Perform all jobs, so many at once, each in a fork of its own.

    :raises multiprocessing.TimeoutError: one of them took longer than the deadline.
    """
    with fork.Pool(workers, maxtasksperchild=1) as pool:
        results = pool.imap_unordered(perform, jobs)
        return [results.next(DEADLINE) for _job in jobs]


class Watch:
    """Looks at some hosts all the time, from a process of its own.

    What it sees must be complete, and never older than what it saw before.
    """

    def __init__(self, url: str, hosts: Sequence[Host]) -> None:
        self._end = fork.Event()
        self._answer, sender = fork.Pipe(duplex=False)
        arguments = (url, list(hosts), self._end, sender)
        self._process = fork.Process(target=_watch, args=arguments, daemon=True)
        self._process.start()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.join(DEADLINE)

    def stop(self) -> tuple[int, list[str]]:
        """How often it has looked, and what was wrong."""
        self._end.set()
        assert self._answer.poll(DEADLINE), "the reader hangs"
        found: tuple[int, list[str]] = self._answer.recv()
        self._process.join(DEADLINE)
        return found


def _watch(url: str, hosts: list[Host], end: object, sender: object) -> None:
    database = resolve(url)
    before = dict.fromkeys(hosts, 0)
    looks, wrong = 0, []
    while not end.is_set() or not looks:  # type: ignore[attr-defined]
        try:
            seen = fleet.generations(database, hosts)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
            break
        wrong += [
            f"{host.name}: generation {seen[host]} after {before[host]}"
            for host in hosts
            if seen[host] < before[host]
        ]
        before, looks = seen, looks + 1
    sender.send((looks, wrong))  # type: ignore[attr-defined]


def errors(done: Iterable[Done]) -> Iterator[str]:
    """What went wrong, for assertions that none did."""
    return (f"{one.host.name} g{one.generation}: {one.error}" for one in done if one.error)
