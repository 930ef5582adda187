"""Tables of the benchmark, and the page that they are put into."""

from __future__ import annotations

import itertools

import pytest
from benchmark.__main__ import PAGE, SECTIONS, chosen, placed
from benchmark.tables import Table, at_least, at_most, duration, paired, ratio


def test_contenders_take_turns() -> None:
    order = []

    def contender(name: str) -> float:
        order.append(name)
        return float(len(order))

    seconds = paired({name: lambda name=name: contender(name) for name in "ab"}, 3)
    assert "".join(order) == "ababab"
    assert seconds == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_a_ratio_is_that_of_pairs() -> None:
    assert ratio([2, 20, 6], [1, 10, 2]) == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(12.34, "12.3 s"), (0.0051, "5.10 ms"), (0.25, "250 ms"), (88e-6, "88.0 us"), (0, "0.00 us")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_verdicts() -> None:
    assert at_most(1.2, 1.2) == at_least(5, 5) == "reached"
    assert at_most(1.21, 1.2) == at_least(4.9, 5) == "**not reached**"


def test_a_table_as_text() -> None:
    table = Table("Title", ("what", "time"), notes=["A note."])
    table.add("this", "1 s")
    assert table.markdown() == (
        "**Title**\n\n| what | time |\n| --- | --- |\n| this | 1 s |\n\n- A note.\n"
    )


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = "before\n<!-- begin parse -->\nold\n<!-- end parse -->\nafter\n"
    once = placed(page, "parse", "new \\1\n")
    assert once == page.replace("old", "new \\1")
    assert placed(once, "parse", "new \\1\n") == once
    with pytest.raises(ValueError):
        placed(page, "growth", "")


def test_the_page_has_every_section_in_order() -> None:
    text = PAGE.read_text(encoding="utf-8")
    marks = [text.index(f"<!-- {end} {name} -->") for name in SECTIONS for end in ("begin", "end")]
    assert all(one < other for one, other in itertools.pairwise(marks))
    for number, name in enumerate(SECTIONS, 1):
        heading = text.rindex("\n## ", 0, text.index(f"<!-- begin {name} -->"))
        assert text[heading:].startswith(f"\n## {number}. ")


def test_sections_by_name_and_number() -> None:
    assert chosen([]) == list(SECTIONS)
    assert chosen(["4", "parse"]) == ["playbook", "parse"]
    with pytest.raises(SystemExit, match="no section '99'"):
        chosen(["99"])
