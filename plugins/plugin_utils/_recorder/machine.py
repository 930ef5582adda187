# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain of an answer, and what is found out of it."""

from __future__ import annotations

import secrets
import time
import typing as t
import uuid

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._digests import facts_digest
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import texts_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import Told
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Moves,
    Values,
    nothing_moves,
)

Facts = t.Dict[str, t.Any]

#: For domains whose XML has no usable UUID, a stable one is made from host and name.
_NAMESPACE = uuid.UUID("6a0f6c57-6a43-5f0e-9d43-1f0c7d4f1b5e")


def new_uuid() -> str:
    """A UUID of version 7 (RFC 9562), which begins with the time.

    VMs that are recorded together are neighbours in all indexes then, and so are their devices: of
    a large ledger a few pages are read in place of one for each row.
    """
    number = (time.time_ns() // 1000000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


class _Moving(t.Protocol):
    """What knows how the columns of a thing move."""

    def moves(self, column: str, before: t.Any, after: t.Any) -> bool:
        """By itself."""

    def follows(self, column: str, before: t.Any, after: t.Any) -> bool:
        """With a start or a stop."""


class Machine:
    """One domain of the answer and the VM that it is.

    :ivar domain: the facts.
    :ivar key: the domain's UUID in the ledger.
    :ivar digest: of the facts, computed here; null if not every family was gathered.
    :ivar before: the recorded row, null for a new VM.
    :ivar whereabouts: where it was before, null where that stays as it is recorded.
    :ivar change: ``new``, ``moved``, ``returned``, ``changed`` or ``unchanged``.
    :ivar archived: which texts are new in the archive, a line each.
    :ivar changes: what is different on it and on its devices.
    """

    def __init__(self, domain: Facts, key: str) -> None:
        self.domain = domain
        self.key = key
        whole = all(domain[family.fact] is not None for family in FAMILIES)
        self.digest = facts_digest(domain) if whole else None
        self.before: t.Optional[Values] = None
        self.whereabouts: t.Optional[t.List[Values]] = None
        self.change = "unchanged"
        self.vm_uuid = ""
        self.archived: t.List[str] = []
        self.changes: t.List[Told] = []

    def add(self, changes: t.Sequence[Told]) -> None:
        """Take note of changes on the VM's devices; those of a new VM go without saying."""
        if self.change != "new":
            self.changes += changes
            if changes and self.change == "unchanged":
                self.change = "changed"

    def add_parts(self, changes: t.Sequence[Told]) -> None:
        """Take note of what changed on devices and snapshots.

        Those of a VM that is back were removed with it, so they go without saying as well.
        """
        if self.before is None or self.before["deleted_at"] is None:
            self.add(changes)

    @property
    def settled(self) -> bool:
        """The archived texts are the current ones: what moves by itself stays as they say."""
        return not self.archived and bool(texts_of(self.domain))

    def moves(self, moves: Moves) -> Moves:
        """What moves by itself: nothing of a definition, nor where there is a new archived text."""
        return moves if self.domain["in_live"] and not self.archived else nothing_moves

    def untold(self, fitting: _Moving) -> Moves:
        """What nobody wants to be told: what moves by itself, or follows a start or a stop."""
        before = self.before
        now, then = self.domain["in_live"], before is not None and before["in_live"]
        if now == then:
            return fitting.moves if now else nothing_moves

        def untold(column: str, old: t.Any, new: t.Any) -> bool:
            return fitting.moves(column, old, new) or fitting.follows(column, old, new)

        return untold

    @property
    def is_news(self) -> bool:
        """There may be something to write: of the VM, of its texts, or what tells it unchanged."""
        if self.change != "unchanged" or self.archived or self.before is None:
            return True
        source = self.domain.get("source_digest")
        return bool(texts_of(self.domain)) and self.before["source_digest"] != source

    @property
    def name(self) -> str:
        """The domain's name, or its UUID where it has none."""
        return self.domain["name"] or self.key


def made_uuid(host_id: str, name: t.Optional[str]) -> str:
    """The UUID under which a domain without a usable one is recorded."""
    return str(uuid.uuid5(_NAMESPACE, "{0}\n{1}".format(host_id, name)))


def domain_key(domain: Facts, host_id: str, warnings: t.List[str]) -> str:
    """The domain's UUID in the ledger; made from names where the XML has no usable one."""
    key = uuid_text(domain["uuid"] or "")
    if key is not INVALID:
        return str(key)
    made = made_uuid(host_id, domain["name"])
    warnings.append(
        "Domain {0!r} has no usable UUID; it is recorded under {1}, made from the names of host "
        "and domain.".format(domain["name"], made)
    )
    return made
