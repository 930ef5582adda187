"""Running a ledger: the checker, the records of runs, refusals and retention, as users see them."""

from __future__ import annotations

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
