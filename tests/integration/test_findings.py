"""Findings as users see them: ad hoc, in check mode, as a gate, and by the playbook."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from runs import Runner


def test_findings_of_a_fleet(runner: Runner, node: str, tmp_path: Path) -> None:
    missing = runner.module("findings", check=False, host="localhost")
    assert "There is no ledger yet" in missing["msg"]

    file = tmp_path / "node.xml"
    shared = "<disk type='file'><source file='/srv/x.raw'/><target dev='vdb' bus='virtio'/></disk>"
    file.write_text(file.read_text().replace("<interface", shared + "<interface"))
    runner.module("sync", uri=node, host_id="hv1")

    planned = runner.module("findings", "--check", "--diff", host="localhost")
    assert planned["changed"] is True
    assert (planned["opened"], planned["counts"]["critical"]) == (1, 1)
    assert "opened critical shared_disk: Volume /srv/x.raw" in planned["_printed"]
    assert runner.module("ledger_info", host="localhost", query="findings")["count"] == 0

    gate = runner.module("findings", check=False, host="localhost", fail_on="critical")
    assert "Findings of severity critical or above are open: shared_disk (1)" in gate["msg"]
    assert "diff" not in gate
    assert "<shareable/>" in gate["rules"]["shared_disk"]["remedy"]
    stored = runner.module("ledger_info", host="localhost", query="findings", vm="web1")
    assert [row["code"] for row in stored["rows"]] == ["shared_disk"]

    printed = runner.playbook("virtledger.libvirt.findings")
    assert "critical shared_disk Volume /srv/x.raw is written by the running VMs" in printed
    assert "changed=0 " in printed

    meant = [{"code": "shared_disk", "reason": "a cluster", "expires": "2020-01-01"}]
    expired = runner.module("findings", host="localhost", ignore=meant)
    assert "have expired and count no more: code shared_disk (a cluster)" in expired["_printed"]
    meant[0]["expires"] = "2999-01-01"
    ignored = runner.module("findings", host="localhost", ignore=meant, fail_on="critical")
    assert (ignored["ignored_count"], ignored["counts"]["critical"]) == (1, 0)

    listed = runner.module("findings", host="localhost", state="listed", include_ignored=True)
    assert listed["findings"][0]["ignore_reason"] == "a cluster"


def test_options_and_a_dead_database(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node)
    wrong = runner.module("findings", check=False, host="localhost", codes=["shared"])
    assert "'codes' has 'shared', which is no code of a finding" in wrong["msg"]
    nameless = runner.module("findings", check=False, host="localhost", ignore=[{"code": "x"}])
    assert "reason" in nameless["msg"]
    dead = "postgresql://ledger:geheim@127.0.0.1:9/ledger"
    answer = runner.module("findings", check=False, host="localhost", database_url=dead)
    assert "geheim" not in answer["msg"]
    assert "127.0.0.1" in answer["msg"]
    connection = sqlite3.connect(runner.ledger)
    assert connection.execute("SELECT count(*) FROM findings").fetchone() == (0,)
    connection.close()
