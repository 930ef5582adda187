"""VMs that hop between hosts and volumes that all share, recorded by many at once."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from reliability.cluster import Cluster, hop, places, settle
from reliability.databases import Store

CLUSTER = Cluster(hosts=6, vms=12)


def test_vms_that_hop_and_volumes_that_come_and_go(store: Store, url: str) -> None:
    """Every host is asked at every tick, and all answers are recorded at once, in any order.

    Locks are taken in one order: that a deadlock is resolved by a further try is not enough.
    (MariaDB calls it one, too, where several insert a row with the same key.)
    """
    settle(url, CLUSTER, 0)
    before = store.deadlocks()
    assert hop(url, CLUSTER, ticks=4, number=12).errors == []
    assert store.kind == "mariadb" or store.deadlocks() == before
    settle(url, CLUSTER, 5)
    assert places(resolve(url)) == CLUSTER.expected(5)
