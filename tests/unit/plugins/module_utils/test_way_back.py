"""From values back to XML: what is written is read as the same value again."""

from __future__ import annotations

import copy
from typing import Any

import edits
import golden
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    FAMILY_BY_FACT,
    OTHER,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import Report, Walk

WALKS = {family.fact: Walk(family.fields) for family in FAMILIES}
DOMAIN = Walk(DOMAIN_FIELDS)


def readings(name: str) -> list[tuple[tuple[Any, ...], Walk, Any, dict[str, Any]]]:
    """Fields, walk, element and facts of the domain of a pair and of all its devices.

    Those with a value that libvirt would not take are left out: it cannot be written either.
    """
    live, config = golden.texts(name)
    roots = [_xml.parse(text, "stdlib") for text in (live, config) if text is not None]
    found: list[tuple[tuple[Any, ...], Walk, Any]] = []
    for root in roots:
        found.append((DOMAIN_FIELDS, DOMAIN, root))
        for family in FAMILIES:
            if family is not OTHER:
                devices = root.findall(f"devices/{family.tag}")
                found += [(family.fields, WALKS[family.fact], device) for device in devices]
    read = []
    for fields, walk, element in found:
        report = Report()
        facts = walk.read(element, report)
        if not report.warnings:
            read.append((fields, walk, element, facts))
    return read


@pytest.mark.parametrize("name", golden.names())
def test_every_shape_reads_what_it_writes(name: str) -> None:
    for fields, _walk, _element, facts in readings(name):
        for field in fields:
            if field.shape is None or field.shape.write is None:
                continue
            values = facts[field.name] if field.repeated else [facts[field.name]]
            for value in values:
                if value is not None:
                    made = edits.built("made", field.shape.write(value))
                    assert field.shape.read(made, "", Report()) == value, field.name


@pytest.mark.parametrize("name", golden.names())
def test_every_placed_value_is_read_again(name: str) -> None:
    for fields, walk, element, facts in readings(name):
        for field in fields:
            value = facts[field.name]
            if field.place is None or value in (None, ""):
                continue
            changed = copy.deepcopy(element)
            edits.apply(changed, field.place(value, facts))
            again = walk.read(changed, Report())
            assert again == facts or again[field.name] == value, field.name


@pytest.mark.parametrize("name", golden.names())
def test_every_value_can_be_written_by_its_converter(name: str) -> None:
    for fields, _walk, _element, facts in readings(name):
        for field in fields:
            value = facts[field.name]
            if field.converter is not None and value is not None and field.path:
                assert field.converter.convert(field.converter.text(value)) == value, field.name


@pytest.mark.parametrize("name", golden.names())
def test_what_libvirt_takes_is_among_the_choices(name: str) -> None:
    for fields, _walk, _element, facts in readings(name):
        for field in fields:
            value = facts[field.name]
            if field.choices and value is not None and name != "others":
                assert value in field.choices, field.name
            if field.maximum is not None and isinstance(value, int):
                assert value <= field.maximum, field.name


def test_a_derived_value_can_be_written_or_is_told() -> None:
    silent = {
        f"{family.name}.{field.name}"
        for family in FAMILIES
        for field in family.fields
        if field.derive is not None and field.place is None and not field.told
    }
    # Both say what other fields do.
    assert silent == {"text console.mirrors_serial", "host device.usb_address"}
    assert all(field.place for field in DOMAIN_FIELDS if field.derive)


def placed(fact: str, xml: str, name: str, value: Any, **more: Any) -> dict[str, Any]:
    """The facts of a device after a value of it was set, and others before that."""
    family, walk = FAMILY_BY_FACT[fact], WALKS[fact]
    element = _xml.parse(xml, "stdlib")
    facts = walk.read(element, Report())
    facts.update(more)
    for field in family.fields:
        if field.name in more:
            edits.apply(element, {field.path: more[field.name]})
    place = family.field(name).place
    assert place is not None
    edits.apply(element, place(value, facts))
    again = walk.read(element, Report())
    again["attributes"] = {
        path: text for path, text in (again["source"] or {}).items() if path.startswith("@")
    }
    return again


@pytest.mark.parametrize(
    ("kind", "reference", "attributes"),
    [
        ("file", "/images/b.img", {"@file": "/images/b.img"}),
        ("block", "/dev/sdb", {"@dev": "/dev/sdb"}),
        ("dir", "/srv/tree", {"@dir": "/srv/tree"}),
        ("vhostuser", "/run/v.sock", {"@path": "/run/v.sock"}),
        ("vhostvdpa", "/dev/vhost-vdpa-0", {"@dev": "/dev/vhost-vdpa-0"}),
        ("volume", "pool/dir/name", {"@pool": "pool", "@volume": "dir/name"}),
        ("network", "rbd:pool/a:b", {"@protocol": "rbd", "@name": "pool/a:b"}),
        ("network", "nbd:", {"@protocol": "nbd"}),
        ("nvme", "pci:0000:01:00.0/1", {"@namespace": "1"}),
        ("nvme", "pci:0000:01:00.0", {}),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "<source file='/images/a.img'/>",
        "<source protocol='iscsi' name='iqn/0'><host name='h'/></source>",
        "<source namespace='2'><address domain='0x0' bus='0x2' slot='0x0' function='0x0'/></source>",
        "<source pool='p' volume='v'/>",
        "",
    ],
)
def test_the_source_of_a_disk(
    kind: str, reference: str, attributes: dict[str, str], source: str
) -> None:
    xml = f"<disk type='file'>{source}<target dev='vda'/></disk>"
    found = placed("volume_attachments", xml, "source_ref", reference, source_type=kind)
    assert found["attributes"] == attributes
    assert found["source_ref"] == (None if reference == "" else reference)
    host = [path for path in found["source"] or {} if path.startswith("host/")]
    assert bool(host) == ("<host" in source)


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("volume", "no-slash"),
        ("volume", "/volume"),
        ("network", "gopher:x"),
        ("network", "rbd:"),
        ("nvme", "/dev/nvme0"),
        ("nvme", "pci:0000:01:00.0/x"),
        ("nvme", "pci:0000:01:40.0"),
        ("hologram", "x"),
    ],
)
def test_a_source_that_a_disk_cannot_have(kind: str, reference: str) -> None:
    with pytest.raises(ValueError, match=reference if kind != "hologram" else kind):
        placed("volume_attachments", "<disk/>", "source_ref", reference, source_type=kind)


@pytest.mark.parametrize(
    ("kind", "reference", "attributes"),
    [
        ("network", "lan", {"@network": "lan"}),
        ("bridge", "br0", {"@bridge": "br0"}),
        ("direct", "eth0", {"@dev": "eth0"}),
        ("vhostuser", "/run/v.sock", {"@path": "/run/v.sock"}),
        ("vdpa", "/dev/vhost-vdpa-0", {"@dev": "/dev/vhost-vdpa-0"}),
        ("user", "eth1", {"@dev": "eth1"}),
        ("internal", "intnet", {"@name": "intnet"}),
        ("udp", "192.0.2.1:5000", {"@address": "192.0.2.1", "@port": "5000"}),
        ("mcast", "230.0.0.1:5558", {"@address": "230.0.0.1", "@port": "5558"}),
        ("server", ":5000", {"@port": "5000"}),
        ("client", "192.0.2.1:5000", {"@address": "192.0.2.1", "@port": "5000"}),
        ("vds", "50 3d/7", {"@switchid": "50 3d", "@portid": "7"}),
        ("hostdev", "pci:0000:3b:02.1", {}),
        ("hostdev", "usb:003.009", {}),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "<source network='old' portgroup='g' bridge='br9'/>",
        "<source address='192.0.2.9' port='1'><local address='192.0.2.8' port='2'/></source>",
        "<source><address type='pci' domain='0x0' bus='0x1' slot='0x2' function='0x3'/></source>",
        "",
    ],
)
def test_the_source_of_a_nic(
    kind: str, reference: str, attributes: dict[str, str], source: str
) -> None:
    xml = f"<interface type='network'>{source}</interface>"
    if kind != "hostdev":
        found = placed("ports", xml, "source_ref", reference, source_type=kind)
        found["attributes"].pop("@portgroup", None)
        assert found["attributes"] == attributes
    else:
        found = placed("ports", xml, "source_ref", reference, source_type=kind)
        assert found["source"]["address/@type"] == reference[:3]
    assert found["source_ref"] == reference


def test_a_passt_nic_keeps_its_device() -> None:
    xml = "<interface type='vhostuser'><source dev='eth0'/><backend type='passt'/></interface>"
    assert placed("ports", xml, "source_ref", "eth1")["attributes"] == {"@dev": "eth1"}


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("ethernet", "eth0"),
        ("null", "x"),
        ("wormhole", "x"),
        ("udp", "nowhere"),
        ("udp", "192.0.2.1:70000"),
        ("vds", "switch"),
        ("hostdev", "pci:3b:02.1"),
        ("hostdev", "usb:1"),
    ],
)
def test_a_source_that_a_nic_cannot_have(kind: str, reference: str) -> None:
    with pytest.raises(ValueError, match=f"{kind}|{reference}"):
        placed("ports", "<interface/>", "source_ref", reference, source_type=kind)


@pytest.mark.parametrize(
    ("kind", "reference", "path"),
    [
        ("pci", "pci:0000:3b:02.1", "address/@bus"),
        ("usb", "usb:046d:c52b", "vendor/@id"),
        ("usb", "usb:003.009", "address/@device"),
        ("mdev", "mdev:c2177883-f1bb-47f0-914d-32a22e3a8804", "address/@uuid"),
        ("scsi", "scsi:scsi_host0:0:1:2", "adapter/@name"),
        ("scsi", "scsi:iscsi:iqn.2020-01.org.example:a/1", "@name"),
        ("scsi_host", "scsi_host:naa.5123456789abcde0", "@wwpn"),
        ("storage", "storage:/dev/sdf", "block"),
        ("misc", "misc:/dev/input/event3", "char"),
        ("net", "net:eth0", "interface"),
    ],
)
def test_a_host_device(kind: str, reference: str, path: str) -> None:
    found = placed("host_devices", f"<hostdev type='{kind}'/>", "source_ref", reference)
    assert found["source_ref"] == reference
    assert path in found["source"]
    gone = placed("host_devices", f"<hostdev type='{kind}'/>", "source_ref", None)
    assert gone["source_ref"] is None


@pytest.mark.parametrize(
    ("kind", "reference"),
    [
        ("mdev", "mdev:1"),
        ("mdev", "pci:0000:3b:02.1"),
        ("scsi", "scsi:a"),
        ("scsi_host", "naa"),
        ("teapot", "teapot:1"),
    ],
)
def test_a_reference_that_a_host_device_cannot_have(kind: str, reference: str) -> None:
    with pytest.raises(ValueError, match=f"{kind}|{reference}"):
        placed("host_devices", f"<hostdev type='{kind}'/>", "source_ref", reference)


def test_a_file_system() -> None:
    xml = "<filesystem type='mount'><source dir='/a' socket='/s'/></filesystem>"
    found = placed("filesystems", xml, "source_path", "pool/vol", type="volume")
    assert found["attributes"] == {"@pool": "pool", "@volume": "vol", "@socket": "/s"}
    assert placed("filesystems", xml, "socket_path", "/t")["attributes"]["@socket"] == "/t"
    ram = "<filesystem type='ram'><source usage='10' units='MiB'/></filesystem>"
    found = placed("filesystems", ram, "usage", 2**21)
    assert (found["usage"], found["attributes"]) == (2**21, {"@usage": "2048", "@units": "KiB"})
    assert placed("filesystems", ram, "usage", 1000)["usage"] == 1000
    assert placed("filesystems", ram, "usage", None)["attributes"] == {}
    for kind, path in (("ram", "/a"), ("volume", "a")):
        with pytest.raises(ValueError, match="type|POOL"):
            placed("filesystems", xml, "source_path", path, type=kind)


@pytest.mark.parametrize(
    ("xml", "listen", "listens"),
    [
        ("<graphics/>", "192.0.2.1", []),
        ("<graphics listen='127.0.0.1'/>", "192.0.2.1", []),
        (
            "<graphics><listen type='network' network='n'/><listen type='address' address='::1'/></graphics>",
            None,
            ["n", "192.0.2.1"],
        ),
        (
            "<graphics listen='::1'><listen type='address' address='::1'/></graphics>",
            "192.0.2.1",
            ["192.0.2.1"],
        ),
    ],
)
def test_where_a_console_listens(xml: str, listen: str | None, listens: list[str]) -> None:
    family = FAMILY_BY_FACT["consoles"]
    element = _xml.parse(xml, "stdlib")
    place = family.field("listen_address").place
    assert place is not None
    edits.apply(element, place("192.0.2.1", WALKS["consoles"].read(element, Report())))
    found = WALKS["consoles"].read(element, Report())
    assert found["listen_address"] == "192.0.2.1"
    assert found["listen"] == listen
    texts = [item.get("@address") or item.get("@network") for item in found["listens"]]
    assert texts == listens


def test_the_socket_of_a_console() -> None:
    place = FAMILY_BY_FACT["consoles"].field("socket_path").place
    assert place is not None
    assert place("/s", {"listens": []}) == {"listen/@type": "socket", "listen/@socket": "/s"}
    assert place(None, {"listens": []}) == {}
    listens = [{"@type": "none"}, {"@type": "socket", "@socket": "/r"}]
    assert place("/s", {"listens": listens}) == {"listen[2]/@socket": "/s"}
    with pytest.raises(ValueError, match="none of its listen"):
        place("/s", {"listens": [{"@type": "none"}]})


def test_virtual_cpus_on_line() -> None:
    (field,) = (field for field in DOMAIN_FIELDS if field.name == "vcpu_current_count")
    assert field.place is not None
    assert field.place(2, {"vcpu_count": 4}) == {"vcpu/@current": "2"}
    assert field.place(4, {"vcpu_count": 4}) == {"vcpu/@current": None}
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="from 1 to 4"):
            field.place(wrong, {"vcpu_count": 4})


def test_a_balloon_a_slot_and_a_shared_memory() -> None:
    balloon = FAMILY_BY_FACT["memory_balloons"].field("config").place
    slot = FAMILY_BY_FACT["memory_devices"].field("slot").place
    size = FAMILY_BY_FACT["shmem_devices"].field("size_ki_b").place
    register = FAMILY_BY_FACT["nvram_devices"].field("reg").place
    assert balloon is not None
    assert slot is not None
    assert size is not None
    assert register is not None
    assert balloon({"@autodeflate": True}, {}) == {
        "@autodeflate": "on",
        "@freePageReporting": None,
        "stats/@period": None,
    }
    with pytest.raises(ValueError, match="helium is no option"):
        balloon({"helium": 1}, {})
    with pytest.raises(ValueError, match="neither true nor false"):
        balloon({"@autodeflate": "perhaps"}, {})
    assert slot(3, {}) == {"address/@slot": "3"}
    assert size(4096, {}) == {"size": "4096", "size/@unit": "KiB"}
    assert size(None, {}) == {"size": None, "size/@unit": None}
    assert register(None, {}) == {"address/@reg": None}
