"""The archive: every configuration once, with its first and last sighting."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import (
    document,
    restored,
)
from helpers import answer, domain_xml
from ledgers import Ledger

Facts = dict[str, Any]

BALLOON = "<currentMemory unit='KiB'>{}</currentMemory>"
PTY = "<console type='pty' tty='/dev/pts/{0}'><source path='/dev/pts/{0}'/><target type='serial' port='0'/></console>"


def told(
    config: str | None = "", live: str | None = None, balloon: int = 1048576, name: str = "vm1"
) -> Facts:
    """Facts with texts: of a definition, and of a running domain with these devices and balloon."""
    texts = [
        None if devices is None else domain_xml(devices, name=name, more=BALLOON.format(memory))
        for devices, memory in ((live, balloon), (config, 1048576))
    ]
    if texts[0] is not None:
        texts[0] = texts[0].replace("<domain type='kvm'>", "<domain type='kvm' id='3'>")
    state = "shutoff" if live is None else "running"
    return domain_facts(*texts, status=Status(state, config is not None, False), include_xml=True)


def configurations(ledger: Ledger) -> list[dict[str, Any]]:
    return ledger.query("SELECT * FROM vm_configurations ORDER BY kind, first_seen_at")


def kinds(ledger: Ledger) -> list[tuple[str, int, bool]]:
    return [
        (row["kind"], row["flags"], row["last_seen_at"] is None) for row in configurations(ledger)
    ]


def test_live_and_persistent_are_kept_apart(ledger: Ledger) -> None:
    facts = told("<input type='mouse' bus='ps2'/>", live="<input type='tablet' bus='usb'/>")
    ledger.record(answer(facts))
    assert kinds(ledger) == [("config", 2, True), ("live", 0, True)]
    stored = {
        row["digest"]: zlib.decompress(row["content"]).decode()
        for row in ledger.query("SELECT * FROM xml_documents")
    }
    config, live = configurations(ledger)
    assert stored[live["digest"]] == facts["xml"]
    assert stored[config["digest"]] == facts["xml_config"]


def test_a_transient_domain_has_a_live_one_only(ledger: Ledger) -> None:
    ledger.record(answer(told(None, live="")))
    assert kinds(ledger) == [("live", 0, True)]


def test_each_change_closes_one_and_opens_one(ledger: Ledger) -> None:
    ledger.record(answer(told("")))
    first = ledger.value("SELECT last_seen_at FROM hosts")
    assert ledger.record(answer(told("")))["changed"] is False
    second = ledger.value("SELECT last_seen_at FROM hosts")
    assert first < second
    ledger.record(answer(told("<hub type='usb'/>")))
    old, new = configurations(ledger)
    assert old["first_seen_at"] <= old["last_seen_at"] == second < new["first_seen_at"]
    assert new["last_seen_at"] is None


def test_a_configuration_that_returns_is_stored_once(ledger: Ledger) -> None:
    for devices in ("", "<hub type='usb'/>", ""):
        ledger.record(answer(told(devices)))
    assert len(configurations(ledger)) == 3
    assert ledger.value("SELECT count(*) FROM xml_documents") == 2


def test_what_moves_by_itself_is_no_configuration(ledger: Ledger) -> None:
    ledger.record(answer(told("", live=PTY.format(1))))
    before = ledger.dump()
    assert ledger.record(answer(told("", live=PTY.format(7), balloon=524288)))["changed"] is False
    assert ledger.dump() == before


def test_rows_and_text_stay_in_step(ledger: Ledger) -> None:
    """What moved is written with the next text, and not before."""
    facts = told("", live="")
    ledger.record(answer(facts))
    moved = {**told("", live="", balloon=524288), "autostart": True}
    assert ledger.record(answer(moved))["changed"] is True
    query = "SELECT current_memory_bytes FROM virtual_machines"
    assert ledger.value(query) == 2**30
    ledger.record(answer(told("", live="<hub type='usb'/>", balloon=524288)))
    assert ledger.value(query) == 2**29


def test_a_remark_alone_is_a_new_configuration(ledger: Ledger) -> None:
    ledger.record(answer(told("")))
    result = ledger.record(answer(told("<!-- remark -->")))
    assert result["changed"] is True
    (change,) = result["changes"]
    assert change["lines"][0].startswith("config configuration ")
    assert len(configurations(ledger)) == 2


def test_a_stopped_domain_ends_its_live_configuration(ledger: Ledger) -> None:
    ledger.record(answer(told("", live="")))
    ledger.record(answer(told("")))
    assert kinds(ledger) == [("config", 2, True), ("live", 0, False)]


def test_a_vm_that_is_gone_keeps_its_archive(ledger: Ledger) -> None:
    ledger.record(answer(told("")))
    ledger.record(answer())
    assert kinds(ledger) == [("config", 2, False)]
    ledger.record(answer(told("")))
    assert kinds(ledger) == [("config", 2, False), ("config", 2, True)]


def test_facts_without_texts_leave_the_archive_alone(ledger: Ledger) -> None:
    ledger.record(answer(told("")))
    bare = told("<hub type='usb'/>")
    del bare["xml"], bare["xml_config"]
    ledger.record(answer(bare))
    assert kinds(ledger) == [("config", 2, True)]


def test_check_mode_plans_the_archive(ledger: Ledger) -> None:
    planned = ledger.record(answer(told("", live="")), check_mode=True)
    assert planned["tables"]["vm_configurations"]["inserted"] == 2
    assert planned["tables"]["xml_documents"]["inserted"] == 2
    assert configurations(ledger) == []


def test_snapshots_come_change_and_go(ledger: Ledger) -> None:
    def with_snapshots(*items: tuple[str, bool]) -> Facts:
        facts = told("")
        facts["snapshots"] = [
            {
                "name": name,
                "kind": "snapshot",
                "parent_name": None,
                "state": "shutoff",
                "description": None,
                "creation_time": 1700000000,
                "is_current": current,
                "memory_mode": "no",
                "memory_file": None,
                "disks": [],
                "config_xml": "<domainsnapshot/>",
                "redacted": [],
            }
            for name, current in items
        ]
        return facts

    ledger.record(answer(with_snapshots(("one", True))))
    result = ledger.record(answer(with_snapshots(("one", False), ("two", True))))
    assert result["changes"][0]["lines"] == [
        "snapshot one: is_current true -> false",
        "snapshot two added",
    ]
    unasked = {**with_snapshots(), "snapshots": None}
    ledger.record(answer(unasked))
    assert ledger.value("SELECT count(*) FROM vm_snapshots") == 2
    assert ledger.record(answer(with_snapshots(("two", True))))["changes"][0]["lines"] == [
        "snapshot one removed"
    ]
    ledger.record(answer())
    assert ledger.value("SELECT count(*) FROM vm_snapshots") == 0


def test_a_damaged_document_is_named() -> None:
    found = document("<domain/>", "config")
    row = found.row
    assert restored(row["digest"], row["content"]) == "<domain/>"
    for content in (b"", b"x", zlib.compress(b"<other/>")):
        with pytest.raises(DatabaseError, match=f"{found.digest} is damaged.*backup"):
            restored(found.digest, content)
