"""A definition for another hypervisor."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.relocate import (
    Maps,
    definable,
    relocated,
    with_secrets,
)

NOTHING = Maps({}, {}, {}, {})

TEXT = """<domain type='kvm'>
  <name>/srv/vms</name>
  <description>/srv/vms/notes</description>
  <metadata><a xmlns='urn:a' path='/srv/vms/a'/></metadata>
  <os>
    <nvram template='/usr/share/OVMF/VARS.fd'>/srv/vms/a_VARS.fd</nvram>
    <cmdline>root=/srv/vms/x</cmdline>
  </os>
  <devices>
    <disk type='file'><source file='/srv/vms/a.qcow2'>
      <!-- kept --></source><backingStore type='file'><source file='/srv/vms/base/b.qcow2'/></backingStore></disk>
    <disk type='file'><source file='/srv/vms2/a.qcow2'/></disk>
    <disk type='volume'><source pool='fast' volume='a'/></disk>
    <interface type='network'><source network='lan' bridge='br0'/></interface>
    <filesystem><source dir='/srv/vms'/></filesystem>
  </devices>
</domain>
"""


def test_nothing_to_do_leaves_the_text_alone() -> None:
    assert relocated(TEXT, NOTHING) is TEXT
    assert relocated(TEXT, Maps({"other": "x"}, {}, {}, {"/nowhere": "/x"})) is TEXT


def test_names_and_paths() -> None:
    maps = Maps(
        {"lan": "lan2"},
        {"br0": "br7"},
        {"fast": "slow"},
        {"/srv/vms/": "/mnt/vms", "/srv/vms/base": "/mnt/base/", "/usr/share/OVMF/VARS.fd": "/f"},
    )
    wanted = TEXT
    for old, new in (
        ("network='lan'", "network='lan2'"),
        ("bridge='br0'", "bridge='br7'"),
        ("pool='fast'", "pool='slow'"),
        ("'/srv/vms/base/b.qcow2'", "'/mnt/base/b.qcow2'"),
        ("'/srv/vms/a.qcow2'", "'/mnt/vms/a.qcow2'"),
        (">/srv/vms/a_VARS.fd<", ">/mnt/vms/a_VARS.fd<"),
        ("'/usr/share/OVMF/VARS.fd'", "'/f'"),
        ("dir='/srv/vms'", "dir='/mnt/vms'"),
    ):
        wanted = wanted.replace(old, new)
    assert relocated(TEXT, maps) == wanted


def test_a_running_domain_as_a_definition() -> None:
    live = """<domain type='kvm' id='4'>
  <name>a</name>
  <devices>
    <disk type='file'>
      <source file='/a' index='1'/>
      <backingStore/>
      <mirror type='file'/>
      <alias name='virtio-disk0'/>
    </disk>
    <interface type='network'>
      <source network='lan' portid='x'/>
      <alias name='ua-mine'/>
    </interface>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'>
    <label>+1:+1</label>
    <imagelabel>+1:+1</imagelabel>
  </seclabel>
</domain>"""
    assert (
        definable(live)
        == """<domain type='kvm'>
  <name>a</name>
  <devices>
    <disk type='file'>
      <source file='/a'/>
    </disk>
    <interface type='network'>
      <source network='lan'/>
      <alias name='ua-mine'/>
    </interface>
  </devices>
</domain>"""
    )


def domain(devices: str, more: str = "", id: str = "") -> str:
    return f"<domain type='kvm'{id}><name>vm</name>{more}<devices>{devices}</devices></domain>"


@pytest.mark.parametrize(
    ("live", "definition"),
    [
        (
            "<interface type='bridge'><source network='lan' portgroup='quick' portid='p' "
            "bridge='br0' macTableManager='libvirt'/></interface>",
            "<interface type='network'><source network='lan' portgroup='quick'/></interface>",
        ),
        (
            "<interface type='direct'><source network='lan' dev='eth0' mode='vepa'/></interface>",
            "<interface type='network'><source network='lan'/></interface>",
        ),
        (
            "<interface type='bridge'><source bridge='br0'/><alias name='net0'/></interface>",
            "<interface type='bridge'><source bridge='br0'/></interface>",
        ),
        (
            "<disk><source file='/a' index='1'/><backingStore type='file'><source file='/b'/>"
            "</backingStore><mirror job='copy'/><target dev='vda'/><alias name='ua-mine'/></disk>",
            "<disk><source file='/a'/><target dev='vda'/><alias name='ua-mine'/></disk>",
        ),
    ],
)
def test_devices_of_a_running_domain(live: str, definition: str) -> None:
    assert definable(domain(live, id=" id='3'")) == domain(definition)


@pytest.mark.parametrize(
    ("live", "definition"),
    [
        ("<resource><partition>/machine</partition></resource>", ""),
        (
            "<resource><partition>/machine</partition><fibrechannel appid='a'/></resource>",
            "<resource><fibrechannel appid='a'/></resource>",
        ),
        ("<resource><partition>/production</partition></resource>",) * 2,
        (
            "<seclabel type='dynamic' model='dac' relabel='yes'><label>+1:+1</label>"
            "<imagelabel>+1:+1</imagelabel></seclabel>",
            "",
        ),
        (
            "<seclabel type='dynamic' model='selinux' relabel='yes'><label>a</label>"
            "<imagelabel>b</imagelabel><baselabel>c</baselabel></seclabel>",
            "<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>c</baselabel></seclabel>",
        ),
        ("<seclabel type='dynamic' model='selinux' relabel='no'/>",) * 2,
        ("<seclabel type='static' model='dac' relabel='yes'><label>a</label></seclabel>",) * 2,
    ],
)
def test_the_rest_of_a_running_domain(live: str, definition: str) -> None:
    assert definable(domain("", live)) == domain("", definition).replace(
        "<devices></devices>", "<devices/>"
    )


SECRET = """<domain type='kvm'>
  <os><cmdline>quiet password=(redacted) ro</cmdline></os>
  <devices><graphics type='vnc' passwd='(redacted)'/></devices>
</domain>"""
CMDLINE, PASSWD = "os/cmdline", "devices/graphics/@passwd"


def test_secrets_go_where_they_were() -> None:
    text = with_secrets(SECRET, {CMDLINE: "a&b", PASSWD: "it's"}, "vm1")
    assert "password=a&amp;b ro" in text
    assert "passwd='it&apos;s'" in text


def test_missing_and_unknown_secrets() -> None:
    with pytest.raises(
        RegenerationError, match=f"VM vm1 needs secrets.*at {PASSWD}.*'drop_secrets'"
    ):
        with_secrets(SECRET, {CMDLINE: "x"}, "vm1")
    with pytest.raises(
        RegenerationError, match="no place for a secret at os/kernel; it has places"
    ):
        with_secrets(SECRET, {"os/kernel": "x"}, "vm1")


def test_dropped_secrets() -> None:
    text = with_secrets(SECRET, {CMDLINE: "x"}, "vm1", drop=True)
    assert "<graphics type='vnc'/>" in text
    # what is around a secret is no secret, and a guest may need it
    text = with_secrets(SECRET, {}, "vm1", drop=True)
    assert "<cmdline>quiet password= ro</cmdline>" in text
    assert with_secrets(TEXT, {}, "vm1", drop=True) is TEXT
