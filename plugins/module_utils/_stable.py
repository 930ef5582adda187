# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a running domain's text moves by itself, and digests that do not see it.

These are the fields that the mapping declares as moving, as they stand in the text: finding them
there takes a few microseconds, where reading the text takes hundreds.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION

Facts = t.Dict[str, t.Any]

#: As libvirt prints them: the balloon, the part of virtio-mem in use, the guest's clock, and the
#: numbers of pseudo-terminals. Of each: how it begins, how much of that is not part of it, and how
#: it goes on. Looking for a plain text takes a tenth of the time of a regular expression.
_MOVING = (
    ("<currentMemory unit='KiB'>", 0, re.compile(r"\d+(?=</currentMemory>)")),
    ("<current unit='KiB'>", 0, re.compile(r"\d+(?=</current>)")),
    ("<clock offset='variable' adjustment='", 0, re.compile(r"-?\d+")),
    (" path='/dev/pts/", len("/dev/pts/"), re.compile(r"\d+(?=')")),
    (" tty='/dev/pts/", len("/dev/pts/"), re.compile(r"\d+(?=')")),
)

#: A running domain's number, another one after each start.
_NUMBER = re.compile(r"(?<=<domain type=)('\w+' id=')\d+(?=')")

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

_MAC = re.compile(r"<mac address=['\"]([^'\"]+)")


def _resting(text: str) -> str:
    """The text without the fields that move."""
    for beginning, moving_part, going_on in _MOVING:
        start = text.find(beginning)
        parts, position = [], 0
        while start >= 0:
            match = going_on.match(text, start + len(beginning))
            if match:
                parts.append(text[position : start + len(beginning) - moving_part])
                position = match.end()
            start = text.find(beginning, start + len(beginning))
        if parts:
            text = "".join(parts) + text[position:]
    return text


def stable(text: str) -> str:
    """The text of a running domain without what moves by itself."""
    return _NUMBER.sub(r"\1", _resting(text))


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def source_digest(
    texts: t.Sequence[t.Optional[str]],
    status: t.Sequence[t.Any],
    book: t.Mapping[str, t.List[Facts]],
    snapshots: t.Optional[t.List[Facts]],
) -> str:
    """SHA-256 of all that a domain's facts are made of, but for what moves by itself.

    While it is the same, so are the facts, and nothing needs to be parsed. A start counts, although
    it may change no fact but the domain's number.

    :param texts: the live one and the definition, without secrets; null for one that is not there.
    :param status: what libvirt says of the domain beside its texts.
    :param book: addresses by MAC address; those of the domain count.
    """
    live, config = texts
    macs = {mac.lower() for text in texts if text and book for mac in _MAC.findall(text)}
    covered = [
        MAPPING_VERSION,
        list(status),
        [[mac, book[mac]] for mac in sorted(macs) if mac in book],
        snapshots,
    ]
    digest = hashlib.sha256(_CANONICAL.encode(covered).encode())
    # A definition says what somebody has chosen: nothing of it moves by itself.
    for text in (live if live is None else _resting(live), config):
        data = None if text is None else text.encode("utf-8", "surrogatepass")
        digest.update(b"-" if data is None else b"%d:" % len(data) + data)
    return digest.hexdigest()
