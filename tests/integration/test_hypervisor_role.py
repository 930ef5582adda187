"""The role ``hypervisor``: which packages on which distribution, and who needs root for it.

The distributions are facts that are told; package managers are stand-ins that note what they are asked
for. A hypervisor's interpreter has the binding once they were.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT
from runs import Runner

#: By host: the family, the package manager and the version of Python, and the packages.
DISTRIBUTIONS: dict[str, tuple[str, str, tuple[int, int], list[str]]] = {
    "debian": ("Debian", "apt", (3, 13), ["python3-libvirt", "python3-lxml"]),
    "rocky": ("RedHat", "dnf", (3, 9), ["python3-libvirt", "python3-lxml"]),
    "leap": ("Suse", "zypper", (3, 11), ["python311-libvirt-python", "python311-lxml"]),
}

#: An interpreter that can import what is asked for once there is a file beside it.
INTERPRETER = """\
#!/bin/sh
[ -e "$0.packages" ] && exit 0
echo "ModuleNotFoundError: No module named 'libvirt'" >&2
exit 1
"""

#: A package manager, which notes beside a host's interpreter what it installs.
MANAGER = """\
from ansible.module_utils.basic import AnsibleModule
import os

options = {"name": {"type": "list"}, "state": {}, "update_cache": {"type": "bool"}}
module = AnsibleModule(options, supports_check_mode=True)
# apt is told to read its lists, the others do so anyway
assert bool(module.params["update_cache"]) == __file__.endswith("apt.py")
if module.check_mode:
    module.exit_json(changed=True)
with open(os.environ["MACHINE"] + ".packages", "w") as opened:
    opened.write(" ".join(module.params["name"]))
module.exit_json(changed=True, name=module.params["name"])
"""

#: sudo that nobody may use.
NO_ROOT = ("-e", "ansible_become_exe=/nonexistent/sudo")


#: Facts, told beforehand.
FACTS = {
    "ansible.builtin.set_fact": {
        "ansible_os_family": "{{ told.family }}",
        "ansible_pkg_mgr": "{{ told.manager }}",
        "ansible_python": "{{ told.python }}",
        "cacheable": True,
    }
}


class Machines:
    """Hypervisors of several distributions."""

    def __init__(self, folder: Path, hosts: dict[str, Any]) -> None:
        self.folder = folder
        self.runner = Runner(folder)
        self.runner.environment["ANSIBLE_LIBRARY"] = str(folder)
        machines = {}
        for host, (family, manager, version, _packages) in hosts.items():
            self.interpreter(host)
            python = {
                "executable": str(folder / host),
                "version": {"major": 3, "minor": version[1]},
            }
            machines[host] = {"told": {"family": family, "manager": manager, "python": python}}
            (folder / f"{manager}.py").write_text(MANAGER)
        variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {"hypervisors": {"hosts": machines, "vars": variables}}
        self.runner.inventory = folder / "machines.yml"
        self.runner.inventory.write_text(yaml.safe_dump(inventory))

    def interpreter(self, name: str) -> Path:
        """Make an interpreter without the binding."""
        path = self.folder / name
        path.write_text(INTERPRETER)
        path.chmod(0o755)
        return path

    def run(self, *options: str, check: bool = True) -> str:
        """Run the role; other interpreters there are none."""
        play = {
            "hosts": "hypervisors",
            "gather_facts": False,
            "pre_tasks": [FACTS],
            "environment": {"MACHINE": "{{ told.python.executable }}"},
            "roles": ["virtledger.libvirt.hypervisor"],
        }
        alone = ("-e", '{"hypervisor_interpreters": []}')
        return self.runner.playbook([play], *alone, *options, check=check)

    def packages(self, host: str) -> list[str] | None:
        """What was installed there."""
        path = self.folder / f"{host}.packages"
        return path.read_text().split() if path.exists() else None


def test_each_distribution(tmp_path: Path) -> None:
    """What check mode tells is done then, and after that nobody needs root."""
    machines = Machines(tmp_path, DISTRIBUTIONS)
    checked = machines.run("--check", *NO_ROOT, "-e", "hypervisor_become=false")
    assert checked.count("changed=1 ") == len(DISTRIBUTIONS)
    assert {machines.packages(host) for host in DISTRIBUTIONS} == {None}
    done = machines.run("-e", "hypervisor_become=false")
    assert done.count("changed=1 ") == len(DISTRIBUTIONS)
    for host, (_family, _manager, _version, packages) in DISTRIBUTIONS.items():
        assert machines.packages(host) == packages
    again = machines.run(*NO_ROOT)
    assert again.count("changed=0 ") == len(DISTRIBUTIONS)
    assert again.count("failed=0 ") == len(DISTRIBUTIONS)


def test_hosts_that_cannot_be_read(tmp_path: Path) -> None:
    """Each says what to do."""
    machines = Machines(
        tmp_path,
        {"arch": ("Archlinux", "pacman", (3, 13), []), "old": ("Debian", "apt", (3, 9), [])},
    )
    printed = machines.run("-e", "hypervisor_become=false", check=False)
    assert "Which packages of Archlinux have libvirt's Python binding is not known" in printed
    assert machines.packages("old") == ["python3-libvirt", "python3-lxml"]
    (tmp_path / "old.packages").unlink()
    only = ("--limit", "old", "-e", "hypervisor_manage_packages=false")
    printed = machines.run(*only, check=False)
    assert (
        "ModuleNotFoundError: No module named 'libvirt'. libvirt's Python binding comes" in printed
    )
    other = machines.interpreter("other")
    (tmp_path / "other.packages").touch()
    there = json.dumps({"hypervisor_interpreters": [str(other)]})
    printed = machines.run(*only, "-e", there, check=False)
    assert (
        f"{other} has libvirt's Python binding: set ansible_python_interpreter={other}" in printed
    )
    named = ("--limit", "arch", "-e", '{"hypervisor_packages": ["libvirt-python"]}')
    machines.run(*named, "-e", "hypervisor_become=false")
    assert machines.packages("arch") == ["libvirt-python"]


def test_modules_name_the_interpreter_that_has_it(tmp_path: Path, runner: Runner) -> None:
    """The tests' own machine has the distribution's binding for the distribution's Python."""
    bare = tmp_path / "bare"
    runner.call("python", "-m", "venv", "--without-pip", str(bare))
    options = ("-e", f"ansible_python_interpreter={bare}/bin/python")
    answer = runner.module("domain_info", *options, check=False, uri="test:///default")
    assert "set ansible_python_interpreter=/usr/bin/python3 for this host" in answer["msg"]


def test_platforms_are_those_that_work() -> None:
    """RHEL 8 has the binding for Python 3.6 only."""
    text = (ROOT / "roles/hypervisor/meta/main.yml").read_text()
    assert '["9", "10"]' in text
