"""What databases see differently, and the ledger has alike on each."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views
from helpers import answer, domain, domain_xml, network, pool
from ledgers import Ledger, old_layout

#: Names that differ by case, by accents, and by blanks at their end.
ALIKE = ["Web", "web", "web ", "w\u00e9b", "we\u0301b"]


def named(ledger: Ledger, subject: str, key: str = "name", **filters: Any) -> list[str]:
    rows, _more = ask(ledger.database, subject, Filters(**filters), 100)
    return sorted(row[key] for row in rows)


def test_names_that_are_nearly_the_same(ledger: Ledger) -> None:
    facts = answer(
        *(domain(name=name, number=number) for number, name in enumerate(ALIKE)),
        networks=[network(name) for name in ALIKE],
        storage_pools=[pool(name, path=f"/{number}") for number, name in enumerate(ALIKE)],
    )
    for host in ("hv1", "HV1"):
        assert ledger.record(facts, host)["vms"]["new"] == len(ALIKE)
        assert ledger.record(facts, host)["changed"] is False
    assert named(ledger, "hosts", "id") == ["HV1", "hv1"]
    for subject in ("virtual_machines", "networks", "storage_pools"):
        assert named(ledger, subject, host_id="hv1") == sorted(ALIKE)
    for name in ALIKE:
        assert named(ledger, "virtual_machines", vm=name, host_id="HV1") == [name]
    assert named(ledger, "virtual_machines", vm="W*", host_id="hv1") == ["Web"]
    assert named(ledger, "virtual_machines", vm="web*", host_id="hv1") == ["web", "web "]


@pytest.mark.parametrize("name", ["100%", "a_b", "a\\b", "a!b", "it's", 'say "x"', "[ab]", "a:b"])
def test_characters_that_mean_something_in_sql(ledger: Ledger, name: str) -> None:
    taken_for = name.replace("_", "x").replace("%", "0").replace("\\", "").replace("[ab]", "a")
    ledger.record(answer(domain(name=name), domain(name="z" + taken_for, number=2)))
    if taken_for != name:
        ledger.record(answer(domain(name=taken_for, number=3)), "hv2")
    for wanted in (name, name + "*"):
        assert named(ledger, "virtual_machines", vm=wanted) == [name]


def test_every_plane_of_unicode(ledger: Ledger) -> None:
    name = "\U0001f600\u4e2d\U0002f800\u200d\ufffd"
    vm = domain(name=name) | {"title": name * 1000, "description": "\x7f\n\t" + name}
    ledger.record(answer(vm, networks=[network(name)]), "hv\U0001f600")
    assert named(ledger, "virtual_machines", vm=name, host_id="hv\U0001f600") == [name]
    (row,) = ledger.query("SELECT title, description FROM virtual_machines")
    assert row == {"title": name * 1000, "description": "\x7f\n\t" + name}
    assert ledger.record(answer(vm, networks=[network(name)]), "hv\U0001f600")["changed"] is False


def test_long_texts(ledger: Ledger) -> None:
    long = "".join(f"{number} \u00fc\U0001f600" for number in range(300_000))
    text = domain_xml(more=f"<metadata><x:note xmlns:x='urn:x'>{long}</x:note></metadata>")
    assert len(text) > 2**21
    facts = domain_facts(None, text, status=Status("shutoff", True, False), include_xml=True)
    ledger.record(answer(facts))
    assert ledger.record(answer(facts))["changed"] is False
    (found,) = regenerate_all(ledger.database, ["hv1/vm1"], Wanted())
    assert found.text == text


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**70])
def test_large_numbers(ledger: Ledger, number: int) -> None:
    vm = domain() | {"memory_bytes": number}
    ledger.record(answer(vm))
    assert ledger.record(answer(vm))["changed"] is False
    row = ledger.query("SELECT memory_bytes, unmapped_json FROM virtual_machines")[0]
    if number < 2**63:
        assert row["memory_bytes"] == number
    else:
        assert row["memory_bytes"] is None
        assert str(number) in json.loads(row["unmapped_json"]).values()


def test_times_are_utc_to_the_microsecond(ledger: Ledger) -> None:
    before = datetime.datetime.now(datetime.timezone.utc)
    ledger.record(answer(domain()))
    after = datetime.datetime.now(datetime.timezone.utc)
    (row,) = ask(ledger.database, "hosts", Filters(), 1)[0]
    assert row["last_seen_at"].endswith("+00:00")
    assert before <= datetime.datetime.fromisoformat(row["last_seen_at"]) <= after
    stored = ledger.value("SELECT last_seen_at FROM hosts")
    assert datetime.datetime.fromisoformat(stored) == datetime.datetime.fromisoformat(
        row["last_seen_at"]
    )


def test_many_rows_in_one_statement(ledger: Ledger) -> None:
    """More values than a statement takes on any of the databases."""
    disk = "<disk type='file'><source file='/images/{0}'/><target dev='vd{0}' bus='virtio'/></disk>"
    vms = [
        domain("".join(disk.format(f"{vm}x{number}") for number in range(40)), f"vm{vm}", vm)
        for vm in range(60)
    ]
    result = ledger.record(answer(*vms))
    assert result["tables"]["volume_attachments"]["inserted"] == 2400
    pairs = ledger.query(
        "SELECT a.target_dev, v.source FROM volume_attachments a JOIN volumes v ON v.id = a.volume_id"
    )
    assert {row["source"][8:] for row in pairs} == {row["target_dev"][2:] for row in pairs}
    assert all(row["source"][8:] == row["target_dev"][2:] for row in pairs)


@pytest.mark.parametrize("kind", ["mariadb"])
@pytest.mark.parametrize("collation", ["utf8mb4_general_ci", "utf8mb3_unicode_ci", "latin1_bin"])
def test_an_existing_layout_of_another_collation(
    place: str, fixtures: Path, monkeypatch: pytest.MonkeyPatch, collation: str
) -> None:
    """Old tables keep theirs; they are joined with the new ones."""
    ledger = old_layout(place, fixtures, monkeypatch)
    for table in ledger.tables():
        charset = collation.partition("_")[0]
        ledger.execute(
            f"ALTER TABLE {table} CONVERT TO CHARACTER SET {charset} COLLATE {collation}"
        )
    runner.upgrade(ledger.database)
    text = domain_xml("<input type='mouse' bus='ps2'/>")
    facts = domain_facts(None, text, status=Status("shutoff", True, False), include_xml=True)
    assert ledger.record(answer(facts, networks=[network()]))["vms"]["changed"] == 1
    assert ledger.record(answer(facts, networks=[network()]))["changed"] is False
    for subject in ("virtual_machines", "vm_configurations", "input_devices", "attachments"):
        assert len(named(ledger, subject, "host_id", vm="vm1", host_id="hv1")) >= 1
    (found,) = regenerate_all(ledger.database, ["hv1/vm1"], Wanted())
    assert found.text == text
    for view in views():
        ledger.query(f"SELECT * FROM {view.name}")
    assert named(ledger, "ports", "vm_name", vlan=1) == []
    ledger.check()
