"""Many workers and several controllers on one database: nothing is lost, mixed or locked."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from reliability import fleet, workers
from reliability.fleet import Host
from reliability.workers import Job, Watch


def test_different_hosts(url: str) -> None:
    hosts = [Host(number, vms=4) for number in range(50)]
    watch = Watch(url, hosts[:3])
    for generation in (1, 2):
        done = workers.run([Job(url, host, generation) for host in hosts])
        assert list(workers.errors(done)) == []
        assert fleet.generations(resolve(url), hosts) == dict.fromkeys(hosts, generation)
    looks, wrong = watch.stop()
    assert (looks > 0, wrong) == (True, [])
