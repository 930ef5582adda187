"""What docs/awx makes in AWX: applied by the modules of awx.awx, and held to the collection."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx.documents import AWX, CREDENTIAL_TYPES, PROJECT, SCHEDULES, TEMPLATES, VARIABLES, load
from awx.server import SECRET, Awx, serving
from conftest import COLLECTIONS, ROOT
from runs import Runner

#: By target of make; see there.
MODULES = ROOT / ".build" / "awx"

PASSWORD = "p@ss/w:r%dzqxq"


def apply(runner: Runner, address: str, *options: str) -> str:
    """Run docs/awx/apply.yml as a user does, with a file of their own for the password."""
    own = runner.folder / "own.yml"
    own.write_text(yaml.safe_dump({"ledger_database_password": PASSWORD}))
    runner.environment.update(
        ANSIBLE_COLLECTIONS_PATH=f"{MODULES}:{COLLECTIONS}",
        CONTROLLER_HOST=address,
        CONTROLLER_USERNAME="admin",
        CONTROLLER_PASSWORD="logzqxq",
        ANSIBLE_PIPELINING="1",
    )
    interpreter = ("-e", f"ansible_python_interpreter={sys.executable}")
    done = runner.call(
        "ansible-playbook", str(AWX / "apply.yml"), "-v", "-e", f"@{own}", *interpreter, *options
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Awx, list[str]]:
    """AWX after everything was applied twice, and what was printed each time."""
    assert MODULES.is_dir(), "make .build/stamps/awx"
    playbooks = [path.name for path in PROJECT.glob("*.yml")]
    files = [f"inventory/{path.name}" for path in (PROJECT / "inventory").iterdir()]
    awx = Awx(playbooks, files)
    machine = awx.named("credential_types", "Machine")["id"]
    awx.add("organizations", {"name": "Default"})
    hypervisors = {"name": "hypervisors", "credential_type": machine, "inputs": {"username": "ops"}}
    awx.add("credentials", hypervisors)
    runner = Runner(tmp_path_factory.mktemp("awx"))
    with serving(awx) as address:
        printed = [apply(runner, address)]
        awx.writes.append("again")
        printed.append(apply(runner, address))
    return awx, printed


def recap(printed: str) -> dict[str, int]:
    """The numbers of the only host."""
    (line,) = re.findall(r"localhost +: (ok=.*)", printed)
    return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}


def test_everything_is_made_once(applied: tuple[Awx, list[str]]) -> None:
    awx, (first, second) = applied
    assert (recap(first)["failed"], recap(first)["changed"]) == (0, 8)
    assert (recap(second)["failed"], recap(second)["changed"]) == (0, 0)
    at = awx.writes.index("again")
    assert len(awx.writes) > at > 20, "nothing but the sign is written the second time"
    assert awx.writes[at + 1 :] == []
    assert "zqxq" not in first + second


def test_what_templates_get(applied: tuple[Awx, list[str]]) -> None:
    awx, _ = applied
    database = awx.named("credentials", "virtledger database")["id"]
    machine = awx.named("credentials", "hypervisors")["id"]
    for template in TEMPLATES:
        made = awx.named("job_templates", f"Ledger: {template['name']}")
        wanted = {database, machine} if template["logs_in"] else {database}
        assert set(awx.links[made["id"], "credentials"]) == wanted
        assert made["job_type"] == ("check" if template["name"] == "restore" else "run")
        survey = awx.surveys.get(made["id"], {"spec": []})
        assert len(survey["spec"]) == len(template["survey"])
    source = awx.named("inventory_sources", "inventory/vms.ledger.yml")
    assert source["credential"] == database
    assert "credential" not in awx.named("inventory_sources", "inventory/hypervisors.yml")
    assert len(awx.objects["schedules"]) == len(SCHEDULES)
    assert {one["enabled"] for one in awx.objects["schedules"]} == {True, False}


def test_the_password_reaches_the_credential_only(applied: tuple[Awx, list[str]]) -> None:
    awx, _ = applied
    credential = awx.named("credentials", "virtledger database")
    assert credential["inputs"]["password"] == PASSWORD
    others = [item for name in awx.objects for item in awx.objects[name] if item is not credential]
    assert "zqxq" not in json.dumps(others)
    status, shown = awx.answer("GET", credential["url"], {}, {})
    assert (status, shown["inputs"]["password"]) == (200, SECRET)


@pytest.mark.parametrize("change", ["playbook", "rrule", "extra_data", "env", "default"])
def test_mistakes_are_refused(applied: tuple[Awx, list[str]], change: str) -> None:
    """The server of the test is worth something: it refuses what AWX refuses."""
    awx, _ = applied
    collection, wrong = {
        "playbook": ("job_templates", {"playbook": "none.yml"}),
        "rrule": ("schedules", {"rrule": "DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1"}),
        "extra_data": ("schedules", {"extra_data": {"nobody_asks": 1}}),
        "env": ("credential_types", {"injectors": {"env": {"ANSIBLE_X": "{{ url }}"}}}),
        "default": ("", {}),
    }[change]
    if not collection:
        (url,) = {awx.named("job_templates", "Ledger: sync")["related"]["survey_spec"]}
        spec = json.loads(
            json.dumps({"name": "", "description": "", "spec": TEMPLATES[1]["survey"]})
        )
        spec["spec"][1]["default"] = "maybe"
        assert awx.answer("POST", url, {}, spec)[0] == 400
        return
    item = awx.objects[collection][-1]
    assert awx.answer("PATCH", item["url"], {}, wrong)[0] == 400


def test_every_playbook_of_the_collection_has_a_template_and_a_file() -> None:
    playbooks = {path.name for path in (ROOT / "playbooks").glob("*.yml")}
    assert {template["playbook"] for template in TEMPLATES} == playbooks
    assert {path.name for path in PROJECT.glob("*.yml")} == playbooks
    for name in playbooks:
        (play,) = load(PROJECT / name)
        assert play["ansible.builtin.import_playbook"] == f"virtledger.libvirt.{Path(name).stem}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template["name"])
def test_questions_are_those_of_the_role(template: dict[str, Any]) -> None:
    """Each sets a variable that there is, offers what the role takes, and has its default."""
    play, *_summary = load(ROOT / "playbooks" / template["playbook"])
    if "roles" not in play:
        text = str(play["tasks"])
        assert all(question["variable"] in text for question in template["survey"])
        return
    role = play["roles"][0]["role"].rpartition(".")[2]
    options = load(ROOT / f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"][
        "options"
    ]
    asked = {question["variable"]: question for question in template["survey"]}
    required = {name for name, option in options.items() if option.get("required")}
    assert required <= set(asked)
    for name, question in asked.items():
        if name == "target":
            continue
        option = options[name]
        choices = question.get("choices", [])
        if option["type"] == "bool":
            assert choices == ["false", "true"]
            assert question["default"] == str(option["default"]).lower()
        elif "choices" in option:
            assert choices == option["choices"]
        # What is written in a container is lost, so the report has another place there.
        if not (option.get("required") or option["type"] in ("bool", "list", "path")):
            assert question["default"] == option["default"], name


def test_credentials_set_variables_that_are_read() -> None:
    """Each is one that the collection knows."""
    code = " ".join(
        (ROOT / "plugins" / "plugin_utils" / name).read_text()
        for name in ("_url.py", "_tls_files.py")
    )
    for kind in CREDENTIAL_TYPES:
        assert kind["injectors"]["env"]
        for name in kind["injectors"]["env"]:
            assert f'"{name}"' in code
            assert not name.startswith("ANSIBLE_")


def test_the_page_names_everything() -> None:
    page = (AWX / "README.md").read_text(encoding="utf-8")
    for template in TEMPLATES:
        assert f"`{template['name']}`" in page
    for schedule in SCHEDULES:
        assert schedule["name"] in page
    for name in load(VARIABLES / "settings.yml"):
        assert f"`{name}`" in page, name
