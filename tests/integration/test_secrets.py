"""Secrets appear in no output, however verbose, and in no file of the ledger."""

from __future__ import annotations

from pathlib import Path

import planted
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ledgers import Ledger
from runs import Runner

TEST = "http://libvirt.org/schemas/domain/test/1.0"

#: What the test driver keeps: the secrets that are always removed, and those of each choice.
BOOT = "<kernel>/k</kernel><cmdline>root=/dev/vda password=b1qz</cmdline>"
DISK = (
    "<disk type='network' device='cdrom'><source protocol='https' name='x' query='token=b2qz'>"
    "<host name='h' port='443'/><cookies><cookie name='c'>b3qz</cookie></cookies></source>"
    "<target dev='sda' bus='sata'/></disk><graphics type='vnc' passwd='b4qz'/>"
)
CHOSEN = {
    "description": planted.CHOSEN["description"][0],
    "metadata": planted.CHOSEN["metadata"][0],
    "sysinfo": planted.CHOSEN["sysinfo"][0],
}


@pytest.fixture
def secretive(tmp_path: Path) -> str:
    """The test driver with a domain and its snapshot that are full of secrets."""
    system = "<domain type='test' {0}><name>vm</name><uuid>aaaaaaaa-0000-4000-8000-000000000077</uuid>{1}<memory>524288</memory><vcpu>1</vcpu>{2}<os><type>hvm</type>{3}</os>{4}<devices>{5}</devices></domain>"
    parts = (CHOSEN["description"] + CHOSEN["metadata"], "", BOOT, CHOSEN["sysinfo"], DISK)
    snapshot = (
        "<t:domainsnapshot><name>s</name><description>d1qz</description><state>shutoff</state>"
        "<creationTime>1700000000</creationTime>"
        + system.format("", *parts)
        + "<active>1</active></t:domainsnapshot>"
    )
    domain = system.format(f"xmlns:t='{TEST}'", *parts).replace("</domain>", snapshot + "</domain>")
    path = tmp_path / "node.xml"
    path.write_text(f"<node>{domain}</node>")
    return f"test://{path}"


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
