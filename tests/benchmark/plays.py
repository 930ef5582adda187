"""Timing ansible-playbook as a user runs it: from the command line to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COLLECTIONS = ROOT / ".build" / "collections"
BIN = Path(sys.executable).parent

Tasks = Sequence[dict[str, Any]]

PING: Tasks = [{"name": "Ping", "ansible.builtin.ping": {}}]


class PlaybookError(RuntimeError):
    """A playbook failed; the message holds what it printed."""


class Plays:
    """Playbooks over one inventory.

    :ivar folder: whatever they need is in there.
    :ivar environment: of Ansible's commands.
    """

    def __init__(
        self, folder: Path, uris: Mapping[str, str], bin_folder: Path = BIN, own: bool = True
    ) -> None:
        """
        :param uris: libvirt URIs by host.
        :param bin_folder: where the commands of the virtual environment are.
        :param own: with the collection of this project, else with those of the environment.
        """
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._bin = bin_folder
        inventory = {
            "all": {
                "hosts": {name: {"uri": uri} for name, uri in uris.items()},
                "vars": {
                    "ansible_connection": "local",
                    "ansible_python_interpreter": str(bin_folder / "python"),
                },
            }
        }
        (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
        self.environment = {
            **{key: text for key, text in os.environ.items() if not key.startswith("ANSIBLE_")},
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
            "ANSIBLE_HOME": str(folder / "home"),
        }
        if own:
            self.environment["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)

    def write(self, name: str, tasks: Tasks) -> Path:
        """Write a playbook of tasks for all hosts."""
        path = self.folder / f"{name}.yml"
        play = {"name": name, "hosts": "all", "gather_facts": False, "tasks": list(tasks)}
        path.write_text(yaml.safe_dump([play], sort_keys=False))
        return path

    def start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        """Start one of Ansible's commands over the inventory."""
        return subprocess.Popen(
            [str(self._bin / name), "-i", "inventory.yml", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, play: Path, *options: str, **variables: Any) -> float:
        """Run a playbook; its seconds.

        :raises PlaybookError: it failed.
        """
        more = ["-e", json.dumps(variables)] if variables else []
        started = time.perf_counter()
        process = self.start("ansible-playbook", str(play), *options, *more)
        printed, _errors = process.communicate()
        seconds = time.perf_counter() - started
        if process.returncode:
            raise PlaybookError(f"{play} {options}\n{printed[-5000:]}")
        return seconds


def sync_tasks(url: str = "") -> Tasks:
    """Recording a host into a ledger; without a URL into that of the environment."""
    arguments = {"uri": "{{ uri }}", **({"database_url": url} if url else {})}
    return [{"name": "Record", "virtledger.libvirt.sync": arguments}]
