"""Encrypted connections: checked against an authority of the tests' own, or refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    resolve,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tls import driver_options
from servers.process import Account, program
from servers.session import Servers

_serial = itertools.count(1)

#: Who may come in unencrypted, and who only with a certificate that the authority signed.
ANY, ENCRYPTED, CERTIFIED = "t_any", "t_encrypted", "t_certified"

#: How much is checked, by the kind of the server; ``{0}`` is the authority's certificate.
FULL = {
    "postgresql": "?sslmode=verify-full&sslrootcert={0}",
    "mariadb": "?ssl_ca={0}",
}
AUTHORITY = {
    "postgresql": "?sslmode=verify-ca&sslrootcert={0}",
    "mariadb": "?ssl_ca={0}&ssl_verify_identity=false",
}
UNCHECKED = {"postgresql": "?sslmode=require", "mariadb": "?ssl_verify_cert=false"}
PLAIN = {"postgresql": "?sslmode=disable", "mariadb": "?ssl_disabled=true"}
OWN = {"postgresql": "&sslcert={0}&sslkey={1}", "mariadb": "&ssl_cert={0}&ssl_key={1}"}
OTHER_NAME = {"postgresql": ("db.example", "&hostaddr=127.0.0.1"), "mariadb": ("127.1", "")}
IS_ENCRYPTED = {
    "postgresql": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SELECT VARIABLE_VALUE <> '' FROM information_schema.session_status "
    "WHERE VARIABLE_NAME = 'SSL_CIPHER'",
}


class Service:
    """A server with users whose connections must be of some kind."""

    def __init__(self, servers: Servers, kind: str) -> None:
        self.kind = kind
        self.server: Any = servers.server(kind)
        self.folder: Path = self.server.folder
        self.authority, self.other = self._of("authority"), self._of("other")
        self.name = f"tls{next(_serial)}"
        self.server.create(self.name)
        self._make_users()
        self.certificate, self.key = self._client()

    def _of(self, name: str) -> Path:
        path: Path = getattr(self.server.certificates, name)
        return path

    def _make_users(self) -> None:
        if self.kind == "mariadb":
            wants = {ANY: "NONE", ENCRYPTED: "SSL", CERTIFIED: "X509"}
            for user, what in wants.items():
                self.server.execute(
                    f"CREATE OR REPLACE USER {user} IDENTIFIED BY 's3cret' REQUIRE {what}",
                    f"GRANT ALL ON {self.name}.* TO {user}",
                )
            return
        rules = self.folder / "data" / "pg_hba.conf"
        self._rules = rules.read_text()
        rules.write_text(
            f"hostssl all {ENCRYPTED} 127.0.0.1/32 scram-sha-256\n"
            f"hostnossl all {ENCRYPTED} 127.0.0.1/32 reject\n"
            f"hostssl all {CERTIFIED} 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n"
            + self._rules
        )
        for user in (ANY, ENCRYPTED, CERTIFIED):
            self.server.execute(
                f"DROP ROLE IF EXISTS {user}", f"CREATE ROLE {user} LOGIN PASSWORD 's3cret'"
            )
        self.server.execute("SELECT pg_reload_conf()")

    def _client(self) -> tuple[Path, Path]:
        """A certificate that the authority signed for the user who needs one."""
        account = Account("postgres" if self.kind == "postgresql" else "mysql")
        certificate, key = self.folder / "client.pem", self.folder / "client.key"
        account.run(
            self.folder,
            *(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-CA", str(self.authority), "-CAkey", str(self.folder / "ca.key")),
            *("-subj", f"/CN={CERTIFIED}", "-keyout", str(key), "-out", str(certificate)),
        )
        key.chmod(0o600)
        return certificate, key

    def url(self, query: str = "", user: str = ANY, host: str = "127.0.0.1") -> str:
        """A URL of a user."""
        url: str = self.server.network_url(self.name, user, "s3cret", query)
        return url.replace("@127.0.0.1:", f"@{host}:")

    def close(self) -> None:
        """Leave the server as it was."""
        if self.kind == "postgresql":
            (self.folder / "data" / "pg_hba.conf").write_text(self._rules)
            self.server.execute("SELECT pg_reload_conf()")
        self.server.drop(self.name)


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def service(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Service]:
    """Each server."""
    made = Service(servers, request.param)
    yield made
    made.close()


def encrypted(service: Service, url: str | Database) -> bool:
    """Whether a connection is encrypted."""
    database = resolve(url) if isinstance(url, str) else url
    return bool(
        run_transaction(
            database,
            open_engine(database),
            lambda connection: connection.exec_driver_sql(IS_ENCRYPTED[service.kind]).scalar(),
        )
    )


def refused(service: Service, url: str | Database) -> str:
    """What is said of a connection that is refused."""
    with pytest.raises(DatabaseError) as caught:
        encrypted(service, url)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("checks", [FULL, AUTHORITY, UNCHECKED])
def test_servers_that_are_who_they_say(service: Service, checks: dict[str, str]) -> None:
    url = service.url(checks[service.kind].format(service.authority), ENCRYPTED)
    assert encrypted(service, url) is True


def test_an_authority_that_is_another(service: Service) -> None:
    for checks in (FULL, AUTHORITY):
        words = refused(service, service.url(checks[service.kind].format(service.other)))
        assert "Name the authority that signed" in words
    assert encrypted(service, service.url(UNCHECKED[service.kind])) is True


def test_a_server_by_another_name(service: Service) -> None:
    """The certificate is for 127.0.0.1 and localhost; the same machine has other names."""
    host, more = OTHER_NAME[service.kind]
    words = refused(
        service, service.url(FULL[service.kind].format(service.authority) + more, host=host)
    )
    assert "by a name that the certificate has" in words
    url = service.url(AUTHORITY[service.kind].format(service.authority) + more, host=host)
    assert encrypted(service, url) is True


def test_a_user_who_must_encrypt(service: Service) -> None:
    words = refused(service, service.url(PLAIN[service.kind], ENCRYPTED))
    assert "TLS" in words or "password" in words
    assert encrypted(service, service.url(PLAIN[service.kind])) is False
    assert encrypted(service, service.url("", ENCRYPTED)) is True


def test_a_client_certificate(service: Service) -> None:
    query = FULL[service.kind].format(service.authority)
    assert "certificate" in refused(service, service.url(query, CERTIFIED))
    own = OWN[service.kind].format(service.certificate, service.key)
    assert encrypted(service, service.url(query + own, CERTIFIED)) is True


def test_files_that_are_not_there(service: Service, tmp_path: Path) -> None:
    words = refused(service, service.url(FULL[service.kind].format(tmp_path / "none.pem")))
    assert "none.pem" in words


def test_several_nodes_with_tls(service: Service) -> None:
    port = service.server.port
    query = FULL[service.kind].format(service.authority).replace("?", "&")
    scheme = service.kind
    url = f"{scheme}://{ENCRYPTED}:s3cret@/{service.name}?host=127.0.0.1:1&host=127.0.0.1:{port}{query}"
    assert encrypted(service, url) is True


@pytest.mark.parametrize(
    ("query", "is_checked", "is_named"),
    [
        ({"ssl_verify_cert": "true"}, True, True),
        ({"ssl_verify_identity": "0"}, True, False),
        ({"ssl_check_hostname": "False"}, True, False),
        ({"ssl_verify_cert": "no"}, False, False),
        ({"ssl_disabled": "false"}, True, True),
    ],
)
def test_texts_that_are_truth_values(
    query: dict[str, str], is_checked: bool, is_named: bool
) -> None:
    context = driver_options(query)["ssl"]
    assert (bool(context.verify_mode), context.check_hostname) == (is_checked, is_named)


def test_no_options_and_none_that_is_true_or_false() -> None:
    assert driver_options({"charset": "utf8mb4"}) == {}
    assert driver_options({"ssl_disabled": "on"}) == {"ssl_disabled": True}
    with pytest.raises(DatabaseError, match="ssl_verify_cert .* neither true nor false"):
        driver_options({"ssl_verify_cert": "maybe"})


def test_what_cannot_be_used_is_told_without_the_keys_password(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(DatabaseError, match="x.pem") as caught:
        driver_options({"ssl_cert": str(tmp_path / "x.pem"), "ssl_key_password": "s3cret"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("port", ["x", ""])
def test_ports_of_nodes_that_are_no_numbers(port: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be read"):
        resolve(f"mariadb://u:s3cret@/d?host=a&host=b:{port}")


def test_files_that_the_environment_names(service: Service) -> None:
    """By the same variables for each server; with an authority its name is checked as well."""
    environ = {
        "VIRTLEDGER_DATABASE_URL": service.url("", CERTIFIED),
        "VIRTLEDGER_DATABASE_CA_FILE": str(service.authority),
        "VIRTLEDGER_DATABASE_CERT_FILE": str(service.certificate),
        "VIRTLEDGER_DATABASE_KEY_FILE": str(service.key),
    }
    assert encrypted(service, resolve(None, None, environ)) is True
    environ["VIRTLEDGER_DATABASE_CA_FILE"] = str(service.other)
    words = refused(service, resolve(None, None, environ))
    assert "Name the authority that signed" in words


def test_a_url_has_the_last_word() -> None:
    environ = {
        "VIRTLEDGER_DATABASE_URL": "postgresql://u@h/d?sslmode=verify-ca&sslrootcert=/own.pem",
        "VIRTLEDGER_DATABASE_CA_FILE": "/ca.pem",
        "VIRTLEDGER_DATABASE_KEY_FILE": "",
    }
    found = resolve(None, None, environ).url.query
    assert found == {"sslmode": "verify-ca", "sslrootcert": "/own.pem"}
    assert resolve("postgresql://u@h/d", None, environ).url.query == {}
    environ["VIRTLEDGER_DATABASE_URL"] = "sqlite:////tmp/x.db"
    assert resolve(None, None, environ).url.query == {}
