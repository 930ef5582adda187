"""The commands of the page about the history, run on a ledger that has some."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from conftest import ROOT
from ledgers import Ledger
from runs import Runner

PAGE = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"    ansible localhost -m (virtledger\.libvirt\.\w+) -a '([^']+)'", PAGE)


def test_the_page(runner: Runner, node: str) -> None:
    """Web1 gets another disk, and web2 is gone then."""
    path = Path(node.removeprefix("test://"))
    runner.module("sync", uri=node)
    text = path.read_text().replace("/images/web1.qcow2", "/images/new.qcow2")
    path.write_text(re.sub(r"<domain type='test'><name>web2.*?</domain>", "", text))
    runner.module("sync", uri=node)
    assert len(COMMANDS) == 9
    printed = runner.tasks([{module: arguments} for module, arguments in COMMANDS])
    assert "ok=9 " in printed
    lookup = re.search(r"({{ lookup.*}})", PAGE)
    assert lookup is not None
    message = lookup[1].replace("hv1.example.com", "localhost").replace("2d", "0m")
    ledger = Ledger(runner.ledger, create=False)
    wrong = {"virtledger.libvirt.ledger_info": "query=changes since=yesterday"}
    printed = runner.tasks([{"debug": {"msg": message}}, wrong], check=False)
    assert "/images/new.qcow2" in printed
    assert "Option 'since': 'yesterday' is no time. A time looks like" in printed
    the_answers_are_true(ledger)
    the_sql_works(ledger)
    ledger.check()


def the_answers_are_true(ledger: Ledger) -> None:
    def answer(subject: str, **filters: Any) -> list[dict[str, Any]]:
        return ask(ledger.database, subject, Filters(**filters), 100)[0]

    found = answer("changes", vm="web1", since="1h")
    assert [(row["object_name"], row["change"], row["attribute"]) for row in found] == [
        ("vda", "changed", "volume_id"),
        ("vda", "changed", "source_ref"),
        ("web1", "added", None),
    ]
    values = (found[1]["old_value"], found[1]["new_value"])
    assert values == ("/images/web1.qcow2", "/images/new.qcow2")
    assert {row["run_action"] for row in found} == {"sync"}
    first = datetime.datetime.fromisoformat(found[-1]["seen_at"])
    between = (first + datetime.timedelta(milliseconds=1)).isoformat()
    then = answer("volume_attachments", at=between)
    assert [(row["vm_name"], row["source_ref"]) for row in then] == [
        ("web1", "/images/web1.qcow2"),
        ("web2", "/images/web2.qcow2"),
    ]
    now = answer("virtual_machines", at="0m")
    assert [(row["name"], row["state"]) for row in now] == [("web1", "running")]
    with pytest.raises(VirtledgerError, match="VMs and their devices can be asked for"):
        answer("hosts", at="2d")


def the_sql_works(ledger: Ledger) -> None:
    sql = re.search(r"    (SELECT .*?;)", PAGE, re.DOTALL)
    assert sql is not None
    today = datetime.datetime.now(UTC).date().isoformat()
    counts = {row["object_type"]: row["changes"] for row in ledger.query(sql[1])}
    assert counts["virtual_machines"] == 3
    assert {row["day"] for row in ledger.query(sql[1])} == {today}
