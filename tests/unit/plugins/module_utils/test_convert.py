"""Converters hand back INVALID for what they cannot convert, and never raise."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    MAC,
    SIGNED,
    UNSIGNED,
    YES_NO,
    scaled_bytes,
    uuid_text,
)


@pytest.mark.parametrize("text", ["0", "8", "4294967295", "18446744073709551615"])
def test_unsigned(text: str) -> None:
    assert UNSIGNED.convert(text) == int(text)


@pytest.mark.parametrize(
    "text", ["", " 4 ", "+8", "-1", "0x10", "4.0", "1_000", "٣", "lots", "1" * 21, "4\n"]
)
def test_what_python_would_take_for_a_number(text: str) -> None:
    assert UNSIGNED.convert(text) is INVALID


def test_signed() -> None:
    assert SIGNED.convert("-1") == -1
    assert SIGNED.convert("--1") is INVALID


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("no", False), ("YES", INVALID), ("", INVALID)]
)
def test_yes_no(text: str, value: object) -> None:
    assert YES_NO.convert(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("52:54:00:AA:BB:CC", "52:54:00:aa:bb:cc"),
        ("52:54:0:1:2:3", "52:54:00:01:02:03"),
        ("52-54-00-aa-bb-cc", INVALID),
        ("52:54:00:aa:bb", INVALID),
        ("", INVALID),
    ],
)
def test_mac(text: str, value: object) -> None:
    assert MAC.convert(text) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1", None, 1024),
        ("1", "b", 1),
        ("1", "bytes", 1),
        ("2", "KiB", 2048),
        ("2", "KB", 2000),
        ("2", "k", 2048),
        ("3", "MiB", 3 * 2**20),
        ("3", "M", 3 * 2**20),
        ("1", "GB", 10**9),
        ("1", "TiB", 2**40),
        ("1", "E", 2**60),
        ("1", "parsecs", INVALID),
        ("1", "Kibi", INVALID),
        ("many", "KiB", INVALID),
        (" 5 ", "b", 5),
    ],
)
def test_sizes(text: str, unit: str | None, value: object) -> None:
    assert scaled_bytes(text, unit, "KiB") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("C0DE0000000040008000000000000002", "c0de0000-0000-4000-8000-000000000002"),
        (" c0de0000-0000-4000-8000-000000000002\n", "c0de0000-0000-4000-8000-000000000002"),
        ("{c0de0000-0000-4000-8000-000000000002}", INVALID),
        ("", INVALID),
    ],
)
def test_uuid(text: str, value: object) -> None:
    assert uuid_text(text) == value
