"""The password of the database is nowhere to be read, however verbose, whatever goes wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledgers import Ledger
from runs import BIN, Runner
from servers.session import Servers

PASSWORD = "p@qzxqz/w:r%d"
ENCODED = "p%40qzxqz%2Fw%3Ar%25d"
WRONG = "wr%40ngqzxqz"

#: What nobody may find, in any spelling: passwords, and the secret of a key.
SECRET = re.compile(r"qzxqz|zqxzq")

KEY = {
    "postgresql": "?sslpassword=k3yzqxzq",
    "mariadb": "?ssl_key_password=k3yzqxzq&ssl_verify_cert=false",
}
BAD_OPTION = {"postgresql": "&nosuchoption=1", "mariadb": "&nosuchoption=1"}


class Place:
    """A database of a user with a password, and a file for its URL."""

    def __init__(self, servers: Servers, kind: str) -> None:
        self.kind = kind
        self.server: Any = servers.server(kind)
        self.owner = self.server.url("passwords")
        self.server.create("passwords")
        if kind == "postgresql":
            self.server.execute(
                f"CREATE ROLE passworduser LOGIN PASSWORD '{PASSWORD}'",
                "ALTER DATABASE passwords OWNER TO passworduser",
            )
        else:
            self.server.execute(
                f"CREATE USER passworduser IDENTIFIED BY '{PASSWORD}'",
                "GRANT ALL ON passwords.* TO passworduser",
            )

    def url(self, password: str = ENCODED, more: str = "") -> str:
        """A URL; the key's password is an option that does nothing here."""
        query = KEY[self.kind] + more
        url: str = self.server.network_url("passwords", "passworduser", password, query)
        return url

    def dead(self) -> str:
        """The same where nobody listens."""
        return self.url().replace(f":{self.server.port}/", ":1/")

    def close(self) -> None:
        """Remove everything."""
        self.server.drop("passwords")
        kind = "ROLE" if self.kind == "postgresql" else "USER"
        self.server.execute(f"DROP {kind} passworduser")


@pytest.fixture(params=["postgresql", "mariadb"])
def place(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Place]:
    """Each server."""
    made = Place(servers, request.param)
    yield made
    made.close()


def _tasks(node: str, urls: dict[str, str], files: dict[str, str]) -> list[dict[str, Any]]:
    """Every way to name the database, and what can go wrong with each."""
    info: dict[str, Any] = {"query": "hosts"}
    module = "virtledger.libvirt.ledger_info"
    tasks: list[dict[str, Any]] = [
        {"virtledger.libvirt.schema": {"database_url": "{{ urls.good }}"}, "register": "made"},
        {"virtledger.libvirt.sync": {"database_url": "{{ urls.good }}", "uri": node}},
        {"virtledger.libvirt.sync": {"database_url_file": files["good"], "uri": "test:///no/file"}},
        {"ansible.builtin.debug": {"var": "made"}},
        {"virtledger.libvirt.schema": {"database_url": "{{ urls.good }}", "state": "verified"}},
    ]
    for name in urls:
        text = f"{{{{ urls.{name} }}}}"
        tasks += [
            {module: {**info, "database_url": text}},
            {module: {**info, "database_url_file": files[name]}},
            {module: info, "vars": {"virtledger_database_url": text}},
            {"virtledger.libvirt.sync": {"database_url_file": files[name], "uri": node}},
            {
                "ansible.builtin.debug": {
                    "msg": "{{ lookup('virtledger.libvirt.domain_xml', 'x', database_url=urls."
                    + name
                    + ") }}"
                }
            },
        ]
    # both at once, and an option that there is not
    tasks.append(
        {module: {**info, "database_url": "{{ urls.good }}", "database_url_file": files["good"]}}
    )
    tasks.append({module: {"database_url": "{{ urls.good }}", "nosuch": 1}})
    for task in tasks:
        task["ignore_errors"] = True
        task["ignore_unreachable"] = True
    return tasks


def test_nowhere(runner: Runner, node: str, place: Place) -> None:
    urls = {
        "good": place.url(),
        "wrong": place.url(WRONG),
        "dead": place.dead(),
        "option": place.url(more=BAD_OPTION[place.kind]),
        "broken": place.url("a@b/qzxqz"),
        "driver": place.url().replace("://", "+nosuch://"),
    }
    files = {}
    for name, url in urls.items():
        path = runner.folder / f"{name}.url"
        path.write_text(url + "\n")
        path.chmod(0o600)
        files[name] = str(path)
    log = runner.folder / "ansible.log"
    runner.environment["ANSIBLE_LOG_PATH"] = str(log)
    play = {
        "hosts": "hypervisors",
        "gather_facts": False,
        "vars": {"urls": urls},
        "tasks": _tasks(node, urls, files),
    }
    printed = runner.playbook([play], "-vvvvv", "--diff")
    for name in ("good", "wrong", "dead"):
        runner.environment["VIRTLEDGER_DATABASE_URL"] = urls[name]
        done = runner.call(
            *("ansible", "-i", str(runner.inventory), "localhost", "-vvvvv"),
            *("-m", "virtledger.libvirt.ledger_info"),
            check=False,
        )
        printed += done.stdout + done.stderr
    assert "***" in printed
    assert "Correct the user or the password" in printed
    shown = printed + log.read_text() + place.server.process.log
    found = [line for line in shown.splitlines() if SECRET.search(line)]
    assert found == [], "\n".join(found)
    ledger = Ledger(place.owner, create=False)
    assert b"qzxqz" not in ledger.stored()
    assert ledger.value("SELECT count(*) FROM hosts") == 1
    assert "failed" in {row["outcome"] for row in ledger.query("SELECT outcome FROM sync_runs")}


def _vaulted(runner: Runner, path: Path) -> Path:
    """Encrypt a file; the file with the vault's password."""
    secret = runner.folder / "vault-password"
    secret.write_text("vault-secret\n")
    command = ("ansible-vault", "encrypt", "--vault-password-file", str(secret), str(path))
    runner.call(*command)
    return secret


def test_a_vaulted_file(runner: Runner) -> None:
    path = runner.folder / "vaulted.url"
    path.write_text(f"sqlite:///{runner.folder}/vaulted.db\r\n\n")
    secret = _vaulted(runner, path)
    assert path.read_text().startswith("$ANSIBLE_VAULT")
    opens = ("--vault-password-file", str(secret))
    runner.module("schema", *opens, database_url_file=str(path))
    assert (runner.folder / "vaulted.db").exists()
    tasks = [{"virtledger.libvirt.ledger_info": {"query": "hosts"}}]
    runner.environment["VIRTLEDGER_DATABASE_URL_FILE"] = str(path)
    assert "ok=1" in runner.tasks(tasks, *opens)
    answer = runner.module("ledger_info", check=False, database_url_file=str(path))
    assert "cannot be decrypted" in answer["msg"]
    assert str(path) in answer["msg"]
    left = [name for _at, _dirs, names in os.walk(runner.folder / "tmp") for name in names]
    assert left == [], "nothing decrypted is left behind"


def test_a_relative_file_is_beside_the_playbook(runner: Runner) -> None:
    """By variable, in a directory that is not the current one."""
    folder = runner.folder / "plays"
    folder.mkdir()
    (folder / "ledger.url").write_text(f"sqlite:///{runner.folder}/beside.db")
    (folder / "play.yml").write_text(
        "- hosts: hypervisors\n  gather_facts: false\n"
        "  vars: {virtledger_database_url_file: ledger.url}\n"
        "  tasks: [{virtledger.libvirt.schema: {}}]\n"
    )
    runner.playbook(str(folder / "play.yml"))
    assert (runner.folder / "beside.db").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("", "nothing else"),
        ("sqlite:////a.db\nsqlite:////b.db\n", "nothing else"),
        ("no url at all qzxqz", "nothing else"),
        ("nourlqzxqz", "cannot be read"),
        (b"\xff\xfe\x00qzxqz", "no text"),
    ],
)
def test_files_that_hold_no_url(runner: Runner, text: str | bytes | None, message: str) -> None:
    path = runner.folder / "file.url"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    answer = runner.module("ledger_info", "-vvv", check=False, database_url_file=str(path))
    assert message in answer["msg"]
    assert "qzxqz" not in answer["_printed"]


def test_a_file_that_everybody_can_read(runner: Runner, servers: Servers) -> None:
    """It is used, with a warning; one without a password is nobody's business."""
    path = runner.folder / "file.url"
    path.write_text(servers.mariadb.network_url("none", "nobody", "s3cretqzxqz"))
    for mode, is_told in ((0o644, True), (0o640, False)):
        path.chmod(mode)
        printed = runner.module("ledger_info", check=False, database_url_file=str(path))["_printed"]
        assert ("chmod o-rwx" in " ".join(printed.split())) is is_told
        assert "qzxqz" not in printed


def test_a_file_that_only_others_can_read(runner: Runner) -> None:
    """The message names the file and the reason."""
    path = runner.folder / "locked" / "file.url"
    path.parent.mkdir()
    path.write_text("sqlite:////tmp/x.db")
    path.parent.chmod(0)
    play = [str(BIN / "ansible"), "localhost", "-m", "virtledger.libvirt.ledger_info"]
    arguments = ["-a", f"database_url_file={path}"]
    try:
        command = [*play, *arguments]
        if os.geteuid() == 0:
            # root reads everything: without the right to do so it does not
            drop = ("--bounding-set", "-dac_override,-dac_read_search")
            command = ["setpriv", *drop, *command]
        import subprocess

        done = subprocess.run(
            command,
            cwd=runner.folder,
            env=runner.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        path.parent.chmod(0o700)
    assert "Permission denied" in done.stdout
    assert str(path) in done.stdout
