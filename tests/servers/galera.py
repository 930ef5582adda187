"""A Galera cluster for tests: three MariaDB servers on the loopback device."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymysql
from servers.mariadb import MariaDB
from servers.process import ServerError, free_port, wait_until

#: How many nodes there are: with two of three there still is a majority.
NODES = 3

#: A node that is gone is missed after two seconds, instead of five, for tests are impatient.
_PROVIDER = {
    "gcache.size": "32M",
    "gcache.page_size": "32M",
    "pc.recovery": "false",
    "evs.keepalive_period": "PT0.5S",
    "evs.suspect_timeout": "PT2S",
    "evs.inactive_timeout": "PT4S",
}

_LIBRARIES = (
    "usr/lib/galera/libgalera_smm.so",
    "usr/lib64/galera-4/libgalera_smm.so",
    "usr/lib64/galera/libgalera_smm.so",
    "usr/lib/*/galera/libgalera_smm.so",
)


def _library() -> Path:
    for pattern in _LIBRARIES:
        for path in Path("/").glob(pattern):
            return path
    raise ServerError(
        "libgalera_smm.so is not installed: "
        "run scripts/system-packages tests/servers/packages.txt --no-services"
    )


class _Ports:
    """Where one node talks to the others: the group, and the two ways to get what it has missed."""

    def __init__(self) -> None:
        self.group, self.changes, self.copy = free_port(), free_port(), free_port()


def _options(number: int, ports: Sequence[_Ports]) -> list[str]:
    own = ports[number]
    group = ",".join(f"127.0.0.1:{each.group}" for each in ports)
    provider = {
        **_PROVIDER,
        "base_host": "127.0.0.1",
        "base_port": str(own.group),
        "gmcast.listen_addr": f"tcp://127.0.0.1:{own.group}",
        "ist.recv_addr": f"127.0.0.1:{own.changes}",
    }
    return [
        "--wsrep-on=ON",
        f"--wsrep-provider={_library()}",
        "--wsrep-provider-options=" + ";".join(f"{k}={v}" for k, v in provider.items()),
        "--wsrep-cluster-name=tests",
        f"--wsrep-cluster-address=gcomm://{group}",
        f"--wsrep-node-name=node{number + 1}",
        f"--wsrep-node-address=127.0.0.1:{own.group}",
        "--wsrep-sst-method=rsync",
        f"--wsrep-sst-receive-address=127.0.0.1:{own.copy}",
        "--wsrep-slave-threads=2",
        "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2",
        "--default-storage-engine=InnoDB",
    ]


class Node(MariaDB):
    """One server of a cluster."""

    def status(self, name: str) -> str:
        """What the node says of itself, for example ``wsrep_cluster_size``."""
        ((_name, value),) = self.execute(f"SHOW STATUS LIKE '{name}'")
        return str(value)

    def _is_ready(self) -> bool:
        try:
            return self.status("wsrep_local_state_comment") == "Synced"
        except (pymysql.Error, ValueError):
            return False

    def kill(self) -> None:
        """End the node at once, as a crash does."""
        self.process.kill()

    def join(self) -> None:
        """Start it again; it gets what it has missed from the others."""
        self.process.again()
        self.wait()


class Galera:
    """Three nodes, each of which takes reads and writes.

    The first one's guard starts it with ``--wsrep-new-cluster`` whenever it starts, so that one is
    not for killing.

    :ivar nodes: the servers.
    """

    dialect = "mariadb"

    def __init__(self) -> None:
        ports = [_Ports() for _number in range(NODES)]
        self.nodes: list[Node] = []
        try:
            for number in range(NODES):
                options = _options(number, ports)
                if number == 0:
                    options.append("--wsrep-new-cluster")
                # All but the first get their system database from the cluster.
                node = Node(options, empty=number > 0)
                self.nodes.append(node)
                # one at a time: who gives a copy of its data cannot give two
                node.wait()
            self.wait_size(NODES)
        except BaseException:
            self.stop()
            raise

    def wait_size(self, size: int, seconds: float = 30.0) -> None:
        """Wait until every node that runs sees so many."""

        def is_so() -> bool:
            try:
                return all(
                    node.status("wsrep_cluster_size") == str(size) for node in self.running()
                )
            except pymysql.Error:
                return False

        wait_until(is_so, seconds, f"the cluster has not become {size} nodes")

    def running(self) -> list[Node]:
        """The nodes whose processes are there."""
        return [node for node in self.nodes if Path(f"/proc/{node.process.pid}/stat").exists()]

    def create(self, database: str) -> None:
        """Create a database, on all nodes."""
        self.nodes[0].create(database)

    def urls(self, database: str) -> list[str]:
        """A database by way of each node."""
        return [node.url(database) for node in self.nodes]

    def stop(self) -> None:
        """End all nodes and remove their files."""
        for node in reversed(self.nodes):
            node.stop()
