"""The module archive_info as users run it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import archives
import helpers
import pytest
from archives import NOON, member, tar
from ledgers import Ledger
from runs import Runner

XML = helpers.domain_xml()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "vm1.xml").write_text(XML)
    os.utime(folder / "vm1.xml", (NOON, NOON))
    (folder / "lan.xml").write_text("<network/>")
    packed = archives.PACKERS[".xz"](tar(member("vm2.xml", XML.replace("vm1", "vm2").encode())))
    (folder / "older.tar.xz").write_bytes(packed)
    return folder


def test_ad_hoc(runner: Runner, folder: Path) -> None:
    answer = runner.module(
        "archive_info",
        paths=[str(folder), f"{folder}/*.tar.*", f"{folder}/none"],
        families=["ports"],
    )
    assert answer["changed"] is False
    assert [(domain["name"], domain["archived"]["dated_by"]) for domain in answer["domains"]] == [
        ("vm2", "tar"),
        ("vm1", "modified"),
    ]
    assert answer["domains"][1]["xml"] == XML
    assert answer["domains"][0]["controllers"] is None
    assert answer["not_found"] == [f"{folder}/none"]
    assert [error["name"] for error in answer["errors"]] == [f"{folder}/lan.xml"]
    assert answer["counts"] == {"documents": 3, "domains": 2, "refused": 1, "files": 3}
    printed = " ".join(answer["_printed"].split())
    assert "lan.xml: The root element is <network>" in printed
    assert f"Nothing to read in {folder}/none." in printed


def test_arguments_as_text_and_check_mode(runner: Runner, folder: Path) -> None:
    done = runner.call(
        "ansible",
        "-i",
        str(runner.inventory),
        "hypervisors",
        "-m",
        "virtledger.libvirt.archive_info",
        "-a",
        f"paths={folder} exclude=lan.xml include_xml=false",
        "--check",
    )
    answer = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])
    assert [domain["name"] for domain in answer["domains"]] == ["vm1"]
    assert "xml" not in answer["domains"][0]
    assert answer["errors"] == []


def test_without_libvirt_and_lxml(runner: Runner, folder: Path) -> None:
    with_both = runner.module("archive_info", paths=[str(folder)])["domains"]
    hidden = runner.folder / "hidden"
    hidden.mkdir()
    for name in ("libvirt", "lxml"):
        (hidden / f"{name}.py").write_text("raise ImportError('hidden')")
    runner.environment["PYTHONPATH"] = str(hidden)
    assert runner.module("archive_info", paths=[str(folder)])["domains"] == with_both


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"date_pattern": "("}, "'date_pattern' is no regular expression"),
        ({"date_format": "%Y"}, "needs 'date_pattern'"),
        ({"limit": 0}, "'limit' must be at least 1"),
        ({"dated_by": "guess"}, "auto, name, modified"),
        ({"families": ["nics"]}, "volume_attachments"),
    ],
)
def test_options_that_are_wrong(
    runner: Runner, folder: Path, arguments: dict[str, object], message: str
) -> None:
    answer = runner.module("archive_info", check=False, paths=[str(folder)], **arguments)
    assert message in answer["msg"]


def test_warnings_are_not_endless(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(30):
        (tmp_path / "many" / f"{number}.xml").write_text("<network/>")
    answer = runner.module("archive_info", paths=[str(tmp_path / "many")])
    assert len(answer["errors"]) == 30
    printed = " ".join(answer["_printed"].split())
    assert printed.count("[WARNING]: /") == 20
    assert "[WARNING]: 10 more are in 'errors' and 'not_found'." in printed


def test_content_is_never_templated(runner: Runner, folder: Path) -> None:
    name = "{{ lookup('pipe', 'touch pwned') }}"
    (folder / "vm1.xml").write_text(XML.replace("<name>vm1", f"<name>{name}"))
    (folder / f"{name}.xml").write_text(f"<{'n' * 30}/>")
    printed = runner.tasks(
        [
            {"virtledger.libvirt.archive_info": {"paths": [str(folder)]}, "register": "answer"},
            {"ansible.builtin.debug": {"msg": "{{ answer.domains | map(attribute='name') }}"}},
            {"ansible.builtin.debug": {"msg": "{{ answer.errors }}"}},
        ]
    )
    assert "{{ lookup('pipe', 'touch pwned') }}" in printed
    assert not list(runner.folder.rglob("pwned"))


def test_names_that_are_no_utf_8(runner: Runner, folder: Path) -> None:
    path = os.fsencode(folder) + b"/vm-\xff\x1b.xml"
    with open(path, "w") as stream:
        stream.write(XML)
    answer = runner.module("archive_info", paths=[str(folder)])
    assert f"{folder}/vm-\\xff\x1b.xml" in [
        domain["archived"]["path"] for domain in answer["domains"]
    ]


def test_what_it_returns_can_be_recorded(runner: Runner, folder: Path) -> None:
    runner.tasks(
        [
            {
                "virtledger.libvirt.archive_info": {"paths": [f"{folder}/vm1.xml"]},
                "register": "answer",
            },
            {"virtledger.libvirt.record": {"facts": "{{ answer }}", "host_id": "hv1"}},
        ]
    )
    ledger = Ledger(runner.ledger, create=False)
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE name = 'vm1'") == 1
    ledger.check()
