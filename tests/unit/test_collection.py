"""The collection as a whole: metadata, documentation and what is generated."""

from __future__ import annotations

import ast
import functools
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import DEVICE_LISTS
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    FAMILY_BY_FACT,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from conftest import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ACTIONS = sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py"))


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@functools.cache
def documentation() -> dict[str, Any]:
    """What ansible-doc says of every module."""
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--json", "-t", "module"]
    names = [f"virtledger.libvirt.{name}" for name in MODULES]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def documented_options(module: str) -> dict[str, Any]:
    options: dict[str, Any] = documentation()[f"virtledger.libvirt.{module}"]["doc"]["options"]
    return options


def accepted(action: str) -> dict[str, Any]:
    """The options that an action takes."""
    name = f"ansible_collections.virtledger.libvirt.plugins.action.{action}"
    found: dict[str, Any] = importlib.import_module(name).ActionModule.ARGUMENTS
    return found


def test_the_action_group_has_every_module() -> None:
    runtime = load("meta/runtime.yml")
    assert sorted(runtime["action_groups"]["virtledger"]) == MODULES


def test_the_group_of_the_ledger_has_what_takes_a_database() -> None:
    takes = [name for name in ACTIONS if "database_url" in accepted(name)]
    assert load("meta/runtime.yml")["action_groups"]["ledger"] == takes


def test_every_action_has_a_module_with_its_documentation() -> None:
    assert set(ACTIONS) <= set(MODULES)


@pytest.mark.parametrize("action", ACTIONS)
def test_documented_options_are_the_actions_options(action: str) -> None:
    spec = accepted(action)
    documented = documented_options(action)
    assert set(documented) == set(spec)
    for name, option in spec.items():
        told = documented[name]
        assert told.get("type", "str") == option["type"], name
        for key in ("default", "choices", "elements", "required"):
            assert (told.get(key) or None) == (option.get(key) or None), (name, key)


def test_the_lists_of_devices_are_those_of_the_families() -> None:
    assert list(FAMILY_BY_FACT) == list(DEVICE_LISTS)


@pytest.mark.parametrize("module", ["archive_info", "domain_info", "hypervisor_info"])
def test_documented_families_are_the_declared_ones(module: str) -> None:
    assert documented_options(module)["families"]["choices"] == list(FAMILY_BY_FACT)


def test_documented_queries_are_the_real_ones() -> None:
    assert documented_options("ledger_info")["query"]["choices"] == list(SUBJECTS)


def test_what_is_generated_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "generate"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_galaxy_metadata() -> None:
    galaxy = load("galaxy.yml")
    assert (galaxy["namespace"], galaxy["name"]) == ("virtledger", "libvirt")
    version = galaxy["version"]
    assert version in load("changelogs/changelog.yaml")["releases"]
    assert f"\nv{version}\n" in (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"virtledger-libvirt-{version}.tar.gz" in readme
    assert galaxy["license"] == ["GPL-3.0-or-later"]
    required = {
        "application",
        "cloud",
        "database",
        "eda",
        "infrastructure",
        "linux",
        "monitoring",
        "networking",
        "security",
        "storage",
        "tools",
        "windows",
    }
    assert required & set(galaxy["tags"])


def test_one_oldest_ansible_everywhere() -> None:
    assert load("meta/runtime.yml")["requires_ansible"] == ">=2.19.0"
    for meta in (ROOT / "roles").glob("*/meta/main.yml"):
        told = yaml.safe_load(meta.read_text(encoding="utf-8"))["galaxy_info"]
        assert told["min_ansible_version"] == "2.19", meta
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "On the controller, ansible-core 2.19 or later" in readme
    assert "| ansible-core | 2.19 and later; tested with 2.19," in readme


def test_what_runs_on_hypervisors_is_python_3_8() -> None:
    """The sanity tests import it with 3.8 where there is one; the grammar is checked anywhere."""
    found = [
        *(ROOT / "plugins" / "module_utils").rglob("*.py"),
        *(ROOT / "plugins" / "modules").glob("*.py"),
    ]
    assert len(found) > 50
    for path in found:
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 8))


@pytest.mark.parametrize("role", ["hypervisor", "ledger", "report", "sync"])
def test_roles_document_every_default(role: str) -> None:
    defaults = load(f"roles/{role}/defaults/main.yml")
    specs = load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert set(defaults) <= set(specs)
    for name, value in defaults.items():
        if "{{" not in str(value):
            assert specs[name].get("default") == value, name


def test_license_header_and_annotations_on_every_file() -> None:
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "SPDX-License-Identifier: GPL-3.0-or-later" in text, path
        if path.name != "__init__.py":
            assert "from __future__ import annotations" in text, path


def test_the_environments_requirements_exist() -> None:
    environment = load("meta/execution-environment.yml")["dependencies"]
    for kind in ("python", "system"):
        assert (ROOT / environment[kind]).exists()
    needed = (ROOT / "requirements.txt").read_text()
    for package in ("SQLAlchemy", "alembic", "psycopg", "PyMySQL", "XlsxWriter"):
        assert package in needed
