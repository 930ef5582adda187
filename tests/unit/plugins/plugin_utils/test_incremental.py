"""What is recorded is not told again, and nothing is lost by that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    FactsError,
    OutpacedError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request, gather
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import prepare
from ledgers import Ledger

DOMAIN = (
    "<domain type='test'><name>{0}</name><uuid>aaaaaaaa-0000-4000-8000-00000000000{1}</uuid>"
    "<memory>524288</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
    "<disk type='file'><source file='/srv/shared/{0}.qcow2'/><target dev='vda'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:0{1}'/><source network='lan'/></interface></devices></domain>"
)
NETWORK = "<network><name>lan</name><uuid>0e700000-0000-4000-8000-000000000001</uuid><bridge name='{0}'/></network>"


class Host:
    """A hypervisor of libvirt's test driver, and its ledger."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._path = folder / "node.xml"
        self._ledger = ledger
        self.bridge = "virbr7"
        self.domains = {"web1": 1, "web2": 2}
        self.more = ""

    def tell(self, shared_paths: tuple[str, ...] = (), full: bool = False) -> dict[str, Any]:
        """What the hypervisor answers to somebody who has what is in the ledger."""
        domains = "".join(DOMAIN.format(*item) for item in self.domains.items())
        text = domains.replace("</devices>", self.more + "</devices>")
        self._path.write_text(f"<node>{text}{NETWORK.format(self.bridge)}</node>")
        known = prepare(self._ledger.database, "hv1", shared_paths)
        selection = Selection(include_xml=True, known={} if full else known.domains)
        inventory = "" if full else known.inventory
        return gather(
            Request(f"test://{self._path}", selection=selection, known_inventory=inventory)
        )

    def sync(self, *shared_paths: str, full: bool = False) -> dict[str, Any]:
        answer = self.tell(shared_paths, full)
        return self._ledger.record(answer, shared_paths=shared_paths, full=full)


@pytest.fixture
def host(tmp_path: Path, ledger: Ledger) -> Host:
    return Host(tmp_path, ledger)


def test_the_second_answer_is_empty(host: Host, ledger: Ledger) -> None:
    first = host.tell()
    assert len(first["domains"]) == 2
    assert first["unchanged"] == []
    ledger.record(first)
    before = ledger.dump()
    second = host.tell()
    assert (second["domains"], len(second["unchanged"])) == ([], 2)
    assert (second["hypervisor"], second["networks"], second["storage_pools"]) == (None,) * 3
    result = ledger.record(second)
    assert result["changed"] is False
    assert (result["vms"]["seen"], result["vms"]["unchanged"], result["vms"]["gone"]) == (2, 2, 0)
    assert ledger.dump() == before
    assert ledger.value("SELECT count(*) FROM hosts WHERE last_complete_at = last_seen_at") == 1


def test_only_what_differs_is_told(host: Host, ledger: Ledger) -> None:
    host.sync()
    del host.domains["web2"]
    host.domains["web3"] = 3
    answer = host.tell()
    assert [domain["name"] for domain in answer["domains"]] == ["web3"]
    result = ledger.record(answer)
    assert {key: result["vms"][key] for key in ("new", "gone", "unchanged")} == {
        "new": 1,
        "gone": 1,
        "unchanged": 1,
    }


def test_another_network_is_told_without_its_vms(host: Host, ledger: Ledger) -> None:
    host.sync()
    host.bridge = "virbr8"
    answer = host.tell()
    assert (answer["domains"], len(answer["networks"])) == ([], 1)
    result = ledger.record(answer)
    assert result["host_changes"] == ["network lan: bridge_name virbr7 -> virbr8"]


def test_other_shared_paths_give_other_volumes(host: Host, ledger: Ledger) -> None:
    host.sync()
    assert ledger.value("SELECT DISTINCT scope FROM volumes") == "host:hv1"
    host.sync("/srv/shared")
    living = ledger.query("SELECT scope FROM volumes WHERE deleted_at IS NULL")
    assert {row["scope"] for row in living} == {"fleet"}
    assert host.sync("/srv/shared")["changed"] is False


def test_a_network_that_appears_binds_the_nics_of_known_vms(host: Host, ledger: Ledger) -> None:
    host.sync()
    bindings = "SELECT count(*) FROM port_bindings"
    assert ledger.value(bindings) == 2
    answer = host.tell(full=True)
    answer.update(domains=[], unchanged=[domain["uuid"] for domain in answer["domains"]])
    ledger.record({**answer, "networks": []})
    assert ledger.value(bindings) == 0
    ledger.record(answer)
    assert ledger.value(bindings) == 2


def test_a_recording_in_between_is_left_alone(host: Host, ledger: Ledger) -> None:
    """Two controllers ask at once; the one that asked first records last."""
    host.sync()
    early = host.tell()
    host.more = "<input type='tablet' bus='usb'/>"
    host.sync()
    before = ledger.dump()
    ledger.record(early)
    assert ledger.dump() == before


def test_what_was_left_out_must_still_be_recorded(host: Host, ledger: Ledger) -> None:
    """Else the host is asked again: what it left out is not what the ledger has now."""
    host.sync()
    known = prepare(ledger.database, "hv1")
    early = host.tell()
    assert ledger.record(early, known=known)["changed"] is False
    host.more = "<input type='tablet' bus='usb'/>"
    host.sync()
    before = ledger.dump(without=())
    with pytest.raises(OutpacedError, match="hv1 was recorded by somebody else"):
        ledger.record({**early, "asked_at": None}, known=known)
    host.more = ""
    host.bridge = "virbr8"
    known = prepare(ledger.database, "hv1")
    host.sync()
    with pytest.raises(OutpacedError):
        ledger.record({**early, "unchanged": [], "asked_at": None}, known=known)
    assert ledger.dump(without=()) != before
    told = {**host.tell(full=True), "asked_at": None}
    assert ledger.record(told, known=known)["changed"] is False


def test_a_vm_that_another_host_has_as_well_is_told(host: Host, ledger: Ledger) -> None:
    """A VM that moved while it was shut off takes its own row up, even though nothing changed."""
    host.sync()
    (web1,) = (vm for vm in host.tell(full=True)["domains"] if vm["name"] == "web1")
    web1.update(state="shutoff", domain_id=None)
    elsewhere = {**host.tell(full=True), "domains": [web1]}
    ledger.record(elsewhere, "hv2")
    assert [domain["name"] for domain in host.tell()["domains"]] == ["web1"]
    host.sync()
    ledger.record({**elsewhere, "domains": []}, "hv2")
    assert [domain["name"] for domain in host.tell()["domains"]] == ["web1"]


def test_full_puts_right_what_was_changed_by_hand(host: Host, ledger: Ledger) -> None:
    host.sync()
    ledger.execute("UPDATE volume_attachments SET serial = 'BY HAND'")
    host.sync()
    assert ledger.value("SELECT DISTINCT serial FROM volume_attachments") == "BY HAND"
    host.sync(full=True)
    assert ledger.value("SELECT DISTINCT serial FROM volume_attachments") is None


def test_what_nobody_noted_yet_is_noted_once(host: Host, ledger: Ledger) -> None:
    host.sync()
    ledger.execute("UPDATE virtual_machines SET source_digest = NULL")
    assert len(host.tell()["domains"]) == 2
    assert host.sync()["changed"] is False
    assert host.tell()["domains"] == []


def test_rows_of_another_mapping_or_without_texts_are_told(host: Host, ledger: Ledger) -> None:
    host.sync()
    ledger.execute("UPDATE virtual_machines SET mapping_version = 1 WHERE name = 'web1'")
    assert [domain["name"] for domain in host.tell()["domains"]] == ["web1"]
    answer = host.tell(full=True)
    for domain in answer["domains"]:
        del domain["xml"], domain["xml_config"]
        domain["autostart"] = True
    ledger.record(answer)
    assert len(host.tell()["domains"]) == 2


def test_nonsense(host: Host, ledger: Ledger) -> None:
    answer = host.tell()
    for name, value in (("unchanged", 3), ("unchanged", [None]), ("inventory_digest", 3)):
        with pytest.raises(FactsError, match=name):
            ledger.record({**answer, name: value})
