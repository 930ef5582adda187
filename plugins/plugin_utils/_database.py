# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database, how it is opened, and transactions that are tried again.

No message of this module holds a password: URLs are shown without it, and a driver's own words
have it replaced.
"""

from __future__ import annotations

import functools
import importlib
import os
import random
import sqlite3
import time
import typing as t
import urllib.parse

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    SchemaError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    event,
    exc,
    pool,
    require_sqlalchemy,
    sa,
)

T = t.TypeVar("T")

VARIABLE = "virtledger_database_url"
ENVIRONMENT = "VIRTLEDGER_DATABASE_URL"

#: Seconds that SQLite waits for another writer before the transaction is tried again.
BUSY_SECONDS = 30.0

#: How often, and for how many seconds in all, a transaction is tried.
_TRIES, _TRY_SECONDS = 10, 120.0

#: The driver that serves each kind of database, and the package that it comes from.
_DRIVERS = {
    "sqlite": ("sqlite", "sqlite3", ""),
    "postgresql": ("postgresql+psycopg", "psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "pymysql", "PyMySQL"),
    "mariadb": ("mariadb+pymysql", "pymysql", "PyMySQL"),
}

#: Serialization failures and deadlocks, by SQLSTATE and by MariaDB's numbers.
_RETRY_STATES = frozenset(("40001", "40P01"))
_RETRY_NUMBERS = frozenset((1205, 1213))

_REMEDY = "Check option 'database_url' (or variable {0}, or environment variable {1}).".format(
    VARIABLE, ENVIRONMENT
)


class LostRow(Exception):
    """A row that was read before is not there any more: somebody removed it in the meantime."""


class Database(t.NamedTuple):
    """A database that can be opened.

    :ivar url: SQLAlchemy's URL object, with the driver that this collection uses.
    :ivar is_default: nobody chose it: the SQLite file of the user.
    """

    url: t.Any
    is_default: bool = False

    @property
    def path(self) -> str:
        """The file of an SQLite database, empty for a server."""
        return str(self.url.database) if self.url.get_backend_name() == "sqlite" else ""

    def __str__(self) -> str:
        return str(self.url.render_as_string(hide_password=True))


def resolve(
    option: t.Optional[str],
    variable: t.Optional[str] = None,
    environ: t.Optional[t.Mapping[str, str]] = None,
) -> Database:
    """The database by option, variable, environment, or the SQLite file of the user.

    :raises DatabaseError: SQLAlchemy is missing, or the URL is none that can be used.
    """
    require_sqlalchemy()
    environ = os.environ if environ is None else environ
    text = option or variable or environ.get(ENVIRONMENT)
    if text:
        return Database(_usable_url(text))
    data_home = environ.get("XDG_DATA_HOME") or os.path.join("~", ".local", "share")
    path = os.path.join(os.path.expanduser(data_home), "virtledger", "ledger.db")
    return Database(sa.URL.create("sqlite", database=path), is_default=True)


def _usable_url(text: str) -> t.Any:
    try:
        url = sa.make_url(str(text))
        backend = url.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise DatabaseError(
            "The database URL cannot be read.",
            "It looks like postgresql://user:password@host/name or sqlite:////path/ledger.db. "
            + _REMEDY,
        ) from None
    if backend not in _DRIVERS:
        raise DatabaseError(
            "Databases of kind {0!r} are not supported.".format(backend),
            "Supported are {0}. {1}".format(", ".join(_DRIVERS), _REMEDY),
        )
    driver, module, package = _DRIVERS[backend]
    if "+" not in url.drivername:
        url = url.set(drivername=driver)
    elif url.drivername != driver:
        raise DatabaseError(
            "Driver {0} is not supported.".format(url.drivername), "Use {0}.".format(driver)
        )
    if backend == "sqlite":
        return _sqlite_url(url)
    _require_driver(module, package)
    return url


def _sqlite_url(url: t.Any) -> t.Any:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseError(
            "An SQLite database in memory would be lost at the end of the task.",
            "Name a file: sqlite:////var/lib/virtledger/ledger.db. " + _REMEDY,
        )
    path = os.path.abspath(os.path.expanduser(url.database))
    if os.path.isdir(path):
        raise DatabaseError(
            "The SQLite database {0} is a directory.".format(path),
            "Name a file in it. " + _REMEDY,
        )
    return url.set(database=path)


def _require_driver(module: str, package: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise DatabaseError(
            "The database driver {0} is not installed on the controller ({1}).".format(
                module, error
            ),
            "pip install '{0}'".format(package),
        ) from error


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
    options: t.Dict[str, t.Any] = {"poolclass": pool.NullPool}
    if database.url.get_backend_name() == "postgresql":
        options["connect_args"] = {"connect_timeout": 15, "application_name": "virtledger"}
        options["isolation_level"] = "REPEATABLE READ"
    else:
        options["connect_args"] = {
            "connect_timeout": 15,
            "charset": "utf8mb4",
            "init_command": "SET SESSION sql_mode='TRADITIONAL,ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO', "
            "innodb_lock_wait_timeout=30",
        }
        options["isolation_level"] = "READ COMMITTED"
    return sa.create_engine(database.url, **options)


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
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


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
            _REMEDY,
        ) from error


def exists(database: Database) -> bool:
    """Whether there is anything to open; a server always counts."""
    return not database.path or os.path.exists(database.path)


def run_transaction(
    database: Database, engine: t.Any, work: t.Callable[[t.Any], T], tries: int = 0
) -> T:
    """The result of ``work(connection)``, in one transaction that is tried again as a whole.

    :param tries: how often in all, if not as often as usual.
    :raises SchemaError: from ``work``, with the database named.
    :raises DatabaseError: an error that a further try cannot help, or too many of the others.
    """
    deadline = time.monotonic() + _TRY_SECONDS
    attempt = 0
    while True:
        attempt += 1
        try:
            with engine.connect() as connection, connection.begin():
                return work(connection)
        except SchemaError as error:
            raise error.of(database) from None
        except (exc.DBAPIError, sqlite3.Error, LostRow) as error:
            again = attempt < (tries or _TRIES) and time.monotonic() < deadline
            if not (again and _is_transient(error)):
                raise explain(database, error, attempt) from None
        time.sleep(random.uniform(0.01, 0.05 * 2**attempt))


def _is_transient(error: Exception) -> bool:
    if isinstance(error, LostRow):
        return True
    original = getattr(error, "orig", None) or error
    if getattr(original, "sqlstate", None) in _RETRY_STATES:
        return True
    if isinstance(original, sqlite3.OperationalError):
        return "locked" in str(original) or "busy" in str(original)
    arguments = getattr(original, "args", ()) or (None,)
    return arguments[0] in _RETRY_NUMBERS


def explain(database: Database, error: Exception, attempts: int = 1) -> DatabaseError:
    """A database error in words for the user, without passwords, SQL and rows."""
    original = getattr(error, "orig", None) or error
    arguments = [str(part) for part in getattr(original, "args", ()) if str(part)]
    words = " ".join(" ".join(arguments or [str(original)]).split()).rstrip(".?")
    if database.url.password:
        words = words.replace(str(database.url.password), "***")
    tries = " ({0} tries)".format(attempts) if attempts > 1 else ""
    return DatabaseError(
        "The database {0} answers{1}: {2}.".format(database, tries, words), _advice(words)
    )


def _advice(words: str) -> str:
    lowered = words.lower()
    for sign, advice in (
        ("locked", "Another program holds the SQLite file; run again when it is done."),
        (
            "readonly",
            "The user that runs Ansible must be able to write the file and its directory.",
        ),
        ("not a database", "The file is something else; name another one."),
        (
            "unable to open",
            "The file must be readable, and its directory must exist and be writable.",
        ),
        ("disk is full", "Free some space; nothing was recorded."),
        ("permission denied", "Grant the database user what docs/database.md lists."),
    ):
        if sign in lowered:
            return "{0} {1}".format(advice, _REMEDY)
    return _REMEDY
