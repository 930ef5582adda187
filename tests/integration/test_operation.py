"""Running a ledger: the checker, the records of runs, refusals and retention, as users see them."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

from ledgers import script
from runs import Runner


def test_the_checker_names_what_is_wrong(runner: Runner, node: str) -> None:
    missing = runner.module("schema", check=False, state="verified")
    assert "without a ledger" in missing["msg"]
    runner.module("sync", uri=node)
    good = runner.module("schema", state="verified")
    assert (good["violation_count"], good["violations"], good["changed"]) == (0, [], False)
    assert "failed=0 " in runner.playbook(
        "virtledger.libvirt.schema", "-e", "ledger_state=verified"
    )
    script(runner.ledger, "DELETE FROM attachment_indices WHERE device_type = 'port'")
    bad = runner.module("schema", check=False, state="verified")
    assert "has 2 violations: index_row_missing (2)" in bad["msg"]
    assert {(one["rule"], one["table"]) for one in bad["violations"]} == {
        ("index_row_missing", "ports")
    }


#: Stands before libvirt's binding: a daemon that takes the connection and never answers.
HANGING = """
import time
class libvirtError(Exception):
    pass
def registerErrorHandler(*arguments):
    pass
def openReadOnly(uri):
    time.sleep(600)
"""


def runs(runner: Runner) -> list[tuple[str, str, bool]]:
    """The notes of all runs, the latest first: host, outcome, complete."""
    rows = runner.module("ledger_info", query="sync_runs")["rows"]
    return [(row["host_id"], row["outcome"], row["is_complete"]) for row in rows]


def living(runner: Runner) -> int:
    count: int = runner.module("ledger_info", host="localhost")["count"]
    return count


def test_a_dead_daemon_and_one_that_hangs_are_noted(runner: Runner, node: str) -> None:
    runner.environment["JOB_ID"] = "4711"
    runner.module("sync", uri=node)
    dead = "qemu+unix:///system?socket=/no/socket"
    for _time in range(2):
        assert "Check that libvirtd" in runner.module("sync", check=False, uri=dead)["msg"]
    hidden = runner.folder / "hidden"
    hidden.mkdir()
    (hidden / "libvirt.py").write_text(HANGING)
    runner.environment["PYTHONPATH"] = str(hidden)
    answer = runner.module("sync", check=False, uri=node, timeout=1)
    assert "did not finish within 1 seconds" in answer["msg"]
    del runner.environment["PYTHONPATH"]
    rows = runner.module("ledger_info", query="sync_runs")["rows"]
    assert [(row["outcome"], row["repeats"], row["job"]) for row in rows] == [
        ("failed", 0, "4711"),
        ("failed", 1, "4711"),
        ("recorded", 0, "4711"),
    ]
    assert "did not finish within 1 seconds" in rows[0]["reason"]
    (host,) = runner.module("ledger_info", query="hosts")["rows"]
    assert host["last_outcome"] == "failed"
    assert living(runner) == 2


def test_one_that_hangs_does_not_hold_up_the_others(
    runner: Runner, node: str, tmp_path: Path
) -> None:
    """It ends at its deadline; the others are recorded meanwhile."""
    local = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
    hung = f"qemu+unix:///system?socket={tmp_path}/mute"
    runner.inventory.write_text(
        f"[hypervisors]\nhung {local} sync_uri={hung}\ngood {local} sync_uri={node}\n"
    )
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(f"{tmp_path}/mute")
        mute.listen()
        printed = runner.playbook(
            "virtledger.libvirt.sync", "-e", '{"sync_timeout": 5}', check=False
        )
    assert "Reading " + hung + " did not finish within 5 seconds" in printed
    rows = runner.module("ledger_info", query="sync_runs", host="localhost")["rows"]
    ends = {row["host_id"]: (row["outcome"], row["finished_at"]) for row in rows}
    assert [ends[host][0] for host in ("hung", "good")] == ["failed", "recorded"]
    assert ends["good"][1] < ends["hung"][1]
    assert living(runner) == 2


def test_an_unreachable_host_is_noted_and_loses_nothing(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node, host_id="hv1")
    runner.inventory.write_text(
        "[hypervisors]\nhv1 ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1 "
        "ansible_ssh_common_args='-o ConnectTimeout=5'\n"
    )
    printed = runner.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}", check=False)
    assert "unreachable=1 " in printed
    runner.inventory.write_text("localhost ansible_connection=local\n")
    assert runs(runner) == [("hv1", "unreachable", False), ("hv1", "recorded", True)]
    assert living(runner) == 2


def test_an_empty_answer_is_refused_until_it_is_meant(runner: Runner, node: str) -> None:
    runner.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}")
    path = runner.folder / "node.xml"
    path.write_text("<node/>")
    printed = runner.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}", check=False)
    assert "Host localhost answers that it has no VMs; the ledger has 2 of it: web1" in printed
    assert living(runner) == 2
    meant = {"sync_uri": node, "sync_allow_empty": True}
    printed = runner.playbook("virtledger.libvirt.sync", "-e", json.dumps(meant))
    assert "2 gone" in printed
    assert runs(runner) == [
        ("localhost", "recorded", True),
        ("localhost", "refused", False),
        ("localhost", "recorded", True),
    ]
    assert runner.module("schema", state="verified")["violation_count"] == 0


def test_a_failure_that_cannot_be_noted_is_told_all_the_same(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node)
    script(
        runner.ledger,
        "CREATE TRIGGER full BEFORE INSERT ON sync_runs BEGIN SELECT RAISE(ABORT, 'disk is full'); END;",
    )
    answer = runner.module("sync", check=False, uri="test:///no/such/file")
    assert "cannot use the URI" in answer["msg"]
    assert "the failure could not be noted" in answer["_printed"]
    assert "disk is full" in answer["_printed"]


def test_old_history_is_removed_as_planned(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node)
    path = runner.folder / "node.xml"
    path.write_text(path.read_text().replace("524288", "1048576"))
    runner.module("sync", uri=node)
    script(
        runner.ledger,
        "UPDATE vm_configurations SET first_seen_at = '2020-01-01 00:00:00.000000+00:00',"
        " last_seen_at = '2020-02-01 00:00:00.000000+00:00' WHERE last_seen_at IS NOT NULL;"
        "UPDATE vm_configurations SET first_seen_at = '2020-03-01 00:00:00.000000+00:00'"
        " WHERE last_seen_at IS NULL;",
    )
    assert "required" in runner.module("retention", check=False)["msg"]
    planned = runner.module("retention", "--check", "--diff", older_than=365)
    assert "-vm_configurations: " in planned["_printed"]
    done = runner.module("retention", older_than=365)
    assert planned["changed"] is done["changed"] is True
    assert planned["removed"] == done["removed"]
    assert done["removed"]["vm_configurations"] == done["removed"]["xml_documents"] > 0
    rows = runner.module("ledger_info", query="sync_runs")["rows"]
    assert (rows[0]["action"], rows[0]["outcome"]) == ("retention", "removed")
    asked = "{{ lookup('virtledger.libvirt.domain_xml', 'localhost/web1', at='2020-01-15') }}"
    printed = runner.tasks([{"debug": {"msg": asked}}], check=False)
    assert "was removed" in printed
    printed = runner.playbook("virtledger.libvirt.schema", "-e", "ledger_retention_days=365")
    assert "Remove old history" in printed
    assert "changed=0 " in printed
    assert runner.module("schema", state="verified")["violation_count"] == 0
