"""The report as people run it: playbook, ad hoc, check mode, and what goes wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

from conftest import ROOT
from runs import Runner

#: Hypervisors that nothing answers for.
OFF = "[hypervisors]\nhv[1:3] ansible_connection=ssh ansible_host=192.0.2.1 ansible_timeout=600\n"


def test_the_playbook_reports_a_fleet_that_is_off(
    runner: Runner, node: str, tmp_path: Path
) -> None:
    runner.module("sync", uri=node, host_id="hv1")
    inventory = tmp_path / "off.ini"
    inventory.write_text(OFF)
    off = Runner(tmp_path, inventory=inventory)
    play = ("virtledger.libvirt.report", "-e", '{"report_formats": ["html", "json"]}')
    first = off.playbook(*play, "--check", "--diff")
    assert re.search(r"report\.html: new, [\d,]+ bytes", first)
    assert not (tmp_path / "virtledger-report").exists()
    second = off.playbook(*play)
    assert "1 hosts, 2 VMs as of 20" in second
    assert re.search(r"hv1 .*changed=1 ", second)
    assert second.count("changed=1 ") == 1
    told = json.loads((tmp_path / "virtledger-report" / "report.json").read_text())
    assert [row["name"] for row in told["sheets"]["vInfo"]] == ["web1", "web2"]
    third = off.playbook(*play, "--diff")
    assert "changed=1 " not in third


def test_the_action_says_what_it_wrote_and_what_is_wrong(
    runner: Runner, node: str, tmp_path: Path
) -> None:
    none = runner.module("report", check=False, dest="x.html")
    assert "There is no ledger yet" in none["msg"]
    runner.module("sync", uri=node, host_id="hv1")
    told = runner.module("report", dest=f"{tmp_path}/out.html", mode="0600", vm="web*")
    told.pop("_printed")
    (file,) = told["files"]
    assert file == {
        "path": f"{tmp_path}/out.html",
        "format": "html",
        "size": (tmp_path / "out.html").stat().st_size,
        "changed": True,
    }
    assert (told["changed"], told["counts"]["vInfo"], told["counts"]["vNet"]) == (True, 2, 1)
    assert len(json.dumps(told)) < 3000
    for arguments, words in (
        ({"dest": "x", "formats": ["pdf"]}, "value of formats must be one or more of"),
        (
            {"dest": "/proc/x/", "formats": ["json"]},
            "The report /proc/x/report.json cannot be written",
        ),
        (
            {"dest": "x", "database_url": "postgresql://u:hidden@127.0.0.1:1/x"},
            "The database postgresql",
        ),
    ):
        answer = runner.module("report", check=False, **arguments)
        assert words in answer["msg"], answer
        assert answer["changed"] is False
        assert "hidden" not in answer["_printed"]


def test_the_commands_of_its_page(runner: Runner, node: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    runner.module("sync", uri=node)
    commands = re.findall(r"^    (ansible(?:-playbook)? .*report.*)$", text, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        program, *words = (
            command.replace("/srv/", f"{tmp_path}/srv/").replace("-i inventory ", "").split(" ", 1)
        )
        quoted = re.findall(r"'[^']*'|\S+", words[0])
        runner.call(program, "-i", str(runner.inventory), *(word.strip("'") for word in quoted))
    assert (tmp_path / "srv" / "www" / "fleet.html").exists()
    assert len(list((tmp_path / "srv" / "fleet").iterdir())) == 22
    assert (tmp_path / "web.html").exists()
