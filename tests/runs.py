"""Running Ansible as a user does, in a process of its own, and reading what it answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import unpack
from conftest import COLLECTIONS

BIN = Path(sys.executable).parent

#: Random parts of names of files, which may have any letters, such as those that mark a secret.
_RANDOM = re.compile(r"(?<=/tmp)[a-z0-9_]{8}\b|(?<=ansible-local-)\w+")

#: An answer as the connection shows it with -vvv.
_PACKED = re.compile(r'(?<="packed": ")([A-Za-z0-9+/=]+)(?=")')


class Runner:
    """Ansible with a home, a data directory and a working directory of its own."""

    def __init__(
        self, folder: Path, inventory: Path | None = None, collections: Path = COLLECTIONS
    ) -> None:
        self.folder = folder
        self.data = folder / "share"
        self.inventory = inventory or self._localhost()
        self.environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "XDG_DATA_HOME": str(self.data),
        }

    @property
    def ledger(self) -> Path:
        """The SQLite file that is used where nothing else is said."""
        return self.data / "virtledger" / "ledger.db"

    def _localhost(self) -> Path:
        path = self.folder / "inventory.ini"
        # Of the hypervisor; `make matrix` has several.
        interpreter = os.environ.get("VIRTLEDGER_TEST_INTERPRETER", sys.executable)
        path.write_text(
            "[hypervisors]\nlocalhost ansible_connection=local "
            f"ansible_python_interpreter={interpreter}\n"
        )
        return path

    def call(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One of Ansible's commands; its output is in the error of a failed one."""
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def playbook(self, play: str | list[dict[str, Any]], *options: str, check: bool = True) -> str:
        """Run a playbook, by name or as data; what it prints."""
        if not isinstance(play, str):
            path = self.folder / "play.yml"
            path.write_text(yaml.safe_dump(play))
            play = str(path)
        done = self.call("ansible-playbook", "-i", str(self.inventory), play, *options, check=check)
        return printed(done)

    def tasks(self, tasks: list[dict[str, Any]], *options: str, check: bool = True) -> str:
        """Run tasks on all hypervisors."""
        return self.playbook(
            [{"hosts": "hypervisors", "gather_facts": False, "tasks": tasks}], *options, check=check
        )

    def module(
        self, module: str, /, *options: str, check: bool = True, host: str = "all", **arguments: Any
    ) -> dict[str, Any]:
        """Run a module or action ad hoc on one host; its result."""
        command = ["ansible", "-i", str(self.inventory), host, "-m", f"virtledger.libvirt.{module}"]
        command += ["-a", json.dumps(arguments)] if arguments else []
        done = self.call(*command, *options, check=check)
        text = done.stdout
        answer: dict[str, Any] = json.loads(text[text.index("=> {") + 3 :])
        answer["_printed"] = printed(done)
        return answer


def printed(done: subprocess.CompletedProcess[str]) -> str:
    """All that a command has printed, without random names, and packed answers unpacked."""
    text = _RANDOM.sub("", done.stdout + done.stderr)
    return _PACKED.sub(lambda match: unpack(match[1]), text)
