"""The inventory plugin as Ansible uses it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import inventories
import pytest
import yaml
from ansible.parsing.vault import VaultLib
from conftest import ROOT
from inventories import HOSTILE, PLUGIN
from ledgers import Ledger
from runs import BIN, Runner

SAFE = "x___lookup__pipe____touch_pwned________1_2_"
PAGE = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")


class Fleet(Runner):
    """Ansible with a recorded fleet, and files of inventories in its working directory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ledger.parent.mkdir(parents=True)
        inventories.record_fleet(Ledger(self.ledger))
        (folder / "home").mkdir()
        self.environment["HOME"] = str(folder / "home")

    def source(self, name: str = "fleet", **options: Any) -> Path:
        """The file of an inventory."""
        path = self.folder / f"{name}.ledger.yml"
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}))
        return path

    def parse(self, *sources: Path, cache: bool = True) -> list[dict[str, Any]]:
        return inventories.parse(self.environment, *((path, cache) for path in sources))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def many(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """What many files become: read in one process, because a process of Ansible starts slowly."""
    sources: dict[str, dict[str, Any]] = {
        "plain": {},
        "qualified": {"naming": "qualified_name", "hosts": ["hv1"], "names": ["db*"]},
        "filtered": {"hosts": ["hv1"], "names": ["db"]},
        "uuid": {"naming": "uuid"},
        "hostnames": {"hostnames": ["vm_labels.fqdn", "vm_name[:2]"], "hosts": ["hv2"]},
        "strict": {"hostnames": ["vm_labels.fqdn"], "strict": True},
        "gone": {"include_gone": True, "names": ["old1"]},
        "prefixes": {
            "vars_prefix": "guest_",
            "group_prefix": "vms-",
            "group_by": ["network", "tag"],
        },
        "constructed": {
            "compose": {
                "ansible_user": "'root' if vm_os_name == 'debian' else 'admin'",
                "copy": "vm_name",
            },
            "groups": {"with_disks": "vm_pools | length > 0"},
            "keyed_groups": [
                {"key": "vm_labels.env", "prefix": "env"},
                {"key": "vm_name", "prefix": "n"},
            ],
        },
        "ipv6": {"names": ["web1"], "address_families": ["ipv6", "ipv4"]},
        "networks": {"names": ["web1"], "address_networks": ["203.0.113.0/24"]},
        "off": {"names": ["web1"], "address_origins": []},
        "full": {"names": ["web1"], "facts": "full", "families": ["ports"]},
        "hypervisors": {"subject": "hypervisors"},
        "misspelt": {"nmaes": ["web1"]},
        "useless": {"subject": "hypervisors", "facts": "full"},
        "family": {"families": ["nics"]},
        "no_ledger": {"database_url": "sqlite:////nowhere/at/all.db"},
        "unreachable": {"database_url": "postgresql://u:sEcrEt@127.0.0.1:1/x?connect_timeout=2"},
        "two": {"database_url": "sqlite:////a", "database_url_file": "b"},
        "template": {
            "database_url": "sqlite:///{{ lookup('env', 'XDG_DATA_HOME') }}/virtledger/ledger.db"
        },
        "beside": {"database_url_file": "{{ 'url' }}.txt"},
    }
    (fleet.folder / "url.txt").write_text(f"sqlite:///{fleet.ledger}\n")
    paths = [fleet.source(name, **options) for name, options in sources.items()]
    return dict(zip(sources, fleet.parse(*paths), strict=True))


def test_hosts_and_groups(many: dict[str, Any]) -> None:
    found = many["plain"]
    assert sorted(found["hosts"]) == sorted(
        ["web1", SAFE, "db1", "db_hv1", "db_hv2", "hv1_hv2", "WEB2"]
    )
    groups = {name: sorted(hosts) for name, hosts in found["groups"].items() if hosts}
    assert len(groups.pop("virtual_machines")) == 7
    groups.pop("state_shutoff")
    assert groups == {
        "hypervisor_hv1": sorted(["web1", SAFE, "db1", "db_hv1"]),
        "hypervisor_hv2": ["WEB2", "db_hv2", "hv1_hv2"],
        "state_running": ["web1"],
        "network_lan": ["web1"],
        "network_dmz": [SAFE],
        "vlan_42": ["web1"],
        "vlan_7": [SAFE],
        "vlan_420": [SAFE],
        "bridge_virbr1": ["web1"],
        "bridge_br0": sorted(["db1", SAFE]),
        "pool_default": ["web1"],
        "pool_fast": [SAFE],
        "os_debian12": ["web1"],
        "tag_web": ["web1"],
        "tag_50__off__now_": ["web1"],
        "label_env_prod": ["web1"],
    }
    web1 = found["hosts"]["web1"]
    assert (web1["ansible_host"], web1["vm_address"]) == ("192.0.2.4", "192.0.2.4")
    assert (web1["vm_name"], web1["vm_host_id"], web1["vm_vlans"]) == ("web1", "hv1", [42])
    assert "ansible_host" not in found["hosts"]["db1"]
    assert found["hosts"][SAFE]["vm_name"] == HOSTILE
    others = {name for name in web1 if not name.startswith("vm_")}
    assert others - {"inventory_hostname", "inventory_hostname_short"} == {
        "ansible_host",
        "group_names",
        "inventory_dir",
        "inventory_file",
    }


def test_names_do_not_depend_on_filters(many: dict[str, Any]) -> None:
    assert list(many["filtered"]["hosts"]) == ["db_hv1"]
    assert list(many["qualified"]["hosts"]) == ["db_hv1", "db1_hv1"]
    uuids = many["uuid"]["hosts"]
    assert all(re.fullmatch("[0-9a-f-]{36}", name) for name in uuids)
    assert all(variables["vm_uuid"] == name for name, variables in uuids.items())


def test_names_by_expressions(many: dict[str, Any]) -> None:
    assert sorted(many["hostnames"]["hosts"]) == ["WE", "db_hv2", "hv"]
    assert "Option 'hostnames': vm_labels.fqdn" in many["strict"]["error"]


def test_gone_vms_have_names_of_their_own(many: dict[str, Any]) -> None:
    ((name, variables),) = many["gone"]["hosts"].items()
    assert name == f"old1_hv1_{variables['vm_uuid']}"
    assert variables["vm_gone_at"].endswith("+00:00")


def test_prefixes(many: dict[str, Any]) -> None:
    found = many["prefixes"]
    assert found["hosts"]["web1"]["guest_name"] == "web1"
    assert sorted(name for name in found["groups"] if name.startswith("vms")) == [
        "vms_network_dmz",
        "vms_network_lan",
        "vms_tag_50__off__now_",
        "vms_tag_web",
    ]


def test_constructed(many: dict[str, Any]) -> None:
    found = many["constructed"]
    assert found["hosts"]["web1"]["ansible_user"] == "root"
    assert found["hosts"]["db1"]["ansible_user"] == "admin"
    assert found["hosts"][SAFE]["copy"] == HOSTILE
    assert sorted(found["groups"]["with_disks"]) == sorted(["web1", SAFE])
    assert found["groups"]["env_prod"] == ["web1"]
    assert found["groups"]["n_" + re.sub(r"[^\w]", "_", HOSTILE)] == [SAFE]


def test_addresses(many: dict[str, Any]) -> None:
    assert many["ipv6"]["hosts"]["web1"]["ansible_host"] == "2001:db8::4"
    for name in ("networks", "off"):
        assert many[name]["hosts"]["web1"]["vm_address"] is None
        assert "ansible_host" not in many[name]["hosts"]["web1"]


def test_full_facts(many: dict[str, Any]) -> None:
    web1 = many["full"]["hosts"]["web1"]
    assert "vm_boot_devices" in web1
    assert web1["vm_ports"][0]["network_name"] == "lan"


def test_hypervisors(many: dict[str, Any]) -> None:
    found = many["hypervisors"]
    assert list(found["hosts"]) == found["groups"]["hypervisors"] == ["hv1", "hv2"]
    assert found["hosts"]["hv1"]["hypervisor_vm_count"] == 4
    assert "ansible_host" not in found["hosts"]["hv1"]
    assert found["groups"]["hypervisors_network_lan"] == ["hv1"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("misspelt", "There is no option 'nmaes' of virtledger.libvirt.ledger. Is it 'names'?"),
        ("useless", "Option 'facts' does not apply to hypervisors"),
        ("family", "Invalid value ['nics']"),
        ("no_ledger", "There is no ledger yet at /nowhere/at/all.db. Record a hypervisor"),
        ("unreachable", "postgresql+psycopg://u:***@127.0.0.1:1/x"),
        ("two", "There are two databases"),
    ],
)
def test_errors(many: dict[str, Any], name: str, words: str) -> None:
    assert words in many[name]["error"]
    assert "sEcrEt" not in many[name]["error"]


def test_which_database(many: dict[str, Any]) -> None:
    assert many["template"]["hosts"].keys() == many["plain"]["hosts"].keys()
    assert many["beside"]["hosts"].keys() == many["plain"]["hosts"].keys()


def test_which_files(fleet: Fleet) -> None:
    wanted = {
        "a.ledger.yml": True,
        "ledger.yaml": True,
        "b-virtledger.yml": True,
        "c.yml": False,
        "ledger.yml.bak": False,
    }
    for name in wanted:
        (fleet.folder / name).write_text(f"plugin: {PLUGIN}\n")
    missing = fleet.folder / "missing.ledger.yml"
    answers = fleet.parse(*(fleet.folder / name for name in wanted), missing)
    assert ["hosts" in answer for answer in answers] == [*wanted.values(), False]


def test_a_vaulted_url(fleet: Fleet) -> None:
    vault = VaultLib(inventories.SECRETS)
    secret = vault.encrypt(f"sqlite:///{fleet.ledger}").decode()
    indented = "".join(f"  {line}\n" for line in secret.splitlines())
    path = fleet.folder / "vaulted.ledger.yml"
    path.write_text(f"plugin: {PLUGIN}\ndatabase_url: !vault |\n{indented}")
    whole = fleet.folder / "whole.ledger.yml"
    whole.write_text(f"plugin: {PLUGIN}\ndatabase_url_file: whole.txt\n")
    (fleet.folder / "whole.txt").write_text(secret)
    for answer in fleet.parse(path, whole):
        assert len(answer["hosts"]) == 7


def test_the_cache(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    kept = tmp_path / "kept"
    cached = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(kept)}
    first = fleet.source("first", **cached)
    renamed = fleet.source("renamed", naming="qualified_name", **cached)
    narrow = fleet.source("narrow", names=["web1"], **cached)
    before, few = fleet.parse(first, narrow)
    assert (len(before["hosts"]), len(few["hosts"])) == (7, 1)
    files = sorted(kept.iterdir())
    assert len(files) == 2
    assert str(fleet.ledger) not in "".join(path.name + path.read_text() for path in files)
    fleet.ledger.rename(tmp_path / "away.db")
    other = fleet.source("other", names=["db1"], **cached)
    # other names are made of the same answer, other filters need another one
    same, again, fresh, asked = inventories.parse(
        fleet.environment, (first, True), (renamed, True), (first, False), (other, True)
    )
    assert same == before
    assert "web1_hv1" in again["hosts"]
    for answer in (fresh, asked):
        assert "There is no ledger yet" in answer["error"]
    (tmp_path / "away.db").rename(fleet.ledger)
    Ledger(fleet.ledger).execute("UPDATE virtual_machines SET name = 'new1' WHERE name = 'db1'")
    same, fresh, again = inventories.parse(
        fleet.environment, (first, True), (first, False), (first, True)
    )
    assert same == before
    assert "new1" in fresh["hosts"]
    assert again == fresh


def test_as_awx_reads_a_project(fleet: Fleet, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "inventories").mkdir(parents=True)
    (project / "inventories" / "ledger.yml").write_text(
        f"plugin: {PLUGIN}\nnetworks: [lan, dmz]\ncompose:\n  ansible_user: \"'root'\"\n"
    )
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ANSIBLE_COLLECTIONS_PATH": fleet.environment["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "VIRTLEDGER_DATABASE_URL": f"sqlite:///{fleet.ledger}",
    }
    command = [BIN / "ansible-inventory", "-i", project / "inventories" / "ledger.yml", "--list"]
    command += ["--export", "--playbook-dir", project]
    done = subprocess.run(
        command, env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    web1 = found["_meta"]["hostvars"]["web1"]
    # AWX finds the state of a host in its variables, and takes no wrapping for a text
    assert (web1["vm_state"], web1["ansible_host"]) == ("running", "192.0.2.4")
    assert found["network_lan"] == {"hosts": ["web1"]}
    assert found["_meta"]["hostvars"][SAFE]["vm_name"] == {"__ansible_unsafe": HOSTILE}
    environment["VIRTLEDGER_DATABASE_URL"] = "sqlite:////nowhere/at/all.db"
    failed = subprocess.run(
        command, env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert failed.returncode != 0
    assert "There is no ledger yet at /nowhere/at/all.db" in failed.stderr


def test_a_play_over_hostile_vms(fleet: Fleet) -> None:
    source = fleet.source("play")
    play = [
        {
            "hosts": "bridge_br0:!db1",
            "connection": "local",
            "gather_facts": False,
            "tasks": [
                {"debug": {"msg": "name {{ vm_name }}"}},
                {"assert": {"that": "vm_networks == ['dmz']"}},
            ],
        }
    ]
    (fleet.folder / "play.yml").write_text(yaml.safe_dump(play))
    printed = fleet.call("ansible-playbook", "-i", str(source), "play.yml").stdout
    assert f"ok: [{SAFE}]" in printed
    assert f"name {HOSTILE}" in json.loads('"' + re.search(r'"msg": "(.*)"', printed)[1] + '"')  # type: ignore[index]
    assert not (fleet.folder / "pwned").exists()


def test_graph_and_host(fleet: Fleet) -> None:
    source = str(fleet.source("graph"))
    graph = fleet.call("ansible-inventory", "-i", source, "--graph", "network_lan").stdout
    assert graph.split() == ["@network_lan:", "|--web1"]
    told = json.loads(fleet.call("ansible-inventory", "-i", source, "--host", SAFE).stdout)
    assert told["vm_name"] == HOSTILE


def test_the_examples_of_the_page(fleet: Fleet) -> None:
    """Each file of the page gives hosts, from the ledger of these tests."""
    found = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) >= 5
    paths = []
    for name, text in found:
        path = fleet.folder / name
        path.write_text(text.replace("~/", f"{fleet.folder}/"))
        paths.append(path)
    for (name, _text), answer in zip(found, fleet.parse(*paths), strict=True):
        assert answer.get("hosts"), (name, answer)


def test_every_variable_of_the_page_is_there(many: dict[str, Any]) -> None:
    """The tables of the page have exactly the variables that are set."""
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    columns = " ".join(row for row in rows if "_" in row)
    for name, host, prefix in (("plain", "web1", "vm_"), ("hypervisors", "hv1", "hypervisor_")):
        told = set(re.findall(rf"`({prefix}\w+)`", columns))
        there = {key for key in many[name]["hosts"][host] if key.startswith(prefix)}
        assert told == there


def test_the_documentation_of_the_plugin() -> None:
    done = subprocess.run(
        [str(BIN / "ansible-doc"), "-t", "inventory", "--json", PLUGIN],
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads(done.stdout)[PLUGIN]
    options = document["doc"]["options"]
    from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
        FAMILY_BY_FACT,
    )
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory import (
        addresses,
        names,
        wanted,
    )

    assert options["families"]["choices"] == list(FAMILY_BY_FACT)
    assert options["group_by"]["choices"] == list(wanted.GROUPINGS)
    assert options["address_origins"]["default"] == list(addresses.ORIGINS)
    assert options["naming"]["choices"] == list(names.NAMINGS)
    assert set(wanted.FILTERS) <= set(options)
    assert len(list(yaml.safe_load_all(document["examples"]))) == 3
