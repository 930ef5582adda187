"""Measuring in pairs, and tables of what was measured, for the terminal and for the documentation."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: Every number is the median of at least so many runs, unless its table says otherwise.
RUNS = 5

#: Returns the seconds that count, which leaves out what was only preparation.
Contender = Callable[[], float]


@dataclasses.dataclass
class Table:
    """What one part of the benchmark measured.

    :ivar rows: texts, as many as there are columns.
    :ivar notes: what is to be known about the numbers.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Add a row."""
        assert len(cells) == len(self.columns)
        self.rows.append(cells)

    def markdown(self) -> str:
        """The table for the documentation."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        notes = "\n".join(f"- {note}" for note in self.notes)
        return f"**{self.title}**\n\n{text}\n" + (f"\n{notes}\n" if notes else "")

    def show(self) -> None:
        """Print the table."""
        from rich.console import Console
        from rich.table import Table as RichTable

        shown = RichTable(title=self.title, title_justify="left")
        for index, column in enumerate(self.columns):
            shown.add_column(column, justify="right" if index else "left")
        for cells in self.rows:
            shown.add_row(*(cell.replace("**", "") for cell in cells))
        console = Console(width=max(Console().width, 130))
        console.print(shown)
        for note in self.notes:
            console.print(f"  {note}", markup=False)


def timed(work: Callable[[], Any]) -> float:
    """The seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def paired(contenders: Mapping[str, Contender], runs: int = RUNS) -> dict[str, list[float]]:
    """The seconds of every run; all take turns, so that what disturbs one disturbs the others."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _run in range(runs):
        for name, contender in contenders.items():
            seconds[name].append(contender())
    return seconds


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios of the pairs."""
    return statistics.median(one / other for one, other in zip(ours, floor))


def median(seconds: Sequence[float]) -> float:
    """The median."""
    return statistics.median(seconds)


def duration(seconds: float) -> str:
    """A duration with its unit, to three digits."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if abs(seconds) * factor >= 1 or unit == "us":
            value = seconds * factor
            digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
            return f"{value:,.{digits}f} {unit}"
    raise AssertionError


def at_most(value: float, target: float) -> str:
    """Whether a number is as small as it is to be."""
    return "reached" if value <= target else "**not reached**"


def at_least(value: float, target: float) -> str:
    """Whether a number is as large as it is to be."""
    return "reached" if value >= target else "**not reached**"
