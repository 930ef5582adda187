"""The README's commands do what it says."""

from __future__ import annotations

import re
import subprocess

from conftest import ROOT
from runs import Runner

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_demo() -> None:
    done = subprocess.run(
        ["make", "demo"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        # Progress is told there.
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    first, second = done.stdout.split("== Recording again: nothing changed")
    assert "hv1: 7 VMs, 7 new" in first
    assert re.search(r"/srv/shared/cluster.raw \(fleet\) │ db1, db2", first)
    second, last = second.split("== What is wrong in the fleet")
    assert second.count("changed=0 ") == 3
    assert "changed=1" not in second
    for finding in (
        "critical shared_disk Volume /srv/shared/spool.qcow2 is written by the running VMs",
        "critical duplicate_mac MAC address 52:54:00:20:00:02 is in use by db2 (hv2) and monitor (hv3)",
        "warning host_stale Host hv4 was recorded completely for the last time",
        "warning pending_changes VM shop on hv4 has pending changes: domain memory_bytes and disk vdb",
    ):
        assert finding in last
    assert "docs/cookbook.md has thirty questions" in last
    for line in (
        "hv1: 7 VMs, 7 new",
        "/srv/shared/cluster.raw (fleet) │ db1, db2",
        "52:54:00:20:00:01 lan/office",
        "critical shared_disk Volume /srv/shared/spool.qcow2 is written by the running VMs",
    ):
        assert line in README
        assert line in done.stdout


def test_every_module_action_role_and_playbook_is_named() -> None:
    for pattern in ("plugins/modules/*.py", "roles/[a-z]*", "playbooks/*.yml"):
        for path in ROOT.glob(pattern):
            assert f"`{path.stem}`" in README, path


def test_questions_of_the_readme(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node, host_id="hv1")
    questions = re.findall(r"ansible localhost -m (virtledger\.libvirt\.\w+) -a '([^']+)'", README)
    assert len(questions) >= 3
    for module, arguments in questions:
        runner.call(
            "ansible", "-i", str(runner.inventory), "localhost", "-m", module, "-a", arguments
        )


def test_the_sql_of_the_readme(runner: Runner, node: str) -> None:
    from ledgers import Ledger

    runner.module("sync", uri=node)
    sql = re.search(r"    (SELECT .*?;)", README, re.DOTALL)
    assert sql is not None
    rows = Ledger(runner.ledger, create=False).query(sql.group(1))
    assert {row["source"] for row in rows} == {"/images/web1.qcow2", "/images/web2.qcow2"}
