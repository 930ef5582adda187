"""Dates in names and from clocks."""

from __future__ import annotations

import math
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_dates import (
    Dating,
    dating,
    from_seconds,
    text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError


def found(how: Dating, *names: str) -> str | None:
    date = how.in_name(names)
    return None if date is None else text(date)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web1-2026-01-31.xml", "2026-01-31T00:00:00Z"),
        ("web1-20260131.xml", "2026-01-31T00:00:00Z"),
        ("2026_01_31/web1.xml", "2026-01-31T00:00:00Z"),
        ("2026.01.31.xml", "2026-01-31T00:00:00Z"),
        ("20260131T1259.xml", "2026-01-31T12:59:00Z"),
        ("20260131T125958Z.xml", "2026-01-31T12:59:58Z"),
        ("2026-01-31_12-59-58.xml", "2026-01-31T12:59:58Z"),
        ("2026-01-31T12:59:58Z", "2026-01-31T12:59:58Z"),
        ("2026-01-31T12:59:58+02:00.xml", "2026-01-31T10:59:58Z"),
        ("2026-01-31T23:59-0130.xml", "2026-02-01T01:29:00Z"),
        ("20260131-1200.xml", "2026-01-31T12:00:00Z"),
        ("20260131120005.xml", "2026-01-31T12:00:05Z"),
        ("2025-12-31/web1-2026-01-31.xml", "2026-01-31T00:00:00Z"),
        ("2026-01-31/web1-2026-13-31.xml", "2026-01-31T00:00:00Z"),
        ("2026-01-31/web1-2026-02-30.xml", "2026-01-31T00:00:00Z"),
        ("web1.xml", None),
        ("9920260131.xml", None),
        ("202601311.xml", None),
        ("1234-12-12.xml", None),
        ("2026-0131.xml", None),
        ("٢٠٢٦-01-31.xml", None),
    ],
)
def test_dates_in_iso_form(name: str, expected: str | None) -> None:
    assert found(dating("name", None, None), name) == expected


@pytest.mark.parametrize(
    ("pattern", "form", "name", "expected"),
    [
        (r"(\d\d\.\d\d\.\d{4})", "%d.%m.%Y", "31.01.2026/x", "2026-01-31T00:00:00Z"),
        (r"(\d{4})/(\d\d)/(\d\d)", None, "b/2026/01/31/x", "2026-01-31T00:00:00Z"),
        (r"(\d{4})/(\d\d)(/\d\d\d)?", "%Y-%m", "b/2026/01/x", "2026-01-01T00:00:00Z"),
        (r"(x)(?P<date>\d{8})", None, "x20260131", "2026-01-31T00:00:00Z"),
        (r"\d{8}", None, "20260131", "2026-01-31T00:00:00Z"),
        (r"@(.+)$", "%Y%m%d%z", "x@20260131+0200", "2026-01-30T22:00:00Z"),
        (r"@(.+)$", "%j", "x@400", None),
        (r"@(.+)$", None, "x@y", None),
        (r"(?P<date>\d+)?x", "%Y", "x", None),
        (r"nothing", None, "20260131", None),
    ],
)
def test_dates_by_pattern(pattern: str, form: str | None, name: str, expected: str | None) -> None:
    assert found(dating("auto", pattern, form), name) == expected


def test_the_first_name_with_a_date_counts() -> None:
    how = dating("name", None, None)
    assert found(how, "web1.xml", "backup-20260131.tar") == "2026-01-31T00:00:00Z"
    assert found(how, "web1-20260101.xml", "backup-20260131.tar") == "2026-01-01T00:00:00Z"
    assert found(how) is None


@pytest.mark.parametrize(
    ("by", "pattern", "reads"),
    [("auto", None, False), ("auto", "x", True), ("name", None, True), ("modified", "x", False)],
)
def test_when_names_are_read(by: str, pattern: str | None, reads: bool) -> None:
    assert dating(by, pattern, None).reads_names is reads


@pytest.mark.parametrize(
    ("pattern", "form", "message"),
    [
        ("(", None, "'date_pattern' is no regular expression"),
        ("x", "%Q", "'date_format': 'Q' is a bad directive"),
        ("x", "%", "'date_format': stray %"),
        ("x", "%Y %Y", "'date_format'"),
        (None, "%Y", "needs 'date_pattern'"),
    ],
)
def test_options_that_are_wrong(pattern: str | None, form: str | None, message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        dating("auto", pattern, form)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1769860800, "2026-01-31T12:00:00Z"),
        (1769860800.9, "2026-01-31T12:00:00Z"),
        ("1769860800", "2026-01-31T12:00:00Z"),
        (0, None),
        (-5, None),
        (math.nan, None),
        (math.inf, None),
        (1e300, None),
        (10**30, None),
        ("soon", None),
        (None, None),
    ],
)
def test_seconds(seconds: Any, expected: str | None) -> None:
    date = from_seconds(seconds)
    assert (None if date is None else text(date)) == expected
