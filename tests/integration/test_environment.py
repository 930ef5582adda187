"""The execution environment: what ansible-builder finds in the collection, and makes of the example."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml
from conftest import COLLECTIONS, ROOT
from packaging.requirements import Requirement

BUILDER = Path(sys.executable).parent / "ansible-builder"
EXAMPLE = ROOT / "docs" / "awx" / "execution-environment.yml"


def build(folder: Path, *command: str) -> str:
    """Run ansible-builder; what it prints."""
    done = subprocess.run(
        [str(BUILDER), *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_the_collection_needs(tmp_path: Path) -> None:
    """Everything for SQLite, PostgreSQL and MariaDB, also after it was sanitized, and all of it is
    what the tests have."""
    printed = build(tmp_path, "introspect", "--sanitize", str(COLLECTIONS))
    found = yaml.safe_load(printed[printed.index("---") :])
    needs = [Requirement(line.partition("  #")[0]) for line in found["python"]]
    names = {need.name for need in needs}
    assert names >= {"SQLAlchemy", "alembic", "psycopg", "PyMySQL", "lxml"}
    for need in needs:
        assert need.specifier, f"{need.name} has no lowest version"
        assert need.specifier.contains(version(need.name)), need
    system = {line.partition("  #")[0] for line in found["system"]}
    assert system == {"openssh-client [platform:dpkg]", "openssh-clients [platform:rpm]"}


def test_the_example(tmp_path: Path) -> None:
    """Its context has the collection, the Python packages come from it, and nothing is missing."""
    (tmp_path / EXAMPLE.name).write_text(EXAMPLE.read_text())
    build(tmp_path, "create", "--output-filename", "Containerfile")
    context = tmp_path / "context"
    text = (context / "Containerfile").read_text()
    image = yaml.safe_load(EXAMPLE.read_text())["images"]["base_image"]["name"]
    assert f'EE_BASE_IMAGE="{image}"' in text
    assert re.search(r"RUN .*ansible-galaxy collection install .*requirements.yml", text)
    assert "introspect.py introspect" in text
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text())
    assert [one["name"] for one in wanted["collections"]] == ["virtledger.libvirt"]
