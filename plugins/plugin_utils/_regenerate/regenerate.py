# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM's domain XML from the ledger."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.module_utils._lxml import HAS_LXML
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import DISK
from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import marked
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import STORES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.check import (
    require_definable,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.disks import (
    with_sources,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.overlay import Overlay
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import (
    parsed,
    serialised,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.sides import Sides
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.stored import (
    Archive,
    described,
    find_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current

Values = t.Dict[str, t.Any]

KINDS = ("auto", "config", "live")


class Wanted(t.NamedTuple):
    """Which XML of a VM.

    :ivar kind: ``config``, the persistent definition; ``live``, the running domain; ``auto``, the
        first of these that there is.
    :ivar at: a time or a digest; empty for the current one.
    :ivar columns: lay edited columns over the current XML.
    """

    kind: str = "auto"
    at: str = ""
    columns: bool = True


CURRENT = Wanted()


class Regenerated(t.NamedTuple):
    """A VM's XML.

    :ivar vm: the VM's row.
    :ivar text: the XML.
    :ivar kind: ``config`` or ``live``.
    :ivar digest: of the archived document.
    :ivar edits: which columns were laid over it, and which devices were added or removed.
    :ivar secrets: where a secret must be supplied.
    :ivar warnings: what the user should know.
    """

    vm: Values
    text: str
    kind: str
    digest: str
    edits: t.List[str]
    secrets: t.List[str]
    warnings: t.List[str]


def regenerate_all(
    database: Database, terms: t.Sequence[str], wanted: Wanted = CURRENT
) -> t.List[Regenerated]:
    """The XML of several VMs, from one state of the ledger.

    :raises RegenerationError: as :func:`regenerate`.
    :raises VirtledgerError: there is no ledger.
    """
    require_ledger(database)

    def work(connection: t.Any) -> t.List[Regenerated]:
        require_current(connection)
        return [regenerate(connection, term, wanted) for term in terms]

    return transact(database, work, readonly=True)


def regenerate(connection: t.Any, term: str, wanted: Wanted = CURRENT) -> Regenerated:
    """The XML of the VM that a term names.

    :param term: the VM's UUID, or ``host_id/name``.
    :raises RegenerationError: no such VM, no XML of it, or a column that libvirt would refuse.
    :raises DatabaseError: the archive is damaged.
    """
    vm = find_vm(connection, term)
    archive = Archive(connection, vm)
    if wanted.at:
        row = archive.at(wanted.at, wanted.kind)
        return _result(vm, archive.text(row), row, [], [])
    current = archive.current()
    row = _chosen(vm, current, wanted.kind)
    text = archive.text(row)
    if not wanted.columns or vm["deleted_at"] is not None:
        return _result(vm, text, row, [], [])
    if vm["mapping_version"] != MAPPING_VERSION:
        warning = (
            "VM {0} was recorded by another version of the collection: its archived XML is "
            "returned without regard to edited columns. Record its host again.".format(
                described(vm)
            )
        )
        return _result(vm, text, row, [], [warning])
    texts = {kind: archive.text(other) for kind, other in current.items()}
    text, edits = _overlaid(connection, vm, row["kind"], texts)
    return _result(vm, text, row, edits, [])


def _chosen(vm: Values, current: t.Mapping[str, Values], kind: str) -> Values:
    for one in ("config", "live") if kind == "auto" else (kind,):
        if one in current:
            return current[one]
    raise RegenerationError(
        "The ledger has no {0} configuration of VM {1}, only {2}.".format(
            kind, described(vm), " and ".join(sorted(current))
        ),
        "Ask for kind=auto.",
    )


def _overlaid(
    connection: t.Any, vm: Values, kind: str, texts: t.Mapping[str, str]
) -> t.Tuple[str, t.List[str]]:
    """The text of one kind with the rows laid over it; untouched where they say the same."""
    if not HAS_LXML:
        raise RegenerationError(
            "lxml is not installed on the controller; it lays edited columns over archived XML.",
            "pip install lxml, or ask for the archived XML alone (columns=false).",
        )
    sides = Sides(texts)
    root = parsed(texts[kind])
    overlay = Overlay(root, kind, sides, described(vm))
    for store in STORES:
        rows = store.load(connection, [vm["uuid"]]).get(vm["uuid"], [])
        overlay.devices(store, with_sources(connection, rows) if store.family is DISK else rows)
    overlay.machine(vm)
    if not overlay.lines:
        return texts[kind], []
    require_definable(root, described(vm))
    return serialised(root, texts[kind]), overlay.lines


def _result(
    vm: Values, text: str, row: Values, edits: t.List[str], warnings: t.List[str]
) -> Regenerated:
    return Regenerated(vm, text, row["kind"], row["digest"], edits, marked(text), warnings)
