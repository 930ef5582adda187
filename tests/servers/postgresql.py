"""A PostgreSQL server for tests."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

import psycopg
from servers.certificates import Certificates
from servers.process import Account, Process, free_port, program

#: Nothing of it survives a crash of the machine, which makes it fast; a crash of the server it does.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "120",
    # A whole schema is made, and dropped, in one transaction.
    "max_locks_per_transaction": "512",
    # Nothing may depend on a server that counts in UTC.
    "timezone": "Asia/Kathmandu",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

_RULES = """\
local all postgres trust
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgreSQL:
    """A private server; the superuser gets in through its socket only.

    :ivar port: on 127.0.0.1, with TLS, for users with a password.
    """

    dialect = "postgresql"

    def __init__(self, more: Mapping[str, str] | None = None, is_large: bool = False) -> None:
        """
        :param more: settings besides, or instead of, those that make it fast.
        :param is_large: its files are on disk, for they may not fit into memory.
        """
        binaries = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
        account = Account("postgres")
        self.folder = account.folder("vl-pg-", is_large)
        data = self.folder / "data"
        account.run(
            self.folder,
            *(program("initdb", binaries), "-D", str(data), "-U", "postgres"),
            *("-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8"),
        )
        (data / "pg_hba.conf").write_text(_RULES)
        self.certificates = Certificates(account, self.folder)
        self.port = free_port()
        settings = {
            **FAST,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "ssl": "on",
            "ssl_ca_file": str(self.certificates.authority),
            "ssl_cert_file": str(self.certificates.certificate),
            "ssl_key_file": str(self.certificates.key),
            **(more or {}),
        }
        command = [program("postgres", binaries), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        # SIGQUIT ends it at once and leaves no shared memory behind.
        command = account.command(self.folder, command, end="QUIT")
        self.process = Process(self.folder, command, signal.SIGQUIT)

    def wait(self) -> None:
        """Wait until the server answers."""
        self.process.wait_ready(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements as the superuser; the rows of the last one."""
        with psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user="postgres",
            dbname=database,
            autocommit=True,
            sslmode="disable",
        ) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str) -> str:
        """A database as its owner sees it."""
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def network_url(self, database: str, user: str, password: str, query: str = "") -> str:
        """A database as a user with a password sees it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}{query}"

    def create(self, database: str, template: str = "template1") -> None:
        """Create a database."""
        self.execute(f"CREATE DATABASE {database} TEMPLATE {template}")

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its files."""
        self.process.stop()
