"""What a recording of several hosts prints: where it is, how long it took, and a table at the end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from runs import Runner

PLAYBOOK = "virtledger.libvirt.sync"


def fleet(runner: Runner, node: str) -> Path:
    """Two hosts that answer, one without libvirt, one that is off."""
    path = runner.folder / "fleet.ini"
    path.write_text(
        "[hypervisors]\n"
        f"hv1 sync_uri={node}\n"
        "hv2 sync_uri=test:///default\n"
        "hv3 sync_uri=qemu+unix:///system?socket=/no/socket\n"
        "hv4 ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1\n"
        "[hypervisors:vars]\n"
        f"ansible_connection=local\nansible_python_interpreter={sys.executable}\n"
    )
    return path


def table(printed: str) -> list[list[str]]:
    """The table of the last task as words."""
    lines = printed[printed.rindex('"msg": [') :].split("]", 1)[0].splitlines()[1:]
    return [line.strip().strip('",').split() for line in lines if line.strip()]


def test_a_fleet_with_two_hosts_that_fail(runner: Runner, node: str) -> None:
    inventory = fleet(runner, node)
    command = ("ansible-playbook", "-i", str(inventory), PLAYBOOK)
    done = runner.call(*command, "-v", check=False)
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert [line.split("]")[0] for line in told if "VM" in line] == ["[1/4", "[2/4"]
    assert any("hv1: 2 VMs, 2 new (" in line for line in told)
    assert "hv1: " in done.stdout
    assert "plan 0." in done.stdout
    assert "not_recorded" in done.stdout
    heading, *rows = table(done.stdout)
    assert heading[:4] == ["host", "outcome", "VMs", "new"]
    assert [row[:4] for row in rows] == [
        ["hv1", "ok", "2", "2"],
        ["hv2", "ok", "1", "1"],
        ["hv3", "failed"],
        ["hv4", "unreachable"],
        ["total", "3", "3", "0"],
        ["hosts:", "2", "ok,", "1"],
        ["findings:", "none"],
    ]
    assert "Type 'quoted_name'" not in done.stdout + done.stderr


def test_what_would_change_is_called_so_and_batches_say_what_is_to_come(
    runner: Runner, node: str
) -> None:
    inventory = fleet(runner, node)
    play = runner.folder / "batches.yml"
    play.write_text(
        json.dumps(
            [
                {
                    "hosts": "hv1,hv2",
                    "gather_facts": False,
                    "serial": 1,
                    "roles": ["virtledger.libvirt.sync"],
                    "post_tasks": [
                        {"virtledger.libvirt.sync_summary": {}, "register": "fleet"},
                        {"ansible.builtin.debug": {"msg": "{{ fleet.msg[-1] }}"}},
                    ],
                }
            ]
        )
    )
    done = runner.call("ansible-playbook", "-i", str(inventory), str(play), "--check")
    assert "[1/2] hv1: 2 VMs, 2 would be new (" in done.stderr
    assert "[2/2] hv2: 1 VM, 1 would be new (" in done.stderr
    assert '"msg": "hosts: 1 ok, 1 still to come"' in done.stdout
    assert '"msg": "hosts: 2 ok"' in done.stdout


def test_standard_output_is_the_answer_alone(runner: Runner, node: str) -> None:
    answer = runner.module("sync", uri=node)
    assert answer["msg"] == "2 VMs, 2 new"
    assert "localhost: 2 VMs, 2 new (" in answer["_printed"]
