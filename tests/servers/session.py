"""The servers of one test session, each started when the first test needs it."""

from __future__ import annotations

import functools
import itertools
from typing import Union

from servers.galera import Galera
from servers.mariadb import MariaDB
from servers.postgresql import PostgreSQL

Server = Union[PostgreSQL, MariaDB]

#: The databases that a ledger can be in.
KINDS = ("sqlite", "postgresql", "mariadb")

_serial = itertools.count(1)


class Servers:
    """One server of each kind."""

    def __init__(self) -> None:
        self._started: list[Server | Galera] = []

    @functools.cached_property
    def postgresql(self) -> PostgreSQL:
        """The PostgreSQL server."""
        server = PostgreSQL()
        self._started.append(server)
        server.wait()
        return server

    @functools.cached_property
    def mariadb(self) -> MariaDB:
        """The MariaDB server."""
        server = MariaDB()
        self._started.append(server)
        server.wait()
        return server

    @functools.cached_property
    def galera(self) -> Galera:
        """The cluster."""
        cluster = Galera()
        self._started.append(cluster)
        return cluster

    def server(self, kind: str) -> Server:
        """A server by its kind."""
        return self.postgresql if kind == "postgresql" else self.mariadb

    def stop(self) -> None:
        """End all that were started."""
        for server in self._started:
            server.stop()


def new_name() -> str:
    """The name of a database that there has not been yet."""
    return f"d{next(_serial)}"
