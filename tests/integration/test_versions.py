"""What differs between releases of ansible-core: the same main path on each (see ``make matrix``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import ROOT
from runs import Runner
from servers.session import Servers, new_name

PLAYBOOK = ROOT / "tests" / "matrix" / "functional.yml"
#: Nothing that runs may use what a coming release removes.
COMPLAINTS = ("[DEPRECATION WARNING]", "[WARNING]", "Traceback", "[ERROR]")


@pytest.fixture
def path(runner: Runner, node: str) -> list[str]:
    """Options of ansible-playbook: variables of the functional playbook, but the database's."""
    file = Path(node.removeprefix("test://"))
    text = file.read_text()
    odd = text[text.index("<domain") : text.index("</domain>") + len("</domain>")]
    odd = odd.replace("<name>web1</name>", "<name>{{ 7 * 7 }}</name>").replace("web1", "odd")
    odd = odd.replace("000000000001<", "000000000003<").replace("00:00:00:01", "00:00:00:03")
    file.write_text(text.replace("<network>", odd + "<network>", 1))
    archive = runner.folder / "archive"
    archive.mkdir()
    old = text[text.index("<domain") : text.index("</domain>") + len("</domain>")]
    (archive / "web1-2025-01-01.xml").write_text(old.replace("<vcpu>1<", "<vcpu>4<"))
    runner.environment["ANSIBLE_DEPRECATION_WARNINGS"] = "true"
    return ["-e", f"uri={node}", "-e", f"folder={runner.folder}"]


def passed(printed: str) -> None:
    """The play ended well, and nothing complained of it."""
    assert "failed=0" in printed
    for complaint in COMPLAINTS:
        assert complaint not in printed, printed


def test_the_main_path(runner: Runner, path: list[str]) -> None:
    url = f"virtledger_database_url=sqlite:///{runner.folder}/fleet.db"
    passed(runner.playbook(str(PLAYBOOK), *path, "-e", url))


def test_the_main_path_on_postgresql(runner: Runner, path: list[str], servers: Servers) -> None:
    """The driver is strict about types: a text or number that carries a tag is refused."""
    name = new_name()
    servers.postgresql.create(name)
    runner.environment["ANSIBLE_INJECT_FACT_VARS"] = "false"
    try:
        url = f"virtledger_database_url={servers.postgresql.url(name)}"
        passed(runner.playbook(str(PLAYBOOK), *path, "-e", url))
    finally:
        servers.postgresql.drop(name)


def test_the_password_is_a_secret_for_ansible_too(runner: Runner) -> None:
    """From 2.22 on, Ansible masks what a plugin registers, wherever it is printed."""
    runner.environment["VIRTLEDGER_DATABASE_URL"] = "postgresql://u:s3cr%40t-word@127.0.0.1:1/d"
    printed = runner.tasks(
        [
            {"virtledger.libvirt.ledger_info": {"query": "hosts"}, "ignore_errors": True},
            {"ansible.builtin.debug": {"msg": "said: {{ 's3cr@t' ~ '-word' }} or s3cr%40t-word"}},
        ]
    )
    assert "u:***@127.0.0.1" in printed
    if _masks():
        assert "s3cr" not in printed
        assert printed.count("$REDACTED$") == 2
    else:
        assert "said: s3cr@t-word" in printed


def _masks() -> bool:
    try:
        from ansible.module_utils import secrets
    except ImportError:
        return False
    return hasattr(secrets, "register_secrets")


def test_no_role_or_playbook_needs_injected_facts() -> None:
    facts = ("os_family", "distribution", "python", "hostname", "architecture", "facts_")
    for folder in ("roles", "playbooks"):
        for file in (ROOT / folder).rglob("*.yml"):
            words = file.read_text(encoding="utf-8")
            assert not [fact for fact in facts if f"ansible_{fact} " in words.replace("}", " ")], (
                file
            )


def test_tests_can_name_another_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "VIRTLEDGER_TEST_INTERPRETER", "/opt/python")
    assert "ansible_python_interpreter=/opt/python" in Runner(tmp_path).inventory.read_text()
