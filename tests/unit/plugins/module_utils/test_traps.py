"""What has gone wrong in other systems, one test each."""

from __future__ import annotations

import helpers
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.interface import (
    SOURCE_TYPES,
)


def disk(xml: str) -> helpers.Facts:
    return helpers.device("volume_attachments", xml)


def port(xml: str) -> helpers.Facts:
    return helpers.device("ports", xml)


def test_a_cdrom_stays_a_cdrom() -> None:
    found = disk("<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>")
    assert found["device_type"] == "cdrom"
    assert found["is_read_only"] is False  # the element is not there, and nothing is made up


@pytest.mark.parametrize("element", ["<readonly/>", "<readonly>no</readonly>", "<readonly x='0'/>"])
def test_readonly_whatever_it_holds(element: str) -> None:
    assert disk(f"<disk><target dev='vda'/>{element}</disk>")["is_read_only"] is True


@pytest.mark.parametrize("element", ["<shareable/>", "<shareable v='off'>no</shareable>"])
def test_shareable_whatever_it_holds(element: str) -> None:
    assert disk(f"<disk><target dev='vda'/>{element}</disk>")["shareable"] is True


def test_snapshot_name_is_not_the_policy() -> None:
    policy = disk("<disk type='file' snapshot='external'><target dev='vda'/></disk>")
    assert policy["snapshot_name"] is None
    assert policy["snapshot_policy"] == "external"
    named = disk(
        "<disk type='network'><source protocol='rbd' name='p/i@other'><snapshot name='s1'/></source>"
        "<target dev='vda'/></disk>"
    )
    assert named["snapshot_name"] == "s1"
    assert named["source_ref"] == "rbd:p/i@other"


def test_the_first_of_two_counts_and_the_other_is_kept() -> None:
    found = disk(
        "<disk><target dev='vda' bus='virtio'/><target dev='vdb'/><serial>a</serial><serial>b</serial></disk>"
    )
    assert (found["target_dev"], found["serial"]) == ("vda", "a")
    assert found["unmapped"] == {"target[2]/@dev": "vdb", "serial[2]": "b"}


def test_limits_up_to_64_bits_are_exact() -> None:
    limit = str(2**64 - 1)
    found = disk(
        f"<disk><target dev='vda'/><iotune><total_bytes_sec>{limit}</total_bytes_sec></iotune></disk>"
    )
    assert found["io_tune"] == {"total_bytes_sec": limit}


def test_an_odd_limit_is_kept_and_named() -> None:
    facts = helpers.domain(
        "<disk><target dev='vda'/><iotune><read_iops_sec>10MB</read_iops_sec></iotune></disk>"
    )
    assert facts["volume_attachments"][0]["io_tune"] == {"read_iops_sec": "10MB"}
    assert facts["warnings"] == [
        "disk vda: iotune/read_iops_sec: '10MB' is not an unsigned decimal number; kept as found"
    ]


@pytest.mark.parametrize("text", ["lots", "-1", " 4 ", "0x10", "", "٣"])
def test_queues_that_are_no_number(text: str) -> None:
    facts = helpers.domain(f"<disk><driver queues='{text}'/><target dev='vda'/></disk>")
    assert facts["volume_attachments"][0]["driver_queues"] == text
    assert "driver/@queues" in facts["warnings"][0]


def test_absent_is_null_and_not_a_default() -> None:
    found = disk("<disk><target dev='vda'/></disk>")
    for name in (
        "driver_format",
        "target_bus",
        "bus_type",
        "driver_queues",
        "io_tune",
        "serial",
        "source_type",
    ):
        assert found[name] is None, name
    found = port("<interface type='user'/>")
    for name in ("mac_address", "model_name", "device_name", "source_ref", "vlan_tags", "source"):
        assert found[name] is None, name


def test_only_devices_of_the_domain_are_its_devices() -> None:
    nested = "<metadata><domain><devices><disk type='file'><target dev='vdz'/></disk></devices></domain></metadata>"
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

    facts = domain_facts(None, helpers.domain_xml("<disk><target dev='vda'/></disk>", more=nested))
    assert [found["device_name"] for found in facts["volume_attachments"]] == ["vda"]


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("no", False), (None, None)])
def test_trust_guest_rx_filters_has_three_states(text: str | None, value: bool | None) -> None:
    attribute = "" if text is None else f" trustGuestRxFilters='{text}'"
    assert port(f"<interface type='network'{attribute}/>")["trust_guest_rx_filters"] is value


def test_the_hosts_address_of_a_hostdev_nic_is_not_the_guests() -> None:
    found = port(
        "<interface type='hostdev'><source><address type='pci' domain='0x0' bus='0x3b' slot='0x2' function='1'/>"
        "</source><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></interface>"
    )
    assert found["source_ref"] == "pci:0000:3b:02.1"
    assert found["source"]["address/@bus"] == "0x3b"
    assert found["address"]["bus"] == "0x05"


def test_all_vlan_tags_trunk_and_native_mode() -> None:
    found = port(
        "<interface type='bridge'><vlan trunk='yes'><tag id='1' nativeMode='untagged'/><tag id='2'/><tag id='4095'/>"
        "</vlan></interface>"
    )
    assert found["vlan_tags"]["trunk"] == "yes"
    assert [tag["id"] for tag in found["vlan_tags"]["tags"]] == [1, 2, 4095]
    assert found["vlan_tags"]["tags"][0]["nativeMode"] == "untagged"


def test_filter_parameters_whose_names_repeat() -> None:
    found = port(
        "<interface type='bridge'><filterref filter='f'><parameter name='IP' value='a'/>"
        "<parameter name='IP' value='b'/></filterref></interface>"
    )
    assert found["filter_ref"] == {"filter": "f", "parameters": [["IP", "a"], ["IP", "b"]]}


def test_two_nics_with_one_mac() -> None:
    nic = "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='{}'/></interface>"
    facts = helpers.domain(nic.format("a") + nic.format("b"), state="running")
    assert [found["source_ref"] for found in facts["ports"]] == ["a", "b"]
    assert all(found["in_live"] and found["in_config"] for found in facts["ports"])


@pytest.mark.parametrize("kind", SOURCE_TYPES)
def test_a_nic_without_source_mac_and_address(kind: str) -> None:
    found = port(f"<interface type='{kind}'/>")
    assert (found["source_type"], found["source_ref"], found["mac_address"]) == (kind, None, None)


def test_there_are_fifteen_interface_types() -> None:
    assert len(SOURCE_TYPES) == 15


def test_text_where_none_belongs_is_kept() -> None:
    found = disk("<disk>stray<target dev='vda'>text</target><source file='/a'>more</source></disk>")
    assert found["unmapped"] == {".": "stray", "target": "text"}
    assert found["source"] == {"@file": "/a", "": "more"}
    found = helpers.device("hubs", "<hub type='usb'><address type='usb'>here</address></hub>")
    assert found["unmapped"] == {"address": "here"}


def test_blanks_between_elements_are_no_text() -> None:
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

    nvram = "<os><nvram type='file'>\n <source file='/nvram'/>\n</nvram></os>"
    facts = domain_facts(
        None, f"<domain>{nvram}<devices><emulator>\n</emulator></devices></domain>"
    )
    assert (facts["nvram_path"], facts["nvram_source"]) == (None, {"@file": "/nvram"})
    assert facts["emulators"][0]["path"] is None


def test_an_attribute_beside_a_shape() -> None:
    from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts

    text = "<domain><maxMemory slots='16' unit='GiB' odd='x'>8</maxMemory></domain>"
    facts = domain_facts(None, text)
    assert (facts["memory_maximum_bytes"], facts["memory_slots"]) == (2**33, 16)
    assert facts["unmapped"] == {"maxMemory/@odd": "x"}


def test_the_console_that_is_the_serial_port() -> None:
    def mirrors(target: str) -> bool:
        found = helpers.device("text_consoles", f"<console type='pty'>{target}</console>")
        return bool(found["mirrors_serial"])

    assert mirrors("") is True
    assert mirrors("<target port='0'/>") is True
    assert mirrors("<target type='serial' port='0'/>") is True
    assert mirrors("<target type='serial' port='1'/>") is False
    assert mirrors("<target type='virtio' port='0'/>") is False


@pytest.mark.parametrize(("text", "slot"), [("2", 2), ("0x02", 2), ("010", 10), ("x", "x")])
def test_the_slot_of_a_memory_module(text: str, slot: object) -> None:
    xml = f"<memory model='dimm'><address type='dimm' slot='{text}'/></memory>"
    assert helpers.device("memory_devices", xml)["slot"] == slot


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ("<size>1048576</size>", (2**20, 1024)),
        ("<size unit='M'>4</size>", (2**22, 4096)),
        ("", (None, None)),
        ("<size>big</size>", ("big", "big")),
    ],
)
def test_shared_memory_is_counted_in_bytes(size: str, found: object) -> None:
    memory = helpers.device("shmem_devices", f"<shmem name='s'>{size}</shmem>")
    assert (memory["size_bytes"], memory["size_ki_b"]) == found


def test_a_usb_device_is_known_by_what_stays_the_same() -> None:
    source = "<source><vendor id='0x046d'/><product id='0xc52b'/>{}</source>"
    xml = f"<hostdev mode='subsystem' type='usb'>{source}</hostdev>"
    facts = helpers.device("host_devices", xml.format("<address bus='3' device='9'/>"))
    assert (facts["source_ref"], facts["usb_address"]) == ("usb:046d:c52b", "usb:003.009")
    facts = helpers.device("host_devices", xml.format(""))
    assert (facts["source_ref"], facts["usb_address"]) == ("usb:046d:c52b", None)


@pytest.mark.parametrize("kind", ["pci", "usb", "scsi", "scsi_host", "mdev", "storage", "odd"])
def test_a_host_device_without_a_source(kind: str) -> None:
    assert helpers.device("host_devices", f"<hostdev type='{kind}'/>")["source_ref"] is None


def test_an_unknown_family_is_kept() -> None:
    facts = helpers.domain("<hologram flux='1'/><disk/><hologram><beam/></hologram>")
    first, second = facts["other_devices"]
    assert (first["tag"], first["xml"]) == ("hologram", '<hologram flux="1"/>')
    assert (second["tag"], second["xml"]) == ("hologram", "<hologram><beam/></hologram>")
    assert (first["ordinal"], second["ordinal"]) == (0, 2)
    assert first["unmapped"] == {}
    assert facts["unmapped"] == {}
