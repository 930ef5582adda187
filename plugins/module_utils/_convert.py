# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converters: text of an XML document to a value.

Each hands back :data:`INVALID` for what it cannot convert; the walk then keeps the text as it
was found and adds a warning. None of them raises.
"""

from __future__ import annotations

import re
import typing as t


class _Invalid:
    """The type of :data:`INVALID`."""

    def __repr__(self) -> str:
        return "INVALID"


#: Handed back by a converter for text that it cannot convert.
INVALID = _Invalid()

# 64-bit numbers have at most 20 digits.
_MOST_DIGITS = 20
_SIGNED = re.compile(r"-?[0-9]{1,20}\Z", re.ASCII)
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,16})\Z", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{32}\Z")
_MAC = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}\Z")

_YES_NO = {"yes": True, "no": False}
_ON_OFF = {"on": True, "off": False}

#: Units of libvirt's scaled integers: a bare letter and ``KiB`` count by 1024, ``KB`` by 1000.
_UNIT_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


class Converter(t.NamedTuple):
    """How a field's text becomes a value.

    :ivar type: the type of the converted value: ``str``, ``int`` or ``bool``.
    :ivar expected: completes the sentence "... is not ..." of a warning.
    :ivar text: the way back. Raises ValueError for a value that is not of the type.
    """

    type: str
    expected: str
    convert: t.Callable[[str], t.Any]
    text: t.Callable[[t.Any], str] = str


def _unsigned(text: str) -> t.Any:
    if text.isdigit() and text.isascii() and len(text) <= _MOST_DIGITS:
        return int(text)
    return INVALID


def _signed(text: str) -> t.Any:
    return int(text) if _SIGNED.match(text) else INVALID


def _mac(text: str) -> t.Any:
    lowered = text.lower()
    if not _MAC.match(lowered):
        return INVALID
    return ":".join(part.zfill(2) for part in lowered.split(":"))


def uuid_text(text: str) -> t.Any:
    """A UUID in the lower-case dashed form; libvirt also reads upper case and no dashes."""
    digits = text.strip(" \t\r\n").replace("-", "").lower()
    if not _UUID.match(digits):
        return INVALID
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def hexadecimal(text: t.Optional[str]) -> t.Any:
    """A part of a PCI or USB address, written ``0x1f``, ``1F`` or ``31`` in hexadecimal."""
    match = _HEX.match(text or "")
    return int(match.group(1), 16) if match else INVALID


def scaled_bytes(text: str, unit: t.Optional[str], default_unit: str) -> t.Any:
    """A size in bytes from libvirt's number and unit (``1 GiB``, ``512 M``, ``2048`` KiB)."""
    number = _unsigned(text.strip(" \t\r\n"))
    factor = _unit_factor(unit or default_unit)
    if number is INVALID or factor is INVALID:
        return INVALID
    return number * factor


def _unit_factor(unit: str) -> t.Any:
    lowered = unit.lower()
    if lowered in ("b", "byte", "bytes"):
        return 1
    power = _UNIT_POWERS.get(lowered[:1], 0)
    if not power:
        return INVALID
    if lowered[1:] in ("", "ib"):
        return 1024**power
    return 1000**power if lowered[1:] == "b" else INVALID


def _flag_text(true: str, false: str) -> t.Callable[[t.Any], str]:
    def text(value: t.Any) -> str:
        if not isinstance(value, bool):
            raise ValueError("{0!r} is neither true nor false".format(value))
        return true if value else false

    return text


def _checked(convert: t.Callable[[str], t.Any], expected: str) -> t.Callable[[t.Any], str]:
    def text(value: t.Any) -> str:
        written = str(value)
        if isinstance(value, bool) or convert(written) is INVALID:
            raise ValueError("{0!r} is not {1}".format(value, expected))
        return written

    return text


def _unicast(value: t.Any) -> str:
    """libvirt refuses a multicast address for a NIC."""
    mac = _mac(str(value))
    if mac is INVALID:
        raise ValueError("{0!r} is not a MAC address".format(value))
    if int(mac[:2], 16) & 1:
        raise ValueError("{0} is a multicast address".format(mac))
    return str(mac)


_NUMBER = "an unsigned decimal number"
_DECIMAL = "a decimal number"

TEXT = Converter("str", "text", str)
UNSIGNED = Converter("int", _NUMBER, _unsigned, _checked(_unsigned, _NUMBER))
SIGNED = Converter("int", _DECIMAL, _signed, _checked(_signed, _DECIMAL))
YES_NO = Converter(
    "bool", "'yes' or 'no'", lambda text: _YES_NO.get(text, INVALID), _flag_text("yes", "no")
)
ON_OFF = Converter(
    "bool", "'on' or 'off'", lambda text: _ON_OFF.get(text, INVALID), _flag_text("on", "off")
)
MAC = Converter("str", "a MAC address", _mac, _unicast)
UUID = Converter("str", "a UUID", uuid_text, _checked(uuid_text, "a UUID"))
