"""Secrets appear in no output, however verbose, and in no file of the ledger."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ledgers import Ledger
from runs import Runner


@pytest.mark.parametrize("module", ["domain_info", "hypervisor_info"])
def test_modules(runner: Runner, secretive: str, module: str) -> None:
    answer = runner.module(module, "-vvvv", uri=secretive, include_xml=True, redact=list(REMOVABLE))
    assert "qz" not in answer["_printed"]
    (domain,) = answer["domains"]
    assert (domain["title"], domain["description"]) == ("(redacted)", "(redacted)")
    assert "os/cmdline" in domain["redacted"]
    (snapshot,) = domain["snapshots"]
    assert (snapshot["name"], snapshot["description"]) == ("s", "(redacted)")
    assert "domain/os/cmdline" in snapshot["redacted"]
    assert "password=(redacted)" in snapshot["config_xml"]


def test_without_a_choice(runner: Runner, secretive: str) -> None:
    answer = runner.module("domain_info", "-vvvv", uri=secretive, include_xml=True)
    (domain,) = answer["domains"]
    assert domain["title"] == "d49qz"
    for secret in ("b1qz", "b2qz", "b3qz", "b4qz"):
        assert secret not in answer["_printed"]
    answer = runner.module("domain_info", uri=secretive, snapshots=False)
    assert answer["domains"][0]["snapshots"] is None


def test_the_action_and_the_role(runner: Runner, secretive: str) -> None:
    printed = runner.module("sync", "-vvvv", "--diff", uri=secretive, redact=list(REMOVABLE))[
        "_printed"
    ]
    assert "qz" not in printed
    printed = runner.playbook(
        "virtledger.libvirt.sync",
        "-vvvv",
        "--diff",
        "-e",
        f"sync_uri={secretive}",
        "-e",
        '{"sync_redact": ["sysinfo", "metadata", "description", "launch_security"]}',
    )
    assert "qz" not in printed
    assert "changed=0 " in printed
    ledger = Ledger(runner.ledger, create=False)
    assert ledger.value("SELECT title FROM virtual_machines") == "(redacted)"
    for path in runner.ledger.parent.iterdir():
        assert b"qz" not in path.read_bytes(), path


def test_a_choice_that_is_none(runner: Runner, secretive: str) -> None:
    answer = runner.module("domain_info", check=False, uri=secretive, redact=["everything"])
    assert "redact" in answer["msg"]
