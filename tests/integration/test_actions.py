"""Modules and actions as users run them, against libvirt's test driver."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import yaml
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
from conftest import ROOT
from ledgers import Ledger
from runs import Runner

VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def test_ad_hoc_domain_info(runner: Runner, node: str) -> None:
    answer = runner.module(
        "domain_info", uri=node, name="web1", families=["ports"], include_xml=True
    )
    (domain,) = answer["domains"]
    assert (domain["name"], domain["state"], domain["volume_attachments"]) == (
        "web1",
        "running",
        None,
    )
    assert domain["ports"][0]["source_ref"] == "lan"
    assert domain["xml"].startswith("<domain")
    assert answer["complete"] == []


def test_ad_hoc_arguments_as_text(runner: Runner, node: str) -> None:
    done = runner.call(
        "ansible",
        "-i",
        str(runner.inventory),
        "hypervisors",
        "-m",
        "virtledger.libvirt.domain_info",
        "-a",
        f"uri={node} name=web1",
    )
    assert '"web1"' in done.stdout
    assert '"web2"' not in done.stdout


def test_sync_twice_with_the_playbook(runner: Runner, node: str) -> None:
    first = runner.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}")
    assert "changed=1 " in first
    assert "localhost: 2 VMs, 2 new" in first
    ledger = Ledger(runner.ledger, create=False)
    before = ledger.dump()
    second = runner.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}")
    assert "changed=0 " in second
    assert ledger.dump() == before
    ledger.check()


def test_an_empty_host_id_is_the_inventorys_name(runner: Runner, node: str) -> None:
    printed = runner.playbook(
        "virtledger.libvirt.sync", "-e", json.dumps({"sync_uri": node, "sync_host_id": ""})
    )
    assert "localhost: 2 VMs, 2 new (" in printed


def test_check_and_diff_write_nothing(runner: Runner, node: str) -> None:
    printed = runner.playbook(
        "virtledger.libvirt.sync", "-e", f"sync_uri={node}", "--check", "--diff"
    )
    assert "VM web1: new" in printed
    assert not runner.data.exists()
    runner.module("sync", uri=node)
    ledger = Ledger(runner.ledger, create=False)
    before = ledger.dump(without=())
    path = Path(node.removeprefix("test://"))
    path.write_text(path.read_text().replace("web2.qcow2", "other.qcow2"))
    printed = runner.playbook(
        "virtledger.libvirt.sync", "-e", f"sync_uri={node}", "--check", "--diff"
    )
    assert "disk vda: source_ref /images/web2.qcow2 -> /images/other.qcow2" in printed
    assert "changed=1 " in printed
    assert ledger.dump(without=()) == before


def test_schema_playbook_and_action(runner: Runner, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fleet.db"
    variable = ["-e", f"virtledger_database_url={url}"]
    planned = runner.playbook("virtledger.libvirt.schema", *variable, "--check", "--diff")
    assert "CREATE TABLE virtual_machines" in planned
    assert not (tmp_path / "fleet.db").exists()
    refused = runner.module("schema", *variable, check=False, state="checked")
    assert f"needed is revision {LATEST}" in refused["msg"]
    assert "changed=1 " in runner.playbook("virtledger.libvirt.schema", *variable)
    assert "changed=0 " in runner.playbook("virtledger.libvirt.schema", *variable)
    checked = runner.module("schema", *variable, state="checked")
    assert (checked["revision"], checked["database"]) == (LATEST, url)


def test_the_environment_names_the_database(runner: Runner, node: str, tmp_path: Path) -> None:
    runner.environment["VIRTLEDGER_DATABASE_URL"] = f"sqlite:///{tmp_path}/env.db"
    assert "does not exist" in runner.module("sync", check=False, uri=node)["msg"]
    runner.module("schema")
    assert runner.module("sync", uri=node)["changed"] is True
    assert not runner.data.exists()


def test_record_takes_what_the_modules_return(runner: Runner, node: str) -> None:
    printed = runner.tasks(
        [
            {"virtledger.libvirt.hypervisor_info": {"uri": node}, "register": "whole"},
            {"virtledger.libvirt.record": {"facts": "{{ whole }}", "host_id": "hv1"}},
            {"virtledger.libvirt.record": {"facts": "{{ whole }}", "host_id": "hv1"}},
            {"virtledger.libvirt.domain_info": {"uri": node, "name": "web1"}, "register": "one"},
            {"virtledger.libvirt.record": {"facts": "{{ one }}", "host_id": "hv1"}},
        ]
    )
    assert "changed=1 " in printed
    ledger = Ledger(runner.ledger, create=False)
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE deleted_at IS NULL") == 2
    ledger.check()


def test_the_same_facts_from_both_parsers(runner: Runner, node: str) -> None:
    hidden = runner.folder / "hidden" / "lxml"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('hidden')")
    with_lxml = runner.module("domain_info", uri=node)["domains"]
    runner.environment["PYTHONPATH"] = str(hidden.parent)
    assert runner.module("domain_info", uri=node)["domains"] == with_lxml


def test_ledger_info(runner: Runner, node: str) -> None:
    runner.module("sync", uri=node)
    answer = runner.module("ledger_info", query="ports", mac="52:54:00:00:00:02")
    assert [row["vm_name"] for row in answer["rows"]] == ["web2"]
    assert (answer["count"], answer["truncated"], answer["changed"]) == (1, False, False)
    assert runner.module("ledger_info", query="virtual_machines", limit=1)["truncated"] is True


def test_module_defaults_by_action_group(runner: Runner, node: str) -> None:
    runner.playbook(
        [
            {
                "hosts": "hypervisors",
                "gather_facts": False,
                "module_defaults": {
                    "group/virtledger.libvirt.virtledger": {
                        "database_url": f"sqlite:///{runner.folder}/group.db"
                    }
                },
                "tasks": [
                    {"virtledger.libvirt.schema": {}},
                    {"virtledger.libvirt.sync": {"uri": node}},
                ],
            }
        ]
    )
    assert (runner.folder / "group.db").exists()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "sync",
            {"uri": "test:///no/such/file"},
            "Host localhost: libvirt cannot use the URI 'test:///no/such/file'",
        ),
        (
            "sync",
            {"uri": "qemu+unix:///system?socket=/no/socket"},
            "Check that libvirtd or virtqemud runs",
        ),
        ("sync", {"uri": ""}, "Option 'uri' is empty"),
        ("sync", {"timeout": 0}, "Option 'timeout' must be more than 0"),
        ("sync", {"timeout": "soon"}, "timeout"),
        ("sync", {"timeout": 1e300}, "Option 'timeout' must be more than 0 and at most 86400"),
        ("sync", {"shared_paths": ["srv"]}, "'shared_paths' has 'srv', which is not an absolute"),
        ("sync", {"gather_subset": ["nets"]}, "'nets', which is none of"),
        ("sync", {"addresses": ["gossip"]}, "agent, arp"),
        ("sync", {"colour": "blue"}, "colour"),
        ("sync", {"host_id": "a\nb"}, "host_id"),
        ("sync", {"database_url": "oracle://u:pw@h/d"}, "'oracle' are not supported"),
        (
            "sync",
            {"database_url": "sqlite:////no/such/dir/x.db"},
            "/no/such/dir/x.db does not exist",
        ),
        ("schema", {"database_url": "sqlite:////proc/x.db"}, "/proc/x.db cannot be created"),
        ("schema", {"state": "absent"}, "latest, checked"),
        ("record", {}, "facts"),
        ("record", {"facts": {"changed": False}}, "mapping_version"),
        ("ledger_info", {"query": "hosts"}, "no ledger yet"),
        ("ledger_info", {"query": "moons"}, "virtual_machines"),
        ("domain_info", {"families": ["wings"]}, "volume_attachments"),
        ("domain_info", {"uuid": ["web1"]}, "Option 'uuid' has 'web1', which is no UUID"),
        ("domain_info", {"state": ["asleep"]}, "running"),
        ("hypervisor_info", {"timeout": -1}, "Option 'timeout' must be more than 0"),
    ],
)
def test_bad_input_is_a_message(
    runner: Runner, name: str, arguments: dict[str, object], message: str
) -> None:
    answer = runner.module(name, check=False, **arguments)
    assert "FAILED!" in answer["_printed"]
    assert message in answer["msg"]
    assert "Traceback" not in answer["_printed"]
    assert not runner.ledger.exists()


def test_a_dead_database_is_named_without_password(runner: Runner, node: str) -> None:
    runner.environment["VIRTLEDGER_DATABASE_URL"] = "postgresql://u:s3cret@127.0.0.1:1/d"
    answer = runner.module("sync", "-vvv", check=False, uri=node)
    assert "postgresql+psycopg://u:***@127.0.0.1:1/d" in answer["msg"]
    assert "s3cret" not in answer["_printed"]


def test_a_database_of_another_application(runner: Runner) -> None:
    path = runner.folder / "wiki.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE hosts (name TEXT)")
    answer = runner.module("schema", check=False, database_url=f"sqlite:///{path}")
    assert f"{path}: It belongs to another application: hosts (no column" in answer["msg"]


@pytest.mark.parametrize("name", ["schema", "sync", "ledger_info"])
def test_a_newer_database_is_named(runner: Runner, node: str, name: str) -> None:
    path = runner.folder / "newer.db"
    with sqlite3.connect(Ledger(path).path) as connection:
        connection.execute("INSERT INTO virtledger_schema (revision) VALUES (99)")
    more = {"sync": {"uri": node}, "schema": {"state": "checked"}}.get(name, {})
    answer = runner.module(name, check=False, database_url=f"sqlite:///{path}", **more)
    assert f"Database sqlite:///{path}: It is at schema revision 99, newer" in answer["msg"]


def test_async_is_refused(runner: Runner, node: str) -> None:
    printed = runner.tasks(
        [{"virtledger.libvirt.sync": {"uri": node}, "async": 10, "poll": 1}], check=False
    )
    assert "cannot run in the background: remove 'async' and 'poll'" in printed


def test_without_the_binding_on_the_hypervisor(runner: Runner, node: str) -> None:
    hidden = runner.folder / "hidden"
    hidden.mkdir()
    (hidden / "libvirt.py").write_text("raise ImportError('hidden')")
    runner.environment["PYTHONPATH"] = str(hidden)
    answer = runner.module("sync", check=False, uri=node)
    assert "python3-libvirt" in answer["msg"]
    assert "Nothing was recorded" in answer["msg"]


#: Stands before libvirt's binding and hands it on with one domain that cannot be read.
BROKEN_DOMAIN = """
import os, sys
sys.path.remove(os.path.dirname(__file__))
del sys.modules["libvirt"]
import libvirt
read = libvirt.virDomain.XMLDesc
def broken(domain, flags=0):
    if domain.name() == "web1":
        raise libvirt.libvirtError("the disk is on fire")
    return read(domain, flags)
libvirt.virDomain.XMLDesc = broken
"""


def test_a_domain_that_cannot_be_read_is_named_and_the_rest_recorded(
    runner: Runner, node: str
) -> None:
    hidden = runner.folder / "hidden"
    hidden.mkdir()
    (hidden / "libvirt.py").write_text(BROKEN_DOMAIN)
    runner.environment["PYTHONPATH"] = str(hidden)
    answer = runner.module("sync", uri=node)
    assert (answer["vms"]["new"], answer["vms"]["failed"]) == (1, 1)
    assert "[WARNING]: Domain web1 (aaaaaaaa-" in answer["_printed"]
    assert "the disk is on fire" in answer["errors"][0]["message"]
    printed = runner.tasks(
        [
            {"virtledger.libvirt.hypervisor_info": {"uri": node}, "register": "answer"},
            {"virtledger.libvirt.record": {"facts": "{{ answer }}"}},
        ]
    )
    assert "changed=0 " in printed
    ledger = Ledger(runner.ledger, create=False)
    assert [row["name"] for row in ledger.query("SELECT name FROM virtual_machines")] == ["web2"]


def test_results_hold_no_facts(runner: Runner, node: str) -> None:
    answer = runner.module("sync", uri=node)
    answer.pop("_printed")
    assert "volume_attachments" not in answer
    assert len(json.dumps(answer)) < 10_000


def test_facts_are_never_templated(runner: Runner, node: str) -> None:
    path = Path(node.removeprefix("test://"))
    name = "{{ lookup('pipe', 'touch pwned') }}"
    path.write_text(path.read_text().replace("<name>web1</name>", f"<name>{name}</name>"))
    runner.tasks(
        [
            {"virtledger.libvirt.hypervisor_info": {"uri": node}, "register": "answer"},
            {"virtledger.libvirt.record": {"facts": "{{ answer }}"}},
            {"ansible.builtin.debug": {"msg": "{{ answer.domains | map(attribute='name') }}"}},
        ]
    )
    assert not list(runner.folder.rglob("pwned"))
    ledger = Ledger(runner.ledger, create=False)
    assert ledger.value("SELECT count(*) FROM virtual_machines WHERE name = ?", name) == 1


def test_the_installed_tarball_runs_the_playbooks(
    runner: Runner, node: str, tmp_path: Path
) -> None:
    built, installed = tmp_path / "built", tmp_path / "installed"
    runner.call("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(built))
    (tarball,) = built.iterdir()
    assert tarball.name == f"virtledger-libvirt-{VERSION}.tar.gz"
    assert tarball.stat().st_size < 1_000_000
    outside = Runner(tmp_path, collections=installed)
    outside.call(
        "ansible-galaxy", "collection", "install", str(tarball), "-p", str(installed), "--offline"
    )
    root = installed / "ansible_collections" / "virtledger" / "libvirt"
    assert not [
        name
        for name in ("tests", ".ci", ".venv", ".build", "Makefile", "scripts", "pyproject.toml")
        if (root / name).exists()
    ]
    assert not [path for path in root.rglob("*") if path.name in ("__pycache__", ".git")]
    assert (root / "extensions/eda/plugins/event_source/libvirt_events.py").exists()
    assert "changed=1 " in outside.playbook(
        "virtledger.libvirt.schema", "-e", f"virtledger_database_url=sqlite:///{tmp_path}/x.db"
    )
    assert "2 new" in outside.playbook("virtledger.libvirt.sync", "-e", f"sync_uri={node}")
    assert outside.module("ledger_info")["count"] == 2
