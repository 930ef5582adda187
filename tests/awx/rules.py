"""What AWX refuses, as its API does: credential types, surveys, schedules, inventory sources.

These are the rules that matter to what ``docs/awx`` makes, and not all that there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

Item = Mapping[str, Any]

#: Variables of a job that no credential may set.
RESERVED = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID"),
    *("INVENTORY_UPDATE_ID", "AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "TOWER_HOST"),
    *("AWX_HOST", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION", "CACHE"),
    *("JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_PRIVATE_DATA_DIR"),
}

FIELD_KEYS = {
    *("id", "label", "type", "format", "choices", "multiline", "secret"),
    *("ask_at_runtime", "default", "help_text", "dynamic", "internal"),
}

ANSWERS: dict[str, Any] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*$")


class Refused(Exception):
    """AWX answers 400 with this."""


def require(is_right: Any, message: str) -> None:
    """Refuse what is not right."""
    if not is_right:
        raise Refused(message)


class _Namespace:
    """``tower`` in a template; its file names are attributes."""


def credential_type(item: Item) -> None:
    """Inputs and injectors of a custom type."""
    require(item.get("kind") in ("cloud", "net"), "kind must be cloud or net")
    fields = item["inputs"]["fields"]
    ids = [field["id"] for field in fields]
    require(len(ids) == len(set(ids)), "field ids must be unique")
    require(set(item["inputs"].get("required", [])) <= set(ids), "required names another field")
    for field in fields:
        require(set(field) <= FIELD_KEYS, f"unknown key of field {field}")
        require(field["label"] and field["type"] in ("string", "boolean"), f"bad field {field}")
        require(NAME.match(field["id"]) and field["id"] not in ("tower", "awx"), "bad id")
        require(
            "default" not in field or field["default"] in field.get("choices", [field["default"]]),
            "the default is no choice",
        )
    injectors(item["injectors"], ids)


def injectors(value: Item, ids: list[str]) -> None:
    """Templates of a custom type: names that are allowed, and nothing undefined in them."""
    require(set(value) <= {"file", "env", "extra_vars"}, "unknown injector")
    tower = _Namespace()
    files = list(value.get("file", {}))
    for label in files:
        require(re.match(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?$", label), f"bad file {label}")
    require("template" not in files or len(files) == 1, "one unnamed file or several named ones")
    names = _Namespace()
    for label in files:
        setattr(names, label.partition(".")[2], "EXAMPLE_FILENAME")
    if files:
        tower.filename = "EXAMPLE_FILENAME" if files == ["template"] else names  # type: ignore[attr-defined]
    for name in value.get("env", {}):
        require(NAME.match(name), f"bad variable {name}")
        require(not name.startswith("ANSIBLE_"), f"{name} may affect Ansible's configuration")
        require(name not in RESERVED, f"{name} is not allowed")
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    namespace = {**dict.fromkeys(ids, "EXAMPLE"), "tower": tower}
    for kind in value.values():
        for template in kind.values():
            environment.from_string(template).render(**namespace)


def survey(spec: Item) -> None:
    """The questions of a template."""
    require(set(spec) >= {"name", "description", "spec"}, "name, description or spec is missing")
    require(spec["spec"], "spec doesn't contain any items")
    seen = set()
    for question in spec["spec"]:
        for key in ("type", "question_name", "variable", "required"):
            require(key in question, f"{key} is missing from a question")
        require(question["type"] in ANSWERS, f"unknown type {question['type']}")
        require(question["variable"] not in seen, f"{question['variable']} is asked twice")
        seen.add(question["variable"])
        default = question.get("default", "")
        if default != "":
            require(isinstance(default, ANSWERS[question["type"]]), f"bad default {default!r}")
        if question["type"] in ("multiplechoice", "multiselect"):
            require(all(isinstance(one, str) for one in question["choices"]), "choices are texts")
            require(default in ("", *question["choices"]), "the default is no choice")
        elif question["type"] in ("text", "integer"):
            for limit in ("min", "max"):
                require(isinstance(question.get(limit), int), f"{limit} must be a number")


def schedule(item: Item, questions: list[str], asks_variables: bool) -> None:
    """A rule of when, and variables that the template asks for."""
    rule = item["rrule"]
    starts = re.findall(r"DTSTART(?:;TZID=([A-Za-z_/]+))?:(\d{8}T\d{6}Z?)", rule)
    require(len(starts) == 1, "one DTSTART is required")
    require(starts[0][0] or starts[0][1].endswith("Z"), "DTSTART cannot be a naive datetime")
    require(not (starts[0][0] and starts[0][1].endswith("Z")), "either a zone or Z")
    rules = re.findall(r"RRULE:(\S+)", rule)
    require(len(rules) == 1, "one RRULE is required")
    parts = dict(part.split("=") for part in rules[0].split(";"))
    require(parts["FREQ"] in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"), "FREQ")
    require(parts.get("INTERVAL", "").isdigit(), "INTERVAL required in rrule")
    wrong = set(item.get("extra_data") or {}) - set(questions)
    require(asks_variables or not wrong, f"variables {wrong} are not allowed on launch")


def inventory_source(item: Item, credential_kind: str) -> None:
    """A file of a project."""
    require(item["source"] == "scm" and item.get("source_project"), "a project is required")
    require(not item["source_path"].startswith("/"), "the path is relative to the project")
    require(credential_kind in ("", "cloud"), f"credentials of kind {credential_kind}")
