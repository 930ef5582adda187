"""What was run by ``make matrix``, as the README and docs/versions.md say it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = Path(__file__).resolve().parent / "versions.json"
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "versions.md"

BEGIN = "<!-- Written by `make matrix` from tests/matrix/versions.json. -->\n"
END = "<!-- Until here. -->\n"

#: Tested by the unit tests, on whatever machine they run.
DATABASES = (
    "SQLite 3.35 and later, PostgreSQL 13 and later (tested with 15), MariaDB 10.6 and later (tested "
    "with 10.11, also as a Galera cluster); MySQL 8 by statements that both share, not run"
)

PAGE_HEAD = """# Versions

Written by `make matrix`, which makes each environment and runs in it
`tests/matrix/functional.yml` (schema, sync, sync again unchanged, check and diff, ledger_info,
domain_xml, restore in check mode, backfill, record from variables, verified) on SQLite and PostgreSQL,
some of the tests of modules and actions, and with one environment of each release of SQLAlchemy the
tests of tables, recorder and queries on SQLite. A deprecation warning, or any other, is a failure.

## Controllers

"""

PAGE_HYPERVISORS = """
## Hypervisors

The same main path, with the modules run by the Python and the libvirt (test driver) of the
hypervisor. Real daemons and guests are tested with libvirt 9.0 of Debian 12 (`tests/lab/`). Which
Pythons a hypervisor may have is up to ansible-core: 2.19 needs 3.8 there, 2.20 and later 3.9.

"""

PAGE_END = """
## Not run

Python 3.14 on the controller, Python 3.10 on a hypervisor, libvirt before 7.0, and real
daemons of another libvirt than 9.0. The sanity tests import what runs on hypervisors with every Python
from 3.8 to 3.13 that there is.
"""


def load() -> dict[str, Any]:
    """The recorded results: rows by the names of environments, of controllers and hypervisors."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {kind: dict(sorted(rows.items())) for kind, rows in found.items()}


def write(kind: str, name: str, row: dict[str, Any] | None) -> None:
    """Record the result of one environment, or that it has none, and say it where people read."""
    results = load()
    results[kind].pop(name, None)
    if row is not None:
        results[kind][name] = row
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def short(version: str) -> str:
    """2.19.14 is 2.19; a candidate is named in full."""
    return version if "rc" in version or "b" in version else ".".join(version.split(".")[:2])


def _list(versions: Iterable[str]) -> str:
    known = sorted({short(version) for version in versions}, key=_key)
    return " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))


def _key(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split("."))


def table(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def controllers(results: dict[str, Any]) -> str:
    head = ["ansible-core", "Python", "SQLAlchemy", "Alembic", "psycopg", "tests passed"]
    keys = ["ansible_core", "python", "sqlalchemy", "alembic", "psycopg", "passed"]
    return table(head, ([str(row[key]) for key in keys] for row in results["controllers"].values()))


def hypervisors(results: dict[str, Any]) -> str:
    head = ["hypervisor", "Python", "libvirt", "binding", "from ansible-core", "tests passed"]
    keys = ["name", "python", "libvirt", "binding", "ansible_core", "passed"]
    return table(head, ([str(row[key]) for key in keys] for row in results["hypervisors"].values()))


def support(results: dict[str, Any]) -> str:
    """The README's table."""
    here, there = (results[kind].values() for kind in ("controllers", "hypervisors"))
    cores = _list(row["ansible_core"] for row in here)
    pythons = _list(row["python"] for row in here)
    remote = _list([*(row["python"] for row in there), *(row["python"] for row in here)])
    libvirts = _list([*(row["libvirt"] for row in there), *(row["libvirt"] for row in here)])
    rows = [
        ["ansible-core", f"2.19 and later; tested with {cores}"],
        ["Python on the controller", f"3.11 and later; tested with {pythons}"],
        ["Python on hypervisors", f"3.8 and later; tested with {remote}"],
        ["libvirt", f"tested with {libvirts} (test driver), real daemons with 9.0"],
        ["SQLAlchemy", f"2.0 and later; tested with {_list(row['sqlalchemy'] for row in here)}"],
        ["databases", DATABASES],
    ]
    return table(["", "versions"], rows).replace("|  |", "| |", 1)


def page() -> str:
    """docs/versions.md."""
    results = load()
    return PAGE_HEAD + controllers(results) + PAGE_HYPERVISORS + hypervisors(results) + PAGE_END


def readme(text: str) -> str:
    """The README with the table of today."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return before + BEGIN + support(load()) + END + after
