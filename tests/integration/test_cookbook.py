"""Every question of the cookbook, put to the fleet of the demo, has the answer that the page shows."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from runs import Runner, printed

PAGE = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")

#: Pages whose commands are run too, though nothing is said of what they print.
FURTHER = ("quickstart", "upgrading", "operation", "report")

#: A command, and the answer right behind it.
_QUESTION = re.compile(r"^    (ansible[^\n]*|sqlite3 [^\n]*)\n\n```text\n(.*?)```", re.M | re.S)


@dataclass(frozen=True)
class Question:
    """A command of the page, in its words, and the lines of its answer."""

    words: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    @property
    def texts(self) -> list[str]:
        return [line for line in self.lines if not line.startswith("{") and line != "..."]


QUESTIONS = [
    Question(tuple(shlex.split(command)), tuple(answer.splitlines()))
    for command, answer in _QUESTION.findall(PAGE)
]
#: Those that are a task: they run in one playbook, which takes far less time than one command each.
TASKS = [question for question in QUESTIONS if question.words[0] == "ansible"]
OTHERS = [question for question in QUESTIONS if question.words[0] != "ansible"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """The demo's fleet, recorded as ``make demo`` does it."""
    folder = tmp_path_factory.mktemp("cookbook")
    subprocess.run([sys.executable, str(ROOT / "scripts" / "demo-fleet"), str(folder)], check=True)
    runner = Runner(folder, inventory=folder / "inventory.ini")
    # The place that the page has after `cd .build/demo`.
    runner.data = folder
    runner.environment["XDG_DATA_HOME"] = str(folder)
    runner.playbook(str(folder / "hv4.yml"))
    runner.playbook("virtledger.libvirt.sync")
    for name, block in re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.S):
        (folder / name).write_text(block)
    return runner


def task(words: tuple[str, ...]) -> dict[str, Any]:
    """``ansible localhost -m MODULE -a ARGUMENTS`` as a task."""
    localhost, option, module, arguments_option, text = words[1:]
    assert (localhost, option, arguments_option) == ("localhost", "-m", "-a")
    if module == "debug":
        return {"ansible.builtin.debug": {"msg": text.removeprefix("msg=")}}
    return {module: dict(part.split("=", 1) for part in shlex.split(text))}


def further() -> list[dict[str, Any]]:
    """The tasks of those pages, in check mode and with differences where the page has it so."""
    tasks = []
    for name in FURTHER:
        text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        for line in re.findall(
            r"^ +(ansible localhost -m virtledger\.libvirt\..* -a .*)$", text, re.M
        ):
            words = shlex.split(line.replace("hv1.example.com", "hv1"))
            modes = {"check_mode": "--check" in words, "diff": "--diff" in words}
            tasks.append({**task(tuple(words[:6])), **modes})
    return tasks


@pytest.fixture(scope="module")
def answers(demo: Runner) -> list[dict[str, Any]]:
    """The results of all tasks, in their order."""
    tasks = [
        {**task(question.words), "register": f"answer_{number}", "ignore_errors": True}
        for number, question in enumerate(TASKS)
    ]
    path = demo.folder / "answers.json"
    names = ", ".join(f"answer_{number}" for number in range(len(TASKS)))
    content = "{{ [" + names + "] | to_json }}"
    tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(path), "mode": "0600"}})
    # These have to succeed.
    examples = further()
    assert len(examples) >= 12
    tasks += examples
    demo.playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return found


def test_the_page_has_questions_with_answers() -> None:
    assert len(re.findall(r"^## \d+\. .*\?$", PAGE, re.M)) >= 20
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", PAGE, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    # No command is without an answer.
    assert len(QUESTIONS) == len(re.findall(r"^    (?:ansible|sqlite3)", PAGE, re.M))
    assert len(QUESTIONS) >= len(numbers)
    assert all(question.rows or question.texts for question in QUESTIONS)


@pytest.mark.parametrize(
    "number", range(len(TASKS)), ids=[question.words[-1] for question in TASKS]
)
def test_answers(answers: list[dict[str, Any]], number: int) -> None:
    question, answer = TASKS[number], answers[number]
    assert answer["failed"] is ("fail_on" in question.words[-1])
    told = answer.get("rows", answer.get("findings", []))
    for row in question.rows:
        assert any(row.items() <= other.items() for other in told), (row, told)
    if question.rows and "..." not in question.lines:
        assert len(told) == len(question.rows), told
    shown = answer.get("msg", "") + json.dumps(answer, indent=4)
    for text in question.texts:
        assert spaces(text) in spaces(shown), shown


def test_commands_that_are_no_tasks(demo: Runner) -> None:
    assert [question.words[0] for question in OTHERS] == [
        "ansible-playbook",
        "ansible-inventory",
        "sqlite3",
    ]
    for question in OTHERS:
        shown = spaces(output(demo, question.words))
        for text in question.texts:
            assert spaces(text) in shown, shown


def test_one_question_as_it_is_typed(demo: Runner) -> None:
    question = next(one for one in TASKS if "query=ports mac=" in one.words[-1])
    shown = output(demo, question.words)
    assert '"vm_name": "monitor"' in shown
    assert '"host_id": "hv3"' in shown


def test_the_report_shows_what_the_page_says(demo: Runner, answers: list[dict[str, Any]]) -> None:
    """Without JavaScript too: the worst findings are in the page's text."""
    (file,) = next(answer["files"] for answer in answers if "files" in answer)
    text = Path(demo.folder / file["path"]).read_text(encoding="utf-8")
    for name in ("/srv/shared/spool.qcow2", "52:54:00:20:00:02", "VM shop on hv4 has pending"):
        assert name in text


def output(demo: Runner, words: tuple[str, ...]) -> str:
    """What a command prints; SQLite's own program need not be there."""
    if words[0] != "sqlite3":
        return printed(demo.call(*words))
    connection = sqlite3.connect(demo.folder / words[1])
    try:
        rows = connection.execute(words[2]).fetchall()
    finally:
        connection.close()
    return "\n".join("|".join(str(value) for value in row) for row in rows)


def spaces(text: str) -> str:
    """Columns and indents are of any width."""
    return re.sub(r"\s+", " ", text)
