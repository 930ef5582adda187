"""The pages of the documentation: links, the index of them, and the generated reference of tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._indexes import indexes_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata
from conftest import ROOT

PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".build", ".venv", "node_modules"} & set(path.relative_to(ROOT).parts)
)
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its code, in which brackets mean something else."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`(?!\]\()", "", text)


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
