"""docs/lab.md, command by command, does what it says."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.virtledger.libvirt.tests.lab.lab import Lab
from conftest import ROOT

PAGE = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8")


def commands(title: str) -> str:
    """The commands of a section, as one script; what is printed has frames."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None, title
    lines = [line[4:] for line in section[1].splitlines() if line.startswith("    ")]
    return "\n".join(line for line in lines if "│" not in line)


class Newcomer:
    """Somebody with a shell, and a lab of a name of its own."""

    def __init__(self, lab: Lab) -> None:
        self.environment = {**os.environ, "LAB_NAME": lab.name}

    def follow(self, title: str) -> str:
        """Run what a section says; what it prints. The first failure is the end."""
        done = subprocess.run(
            ["bash", "-e", "-c", commands(title)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    with Lab() as lab:
        yield Newcomer(lab)


def machines(printed: str) -> dict[str, list[str]]:
    """The last report: host to "name state" of its VMs."""
    report = printed[printed.rindex("Virtual machines") :]
    found: dict[str, list[str]] = {}
    for host, name, state in re.findall(r"^│ (\w+) +│ (\w+) +│ (\w+)", report, re.MULTILINE):
        found.setdefault(host, []).append(f"{name} {state}")
    return found


def test_the_walk_through(newcomer: Newcomer) -> None:
    printed = newcomer.follow("Three commands")
    fleet = {f"hv{n}": [f"db{n} running", f"web{n} running"] for n in (1, 2, 3)}
    assert machines(printed) == fleet

    printed = newcomer.follow("A VM moves")
    assert re.search(r"hv2 +ok +3 +0 +[01] +1 +0 ", printed)
    fleet["hv2"] = ["db2 running", "web1 running", "web2 running"]
    fleet["hv1"] = ["db1 running"]
    assert machines(printed) == fleet

    printed = newcomer.follow("The plug is pulled")
    first, second = printed.split("restore : Define the VMs", 1)
    assert re.search(r"hv3 +: ok=1 +changed=0 +unreachable=1", first)
    assert machines(first) == fleet
    assert "<name>db3</name>" in first
    assert "db3: defined, started" in second
    fleet["hv1"].append("db3 running")
    fleet["hv3"].remove("db3 running")
    assert machines(second) == fleet

    newcomer.follow("Down")
    assert not os.path.exists(f"/run/vl-{newcomer.environment['LAB_NAME']}")
