"""Run the benchmark: ``python -m benchmark [SECTION...]``, by number or name; by default all.

Every section prints its tables and puts them into docs/performance.md, between its marks.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from collections.abc import Sequence

from benchmark.machine import description
from benchmark.plays import ROOT
from benchmark.tables import Table

#: The modules of the sections, each with ``measure() -> Iterable[Table]``.
SECTIONS = (
    "parse",
    "gather",
    "recording",
    "playbook",
    "todays",
    "growth",
    "size",
    "reading",
    "shares",
)

PAGE = ROOT / "docs" / "performance.md"


def chosen(arguments: Sequence[str]) -> list[str]:
    """The names of the sections that were asked for.

    :raises SystemExit: there is none of that name or number.
    """
    names = []
    for argument in arguments:
        by_number = argument.isdigit() and 1 <= int(argument) <= len(SECTIONS)
        name = SECTIONS[int(argument) - 1] if by_number else argument
        if name not in SECTIONS:
            raise SystemExit(f"benchmark: no section {argument!r}; there are {', '.join(SECTIONS)}")
        names.append(name)
    return names or list(SECTIONS)


def placed(page: str, section: str, text: str) -> str:
    """The page with other text between a section's marks.

    :raises ValueError: the page has no marks of that section.
    """
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no marks of section {section}")
    return pattern.sub(lambda _match: f"{begin}\n{text}{end}", page)


def main() -> None:
    for section in chosen(sys.argv[1:]):
        print(f"== {SECTIONS.index(section) + 1}. {section}", flush=True)
        started, load = time.monotonic(), os.getloadavg()[0]
        tables: list[Table] = []
        for table in importlib.import_module(f"benchmark.{section}").measure():
            table.show()
            sys.stdout.flush()
            tables.append(table)
            # What is there by now stays, should a later table fail.
            _write(section, tables, time.monotonic() - started, load)


def _write(section: str, tables: Sequence[Table], seconds: float, load: float) -> None:
    note = (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, `make benchmark "
        f"SECTION={SECTIONS.index(section) + 1}`, {seconds / 60:.1f} minutes, load average before "
        f"{load:.1f}. {description()}"
    )
    text = "\n".join(table.markdown() for table in tables)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(placed(page, section, f"\n{text}\n{note}\n\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
