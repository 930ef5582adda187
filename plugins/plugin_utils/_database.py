# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions that are tried again, and what is said when they fail in the end.

No message of this module holds a password: URLs are shown without it, and a driver's own words
have it replaced.
"""

from __future__ import annotations

import random
import sqlite3
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    SchemaError,
    VirtledgerError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._engine import (
    exists,
    open_engine,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import exc
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    REMEDY,
    Database,
    resolve,
)

__all__ = [
    "Database",
    "LostRow",
    "exists",
    "explain",
    "open_engine",
    "require_ledger",
    "resolve",
    "run_transaction",
    "transact",
]

T = t.TypeVar("T")

#: How often, and for how many seconds in all, a transaction is tried. Where a server serializes
#: transactions, each that commits sends all others on the same rows back.
_TRIES, _TRY_SECONDS = 40, 120.0

#: The longest pause between two tries.
_PAUSE = 5.0

#: By SQLSTATE: serialization failures, deadlocks, locks that were not to be had; the server is
#: stopped, has crashed, or is not ready yet; too many connections.
_RETRY_STATES = frozenset(
    ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "08006", "08003", "08001")
)

#: The same by the numbers of MariaDB and MySQL. Who came second hears 1020 or 1180, of a table,
#: column or index 1050, 1060, 1061 or 1091; 1047 is a node that has lost its cluster.
_RETRY_NUMBERS = frozenset((1020, 1040, 1047, 1050, 1053, 1060, 1061, 1091, 1180, 1205, 1213))

#: Somebody else has put the same row there meanwhile, or removed the one that a new row refers to.
#: A further try sees that. It may also be an index of somebody's own, so there are fewer tries.
_CONFLICT_STATES, _CONFLICT_NUMBERS = frozenset(("23503", "23505")), frozenset((1062, 1451, 1452))
_CONFLICT_TRIES = 4

#: What two recordings, or two evaluations of findings, may both put there first, by its index: it
#: is there at the next try, so all tries count. A volume may be one of many that each of many hosts
#: shares with another one.
_SHARED_KEYS = ("uniq_volumes_identity", "uniq_findings_fingerprint")

#: Connections that were lost.
_LOST = frozenset((1927, 2006, 2013))

#: Nobody listens at the server's address; no error of a transaction, unless it came to a server.
_UNREACHABLE = frozenset((2002, 2003))

#: PostgreSQL's library tells only in words why there was no connection.
_SOON = (
    "starting up",
    "shutting down",
    "recovery mode",
    "not yet accepting connections",
    "server closed the connection",
    "terminating connection",
    "connection reset by peer",
    "too many clients",
    "connection slots",
)


class LostRow(Exception):
    """A row is not as it was read: somebody removed or changed it in the meantime."""


class _Failure:
    """What went wrong in one try.

    :ivar is_transient: a further try of the whole transaction may help.
    :ivar is_unreachable: there was none.
    """

    def __init__(self, error: Exception, attempt: int) -> None:
        original = getattr(error, "orig", None) or error
        state = getattr(original, "sqlstate", None)
        number = (getattr(original, "args", ()) or (None,))[0]
        is_operational = isinstance(error, exc.OperationalError)
        # Of a connection that was never made PostgreSQL's driver says neither this nor that.
        self.is_unreachable = number in _UNREACHABLE or (
            is_operational
            and state is None
            and not isinstance(number, int)
            and not isinstance(original, sqlite3.Error)
        )
        is_loss = bool(getattr(error, "connection_invalidated", False)) or number in _LOST
        conflicts = state in _CONFLICT_STATES or number in _CONFLICT_NUMBERS
        self.is_transient = (
            isinstance(error, LostRow)
            or is_loss
            or state in _RETRY_STATES
            or number in _RETRY_NUMBERS
            or (conflicts and (attempt < _CONFLICT_TRIES or _is_shared(original)))
            or (self.is_unreachable and any(word in str(original).lower() for word in _SOON))
            or _is_busy(original)
        )


def _is_shared(original: Exception) -> bool:
    return any(key in str(original) for key in _SHARED_KEYS)


def _is_busy(original: Exception) -> bool:
    words = str(original)
    return isinstance(original, sqlite3.OperationalError) and ("locked" in words or "busy" in words)


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
    seen = False
    while True:
        attempt += 1
        try:
            with _connected(database, engine) as connection, connection.begin():
                return work(connection)
        except SchemaError as error:
            raise error.of(database) from None
        except (exc.DBAPIError, sqlite3.Error, LostRow) as error:
            failure = _Failure(error, attempt)
            # A server that was there, if only to say that it is ending, may be on its way back.
            seen = seen or failure.is_transient
            helps = failure.is_transient or (seen and failure.is_unreachable)
            again = attempt < (tries or _TRIES) and time.monotonic() < deadline
            if not (again and helps):
                raise explain(database, error, attempt) from None
        time.sleep(min(_PAUSE, random.uniform(0.01, 0.05 * 2**attempt)))


def require_ledger(database: Database) -> None:
    """Nobody reads a ledger before something is recorded.

    :raises VirtledgerError: there is none.
    """
    if not exists(database):
        raise VirtledgerError(
            "There is no ledger yet at {0}.".format(database.path),
            "Record a hypervisor with virtledger.libvirt.sync first, or correct 'database_url'.",
        )


def transact(
    database: Database, work: t.Callable[[t.Any], T], readonly: bool = False, tries: int = 0
) -> T:
    """The result of ``work(connection)``, in the one transaction that there is to do.

    :raises SchemaError: as :func:`run_transaction`.
    :raises DatabaseError: as that, or the database cannot be opened.
    """
    engine = open_engine(database, readonly)
    try:
        return run_transaction(database, engine, work, tries)
    finally:
        engine.dispose()


def _connected(database: Database, engine: t.Any) -> t.Any:
    """A connection.

    :raises DatabaseError: the URL has options that the driver does not take.
    """
    try:
        return engine.connect()
    except (TypeError, ValueError, OSError) as error:
        raise DatabaseError(
            "The database {0} cannot be opened: {1}.".format(database, _told(database, error)),
            "Its URL has an option that the driver does not take, or names a file that is not "
            "there. " + REMEDY,
        ) from None


def explain(database: Database, error: Exception, attempts: int = 1) -> DatabaseError:
    """A database error in words for the user, without passwords, SQL and rows."""
    words = _told(database, error)
    tries = " ({0} tries)".format(attempts) if attempts > 1 else ""
    return DatabaseError(
        "The database {0} answers{1}: {2}.".format(database, tries, words), _advice(words)
    )


def _told(database: Database, error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    arguments = [str(part) for part in getattr(original, "args", ()) if str(part)]
    words = " ".join(" ".join(arguments or [str(original)]).split()).rstrip(".?")
    for secret in database.secrets:
        words = words.replace(secret, "***")
    return words


#: What is missing in many words of servers.
_GRANT = (
    "The database user lacks a right: to read takes SELECT, to record SELECT, INSERT, UPDATE and "
    "DELETE, and only the action schema more; docs/database.md has the GRANT statements."
)
_ENCRYPT = (
    "The server wants TLS: add sslmode=verify-full and sslrootcert (PostgreSQL) or ssl_ca "
    "(MariaDB, MySQL) to the URL."
)
_CERTIFICATE = (
    "Name the authority that signed the server's certificate in the URL (sslrootcert on "
    "PostgreSQL, ssl_ca on MariaDB and MySQL), and the server by a name that the certificate has."
)
_LOGIN = "Correct the user or the password; if the server wants a client certificate, name that."


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
        # What SQLite says where its log can grow, but not the map of the log.
        ("disk i/o error", "See whether the disk is full or broken; nothing was recorded."),
        ("max_allowed_packet", "Raise max_allowed_packet of the server."),
        (
            "wsrep has not yet prepared",
            "This node has lost the majority of its cluster; nothing was recorded. Name the other "
            "nodes in the URL too, as docs/database.md shows, or repair the cluster.",
        ),
        ("command denied", _GRANT),
        ("permission denied", _GRANT),
        ("must be owner", _GRANT),
        ("to database", _GRANT),
        ("insecure transport", _ENCRYPT),
        ("no encryption", _ENCRYPT),
        ("certificate_verify_failed", _CERTIFICATE),
        ("certificate verify failed", _CERTIFICATE),
        ("does not match host name", _CERTIFICATE),
        ("access denied", _LOGIN),
        ("authentication failed", _LOGIN),
    ):
        if sign in lowered:
            return "{0} {1}".format(advice, REMEDY)
    return REMEDY
