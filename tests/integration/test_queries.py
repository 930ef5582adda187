"""The questions and the playbook of the documentation, as users put them, to the fleet of the demo."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from conftest import ROOT
from ledgers import Ledger
from runs import Runner

QUERIES = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
VIEWS = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
NETBOX = (ROOT / "docs" / "netbox.md").read_text(encoding="utf-8")

#: An action that takes what a module of netbox.netbox takes, and notes it.
_ACTION = """
import json
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec({{
            "netbox_url": {{"type": "str", "required": True}},
            "netbox_token": {{"type": "str", "required": True, "no_log": True}},
            "data": {{"type": "dict", "required": True, "options": json.loads({options!r})}},
        }})
        data = {{key: item for key, item in options["data"].items() if item is not None}}
        with open({log!r}, "a") as log:
            log.write(json.dumps([{name!r}, data]) + "\\n")
        return {{"changed": True}}
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """The demo's fleet, recorded."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, str(ROOT / "scripts" / "demo-fleet"), str(folder)], check=True)
    runner = Runner(folder, inventory=folder / "inventory.ini")
    runner.playbook("virtledger.libvirt.sync")
    return runner


def commands() -> list[str]:
    """The arguments of every question."""
    pattern = r"^    (ansible localhost -m virtledger\.libvirt\.ledger_info -a .*)$"
    return [shlex.split(line)[-1] for line in re.findall(pattern, QUERIES, re.M)]


def arguments(text: str) -> dict[str, Any]:
    """The arguments of a command as options."""
    if text.startswith("{"):
        found: dict[str, Any] = json.loads(text)
        return found
    return dict(part.split("=", 1) for part in shlex.split(text))


def test_every_query_is_one_question(demo: Runner) -> None:
    """All of them in one playbook, which takes far less time than one command each."""
    asked = commands()
    assert len(asked) == len(re.findall(r"-m virtledger", QUERIES)) > 25
    tasks: list[dict[str, Any]] = [
        {"virtledger.libvirt.ledger_info": arguments(text), "register": f"answer_{number}"}
        for number, text in enumerate(asked)
    ]
    answers = demo.folder / "answers.json"
    content = "{{ [" + ", ".join(f"answer_{n}.rows" for n in range(len(asked))) + "] | to_json }}"
    tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(answers)}})
    demo.playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    found = dict(zip(asked, json.loads(answers.read_text()), strict=True))
    # What the demo's fleet has no example of.
    empty = {text for text, rows in found.items() if not rows}
    assert {
        text
        for text in empty
        if not re.search(r"ip=|gone|stale|query=vm_snapshots host_id=hv1|offset", text)
    } == set()
    assert [
        row["vm_name"] for row in found["query=volume_users volume=/srv/shared/cluster.raw"]
    ] == ["db1", "db2"]
    assert [row["name"] for row in found["query=virtual_machines vlan=10"]] == [
        "db1",
        "db2",
        "files",
        "firewall",
        "mail",
        "monitor",
        "windows-ad",
    ]


def test_one_as_it_is_typed(demo: Runner) -> None:
    text = next(text for text in commands() if text.startswith("{"))
    done = demo.call("ansible", "localhost", "-m", "virtledger.libvirt.ledger_info", "-a", text)
    assert '"rows": [' in done.stdout


def test_the_sql_of_the_views(demo: Runner) -> None:
    ledger = Ledger(demo.ledger, create=False)
    (block,) = re.findall(r"```sql\n(.*?)```", VIEWS, re.S)
    statements = [part for part in re.sub(r"^--.*\n", "", block, flags=re.M).split(";\n") if part]
    assert len(statements) == 5
    answers = [ledger.query(statement) for statement in statements]
    assert answers[1] == [
        {"volume_source": "/srv/shared/cluster.raw", "vms": 2},
        {"volume_source": "/srv/shared/spool.qcow2", "vms": 2},
    ]
    assert {"vlan_id": 20, "vms": 1} in answers[2]
    assert [row["host_id"] for row in answers[0]] == ["hv1", "hv2", "hv3"]


def test_the_playbook_for_netbox(demo: Runner, fixtures: Path) -> None:
    """With modules that take the same options as those of netbox.netbox."""
    collection = demo.folder / "fake" / "ansible_collections" / "netbox" / "netbox"
    (collection / "plugins" / "action").mkdir(parents=True)
    (collection / "meta").mkdir()
    log = demo.folder / "netbox.log"
    specs = json.loads((fixtures / "netbox.json").read_text())["modules"]
    specs["netbox_cluster"] = {"name": {"type": "str"}, "cluster_type": {"type": "raw"}}
    for name, options in specs.items():
        text = _ACTION.format(options=json.dumps(options), log=str(log), name=name)
        (collection / "plugins" / "action" / f"{name}.py").write_text(text)
    runtime = {"requires_ansible": ">=2.15.0", "action_groups": {"netbox": sorted(specs)}}
    (collection / "meta" / "runtime.yml").write_text(yaml.safe_dump(runtime))
    (collection / "galaxy.yml").write_text("namespace: netbox\nname: netbox\nversion: 3.21.0\n")
    (block,) = re.findall(r"```yaml\n(.*?)```", NETBOX, re.S)
    demo.environment["NETBOX_TOKEN"] = "0123456789"
    path = demo.environment["ANSIBLE_COLLECTIONS_PATH"]
    demo.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{path}:{demo.folder / 'fake'}"
    printed = demo.playbook(yaml.safe_load(block))
    assert "failed=0" in printed
    assert "0123456789" not in printed
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    told = {name: [data for module, data in calls if module == name] for name in specs}
    assert len(told["netbox_virtual_machine"]) == 20
    assert {"db1", "db2"} <= {data["name"] for data in told["netbox_virtual_machine"]}
    assert len(told["netbox_vm_interface"]) == 2 * len(told["netbox_mac_address"])
    assert {data["size"] for data in told["netbox_virtual_disk"]} == {20480}


def test_the_documentation_names_every_query_for_netbox() -> None:
    for name in SUBJECTS:
        if name.startswith("netbox_"):
            assert f"`{name}`" in NETBOX
