# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a database is opened: one connection per transaction, and a limit to every wait."""

from __future__ import annotations

import functools
import logging
import os
import random
import sqlite3
import time
import typing as t
import urllib.parse

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _tls
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    event,
    pool,
    sa,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    REMEDY,
    Database,
    nodes_of,
)

#: Seconds that SQLite waits for other writers, and a reader for a file that is being recovered.
BUSY_SECONDS = 120.0

#: Seconds between two looks whether another writer of SQLite is done: of one who has just come, and
#: of one who has waited for so many seconds.
_FIRST_LOOK, _LAST_LOOK, _OLD = 0.1, 0.005, 30.0

#: Seconds that a server waits for a row that another transaction holds.
LOCK_SECONDS = 30

#: Seconds after which one statement has failed, and after which a server takes back the transaction
#: of a controller that has died without a word, so that it does not keep its locks.
STATEMENT_SECONDS = 300
IDLE_SECONDS = 300

#: Where a connection notes that it is one to a cluster.
_CLUSTER = "virtledger_is_cluster"

#: What PyMySQL answers of a server that is not there, is shutting down or is full.
_NO_SERVER = frozenset((1040, 1047, 1053, 2002, 2003, 2006, 2013))

#: psycopg.IsolationLevel; the driver is loaded only where it is used.
_READ_COMMITTED, _REPEATABLE_READ = 2, 3

#: What a connection is opened with, unless the URL says otherwise. A server that has died without
#: a word is noticed after half a minute by PostgreSQL's library, and after five by the other.
_POSTGRESQL = {
    "connect_timeout": 15,
    "application_name": "virtledger",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30000,
}
_LIMITS = (
    "SELECT set_config('lock_timeout', '{0}s', true), "
    "set_config('statement_timeout', '{1}s', true), "
    "set_config('idle_in_transaction_session_timeout', '{2}s', true)"
).format(LOCK_SECONDS, STATEMENT_SECONDS, IDLE_SECONDS)
_MYSQL = {
    "connect_timeout": 15,
    "read_timeout": STATEMENT_SECONDS,
    "write_timeout": STATEMENT_SECONDS,
    "charset": "utf8mb4",
    "init_command": "SET SESSION sql_mode='TRADITIONAL,ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO', "
    "innodb_lock_wait_timeout={0}, wait_timeout={1}".format(LOCK_SECONDS, IDLE_SECONDS),
}


def open_engine(database: Database, readonly: bool = False) -> t.Any:
    """An engine without a pool, so that a forked worker never shares a connection.

    The same engine comes back for the same database, with the statements that it has compiled.

    :param readonly: SQLite's file is opened so that nothing can be written, not even created.
    """
    if database.path and not readonly:
        _make_room(database.path, database.is_default)
    return _engine(database, readonly)


@functools.lru_cache(maxsize=8)
def _engine(database: Database, readonly: bool) -> t.Any:
    if database.path:
        return _sqlite_engine(database, readonly)
    is_postgresql = database.url.get_backend_name() == "postgresql"
    defaults = _POSTGRESQL if is_postgresql else _MYSQL
    url = database.url
    given = {key: value for key, value in defaults.items() if key not in url.query}
    nodes: t.List[t.Dict[str, t.Any]] = []
    if not is_postgresql:
        nodes = nodes_of(url)
        given.update(_tls.driver_options(url.query))
        url = url.difference_update_query([*_tls.OPTIONS, "host"])
    engine = sa.create_engine(url, poolclass=pool.NullPool, connect_args=given)
    if nodes:
        event.listen(engine, "do_connect", functools.partial(_connect_to_one, nodes))
    if is_postgresql:
        # On the user's screen it warns of connections that are given up, and then tried again.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        event.listen(engine, "connect", functools.partial(_prepare_postgresql, readonly))
        event.listen(engine, "begin", _limit_waits)
    else:
        prepare = functools.partial(_prepare_mysql, readonly, "ssl" in given)
        event.listen(engine, "connect", prepare)
    return engine


def _prepare_postgresql(readonly: bool, connection: t.Any, _record: t.Any) -> None:
    """Readers see one moment. Writers lock what they decide on, and then see what was committed.

    An administrator can choose SERIALIZABLE for writers, as the default of the database or user.
    """
    connection.autocommit = True
    (default,) = connection.execute("SHOW default_transaction_isolation").fetchone()
    connection.autocommit = False
    connection.read_only = readonly
    if readonly:
        connection.isolation_level = _REPEATABLE_READ
    elif default != "serializable":
        connection.isolation_level = _READ_COMMITTED


def _limit_waits(connection: t.Any) -> None:
    connection.exec_driver_sql(_LIMITS)


def _prepare_mysql(readonly: bool, secret: bool, connection: t.Any, record: t.Any) -> None:
    """The same on MariaDB and MySQL; on a cluster, a node is as far as the others.

    :param secret: the connection must be encrypted; drivers of some age do not see to it.
    """
    cursor = connection.cursor()
    if secret and not (cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'") and cursor.fetchone()[1]):
        raise ValueError("the server does not encrypt the connection, as the URL demands")
    record.info[_CLUSTER] = _is_on(cursor, "VARIABLES", "wsrep_on")
    if record.info[_CLUSTER]:
        cursor.execute("SET SESSION wsrep_sync_wait = 7")
    level = "REPEATABLE READ" if readonly else "READ COMMITTED"
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL " + level)
    if readonly:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()


def _is_on(cursor: t.Any, kind: str, name: str) -> bool:
    """Whether the server has a variable or a status, and it is on."""
    found = cursor.execute("SHOW {0} LIKE '{1}'".format(kind, name))
    return bool(found and cursor.fetchone()[1] == "ON")


def is_cluster(connection: t.Any) -> bool:
    """Whether the server is a node of a Galera cluster, whose locks the other nodes do not see."""
    return bool(connection.info.get(_CLUSTER))


def _connect_to_one(
    nodes: t.Sequence[t.Dict[str, t.Any]],
    dialect: t.Any,
    _record: t.Any,
    arguments: t.Sequence[t.Any],
    options: t.Dict[str, t.Any],
) -> t.Any:
    """A connection to the first node that answers and, if it is of a cluster, is part of it.

    The last one counts as it is: its error is the one that is told.
    """
    for node in nodes[:-1]:
        try:
            connection = dialect.connect(*arguments, **{**options, **node})
        except dialect.dbapi.OperationalError as error:
            if error.args[0] not in _NO_SERVER:
                raise
            continue
        cursor = connection.cursor()
        if not _is_on(cursor, "VARIABLES", "wsrep_on") or _is_on(cursor, "STATUS", "wsrep_ready"):
            cursor.close()
            return connection
        connection.close()
    return dialect.connect(*arguments, **{**options, **nodes[-1]})


def _sqlite_engine(database: Database, readonly: bool) -> t.Any:
    address = "file:{0}{1}".format(
        urllib.parse.quote(database.path), "?mode=ro" if readonly else ""
    )

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys=ON")
        # Names differ by their case, as in the other databases.
        connection.execute("PRAGMA case_sensitive_like=ON")
        if not readonly:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool.NullPool)
    event.listen(engine, "begin", _begin_reading if readonly else _begin_writing)
    return engine


def _begin_reading(connection: t.Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: t.Any) -> None:
    """Wait until other writers are done; the longer, the more often it is looked.

    SQLite itself lets all look equally often, so that one of many writers may never have its turn.

    :raises sqlite3.OperationalError: the time is over.
    """
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    started = time.monotonic()
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - started
            if "locked" not in str(error) or waited >= BUSY_SECONDS:
                raise
        interval = max(_LAST_LOOK, _FIRST_LOOK * (1 - waited / _OLD))
        time.sleep(interval * random.uniform(0.5, 1.0))
    driver.execute("PRAGMA busy_timeout={0:.0f}".format(BUSY_SECONDS * 1000))


def _make_room(path: str, private: bool) -> None:
    """The directory of a new SQLite file; the user's own is closed to others."""
    try:
        if private:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseError(
            "The SQLite database {0} cannot be created: {1}.".format(path, error.strerror),
            REMEDY,
        ) from error


def exists(database: Database) -> bool:
    """Whether there is anything to open; a server always counts."""
    return not database.path or os.path.exists(database.path)
