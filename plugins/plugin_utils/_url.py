# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database: the option, the variable, the environment, or the user's own file.

No message holds a password: a URL is shown without it, and one that cannot be read not at all.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import (
    exc,
    require_sqlalchemy,
    sa,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tls_files import with_files

VARIABLE = "virtledger_database_url"
FILE_VARIABLE = "virtledger_database_url_file"
ENVIRONMENT = "VIRTLEDGER_DATABASE_URL"
FILE_ENVIRONMENT = "VIRTLEDGER_DATABASE_URL_FILE"

#: The driver that serves each kind of database, and the package that it comes from.
_DRIVERS = {
    "sqlite": ("sqlite", "sqlite3", ""),
    "postgresql": ("postgresql+psycopg", "psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "pymysql", "PyMySQL"),
    "mariadb": ("mariadb+pymysql", "pymysql", "PyMySQL"),
}

#: Queries of a URL that hold a secret.
_SECRET = frozenset(("password", "passwd", "passphrase", "sslpassword", "ssl_key_password"))

REMEDY = (
    "Check option 'database_url' or 'database_url_file' (or variable {0} or {1}, or environment "
    "variable {2} or {3}).".format(VARIABLE, FILE_VARIABLE, ENVIRONMENT, FILE_ENVIRONMENT)
)


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

    @property
    def secrets(self) -> t.List[str]:
        """What nobody may see, the longest first."""
        texts = {self.url.password} | {self.url.query.get(name) for name in _SECRET}
        return sorted((str(text) for text in texts if text), key=len, reverse=True)

    def __str__(self) -> str:
        shown = self.url
        for name in _SECRET & set(shown.query):
            shown = shown.update_query_dict({name: "***"})
        return str(shown.render_as_string(hide_password=True))

    def __repr__(self) -> str:
        return "Database({0})".format(self)


class Choice(t.NamedTuple):
    """How one source names the database: by its URL, or by a file that has the URL in it."""

    url: t.Optional[str] = None
    file: t.Optional[str] = None


def resolve(
    option: t.Union[str, Choice, None],
    variable: t.Union[str, Choice, None] = None,
    environ: t.Optional[t.Mapping[str, str]] = None,
    load: t.Optional[t.Callable[[str], str]] = None,
) -> Database:
    """The database by option, variable, environment, or the SQLite file of the user.

    :param load: the text of a file by its path, if it is not simply to be read.

    :raises DatabaseError: SQLAlchemy is missing, the URL is none that can be used, its file cannot
        be read, or one source names both.
    """
    require_sqlalchemy()
    environ = os.environ if environ is None else environ
    by_environment = Choice(environ.get(ENVIRONMENT), environ.get(FILE_ENVIRONMENT))
    for source, names in (
        (option, ("option 'database_url'", "option 'database_url_file'")),
        (variable, ("variable " + VARIABLE, "variable " + FILE_VARIABLE)),
        (by_environment, ("environment variable " + ENVIRONMENT, FILE_ENVIRONMENT)),
    ):
        choice = source if isinstance(source, Choice) else Choice(source)
        if choice.url and choice.file:
            raise DatabaseError(
                "There are two databases: by {0} and by {1}.".format(*names), "Name one of them."
            )
        text = _read(choice.file, load or loaded) if choice.file else choice.url
        if text:
            url = _usable_url(text)
            return Database(with_files(url, environ) if source is by_environment else url)
    data_home = environ.get("XDG_DATA_HOME") or os.path.join("~", ".local", "share")
    path = os.path.join(os.path.expanduser(data_home), "virtledger", "ledger.db")
    return Database(sa.URL.create("sqlite", database=path), is_default=True)


def load_driver() -> None:
    """Import what the database of the environment needs, before a worker is forked for each host.

    Whatever is wrong with it, the workers tell. A pipe can be read once, so it is theirs.
    """
    path = os.environ.get(FILE_ENVIRONMENT)
    is_named = bool(os.environ.get(ENVIRONMENT))
    if path:
        is_named = os.path.isfile(os.path.expanduser(path))
    if is_named:
        with contextlib.suppress(VirtledgerError):
            resolve(None).url.get_dialect()


def loaded(path: str) -> str:
    """The text of a file.

    :raises OSError: it cannot be read.
    :raises ValueError: it is no text.
    """
    with open(path, encoding="utf-8-sig") as opened:
        return opened.read(65536)


def _read(path: str, load: t.Callable[[str], str]) -> str:
    """The URL in a file on the controller: its only line."""
    where = os.path.expanduser(path)
    try:
        lines = load(where).split()
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "no text"
        raise DatabaseError(
            "File {0}, which should hold the database's URL, cannot be read: {1}.".format(
                where, problem
            ),
            REMEDY,
        ) from None
    if len(lines) != 1:
        raise DatabaseError(
            "File {0} should hold the database's URL and nothing else.".format(where), REMEDY
        )
    return lines[0]


def _usable_url(text: str) -> t.Any:
    try:
        url = sa.make_url(str(text))
        backend = url.get_backend_name()
        if "@" in (url.host or "") or (backend != "sqlite" and "@" in (url.database or "")):
            raise ValueError("an unescaped character in the password")
        if backend in ("mysql", "mariadb"):
            nodes_of(url)
    except (exc.ArgumentError, ValueError):
        raise DatabaseError(
            "The database URL cannot be read.",
            "It looks like postgresql://user:password@host/name or sqlite:////path/ledger.db; in a "
            "password, @ is written %40, / %2F, : %3A and % %25. " + REMEDY,
        ) from None
    if backend not in _DRIVERS:
        raise DatabaseError(
            "Databases of kind {0!r} are not supported.".format(backend),
            "Supported are {0}. {1}".format(", ".join(_DRIVERS), REMEDY),
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


def nodes_of(url: t.Any) -> t.List[t.Dict[str, t.Any]]:
    """The servers that a URL names one by one: ``?host=node1&host=node2:3307``.

    :raises ValueError: a port is no number.
    """
    named = url.query.get("host", ())
    nodes = []
    for text in (named,) if isinstance(named, str) else named:
        host, colon, port = text.rpartition(":")
        nodes.append({"host": host, "port": int(port)} if colon else {"host": text})
    return nodes


def _sqlite_url(url: t.Any) -> t.Any:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseError(
            "An SQLite database in memory would be lost at the end of the task.",
            "Name a file: sqlite:////var/lib/virtledger/ledger.db. " + REMEDY,
        )
    path = os.path.abspath(os.path.expanduser(url.database))
    if os.path.isdir(path):
        raise DatabaseError(
            "The SQLite database {0} is a directory.".format(path),
            "Name a file in it. " + REMEDY,
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
