# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded VM is which domain, and what changes on it."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import facts_digest
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    ARCHIVE,
    HYPERVISOR,
    texts_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Recording,
    Values,
    difference,
    load,
    nothing_moves,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.words import describe
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines

Facts = t.Dict[str, t.Any]

VM_FITTING = Fitting(virtual_machines, DOMAIN_FIELDS + STATUS_FIELDS)

#: States of a VM that runs on its host.
_ACTIVE = frozenset(("running", "blocked", "paused", "shutdown", "pmsuspended", "ACTIVE"))

#: For domains whose XML has no usable UUID, a stable one is made from host and name.
_NAMESPACE = uuid.UUID("6a0f6c57-6a43-5f0e-9d43-1f0c7d4f1b5e")


class Machine:
    """One domain of the answer and the VM that it is.

    :ivar domain: the facts.
    :ivar key: the domain's UUID in the ledger.
    :ivar digest: of the facts, computed here; null if not every family was gathered.
    :ivar before: the recorded row, null for a new VM.
    :ivar change: ``new``, ``moved``, ``returned``, ``changed`` or ``unchanged``.
    :ivar archived: which texts are new in the archive, a line each.
    """

    def __init__(self, domain: Facts, key: str) -> None:
        self.domain = domain
        self.key = key
        whole = all(domain[family.fact] is not None for family in FAMILIES)
        self.digest = facts_digest(domain) if whole else None
        self.before: t.Optional[Values] = None
        self.change = "unchanged"
        self.vm_uuid = ""
        self.archived: t.List[str] = []
        self.changes: t.List[str] = []

    def add(self, lines: t.Sequence[str]) -> None:
        """Take note of changes on the VM's devices; those of a new VM go without saying."""
        if self.change != "new":
            self.changes += lines
            if lines and self.change == "unchanged":
                self.change = "changed"

    @property
    def settled(self) -> bool:
        """The archived texts are the current ones: what moves by itself stays as they say."""
        return not self.archived and bool(texts_of(self.domain))

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


class MachinePlan:
    """Plans the VM rows of one host.

    :ivar machines: the domains of the answer.
    :ivar gone: recorded VMs that a complete listing does not have.
    """

    def __init__(self, recording: Recording, facts: Facts) -> None:
        self._recording = recording
        self._host_id = recording.host_id
        self._mapping_version = facts["mapping_version"]
        self.warnings: t.List[str] = []
        self.machines = [
            Machine(domain, domain_key(domain, self._host_id, self.warnings))
            for domain in facts["domains"] or ()
        ]
        self.gone: t.List[Values] = []
        recorded = self._load_recorded()
        for machine in self.machines:
            machine.before = recorded.pop(machine.key, None)
        self._find_elsewhere()
        self._classify()
        if facts["domains"] is not None and "domains" in facts["complete"]:
            failed = {error.get("uuid") for error in facts["errors"]}
            self.gone = [row for key, row in recorded.items() if key not in failed]

    def _load_recorded(self) -> t.Dict[str, Values]:
        """The host's live rows by domain UUID."""
        table = virtual_machines
        query = select_all(table).where(
            table.c.host_id == self._host_id, table.c.deleted_at.is_(None)
        )
        return {
            row["domain_uuid"]: dict(row)
            for row in self._recording.connection.execute(query).mappings()
        }

    def _find_elsewhere(self) -> None:
        """A domain that this host has not got recorded may have been seen before.

        Rows marked as gone, and those that only archived XML tells, are taken up again, here or
        from another host. A live row of another
        host is taken over only if the domain ran there and runs here now: it migrated. Else the
        same UUID is defined on two hosts, which makes two rows.
        """
        unknown = {machine.key: machine for machine in self.machines if machine.before is None}
        table = virtual_machines
        query = select_all(table).order_by(table.c.id)
        candidates: t.Dict[str, t.List[Values]] = {}
        for row in load(self._recording.connection, query, table.c.domain_uuid, unknown):
            candidates.setdefault(row["domain_uuid"], []).append(row)
        for key, rows in candidates.items():
            machine = unknown[key]
            running = machine.domain["state"] in _ACTIVE
            migrated = [
                row
                for row in rows
                if row["deleted_at"] is None and row["state"] in _ACTIVE and running
            ]
            here = [row for row in rows if row["host_id"] == self._host_id]
            departed = [
                row for row in rows if row["deleted_at"] is not None or row["origin"] == ARCHIVE
            ]
            chosen = migrated or here or departed
            if chosen:
                machine.before = chosen[-1]

    def _classify(self) -> None:
        for machine in self.machines:
            before = machine.before
            if before is None:
                machine.change = "new"
                machine.vm_uuid = str(uuid.uuid4())
                continue
            machine.vm_uuid = before["uuid"]
            if before["host_id"] != self._host_id:
                machine.change = "moved"
            elif before["deleted_at"] is not None:
                machine.change = "returned"
            elif machine.digest is None or before["digest"] != machine.digest:
                machine.change = "changed"

    def rows(self, machines: t.Iterable[Machine]) -> None:
        """Plan the rows of the VMs themselves."""
        noted = {"origin": HYPERVISOR, "mapping_version": self._mapping_version}
        for machine in machines:
            plan_machine(self._recording, machine, noted, self._recording.now)
        plan_gone(self._recording, self.gone)


def plan_gone(recording: Recording, rows: t.Iterable[Values]) -> None:
    """Plan the rows of VMs that are gone."""
    for row in rows:
        gone = {"deleted_at": recording.now, "digest": None}
        recording.update(virtual_machines, row["id"], gone)


def plan_machine(
    recording: Recording, machine: Machine, noted: Values, moment: datetime.datetime
) -> None:
    """Plan the row of one VM.

    :param noted: where the row comes from.
    :param moment: when the VM was what the row says.
    """
    unmapped = dict(machine.domain["unmapped"] or {})
    values = VM_FITTING.values(machine.domain, unmapped)
    values.update(
        noted,
        unmapped_json=unmapped,
        domain_uuid=machine.key,
        host_id=recording.host_id,
        digest=machine.digest,
        xml_digest=machine.domain.get("xml_digest"),
    )
    before = machine.before
    if before is None:
        values.update(uuid=machine.vm_uuid, observed_at=moment)
        recording.insert(virtual_machines, values)
        return
    values["deleted_at"] = None
    runs = machine.domain["in_live"] and not machine.archived
    moves = VM_FITTING.moves if runs else nothing_moves
    changed = difference(before, values, moves, machine.settled)
    machine.changes = describe("", before, changed)
    if changed:
        changed["observed_at"] = moment
    recording.update(virtual_machines, before["id"], changed)
