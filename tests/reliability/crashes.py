"""Killing what records, at random moments, and looking at what it left."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from reliability import fleet, workers
from reliability.fleet import Host

#: How statements begin that change rows.
_WRITING = ("INSERT", "UPDATE", "DELETE")


class Tally(NamedTuple):
    """What a number of kills did.

    :ivar kills: how many there were, and of these
    :ivar inside: how many came while a recording was going on;
    :ivar next_state: the host was in its next state after so many of these, else in the previous;
    :ivar wrong: what was in neither, or broke an invariant; nothing of it must be.
    """

    kills: int
    inside: int
    next_state: int
    wrong: list[str]


class Victim:
    """A process that records some hosts one after the other, in ever new generations.

    It notes in memory which both share what it is about to record, and what it has recorded;
    without a lock, for it may be killed while it has it.
    """

    def __init__(self, url: str, hosts: Sequence[Host], known: dict[Host, int]) -> None:
        self._hosts = hosts
        self._begun = workers.fork.Array("q", [known[host] for host in hosts], lock=False)
        self._ended = workers.fork.Array("q", [known[host] for host in hosts], lock=False)
        self._errors, self._sender = workers.fork.Pipe(duplex=False)
        self._process = workers.fork.Process(target=self._record, args=(url,), daemon=True)
        self._process.start()

    def _record(self, url: str) -> None:
        database = resolve(url)
        try:
            while True:
                for place, host in enumerate(self._hosts):
                    generation = self._begun[place] + 1
                    self._begun[place] = generation
                    workers.record(database, host, generation)
                    self._ended[place] = generation
        except BaseException as error:
            self._sender.send(f"{type(error).__name__}: {error}")
            raise

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join(workers.DEADLINE)

    @property
    def error(self) -> str:
        """What it failed of by itself."""
        return str(self._errors.recv()) if self._errors.poll() else ""

    def allowed(self) -> dict[Host, tuple[int, int]]:
        """The generations in which each host may be: what was recorded, what was going on."""
        return {
            host: (self._ended[place], self._begun[place]) for place, host in enumerate(self._hosts)
        }


def kill_at_each_statement(url: str, host: Host) -> Tally:
    """Kill a recording after its first statement, after its second one, and so on to its end.

    Random moments seldom meet the short time in which rows are written; this misses none of it.
    """
    database = resolve(url)
    known = fleet.generations(database, [host])[host]
    next_state = 0
    wrong: list[str] = []
    for number in itertools.count(1):
        arguments = (url, host, known + 1, number)
        process = workers.fork.Process(target=_record_until, args=arguments, daemon=True)
        process.start()
        process.join(workers.DEADLINE)
        now = fleet.generations(database, [host])[host]
        if now not in (known, known + 1):
            wrong.append(f"killed after statement {number}: generation {now}")
        wrong += [f"{number}: {one}" for one in verify(database, structure=False).violations]
        next_state += now == known + 1
        if process.exitcode == 0 or wrong:
            return Tally(number - 1, number - 1, next_state, wrong)
        known = now
    raise AssertionError


def _record_until(url: str, host: Host, generation: int, statements: int) -> None:
    """Record in a process of its own, which ends at once after so many writing statements."""
    seen = itertools.count(1)

    def end(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().startswith(_WRITING) and next(seen) == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "after_cursor_execute", end)
    workers.record(resolve(url), host, generation)


def kill_recordings(
    url: str, kills: int, longest: float, hosts: Sequence[Host], seed: int = 1
) -> Tally:
    """Kill so many recordings at random moments, and look at everything after each.

    :param longest: seconds after which the kill comes at the latest; some recordings take so long.
    """
    chance = random.Random(seed)
    database = resolve(url)
    known = fleet.generations(database, list(hosts))
    inside = next_state = 0
    wrong: list[str] = []
    for number in range(kills):
        victim = Victim(url, hosts, known)
        time.sleep(chance.uniform(0.01, longest))
        victim.kill()
        allowed = victim.allowed()
        if victim.error:
            wrong.append(f"kill {number}: {victim.error}")
        known = fleet.generations(database, list(hosts))
        for host, (ended, begun) in allowed.items():
            if known[host] not in (ended, begun):
                wrong.append(f"kill {number}: {host.name} is {known[host]}, not {ended} or {begun}")
            inside += ended != begun
            next_state += ended != begun == known[host]
        wrong += [f"kill {number}: {one}" for one in verify(database, structure=False).violations]
        if wrong:
            break
    return Tally(kills, inside, next_state, wrong)


def kill_upgrades(make: Callable[[], str], kills: int, longest: float, seed: int = 1) -> Tally:
    """Kill the making of a schema at random moments; each time the next attempt completes it.

    :param make: gives the URL of an empty database.
    """
    chance = random.Random(seed)
    inside = done = 0
    wrong: list[str] = []
    for number in range(kills):
        database = resolve(make())
        process = workers.fork.Process(target=runner.upgrade, args=(database,), daemon=True)
        process.start()
        time.sleep(chance.uniform(0.0, longest))
        inside += process.is_alive()
        process.kill()
        process.join(workers.DEADLINE)
        done += not runner.upgrade(database).applied
        wrong += [f"kill {number}: {one}" for one in verify(database).violations]
    return Tally(kills, inside, done, wrong)
