"""The domain that the benchmark of parsing reads, and the other way to its fields."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import may_have_secrets
from benchmark.parse_domain import domain_xml
from benchmark.parse_find import planned_fields


def test_the_domain_is_a_usual_one() -> None:
    text = domain_xml()
    facts = domain_facts(text, None)
    assert 9500 < len(text) < 10100
    assert len(facts["volume_attachments"]) == 4
    assert len(facts["ports"]) == 3
    assert facts["other_devices"] == facts["warnings"] == []
    assert not may_have_secrets(text, ())


def test_both_ways_find_the_same() -> None:
    facts = domain_facts(domain_xml(), None)
    found = planned_fields(ElementTree.fromstring(domain_xml()))
    assert found["uuid"] == facts["uuid"]
    for disk, fact in zip(found["disks"], facts["volume_attachments"], strict=True):
        same = ("target_dev", "target_bus", "driver_format", "io_tune", "serial", "is_read_only")
        assert [disk[name] for name in same] == [fact[name] for name in same]
    for nic, fact in zip(found["nics"], facts["ports"], strict=True):
        same = ("mac_address", "device_name", "model_name", "source_type", "address")
        assert [nic[name] for name in same] == [fact[name] for name in same]
