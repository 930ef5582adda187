"""Rows that were edited in SQL, and what a real libvirtd makes of the XML: exactly that change."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.tests.lab import scene
from ansible_collections.virtledger.libvirt.tests.lab.guests import Disk, Nic, device_xml
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab
from ansible_collections.virtledger.libvirt.tests.lab.storage import create_image
from ledgers import Ledger
from runs import Runner

RICH = "6f0d1c1e-0000-4000-8000-000000000031"
VM = "hv1/rich"
HOT_MAC = "52:54:00:1a:b0:98"


@pytest.fixture(scope="module")
def runner(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("controller"), inventory=lab.inventory)


@pytest.fixture(scope="module")
def hypervisor(lab: Lab) -> Hypervisor:
    """A running guest with a bit of everything, also with devices of this run only."""
    found = lab.hypervisor(1)
    scene.prepare(found)
    found.define(scene.rich_guest(found, "rich", RICH).xml())
    # libvirt puts controllers that it adds itself in order when it reads its own text
    found.define(found.dumpxml("rich", "--inactive"))
    found.start("rich")
    found.attach("rich", device_xml(Disk("vdh", source=create_image(found, "hot.qcow2"))), "--live")
    found.attach("rich", device_xml(Nic(HOT_MAC, source="default")), "--live")
    return found


@pytest.fixture(scope="module")
def connection(hypervisor: Hypervisor) -> Iterator[libvirt.virConnect]:
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    with closing(hypervisor.connect()) as opened:
        yield opened


@pytest.fixture(scope="module")
def definition(hypervisor: Hypervisor) -> str:
    """The guest's definition before any edit."""
    return hypervisor.dumpxml("rich", "--inactive") + "\n"


@pytest.fixture(scope="module")
def synced(hypervisor: Hypervisor, definition: str, runner: Runner) -> Ledger:
    runner.playbook("virtledger.libvirt.sync")
    return Ledger(runner.ledger, create=False)


@pytest.fixture
def ledger(synced: Ledger, tmp_path: Path) -> Ledger:
    """A copy to be edited."""
    copy = Ledger(tmp_path / "copy.db", create=False)
    with closing(sqlite3.connect(synced.path)) as one, closing(sqlite3.connect(copy.path)) as other:
        one.backup(other)
    return copy


def edit(ledger: Ledger, *statements: str) -> None:
    """What somebody does with SQL; ``:vm`` is the guest."""
    vm = ledger.value("SELECT uuid FROM virtual_machines WHERE name = 'rich'")
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        for statement in statements:
            done = connection.execute(statement, {"vm": vm})
            assert done.rowcount == 1, statement


def changes(before: str, after: str) -> list[str]:
    """The lines that differ, each with its sign and without indentation."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return sorted(line[0] + line[2:].strip() for line in lines if line[0] in "+-")


def defined(connection: Any, text: str, definition: str) -> str:
    """What libvirt makes of a text; afterwards the definition is as it was."""
    try:
        domain = connection.defineXML(text)
        return str(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    finally:
        connection.defineXML(definition)


DISK = "UPDATE volume_attachments SET {} WHERE vm_uuid = :vm AND device_name = '{}'"
PORT = "UPDATE ports SET {} WHERE vm_uuid = :vm AND mac_address = '52:54:00:1a:b0:{}'"
MACHINE = "UPDATE virtual_machines SET {} WHERE uuid = :vm"

#: Statements, and the lines of libvirt's dump that they change.
EDITS = {
    "io_tune": (
        [
            DISK.format(
                """io_tune_json = '{"read_iops_sec": "700", "size_iops_sec": 4096}\'""", "vdb"
            )
        ],
        [
            "-<read_iops_sec>500</read_iops_sec>",
            "+<read_iops_sec>700</read_iops_sec>",
            "-<write_bytes_sec>1048576</write_bytes_sec>",
            "+<size_iops_sec>4096</size_iops_sec>",
        ],
    ),
    "io_tune_null": (
        [DISK.format("io_tune_json = NULL", "vdb")],
        [
            "-<iotune>",
            "-<read_iops_sec>500</read_iops_sec>",
            "-<write_bytes_sec>1048576</write_bytes_sec>",
            "-</iotune>",
        ],
    ),
    "driver_queues": (
        [DISK.format("driver_queues = 4", "vda")],
        [
            "-<driver name='qemu' type='qcow2' queues='1'/>",
            "+<driver name='qemu' type='qcow2' queues='4'/>",
        ],
    ),
    "driver_queue_size": (
        [DISK.format("driver_queue_size = NULL, driver_cache = 'none'", "vdb")],
        [
            "-<driver name='qemu' type='qcow2' queue_size='256'/>",
            "+<driver name='qemu' type='qcow2' cache='none'/>",
        ],
    ),
    "read_only": ([DISK.format("is_read_only = 1", "vda")], ["+<readonly/>"]),
    "shareable": ([DISK.format("shareable = 0", "vdc")], ["-<shareable/>"]),
    "serial": (
        [DISK.format("serial = 'A_b+2.c'", "vda")],
        ["-<serial>ROOT-1</serial>", "+<serial>A_b+2.c</serial>"],
    ),
    "medium": (
        [DISK.format("source_ref = '/srv/other.iso'", "sde")],
        [
            "-<source file='/var/lib/libvirt/images/rich-cd.iso'/>",
            "+<source file='/srv/other.iso'/>",
        ],
    ),
    "medium_inserted": (
        [DISK.format("source_ref = '/srv/new.iso'", "sdf")],
        ["+<source file='/srv/new.iso'/>"],
    ),
    "volume": (
        [DISK.format("source_ref = 'vault/other.qcow2'", "vdb")],
        [
            "-<source pool='vault' volume='rich-data.qcow2'/>",
            "+<source pool='vault' volume='other.qcow2'/>",
        ],
    ),
    "mac": (
        [PORT.format("mac_address = '52:54:00:1A:B0:7F'", "02")],
        ["-<mac address='52:54:00:1a:b0:02'/>", "+<mac address='52:54:00:1a:b0:7f'/>"],
    ),
    "network": (
        [PORT.format("source_ref = 'default'", "02")],
        ["-<source network='closed'/>", "+<source network='default'/>"],
    ),
    "model_and_link": (
        [PORT.format("model_name = 'virtio', link_state = NULL", "02")],
        ["-<model type='e1000e'/>", "+<model type='virtio'/>", "-<link state='down'/>"],
    ),
    "vlan": (
        [PORT.format("""vlan_tags_json = '{"tags": [{"id": 42}]}'""", "02")],
        ["+<vlan>", "+<tag id='42'/>", "+</vlan>"],
    ),
    "filter": (
        [PORT.format("""filter_ref_json = '{"filter": "no-mac-spoofing"}'""", "01")],
        [
            "-<filterref filter='clean-traffic'>",
            "-<parameter name='IP' value='192.168.122.50'/>",
            "-</filterref>",
            "+<filterref filter='no-mac-spoofing'/>",
        ],
    ),
    "trust": (
        [PORT.format("trust_guest_rx_filters = NULL", "01")],
        [
            "-<interface type='network' trustGuestRxFilters='yes'>",
            "+<interface type='network'>",
        ],
    ),
    "mtu": (
        [PORT.format("mtu = 9000", "04")],
        ["-<mtu size='1400'/>", "+<mtu size='9000'/>"],
    ),
    "file_system": (
        ["UPDATE filesystems SET target_path = 'shared', is_read_only = 0"],
        ["-<target dir='files'/>", "+<target dir='shared'/>", "-<readonly/>"],
    ),
    "console": (
        ["UPDATE consoles SET port = 5999, autoport = 0"],
        [
            "-<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>",
            "+<graphics type='vnc' port='5999' autoport='no' listen='127.0.0.1'>",
        ],
    ),
    "video": (
        ["UPDATE video_devices SET model_name = 'cirrus'"],
        [
            "-<model type='vga' vram='16384' heads='1' primary='yes'/>",
            "+<model type='cirrus' vram='16384' heads='1' primary='yes'/>",
        ],
    ),
    "memory": (
        [MACHINE.format("memory_bytes = 33554432")],
        ["-<memory unit='KiB'>16384</memory>", "+<memory unit='KiB'>32768</memory>"],
    ),
    "both_memories": (
        [MACHINE.format("memory_bytes = 33554432, current_memory_bytes = 25165824")],
        [
            "-<memory unit='KiB'>16384</memory>",
            "+<memory unit='KiB'>32768</memory>",
            "-<currentMemory unit='KiB'>16384</currentMemory>",
            "+<currentMemory unit='KiB'>24576</currentMemory>",
        ],
    ),
    "vcpus": (
        [MACHINE.format("v_cpu_count = 4, vcpu_online = 2")],
        [
            "-<vcpu placement='static'>1</vcpu>",
            "+<vcpu placement='static' current='2'>4</vcpu>",
        ],
    ),
    "words": (
        [MACHINE.format("title = 'Web & more', description = 'two' || char(10) || 'lines'")],
        ["+<title>Web &amp; more</title>", "+<description>two", "+lines</description>"],
    ),
    "actions": (
        [MACHINE.format("on_crash = 'preserve', clock_offset = 'localtime'")],
        [
            "-<on_crash>destroy</on_crash>",
            "+<on_crash>preserve</on_crash>",
            "-<clock offset='utc'/>",
            "+<clock offset='localtime'/>",
        ],
    ),
    "boot_devices": (
        [MACHINE.format("""boot_devices_json = '["network", "hd"]'""")],
        ["+<boot dev='network'/>"],
    ),
    "boot_order": (
        [MACHINE.format("boot_devices_json = NULL"), DISK.format("boot_order = 1", "vda")],
        ["-<boot dev='hd'/>", "+<boot order='1'/>"],
    ),
    "new_disk": (
        [
            "INSERT INTO volume_attachments (vm_uuid, device_name, bus_type, source_type, source_ref, "
            "driver_format, serial) VALUES (:vm, 'vdk', 'virtio', 'file', '/srv/k.raw', 'raw', 'K')"
        ],
        [
            "+<disk type='file' device='disk'>",
            "+<driver name='qemu' type='raw'/>",
            "+<source file='/srv/k.raw'/>",
            "+<target dev='vdk' bus='virtio'/>",
            "+<serial>K</serial>",
            "+</disk>",
        ],
    ),
    "new_nic": (
        [
            "INSERT INTO ports (vm_uuid, mac_address, source_type, source_ref, model_name) "
            "VALUES (:vm, '52:54:00:1a:b0:7a', 'network', 'closed', 'virtio')"
        ],
        [
            "+<interface type='network'>",
            "+<mac address='52:54:00:1a:b0:7a'/>",
            "+<source network='closed'/>",
            "+<model type='virtio'/>",
            "+</interface>",
        ],
    ),
    "new_input": (
        [
            "INSERT INTO input_devices (id, type, bus) VALUES (999, 'mouse', 'virtio')",
            "INSERT INTO input_device_attachments (vm_uuid, input_device_id) VALUES (:vm, 999)",
        ],
        ["+<input type='mouse' bus='virtio'>", "+</input>"],
    ),
}

#: Statements that take a device away, with a line and the tag of it.
REMOVALS = {
    "no_disk": (
        "DELETE FROM volume_attachments WHERE vm_uuid = :vm AND device_name = 'fda'",
        ("<target dev='fda' bus='fdc'/>", "disk"),
    ),
    "no_nic": (
        "UPDATE ports SET deleted_at = CURRENT_TIMESTAMP "
        "WHERE vm_uuid = :vm AND mac_address = '52:54:00:1a:b0:06'",
        ("<mac address='52:54:00:1a:b0:06'/>", "interface"),
    ),
}


def lines_of(definition: str, line: str, tag: str) -> list[str]:
    """The lines of the device that has this line, as removed ones."""
    lines = [text.strip() for text in definition.splitlines()]
    inside = lines.index(line)
    start = max(number for number in range(inside) if lines[number].startswith(f"<{tag} "))
    return sorted("-" + text for text in lines[start : lines.index(f"</{tag}>", inside) + 1])


@pytest.mark.parametrize("name", EDITS)
def test_libvirt_has_exactly_that_change(
    name: str, ledger: Ledger, connection: Any, definition: str
) -> None:
    statements, lines = EDITS[name]
    edit(ledger, *statements)
    (one,) = regenerate_all(ledger.database, [VM])
    found = changes(definition, defined(connection, one.text, definition))
    if name.startswith("new_"):
        # which slot it gets is libvirt's choice
        found = [line for line in found if not line.startswith("+<address type='pci'")]
    assert found == sorted(lines)


@pytest.mark.parametrize("name", REMOVALS)
def test_libvirt_lacks_exactly_that_device(
    name: str, ledger: Ledger, connection: Any, definition: str
) -> None:
    statement, device = REMOVALS[name]
    edit(ledger, statement)
    (one,) = regenerate_all(ledger.database, [VM])
    found = changes(definition, defined(connection, one.text, definition))
    assert found == lines_of(definition, *device)


def test_both_texts_of_a_running_vm(
    ledger: Ledger, hypervisor: Hypervisor, definition: str
) -> None:
    live = hypervisor.dumpxml("rich") + "\n"
    edit(ledger, *EDITS["io_tune"][0], DISK.format("serial = 'HOT'", "vdh"))
    (one,) = regenerate_all(ledger.database, [VM])
    assert changes(definition, one.text) == sorted(EDITS["io_tune"][1])
    (one,) = regenerate_all(ledger.database, [VM], Wanted(kind="live"))
    assert changes(live, one.text) == sorted([*EDITS["io_tune"][1], "+<serial>HOT</serial>"])


def test_untouched(ledger: Ledger, connection: Any, definition: str) -> None:
    (one,) = regenerate_all(ledger.database, [VM])
    assert one.text == definition
    assert defined(connection, one.text, definition) == definition


REFUSED = {
    "queues": (DISK.format("driver_queues = 'lots'", "vda"), "disk vda: column driver_queues"),
    "io_tune": (
        DISK.format("""io_tune_json = '{"read_iops": 1}'""", "vda"),
        "disk vda: column io_tune_json",
    ),
    "mac": (PORT.format("mac_address = '53:54:00:1a:b0:02'", "02"), "column mac_address"),
    "target": (DISK.format("device_name = 'vdb', target_dev = 'vdb'", "vda"), "vdb"),
    "vlan": (PORT.format("""vlan_tags_json = '{"tags": [{"id": 4096}]}'""", "02"), "vlan_tags"),
    "vlan_part": (
        PORT.format("""vlan_tags_json = '{"tag": [{"id": 4}]}'""", "02"),
        "'tag' is none",
    ),
    "network": (PORT.format("source_ref = NULL", "02"), "has no source network"),
    "boot": (DISK.format("boot_order = 1", "vda"), "boot order"),
    "memory": (MACHINE.format("memory_bytes = -1"), "column memory_bytes"),
    "name": (MACHINE.format("name = 'a/b'"), "slash"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_libvirt_would_refuse_is_named_before(
    name: str, ledger: Ledger, definition: str
) -> None:
    statement, message = REFUSED[name]
    edit(ledger, statement)
    vm = ledger.value("SELECT uuid FROM virtual_machines")
    with pytest.raises(RegenerationError, match=message):
        regenerate_all(ledger.database, [vm])
    (one,) = regenerate_all(ledger.database, [vm], Wanted(columns=False))
    assert one.text == definition


def test_the_lookup(
    ledger: Ledger, runner: Runner, hypervisor: Hypervisor, definition: str
) -> None:
    """From SQL to libvirt with nothing but Ansible; a second sync then agrees with the rows."""
    edit(ledger, *EDITS["io_tune"][0], *EDITS["new_nic"][0])
    term = f"lookup('virtledger.libvirt.domain_xml', '{VM}', database_url='{ledger.url}')"
    runner.tasks(
        [
            {
                "ansible.builtin.copy": {
                    "content": "{{ " + term + " }}",
                    "dest": "/root/rich.xml",
                    "mode": "0600",
                }
            },
            {"ansible.builtin.command": "virsh define /root/rich.xml"},
        ]
    )
    after = hypervisor.dumpxml("rich", "--inactive") + "\n"
    wanted = sorted(EDITS["io_tune"][1] + EDITS["new_nic"][1])
    found = changes(definition, after)
    assert [line for line in found if not line.startswith("+<address type='pci'")] == wanted
    hypervisor.define(definition)
