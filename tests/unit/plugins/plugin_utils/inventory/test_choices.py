"""What an inventory chooses by: patterns, marks in the metadata, addresses, names, VLANs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory import (
    addresses,
    names,
    nics,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.marks import (
    marks_of,
    os_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.names import Named
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.patterns import Patterns
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.texts import as_shown
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import (
    shown,
    wanted,
)


@pytest.mark.parametrize(
    ("patterns", "values", "fits"),
    [
        ([], ["a"], True),
        ([], [], True),
        (["a"], [], False),
        (["web*"], ["web1"], True),
        (["web*"], ["Web1"], False),
        (["web?"], ["web12"], False),
        (["a", "b"], ["c", "b"], True),
        (["!web*"], ["web1"], False),
        (["!web*"], ["db1"], True),
        (["!web*"], [], True),
        (["*", "!web*"], ["db1", "web1"], False),
        (["[ab].+"], ["a1"], False),
        (["a\nb*"], ["a\nb\nc"], True),
    ],
)
def test_patterns(patterns: list[str], values: list[str], fits: bool) -> None:
    assert Patterns.of(patterns).match(values) is fits


@pytest.mark.parametrize(
    ("metadata", "tags", "labels"),
    [
        (None, [], {}),
        ("no tree", [], {}),
        (
            {"{urn:a}tags/{urn:a}tag": "web", "{urn:a}tags/{urn:a}tag[2]": " prod "},
            ["prod", "web"],
            {},
        ),
        ({"{http://a/tag/b}tag": "x"}, ["x"], {}),
        ({"{urn:a}tags": "web, prod;db  x"}, ["db", "prod", "web", "x"], {}),
        ({"a/tag": "  "}, [], {}),
        ({"a/label/@name": "env", "a/label": "prod"}, [], {"env": "prod"}),
        ({"a/label/@key": "env", "a/label/@value": "prod"}, [], {"env": "prod"}),
        ({"a/tag/@name": "env"}, [], {"env": ""}),
        (
            {"{x}labels/{x}env": "prod", "{x}labels/{x}tier[2]": "web"},
            [],
            {"env": "prod", "tier": "web"},
        ),
        ({"{x}labels/{x}label/@name": "a", "{x}labels/{x}label": "b"}, [], {"a": "b"}),
        ({"{x}stage": "1", "{x}vintage": "2", "{x}vintage/@tagged": "3"}, [], {}),
        ({"": "tag"}, [], {}),
    ],
)
def test_marks(metadata: Any, tags: list[str], labels: dict[str, str]) -> None:
    assert marks_of(metadata) == (tags, labels)


def test_labels_are_texts_too() -> None:
    assert marks_of({"tags": "web", "labels/env": "prod"}).texts == ["web", "env=prod"]


@pytest.mark.parametrize(
    ("os_id", "parts"),
    [
        (None, (None, None, None)),
        ("", (None, None, None)),
        ("http://debian.org/debian/12", ("debian12", "debian", "12")),
        ("http://microsoft.com/win/2k19/", ("win2k19", "win", "2k19")),
        ("http://fedoraproject.org/fedora/unknown", ("fedoraunknown", "fedora", "unknown")),
        ("http://debian.org", (None, None, None)),
        ("http://debian.org/debian", ("debian", "debian", None)),
        ("debian12", ("debian12", "debian12", None)),
    ],
)
def test_operating_systems(os_id: str | None, parts: tuple[Any, ...]) -> None:
    assert os_of(os_id) == parts


def told(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"address": address, "origin": origin} for address, origin in pairs]


ALL = told(
    ("127.0.0.1", "agent"),
    ("fe80::1", "agent"),
    ("fe80::1%eth0", "agent"),
    ("0.0.0.0", "agent"),
    ("224.0.0.1", "agent"),
    ("169.254.1.1", "agent"),
    ("2001:db8::1", "agent"),
    ("192.0.2.9", "arp"),
    ("192.0.2.4", "lease"),
    ("198.51.100.4", "agent"),
)


@pytest.mark.parametrize(
    ("preference", "address"),
    [
        ({}, "198.51.100.4"),
        ({"families": ("ipv6", "ipv4")}, "2001:db8::1"),
        ({"families": ("ipv6",), "origins": ("lease",)}, None),
        ({"origins": ("lease", "arp")}, "192.0.2.4"),
        ({"origins": ("arp", "lease")}, "192.0.2.9"),
        ({"origins": ()}, None),
        ({"networks": ["192.0.2.8/29", "198.51.100.0/24"]}, "192.0.2.9"),
        ({"networks": ["2001:db8::/32", "0.0.0.0/0"]}, "2001:db8::1"),
        ({"networks": ["203.0.113.0/24"]}, None),
        ({"excluded": ["198.51.100.0/24"]}, "192.0.2.4"),
    ],
)
def test_addresses(preference: dict[str, Any], address: str | None) -> None:
    for key in ("networks", "excluded"):
        preference[key] = addresses.networks_of(key, preference.get(key, ()))
    assert addresses.chosen(ALL, addresses.Preference(**preference)) == address


@pytest.mark.parametrize(
    ("address", "chosen"),
    [
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("-oProxyCommand=x", None),
        ("192.0.2.1\n", None),
        ("{{ 1 }}", None),
        (None, None),
        (3232235777, None),
        ("255.255.255.255", None),
    ],
)
def test_only_what_is_an_address_is_one(address: Any, chosen: str | None) -> None:
    found = [{"address": address, "origin": "agent"}]
    assert addresses.chosen(found, addresses.Preference()) == chosen


def test_equal_addresses_are_taken_in_the_order_of_nics() -> None:
    found = told(("192.0.2.7", "lease"), ("192.0.2.2", "lease"))
    assert addresses.chosen(found, addresses.Preference()) == "192.0.2.7"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("web-1.example", "web-1.example"),
        ("größe", "größe"),
        ("a b,c:d[1]", "a_b_c_d_1_"),
        ("-oProxyCommand=x", "_oProxyCommand_x"),
        ("../../etc", "_._.._etc"),
        ("{{ 7*7 }}\n", "___7_7____"),
        ("a\u202eb\u200b", "a_b_"),
    ],
)
def test_safe_names(text: str, name: str) -> None:
    assert names.safe(text) == name


def of(
    name: str, host: str = "hv1", uuid: str = "u1", unique: bool = True, gone: bool = False
) -> Named:
    return Named(name, host, uuid, unique, gone)


@pytest.mark.parametrize(
    ("things", "naming", "found"),
    [
        ([of("web")], "name", ["web"]),
        ([of("web")], "qualified_name", ["web_hv1"]),
        ([of("web")], "uuid", ["u1"]),
        ([of("web", unique=False)], "name", ["web_hv1"]),
        ([of("web"), of("web", gone=True, uuid="u2")], "name", ["web", "web_hv1_u2"]),
        (
            [of("web_hv1", "hv2", "u3"), of("web", unique=False)],
            "name",
            ["web_hv1_u3", "web_hv1_u1"],
        ),
        ([of("hv1", "")], "name", ["hv1"]),
        ([of("", "", "u1")], "name", ["u1"]),
    ],
)
def test_names(things: list[Named], naming: str, found: list[str]) -> None:
    assert names.named(things, naming) == found


def test_repeated_names_are_those_in_the_inventory() -> None:
    found = names.repeated(["a b", "a:b", "web", "db", "hv1"], ["hv1"])
    assert {"a_b", "hv1", "localhost", "all"} <= found
    assert not {"web", "db"} & found


VLAN = {"trunk": None, "tags": [{"id": 7, "nativeMode": None}, {"id": "x", "nativeMode": None}]}


@pytest.mark.parametrize(
    ("nic", "vlans"),
    [
        ({"vlan_tags_json": VLAN, "network_vlans": {"tags": [{"id": 9}]}}, [7]),
        ({"network_vlans": {"tags": [{"id": 9}]}}, [9]),
        (
            {
                "port_group": "dev",
                "port_groups": [{"name": "dev", "vlan_tags": VLAN}],
                "network_vlans": {"tags": [{"id": 9}]},
            },
            [7],
        ),
        ({"port_groups": [{"name": "dev", "is_default": True, "vlan_tags": VLAN}]}, [7]),
        (
            {
                "port_group": "other",
                "port_groups": [{"name": "dev", "is_default": True, "vlan_tags": VLAN}],
            },
            [],
        ),
        ({"vlan_tags_json": "no JSON", "port_groups": "neither"}, []),
    ],
)
def test_vlans(nic: dict[str, Any], vlans: list[int]) -> None:
    machine = {
        "networks": set(),
        "bridges": set(),
        "vlans": set(),
        "mac_addresses": [],
        "addresses": [],
    }
    keys = (
        "mac_address",
        "network_name",
        "bridge_name",
        "port_group",
        "vlan_tags_json",
        "ip_address",
        "ip_addresses_json",
        "network_bridge",
        "network_vlans",
        "port_groups",
    )
    nics.add_nic(machine, {**dict.fromkeys(keys), **nic})
    assert sorted(machine["vlans"]) == vlans


def test_a_nic_of_an_existing_row_has_its_address() -> None:
    machine = {
        "networks": set(),
        "bridges": set(),
        "vlans": set(),
        "mac_addresses": [],
        "addresses": [],
    }
    keys = (
        "network_name",
        "bridge_name",
        "port_group",
        "vlan_tags_json",
        "ip_addresses_json",
        "network_vlans",
        "port_groups",
    )
    nics.add_nic(
        machine,
        {
            **dict.fromkeys(keys),
            "mac_address": "m",
            "ip_address": "192.0.2.1",
            "network_bridge": "br0",
        },
    )
    assert machine["addresses"] == [
        {
            "address": "192.0.2.1",
            "family": None,
            "prefix": None,
            "origin": "config",
            "mac_address": "m",
        }
    ]
    assert machine["bridges"] == {"br0"}


OPTIONS: dict[str, Any] = {
    "subject": "virtual_machines",
    **{
        name: []
        for name in (
            "hosts",
            "names",
            "states",
            "networks",
            "bridges",
            "vlans",
            "pools",
            "os",
            "tags",
        )
    },
    "max_age": None,
    "include_gone": False,
    "facts": "summary",
    "families": [],
    "naming": "name",
    "hostnames": [],
    "vars_prefix": None,
    "group_by": None,
    "group_prefix": None,
    "address_origins": ["agent"],
    "address_families": ["ipv4"],
    "address_networks": [],
    "address_exclude": [],
}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": [{"a": 1}]}, "Option 'names' has {'a': 1}, which is no text"),
        ({"names": [True]}, "Option 'names' has True"),
        ({"hosts": [""]}, "Option 'hosts' has ''"),
        ({"max_age": 0}, "Option 'max_age' is 0, but must be more than 0"),
        ({"max_age": float("nan")}, "Option 'max_age' is nan"),
        ({"address_networks": ["lan"]}, "Option 'address_networks' has 'lan', which is no network"),
        ({"vars_prefix": ""}, "Option 'vars_prefix' is ''"),
        ({"vars_prefix": "a-b"}, "cannot begin the name of a variable"),
        ({"vars_prefix": "ansible_"}, "cannot begin the name of a variable"),
        ({"naming": "uuid", "hostnames": ["vm_name"]}, "Option 'hostnames' has no effect"),
        ({"subject": "hypervisors", "group_by": ["os"]}, "Hypervisors cannot be grouped by os"),
        (
            {"subject": "hypervisors", "naming": "uuid"},
            "Option 'naming' does not apply to hypervisors",
        ),
    ],
)
def test_refused_options(options: dict[str, Any], message: str) -> None:
    def check() -> None:
        wanted({**OPTIONS, **options})
        shown({**OPTIONS, **options}, options)

    with pytest.raises(VirtledgerError) as caught:
        check()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", ["running", "2026-01-31T12:00:00+00:00", "http://debian.org/debian/12", "größe"]
)
def test_harmless_texts_are_shown_as_they_are(text: str) -> None:
    from ansible.template import is_trusted_as_template

    assert as_shown({"a": [text]}) == {"a": [text]}
    assert is_trusted_as_template(as_shown({"a": [text]})["a"][0])


@pytest.mark.parametrize(
    "text",
    ["{{ 1 }}", "{% x %}", "lookup('pipe','id')", "a|b", "a b", "a[0]", "#jinja2:x", "", "a\n"],
)
def test_what_a_play_could_evaluate_stays_untrusted(text: str) -> None:
    from ansible.template import is_trusted_as_template

    assert not is_trusted_as_template(as_shown(text))
    assert as_shown(text) == text
