"""Jobs as AWX starts them: by Ansible Runner's transmit, worker and process, one after the other.

The controller has the private data and sends them; the worker, a process of its own that stands for
the container, runs the playbook; what it answers becomes events on the controller again.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ansible_runner
import yaml
from awx.documents import PROJECT
from conftest import COLLECTIONS
from jinja2.sandbox import ImmutableSandboxedEnvironment

BIN = Path(sys.executable).parent


class Names:
    """``tower.filename`` of a template."""


def inject(job: Job, kind: dict[str, Any], inputs: dict[str, Any]) -> None:
    """Give a job what a credential of a type has for it: files and environment.

    Files come in no certain order, for AWX keeps them in JSON. Their names are those that the worker
    sees.
    """
    tower, names = Names(), Names()
    environment = ImmutableSandboxedEnvironment()
    given = {**inputs, "tower": tower}
    for label, template in reversed(list(kind["injectors"].get("file", {}).items())):
        number, path = tempfile.mkstemp(dir=job.private / "env")
        with open(number, "w") as opened:
            opened.write(environment.from_string(template).render(**given))
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
        setattr(names, label.partition(".")[2], str(job.home / "env" / Path(path).name))
    tower.filename = names  # type: ignore[attr-defined]
    for name, template in kind["injectors"].get("env", {}).items():
        job.environment[name] = environment.from_string(template).render(**given)


class Finished(NamedTuple):
    """A job that is over.

    :ivar artifacts: the folder of its events and its output on the controller.
    :ivar stream: everything that the worker answered.
    """

    status: str
    artifacts: Path
    stream: str

    @property
    def output(self) -> str:
        """What the playbook printed."""
        return (self.artifacts / "stdout").read_text()

    def events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Size and document of each event, in their order."""
        paths = (self.artifacts / "job_events").glob("*.json")
        for path in sorted(paths, key=lambda path: int(path.name.split("-")[0])):
            text = path.read_text()
            yield len(text), json.loads(text)

    def results(self, event: str = "runner_on_ok") -> list[dict[str, Any]]:
        """The results of tasks."""
        return [found["event_data"]["res"] for _, found in self.events() if found["event"] == event]

    def texts(self) -> Iterator[tuple[str, str]]:
        """All that is kept of the job, by file."""
        for path in self.artifacts.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(self.artifacts)), path.read_text(errors="replace")


class Job:
    """A job that can be started.

    :ivar variables: extra variables; AWX's own are added.
    :ivar environment: of the job, by credentials.
    :ivar around: a command that the worker is run by.
    """

    def __init__(self, folder: Path, number: int, playbook: str, inventory: dict[str, Any]) -> None:
        self.number = number
        self.playbook = playbook
        self.private = folder / f"awx_{number}"
        for name in ("env", "inventory"):
            (self.private / name).mkdir(parents=True)
        self.inventory = inventory
        self.home = folder / f"worker_{number}"
        self.home.mkdir()
        self.variables: dict[str, Any] = {}
        self.environment: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.options: list[str] = []
        self.around: Sequence[str] = ()

    def run(self) -> Finished:
        """Start it, and wait until its events are on the controller."""
        shutil.copytree(PROJECT, self.private / "project")
        script = f"#! /usr/bin/env python3\nprint({json.dumps(self.inventory)!r})\n"
        (self.private / "inventory" / "hosts").write_text(script)
        (self.private / "inventory" / "hosts").chmod(0o700)
        self._write("extravars", yaml.safe_dump({**self._told(), **self.variables}))
        self._write("cmdline", " ".join(["-u", "root", *self.options]))
        self._write("settings", json.dumps({"suppress_ansible_output": True, "job_timeout": 0}))
        common = {"private_data_dir": str(self.private), "ident": str(self.number)}
        with tempfile.TemporaryFile() as stream:
            ansible_runner.interface.run(
                **common,
                streamer="transmit",
                _output=stream,
                playbook=self.playbook,
                inventory="hosts",
                envvars=self._environment(),
                passwords=self.passwords,
                suppress_env_files=True,
            )
            stream.seek(0)
            answered = self._work(stream.read())
        with tempfile.TemporaryFile() as stream:
            stream.write(answered)
            stream.seek(0)
            done = ansible_runner.interface.run(
                **common, streamer="process", _input=stream, quiet=True
            )
        artifacts = self.private / "artifacts" / str(self.number)
        return Finished(done.status, artifacts, answered.decode())

    def _work(self, sent: bytes) -> bytes:
        command = [str(BIN / "ansible-runner"), "worker", "--private-data-dir", str(self.home)]
        environ = {key: item for key, item in os.environ.items() if "VIRTLEDGER" not in key}
        environ["PATH"] = f"{BIN}:{environ['PATH']}"
        done = subprocess.run(
            [*self.around, *command],
            input=sent,
            env=environ,
            cwd=self.home,
            capture_output=True,
            timeout=300,
            check=False,
        )
        # It ends as the playbook does.
        assert done.stdout.endswith(b'{"eof": true}\n'), done.stdout[-3000:] + done.stderr
        return done.stdout

    def _write(self, name: str, text: str) -> None:
        (self.private / "env" / name).write_text(text)

    def _environment(self) -> dict[str, str]:
        return {
            "JOB_ID": str(self.number),
            "AWX_HOST": "https://awx.example.com",
            "MAX_EVENT_RES": "700000",
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(self.home / "ansible"),
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            **self.environment,
        }

    def _told(self) -> dict[str, Any]:
        """What AWX tells every job."""
        told = {
            "job_id": self.number,
            "job_launch_type": "manual",
            "job_template_id": 9,
            "job_template_name": "Ledger: sync",
            "user_id": 2,
            "user_name": "ann",
            "inventory_id": 3,
            "inventory_name": "hypervisors",
        }
        return {
            f"{prefix}_{key}": value for key, value in told.items() for prefix in ("awx", "tower")
        }

    def slice(self) -> Job:
        """The same as a slice of a sliced job: AWX tells no more than this."""
        for prefix in ("awx", "tower"):
            self.variables[f"{prefix}_job_launch_type"] = "workflow"
            self.variables[f"{prefix}_workflow_job_id"] = 100
            self.variables[f"{prefix}_workflow_job_name"] = "Ledger: sync"
        return self
