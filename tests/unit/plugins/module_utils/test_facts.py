"""Facts of a whole domain: two sides, digests, addresses, secrets."""

from __future__ import annotations

import json

import golden
import helpers
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import (
    domain_facts,
    facts_digest,
    xml_digest,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES

LIVE, CONFIG = (str(data, "utf-8") for data in golden.texts("running") if data is not None)


def test_a_device_of_one_side_is_marked() -> None:
    facts = domain_facts(LIVE, CONFIG)
    sides = {
        disk["device_name"]: (disk["in_live"], disk["in_config"])
        for disk in facts["volume_attachments"]
    }
    assert sides == {"vda": (True, True), "vdb": (True, False), "sda": (False, True)}


def test_live_values_win_and_the_others_are_told() -> None:
    facts = domain_facts(LIVE, CONFIG)
    disk = facts["volume_attachments"][0]
    assert disk["source_ref"] == "/srv/images/snapshot.qcow2"
    assert disk["config_values"]["source_ref"] == "/srv/images/a.qcow2"
    bridged, nat = facts["ports"]
    assert (bridged["source_type"], bridged["source_ref"], bridged["network_name"]) == (
        "bridge",
        "br-lan",
        "lan",
    )
    assert bridged["config_values"] == {"source_type": "network", "source_ref": "lan"}
    assert nat["config_values"] == {}  # what only a running domain has is no difference
    assert facts["consoles"][0]["config_values"] == {}


def test_an_identical_definition_differs_in_nothing() -> None:
    facts = helpers.domain(
        "<disk><target dev='vda'/></disk><interface type='user'/>", state="running"
    )
    assert facts["config_values"] == {}
    assert [device["config_values"] for device in facts["volume_attachments"] + facts["ports"]] == [
        {},
        {},
    ]


def test_the_digest_covers_what_is_a_change() -> None:
    facts = domain_facts(LIVE, CONFIG)
    for old, new in (
        ("vnet9", "vnet11"),
        ("writeback", "none"),
        ("br-lan", "br-x"),
        ("5903", "5904"),
    ):
        assert domain_facts(LIVE.replace(old, new), CONFIG)["digest"] != facts["digest"], old


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/dev/pts/5", "/dev/pts/6"),
        ("1048576</currentMemory>", "1000000</currentMemory>"),
        ("id='42'", "id='43'"),
    ],
)
def test_the_digest_does_not_cover_what_moves_by_itself(old: str, new: str) -> None:
    facts, moved = domain_facts(LIVE, CONFIG), domain_facts(LIVE.replace(old, new), CONFIG)
    assert moved["digest"] == facts["digest"]
    assert moved["xml_digest"] != facts["xml_digest"]


TERMINALS = [str(data, "utf-8") for data in golden.texts("terminals") if data is not None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<source path='/dev/pts/3'/><target type='isa",
            "<source path='/dev/pts/9'/><target type='isa",
        ),
        ("tty='/dev/pts/3'", "tty='/dev/pts/9'"),
        ("/dev/pts/4", "/dev/pts/8"),
        ("<current unit='KiB'>262144", "<current unit='KiB'>131072"),
    ],
)
def test_the_digest_does_not_cover_devices_that_move_by_themselves(old: str, new: str) -> None:
    live, config = TERMINALS
    assert old in live
    moved = domain_facts(live.replace(old, new), config)
    assert moved["digest"] == domain_facts(live, config)["digest"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<source path='/dev/pts/3'/><target type='isa",
            "<source path='/run/s'/><target type='isa",
        ),
        ("7-terminals", "8-terminals"),
        ("<requested unit='KiB'>524288", "<requested unit='KiB'>262144"),
        ("state='connected'", "state='disconnected'"),
        ("range='7'", "range='8'"),
        ("c1,c2", "c3,c4"),
    ],
)
def test_the_digest_covers_other_devices_as_well(old: str, new: str) -> None:
    live, config = TERMINALS
    assert old in live
    changed = domain_facts(live.replace(old, new), config)
    assert changed["digest"] != domain_facts(live, config)["digest"]


def test_what_only_a_running_device_has_is_no_difference() -> None:
    facts = domain_facts(*TERMINALS)
    assert facts["config_values"] == {}
    different = {
        family.name: device["config_values"]
        for family in FAMILIES
        for device in facts[family.fact]
        if device["config_values"] or not (device["in_live"] and device["in_config"])
    }
    assert different == {"watchdog": {"action": "poweroff"}}


def test_an_unknown_device_that_differs_is_told() -> None:
    live = helpers.domain_xml("<hologram flux='1'><beam/><alias name='hologram0'/></hologram>")
    config = helpers.domain_xml("<hologram flux='2'><beam/></hologram>")
    (found,) = domain_facts(live, config)["other_devices"]
    assert found["config_values"] == {"xml": '<hologram flux="2"><beam/></hologram>'}
    (found,) = domain_facts(live, config.replace("'2'", "'1'"))["other_devices"]
    assert found["config_values"] == {}
    named = live.replace("hologram0", "ua-mine").replace("'1'", "'2'")
    (found,) = domain_facts(named, config)["other_devices"]
    assert found["config_values"] == {"xml": '<hologram flux="2"><beam/></hologram>'}


def test_the_digest_survives_json() -> None:
    facts = domain_facts(LIVE, CONFIG)
    assert facts_digest(json.loads(json.dumps(facts))) == facts["digest"]


def test_live_and_persistent_xml_are_told_apart() -> None:
    assert xml_digest("<a/>", None) != xml_digest(None, "<a/>")
    assert xml_digest("<a/>", "<b/>") != xml_digest("<a/><b/>", None)


def test_families_that_are_not_asked_for_are_null() -> None:
    facts = domain_facts(LIVE, CONFIG, families=["ports"])
    assert facts["volume_attachments"] is None
    assert len(facts["ports"]) == 2
    everything = domain_facts(LIVE, CONFIG)
    assert facts["ports"] == everything["ports"]
    assert facts["digest"] is None
    assert facts["xml_digest"] == everything["xml_digest"]


def test_devices_without_a_declaration_are_a_list_of_their_own() -> None:
    text = helpers.domain_xml("<novelty a='1'/><disk><target dev='vda'/></disk><novelty a='2'/>")
    alone = domain_facts(None, text, families=["other_devices"])["other_devices"]
    assert [(device["tag"], device["ordinal"]) for device in alone] == [
        ("novelty", 0),
        ("novelty", 2),
    ]
    disks = domain_facts(None, text, families=["volume_attachments"])
    assert [disk["ordinal"] for disk in disks["volume_attachments"]] == [1]
    assert disks["other_devices"] is None


def test_values_of_devices_that_are_not_asked_for_are_no_warning() -> None:
    text = helpers.domain_xml("<controller type='pci' index='many'/><interface type='user'/>")
    assert domain_facts(None, text)["warnings"]
    assert domain_facts(None, text, families=["ports"])["warnings"] == []


def test_facts_of_two_domains_share_no_list() -> None:
    text = helpers.domain_xml("<interface type='user'><ip address='192.0.2.1'/></interface>")
    one, other = domain_facts(None, text), domain_facts(None, text)
    one["ports"][0]["ip_addresses"].append("x")
    one["ports"].append("x")
    one["volume_attachments"].append("x")
    assert [len(port["ip_addresses"]) for port in other["ports"]] == [1]
    assert other["volume_attachments"] == []


def test_addresses_from_outside() -> None:
    lease = {"address": "192.0.2.7", "family": "ipv4", "prefix": 24, "origin": "lease"}
    facts = domain_facts(LIVE, CONFIG, addresses={"52:54:00:bb:00:02": [lease]})
    assert [port["ip_address"] for port in facts["ports"]] == [None, "192.0.2.7"]
    assert facts["ports"][1]["ip_addresses"] == [lease]
    assert facts["digest"] != domain_facts(LIVE, CONFIG)["digest"]


def test_a_static_address_comes_first_and_is_not_doubled() -> None:
    text = helpers.domain_xml(
        "<interface type='user'><mac address='52:54:00:00:00:01'/><ip address='192.0.2.1'/></interface>"
    )
    told = [
        {"address": address, "family": "ipv4", "prefix": 24, "origin": "arp"}
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    port = domain_facts(None, text, addresses={"52:54:00:00:00:01": told})["ports"][0]
    assert port["ip_address"] == "192.0.2.1"
    assert [item["origin"] for item in port["ip_addresses"]] == ["config", "arp"]


@pytest.mark.parametrize("secret", ["hunter2", "bGV0bWVpbg==", "abcdef"])
def test_secrets_are_removed_and_marked(secret: str) -> None:
    _live, config = golden.texts("others")
    assert config is not None
    assert secret in config.decode()
    facts = domain_facts(None, config, include_xml=True)
    assert secret not in json.dumps(facts)
    assert "(redacted)" in facts["xml"]
    assert len(facts["redacted"]) == 3


def test_cookies_are_removed() -> None:
    text = helpers.domain_xml(
        "<disk type='network'><source protocol='https' name='x'><cookies><cookie name='s'>tasty</cookie></cookies>"
        "</source><target dev='vda'/></disk>"
    )
    facts = domain_facts(None, text)
    assert facts["volume_attachments"][0]["source"]["cookies/cookie"] == "(redacted)"
    assert facts["redacted"] == ["devices/disk/source/cookies/cookie"]


def test_xml_is_returned_as_it_was() -> None:
    facts = domain_facts(LIVE, CONFIG, include_xml=True)
    assert (facts["xml"], facts["xml_config"]) == (LIVE, CONFIG)
