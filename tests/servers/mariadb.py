"""A MariaDB server for tests."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql
from servers.certificates import Certificates
from servers.process import Account, Process, free_port, program

#: Nothing of it survives a crash of the machine, which makes it fast; a crash of the server it does.
FAST = {
    "skip-log-bin": None,
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-doublewrite": "OFF",
    "innodb-flush-method": "nosync",
    "sync-frm": "OFF",
    "innodb-buffer-pool-size": "128M",
    "innodb-log-file-size": "32M",
    "performance-schema": "OFF",
    "skip-name-resolve": None,
    "max-connections": "150",
    # Nothing may depend on a server that counts in UTC.
    "default-time-zone": "+05:45",
}


class Files:
    """What every server of the session starts from: an empty system database, made once."""

    def __init__(self) -> None:
        self.account = Account("mysql")
        self.daemon = program("mariadbd")

    def create(self, data: Path) -> None:
        """Make a system database in which root has no password, and nobody else is."""
        self.account.run(
            data.parent,
            *(program("mariadb-install-db"), "--no-defaults", f"--datadir={data}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
            *("--innodb-flush-method=nosync", "--innodb-log-file-size=32M"),
        )
        # root may come through the socket only, which is in a directory that nobody looks into
        only = "FLUSH PRIVILEGES;\nDELETE FROM mysql.global_priv WHERE Host <> 'localhost';\n"
        self.account.run(
            data.parent,
            *(self.daemon, "--no-defaults", "--bootstrap", f"--datadir={data}"),
            "--innodb-log-file-size=32M",
            text=only,
        )


class MariaDB:
    """A private server; root gets in through its socket only.

    :ivar port: on 127.0.0.1, with TLS, for users with a password.
    """

    dialect = "mariadb"

    def __init__(self, options: Sequence[str] = (), empty: bool = False) -> None:
        """
        :param options: further options of mariadbd.
        :param empty: the system database comes from elsewhere.
        """
        files = Files()
        self.folder = files.account.folder("vl-maria-")
        for name in ("data", "tmp"):
            (self.folder / name).mkdir()
            files.account.give(self.folder / name)
        if not empty:
            files.create(self.folder / "data")
        self.certificates = Certificates(files.account, self.folder)
        self.port = free_port()
        settings = {
            **FAST,
            "datadir": str(self.folder / "data"),
            "tmpdir": str(self.folder / "tmp"),
            "socket": str(self.socket),
            "pid-file": str(self.folder / "pid"),
            "bind-address": "127.0.0.1",
            "port": str(self.port),
            "ssl-ca": str(self.certificates.authority),
            "ssl-cert": str(self.certificates.certificate),
            "ssl-key": str(self.certificates.key),
        }
        command = [files.daemon, "--no-defaults"]
        command += [f"--{k}" if v is None else f"--{k}={v}" for k, v in settings.items()]
        command = files.account.command(self.folder, [*command, *options])
        self.process = Process(self.folder, command, signal.SIGKILL)

    @property
    def socket(self) -> Path:
        """Where root gets in."""
        return self.folder / "s"

    def wait(self) -> None:
        """Wait until the server answers."""
        self.process.wait_ready(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            self.execute("SELECT 1")
        except pymysql.Error:
            return False
        return True

    def execute(self, *statements: str, database: str | None = None) -> list[Any]:
        """Run statements as root; the rows of the last one."""
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=database,
            autocommit=True,
            ssl_disabled=True,
        )
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def url(self, database: str) -> str:
        """A database as its owner sees it."""
        return f"mariadb://root@/{database}?unix_socket={self.socket}&ssl_disabled=true"

    def network_url(self, database: str, user: str, password: str, query: str = "") -> str:
        """A database as a user with a password sees it."""
        return f"mariadb://{user}:{password}@127.0.0.1:{self.port}/{database}{query}"

    def create(self, database: str) -> None:
        """Create a database."""
        self.execute(f"CREATE DATABASE {database}")

    def drop(self, database: str) -> None:
        """Remove a database."""
        self.execute(f"DROP DATABASE IF EXISTS {database}")

    def stop(self) -> None:
        """End the server and remove its files."""
        self.process.stop()
