# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is: one declaration of its code, severity, words and the function that finds."""

from __future__ import annotations

import hashlib
import json
import typing as t

#: How bad it is, the least first. ``critical`` loses data or breaks what runs.
INFO, WARNING, CRITICAL = SEVERITIES = ("info", "warning", "critical")


class Threshold(t.NamedTuple):
    """A number that decides whether something is worth telling.

    :ivar doc: what it says, a sentence.
    """

    name: str
    default: float
    minimum: float
    maximum: float
    doc: str


class Found(t.NamedTuple):
    """One thing that a rule has found.

    :ivar object_type: the table that the object is in.
    :ivar object_name: what the object is called, for example a MAC address or a volume's path.
    :ivar identity: what makes it the same finding at the next evaluation, beside the rule's code.
    :ivar summary: a sentence with host, VM and device.
    :ivar host_id: the host, null where several are concerned.
    :ivar vm_uuid: the VM's UUID in the ledger, null where none or several are concerned; those are
        in ``vms`` of ``details``.
    """

    object_type: str
    object_name: str
    identity: t.Tuple[str, ...]
    summary: str
    details: t.Dict[str, t.Any]
    host_id: t.Optional[str] = None
    vm_uuid: t.Optional[str] = None
    vm_name: t.Optional[str] = None


class Rule(t.NamedTuple):
    """One kind of finding.

    :ivar code: its name, which never changes.
    :ivar title: what is wrong, in a few words.
    :ivar explanation: when it is found, and why that matters.
    :ivar remedy: what to do about it.
    :ivar find: what is found in a reading of the ledger.
    """

    code: str
    severity: str
    title: str
    explanation: str
    remedy: str
    find: t.Callable[[t.Any], t.Iterable[Found]]
    threshold: t.Optional[Threshold] = None


def fingerprint(code: str, identity: t.Sequence[str]) -> str:
    """SHA-256 of a rule's code and of what it is about, by which a finding is known again."""
    text = json.dumps([code, *identity], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def names(values: t.Iterable[str], most: int = 4) -> str:
    """``a, b and c``, or the first ones and how many there are more."""
    known = list(values)
    if len(known) > most:
        return "{0} and {1} more".format(", ".join(known[:most]), len(known) - most)
    return " and ".join([part for part in (", ".join(known[:-1]), known[-1]) if part])
