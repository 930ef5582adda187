"""The files of docs/awx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

AWX = ROOT / "docs" / "awx"
VARIABLES = AWX / "vars"
PROJECT = AWX / "project"


class Loader(yaml.SafeLoader):
    """YAML with the tag for templates that are not Ansible's."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[no-untyped-call]


def load(path: Path) -> Any:
    """A file of YAML."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


TEMPLATES: list[dict[str, Any]] = load(VARIABLES / "job_templates.yml")["ledger_job_templates"]
CREDENTIAL_TYPES: list[dict[str, Any]] = load(VARIABLES / "credential_types.yml")[
    "ledger_credential_types"
]
SCHEDULES: list[dict[str, Any]] = load(VARIABLES / "schedules.yml")["ledger_schedules"]
