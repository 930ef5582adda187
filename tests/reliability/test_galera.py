"""A cluster whose nodes all take writes: no lock is common to them, and nothing gets mixed."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _database
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    open_engine,
    resolve,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import lease, runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verify
from helpers import answer, domain
from ledgers import Ledger
from reliability import fleet, workers
from reliability.fleet import Host
from reliability.workers import Job, Watch
from servers.galera import NODES, Galera
from servers.process import wait_until

_serial = itertools.count(1)

_DISK = "<disk type='network'><source protocol='rbd' name='pool/{0}'><host name='mon'/></source><target dev='vda' bus='virtio'/></disk>"


@pytest.fixture(scope="module")
def galera() -> Iterator[Galera]:
    """Three nodes."""
    cluster = Galera()
    cluster.nodes[0].execute("CREATE USER writer@'%' IDENTIFIED BY 's3cret'")
    yield cluster
    cluster.stop()


@pytest.fixture
def name(galera: Galera) -> str:
    """An empty database of the cluster, in which ``writer`` may do everything."""
    made = f"reliability{next(_serial)}"
    galera.create(made)
    galera.nodes[0].execute(f"GRANT ALL ON {made}.* TO writer@'%'")
    return made


@pytest.fixture
def urls(galera: Galera, name: str) -> Iterator[list[str]]:
    """An empty ledger by way of each node; in the end it is the same on all of them, and whole."""
    urls = galera.urls(name)
    runner.upgrade(resolve(urls[0]))
    yield urls
    galera.wait_size(NODES)
    dumps = [Ledger(url).dump(without=()) for url in urls]
    assert dumps[0] == dumps[1] == dumps[2]
    for url in urls:
        assert verify(resolve(url)).violations == []


def any_node(galera: Galera, name: str, first: int = 0) -> str:
    """A URL that names all nodes, one of them first."""
    nodes = galera.nodes[first:] + galera.nodes[:first]
    hosts = "&".join(f"host=127.0.0.1:{node.port}" for node in nodes)
    return f"mariadb://writer:s3cret@/{name}?{hosts}"


def test_the_schema_made_on_all_nodes_at_once(galera: Galera, name: str) -> None:
    with workers.fork.Pool(NODES) as pool:
        begun = [pool.apply_async(runner.upgrade, (resolve(url),)) for url in galera.urls(name)]
        applied = sorted(len(one.get(workers.DEADLINE).applied) for one in begun)
    assert applied == [0, 0, len(runner.REVISIONS)]
    keyless = (
        "SELECT table_name FROM information_schema.tables t WHERE table_schema = '{0}' "
        "AND table_type = 'BASE TABLE' AND NOT EXISTS "
        "(SELECT 1 FROM information_schema.table_constraints c WHERE c.table_schema = '{0}' "
        "AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY')"
    )
    for node, url in zip(galera.nodes, galera.urls(name)):
        assert node.execute(keyless.format(name)) == []
        assert runner.inspect(resolve(url)) == (len(runner.REVISIONS), True)
        assert verify(resolve(url)).violations == []


def test_an_upgrade_that_was_killed_is_gone_on_with(
    galera: Galera, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody tells the others that the one who was at it is dead."""
    process = workers.fork.Process(target=runner.upgrade, args=(resolve(galera.urls(name)[1]),))
    process.start()
    tables = f"SELECT count(*) FROM information_schema.tables WHERE table_schema = '{name}'"
    wait_until(lambda: galera.nodes[1].execute(tables)[0][0] > 3, 20, "no table was made")
    process.kill()
    process.join(workers.DEADLINE)
    monkeypatch.setattr(lease, "_LEFT", 1.0)
    assert runner.upgrade(resolve(galera.urls(name)[2])).applied
    assert verify(resolve(galera.urls(name)[0])).violations == []


def test_writers_on_all_nodes(urls: list[str]) -> None:
    """Different hosts, which have a volume in common."""
    hosts = [Host(number, vms=2) for number in range(9)]
    with Watch(urls[1], hosts[:3]) as watch:
        for generation in (1, 2):
            jobs = [Job(urls[host.number % NODES], host, generation) for host in hosts]
            assert list(workers.errors(workers.run(jobs, workers=6))) == []
            for url in urls:
                assert set(fleet.generations(resolve(url), hosts).values()) == {generation}
        assert watch.stop()[1] == []


def test_the_same_hosts_on_all_nodes(urls: list[str]) -> None:
    """What was asked for last counts in the end, on every node."""
    hosts = [Host(number, vms=2) for number in range(2)]
    with Watch(urls[2], hosts) as watch:
        jobs = [Job(urls[number % NODES], hosts[number % 2]) for number in range(18)]
        done = workers.run(jobs, workers=8)
        assert list(workers.errors(done)) == []
        newest = {host: max(one.generation for one in done if one.host == host) for host in hosts}
        for url in urls:
            assert fleet.generations(resolve(url), hosts) == newest
        assert watch.stop()[1] == []


def _record(url: str, host: str, *numbers: int, state: str = "shutoff", **more: Any) -> str:
    disk = _DISK.format("shared")
    domains = [domain(disk, name=f"vm{n}", number=n, state=state) for n in numbers]
    try:
        Ledger(url, create=False).record(answer(*domains, **more), host)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def test_vms_that_move_between_hosts_of_two_nodes(urls: list[str]) -> None:
    """Where a VM was and where it is are recorded at once, each by way of another node."""
    moving, there = list(range(1, 5)), list(range(1, 5))
    assert _record(urls[0], "hv0", *there, 10) == _record(urls[1], "hv1", 11) == ""
    with workers.fork.Pool(2) as pool:
        for turn in range(1, 7):
            here, gone = f"hv{turn % 2}", f"hv{(turn + 1) % 2}"
            answers = [
                pool.apply_async(_record, (urls[turn % NODES], here, *moving, 10 + turn % 2)),
                pool.apply_async(_record, (urls[(turn + 1) % NODES], gone, 11 - turn % 2)),
            ]
            assert [one.get(workers.DEADLINE) for one in answers] == ["", ""]
            found = Ledger(urls[(turn + 2) % NODES], create=False).query(
                "SELECT host_id, count(*) AS n FROM virtual_machines WHERE deleted_at IS NULL "
                "AND name IN ('vm1', 'vm2', 'vm3', 'vm4') GROUP BY host_id"
            )
            assert found == [{"host_id": here, "n": 4}]


def _overtaken(monkeypatch: pytest.MonkeyPatch, other: Callable[[], Any]) -> list[int]:
    """Let something happen when the first recording has decided what to write; counts its tries."""
    tries: list[int] = []
    apply = recorder.apply

    def wait(recording: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            tries.append(1)
            if len(tries) == 1:
                overtaker = threading.Thread(target=other)
                overtaker.start()
                overtaker.join(workers.DEADLINE)
        apply(recording)

    monkeypatch.setattr(recorder, "apply", wait)
    return tries


def test_a_host_recorded_on_two_nodes(urls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one to decide is the first one to write: the other notices, and looks again."""
    host = Host(1, vms=2)
    workers.record(resolve(urls[0]), host, 1)
    asked_at = fleet.now()
    tries = _overtaken(monkeypatch, lambda: workers.record(resolve(urls[1]), host, 3))
    assert workers.record(resolve(urls[0]), host, 2, asked_at).superseded is True
    assert len(tries) == 2
    assert fleet.generations(resolve(urls[2]), [host]) == {host: 3}


def test_a_volume_given_up_on_one_node_and_attached_on_another(
    urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _record(urls[1], "hv1", 1) == ""
    others: list[str] = []
    # The only VM with this volume ends, while another host's is about to use it.
    tries = _overtaken(monkeypatch, lambda: others.append(_record(urls[1], "hv1")))
    assert _record(urls[0], "hv2", 2) == ""
    assert (others, len(tries)) == ([""], 2)
    found = Ledger(urls[2], create=False).query("SELECT deleted_at FROM volumes")
    assert found == [{"deleted_at": None}]


def test_a_volume_of_many_is_attached_on_all_nodes_at_once(urls: list[str]) -> None:
    """Hosts that take a volume which others have do not stand in each other's way."""
    assert _record(urls[0], "hv0", *range(1, 41)) == ""
    with workers.fork.Pool(12) as pool:
        begun = [
            pool.apply_async(_tries, (urls[number % NODES], f"hv{number}", 40 + number))
            for number in range(1, 25)
        ]
        tries = [one.get(workers.DEADLINE) for one in begun]
    # Where all write the volume's row it is more than twice as many.
    assert sum(tries) < 1.6 * len(tries)


def _tries(url: str, host: str, number: int) -> int:
    facts = answer(domain(_DISK.format("shared"), name=f"vm{number}", number=number))
    facts["hypervisor"]["host_uuid"] = None
    tries: int = Ledger(url, create=False).record(facts, host)["tries"]
    return tries


def test_devices_of_a_vm_that_leaves_on_another_node(
    urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host with another digest looks at VMs again that are as before; one of them leaves."""
    assert _record(urls[0], "hv1", 1, 2, state="running") == ""
    others: list[str] = []
    tries = _overtaken(
        monkeypatch, lambda: others.append(_record(urls[1], "hv2", 1, state="running"))
    )
    told = answer()["hypervisor"] | {"cpu_count": 9}
    assert _record(urls[0], "hv1", 2, state="running", hypervisor=told) == ""
    assert others == [""]
    assert len(tries) >= 2
    rows = Ledger(urls[2], create=False).query(
        "SELECT name, host_id FROM virtual_machines WHERE deleted_at IS NULL ORDER BY name"
    )
    assert rows == [{"name": "vm1", "host_id": "hv2"}, {"name": "vm2", "host_id": "hv1"}]


def test_a_node_that_dies(galera: Galera, name: str, urls: list[str]) -> None:
    """Those who name several nodes go on, nothing is half-written, and it has all when it is back."""
    hosts = [Host(number, vms=2) for number in range(15)]
    jobs = [Job(any_node(galera, name, host.number % NODES), host, 1) for host in hosts]
    with Watch(urls[0], hosts[:4]) as watch:
        killer = threading.Timer(1.0, galera.nodes[2].kill)
        killer.start()
        done = workers.run(jobs, workers=8)
        killer.join()
        assert list(workers.errors(done)) == []
        galera.wait_size(NODES - 1)
        for url in urls[:2]:
            assert set(fleet.generations(resolve(url), hosts).values()) == {1}
        # one who names the dead node alone is told so
        alone = resolve(galera.nodes[2].network_url(name, "writer", "s3cret"))
        with pytest.raises(DatabaseError, match="Can't connect") as caught:
            runner.inspect(alone)
        assert "s3cret" not in str(caught.value)
        galera.nodes[2].join()
        assert set(fleet.generations(resolve(urls[2]), hosts).values()) == {1}
        again = workers.run([Job(urls[2], host, 2) for host in hosts[:6]], workers=6)
        assert list(workers.errors(again)) == []
        assert watch.stop()[1] == []


def test_a_node_without_the_majority(
    galera: Galera, name: str, urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It neither answers nor writes, says why, and is asked again as long as there is hope."""
    host = Host(1, vms=2)
    workers.record(resolve(urls[0]), host, 1)
    open_engine(resolve(urls[0])).dispose()
    galera.nodes[1].kill()
    galera.nodes[2].kill()
    lone = galera.nodes[0]
    wait_until(lambda: lone.status("wsrep_ready") == "OFF", 20, "the node still is ready")
    with monkeypatch.context() as patch:
        patch.setattr(_database, "_TRIES", 3)
        for url in (urls[0], any_node(galera, name, 1)):
            with pytest.raises(DatabaseError, match=r"\(3 tries\): 1047 .*majority of its cluster"):
                workers.record(resolve(url), host, 2)
    bootstrap = "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'"
    repair = threading.Timer(1.0, lone.execute, [bootstrap])
    repair.start()
    started = time.monotonic()
    workers.record(resolve(urls[0]), host, 2)
    assert time.monotonic() - started > 0.5
    repair.join()
    for node in galera.nodes[1:]:
        node.join()
    assert fleet.generations(resolve(urls[2]), [host]) == {host: 2}


def test_findings_evaluated_on_all_nodes_at_once(urls: list[str]) -> None:
    """Whoever comes second reads again; what is wrong is there once, on each node."""
    hosts = [Host(number, vms=2) for number in range(3)]
    for generation in (1, 2):
        done = workers.run([Job(urls[0], host, generation) for host in hosts], workers=3)
        assert list(workers.errors(done)) == []
    with workers.fork.Pool(6) as pool:
        assert pool.map(workers.evaluate, urls * 4, chunksize=1) == [""] * 12
    gone = "SELECT count(*) FROM findings WHERE code = 'vm_gone' AND closed_at IS NULL"
    assert Ledger(urls[0], create=False).value(gone) == 3
