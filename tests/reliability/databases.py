"""The databases that recordings are made into while things go wrong."""

from __future__ import annotations

import itertools
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ledgers import Ledger
from servers.galera import NODES, Galera

if TYPE_CHECKING:
    from servers.session import Server

_serial = itertools.count(1)


class File:
    """SQLite, in files of a folder."""

    kind = "sqlite"
    name = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deadlocks(self) -> int:
        """None: there is one writer at a time."""
        return 0

    def empty(self) -> str:
        """The URL of a database without any tables."""
        return f"sqlite:///{self._folder}/empty{next(_serial)}.db"

    def way(self, url: str, _number: int) -> str:
        """How the writer of a number gets to a database."""
        return url

    def new(self) -> str:
        """The URL of an empty ledger."""
        return Ledger(self._folder / f"ledger{next(_serial)}.db").url


class Service:
    """Databases of a server that the tests started."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.kind = server.dialect
        question = "SHOW server_version" if self.kind == "postgresql" else "SELECT version()"
        ((version,),) = server.execute(question)
        label = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}[self.kind]
        self.name = f"{label} {version.split('-')[0].split()[0]}"

    def empty(self) -> str:
        """The URL of a database without any tables."""
        name = f"reliability{next(_serial)}"
        self.server.create(name)
        return self.server.url(name)

    def new(self) -> str:
        """The URL of an empty ledger."""
        url = self.empty()
        runner.upgrade(resolve(url))
        return url

    def way(self, url: str, _number: int) -> str:
        """How the writer of a number gets to a database."""
        return url

    def deadlocks(self) -> int:
        """How many deadlocks the server has resolved so far."""
        if self.kind == "postgresql":
            question = "SELECT sum(deadlocks)::bigint FROM pg_stat_database"
        else:
            question = (
                "SELECT variable_value FROM information_schema.global_status "
                "WHERE variable_name = 'INNODB_DEADLOCKS'"
            )
        ((count,),) = self.server.execute(question)
        return int(count)

    def crash(self) -> None:
        """Kill the server as a crash of it does, and start it again."""
        self.server.process.kill()
        self.server.process.again()
        self.server.wait()

    def cut(self) -> int:
        """End the connections of all others; how many there were."""
        if self.kind == "postgresql":
            return len(
                self.server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
            )
        found = self.server.execute(
            "SELECT id FROM information_schema.processlist "
            "WHERE id <> connection_id() AND db LIKE 'reliability%'"
        )
        ended = 0
        for (number,) in found:
            try:
                self.server.execute(f"KILL {number}")
                ended += 1
            except Exception:  # it has ended by itself
                continue
        return ended


class Cluster(Service):
    """Databases of a Galera cluster, whose nodes its writers take in turn."""

    def __init__(self, galera: Galera) -> None:
        super().__init__(galera.nodes[0])
        self.name = f"Galera, {len(galera.nodes)} x {self.name}"
        self._galera = galera
        self.server.execute("CREATE USER writer@'%' IDENTIFIED BY 's3cret'")

    def empty(self) -> str:
        """The URL of a database without any tables, by way of any node."""
        name = f"reliability{next(_serial)}"
        self._galera.create(name)
        self.server.execute(f"GRANT ALL ON {name}.* TO writer@'%'")
        return self.way(f"mariadb://writer:s3cret@/{name}", 0)

    def way(self, url: str, number: int) -> str:
        """The URL with another node first; the others follow, should it be gone."""
        nodes = self._galera.nodes
        first = number % len(nodes)
        hosts = [f"host=127.0.0.1:{node.port}" for node in nodes[first:] + nodes[:first]]
        return f"{url.partition('?')[0]}?{'&'.join(hosts)}"

    def lose(self) -> None:
        """Kill a node as a crash does; after a while it comes back and gets what it has missed."""
        self._galera.nodes[-1].kill()
        time.sleep(3.0)
        self._galera.nodes[-1].join()
        self._galera.wait_size(len(self._galera.nodes))

    def differences(self, url: str) -> int:
        """How many nodes have something else than the first one."""
        dumps = [Ledger(self.way(url, n), create=False).dump(without=()) for n in range(NODES)]
        return sum(dump != dumps[0] for dump in dumps)


Store = File | Service
