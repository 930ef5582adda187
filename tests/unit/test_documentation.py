"""The pages of the documentation: links, the index of them, and the generated reference of tables."""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._indexes import indexes_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata
from conftest import ROOT

DOC = re.compile(r'^DOCUMENTATION = r"""\n(.*?)"""', re.M | re.S)

FOLDERS = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
PAGES = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in folder.rglob("*.md"))])
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its code, in which brackets mean something else."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`(?!\]\()", "", text)


@functools.cache
def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert path.is_relative_to(ROOT.resolve()), target
        if anchor:
            assert anchor in anchors(path), target


def test_the_index_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        if path.name != "README.md":
            assert f"]({path.name})" in index, path.name
    assert "](docs/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_the_schema_reference_has_the_table(name: str) -> None:
    """Held to the code besides being generated: a page that lacks something is not up to date."""
    (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", SCHEMA, re.M | re.S)
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| [\w ()]+(?:, required|, primary key)? \| (.*) \|$", section, re.M
        )
    )
    table = metadata.tables[name]
    assert [column for column in rows if column in table.c] == [column.name for column in table.c]
    assert all(rows[column.name] for column in table.c)
    for index in indexes_of(table):
        columns = ", ".join(f"`{column.name}`" for column in index.columns)
        assert f"| `{index.name}` | {columns} | {'unique' if index.unique else ''}" in section
    assert f"[`{name}`](#{name})" in SCHEMA


def commands(start: str) -> Iterator[tuple[str, list[str]]]:
    """The commands in the code of all pages that begin so, by their pages, as words."""
    for page in PAGES:
        text = re.sub(r" \\\n\s*", " ", page.read_text(encoding="utf-8"))
        for line in re.findall(rf"^ +({start}\b.*)$", text, re.M):
            yield page.name, shlex.split(line, comments=True)


@functools.cache
def documented(module: str) -> set[str]:
    """The options of a module; those of the database are in a fragment."""
    (text,) = DOC.findall((ROOT / "plugins" / "modules" / f"{module}.py").read_text("utf-8"))
    return {*yaml.safe_load(text)["options"], "database_url", "database_url_file", "uri"}


def test_commands_name_options_that_there_are() -> None:
    found = 0
    for page, words in commands("ansible"):
        module = next((word for word in words if word.startswith("virtledger.libvirt.")), "")
        if not module or "-a" not in words:
            continue
        text = words[words.index("-a") + 1]
        named: Any = (
            json.loads(text)
            if text.startswith("{")
            else [part.partition("=")[0] for part in shlex.split(text)]
        )
        assert set(named) <= documented(module.rpartition(".")[2]), (page, words)
        found += 1
    assert found > 80


def test_playbooks_and_their_variables_are_there() -> None:
    known = {"target"}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        known |= set(yaml.safe_load(path.read_text("utf-8"))["argument_specs"]["main"]["options"])
    found = 0
    for page, words in commands("ansible-playbook"):
        playbook = next((word for word in words if word.startswith("virtledger.libvirt.")), "")
        if not playbook:
            continue
        text = (ROOT / "playbooks" / f"{playbook.rpartition('.')[2]}.yml").read_text("utf-8")
        own = set(re.findall(r"\w+_\w+", text))
        for option, value in zip(words, words[1:], strict=False):
            if option != "-e":
                continue
            named = json.loads(value) if value.startswith("{") else [value.partition("=")[0]]
            assert set(named) <= known | own, (page, words)
        found += 1
    assert found > 20
