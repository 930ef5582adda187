# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recorded VM is which domain, and what changes on it."""

from __future__ import annotations

import datetime
import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import uuid_text
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import LostRow
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    HYPERVISOR,
    texts_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import (
    Thing,
    differences,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.identity import (
    Identifier,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import (
    Machine,
    domain_key,
    new_uuid,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.places import (
    is_active,
    stored_places,
    with_place,
    without_place,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Fitting,
    Recording,
    Values,
    difference,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines

Facts = t.Dict[str, t.Any]

VM_FITTING = Fitting(virtual_machines, DOMAIN_FIELDS + STATUS_FIELDS)

#: What is read of VMs that stay as they are.
_IDENTIFYING = ("id", "uuid", "domain_uuid", "name", "host_id", "deleted_at")


@functools.lru_cache(maxsize=1)
def _living() -> t.Any:
    """The live rows of host ``host``."""
    table = virtual_machines
    return sa.select(*(table.c[name] for name in _IDENTIFYING)).where(
        table.c.host_id == sa.bindparam("host"), table.c.deleted_at.is_(None)
    )


class MachinePlan:
    """Plans the VM rows of one host.

    :param last_seen: when the host was recorded before.
    :ivar machines: the domains of the answer, but for those that it tells too little of.
    :ivar gone: recorded VMs that a complete listing does not have.
    :ivar replaced: rows of this host whose place another VM takes, by that VM's ``uuid``.
    :ivar heirs: the ``uuid`` of such a row to that of the VM whose history it is.
    :ivar unchanged: what identifies the recorded VMs that the hypervisor did not tell again.
    """

    def __init__(
        self, recording: Recording, facts: Facts, last_seen: t.Optional[datetime.datetime]
    ) -> None:
        self._recording = recording
        self._host_id = recording.host_id
        self._last_seen = last_seen
        self._mapping_version = facts["mapping_version"]
        self.warnings: t.List[str] = []
        found = [
            Machine(domain, domain_key(domain, self._host_id, self.warnings))
            for domain in facts["domains"] or ()
        ]
        self.machines: t.List[Machine] = []
        self.gone: t.List[Values] = []
        self.replaced: t.Dict[str, Values] = {}
        self.heirs: t.Dict[str, str] = {}
        self._identifier = Identifier(recording, last_seen, [machine.key for machine in found])
        untold = set(facts["unchanged"]) - {machine.key for machine in found}
        recorded = self._load_recorded(untold)
        for machine in found:
            self._identify(machine, recorded.pop(machine.key, None))
        # One that has been recorded again since is left as that recording has it.
        self.unchanged = [recorded.pop(key) for key in sorted(untold) if key in recorded]
        if facts["domains"] is not None and "domains" in facts["complete"]:
            failed = _Failed(facts["errors"])
            self.gone = [row for row in recorded.values() if not failed.has(row)]

    def _load_recorded(self, untold: t.Container[str]) -> t.Dict[str, Values]:
        """The host's live rows by domain UUID.

        :param untold: VMs that stay as they are; of these only what identifies them.
        :raises LostRow: one has moved between the two queries.
        """
        table = virtual_machines
        connection = self._recording.connection
        found = connection.execute(_living(), {"host": self._host_id})
        known = [dict(zip(_IDENTIFYING, row)) for row in found]
        rows = [row for row in known if row["domain_uuid"] in untold]
        others = [row["id"] for row in known if row["domain_uuid"] not in untold]
        for row in load(connection, select_all(table), table.c.id, others):
            if row["host_id"] != self._host_id or row["deleted_at"] is not None:
                raise LostRow("VM {0} has just been recorded of another host".format(row["uuid"]))
            rows.append(row)
        return {row["domain_uuid"]: row for row in rows}

    def _identify(self, machine: Machine, own: t.Optional[Values]) -> None:
        match = self._identifier.match(machine.key, machine.domain, own)
        if match.doubt:
            self.warnings.append(
                "Domain {0}: {1}. What is recorded of it stays; the next recordings will "
                "tell.".format(machine.name, match.doubt)
            )
            return
        self.machines.append(machine)
        machine.before = match.before
        self._classify(machine)
        self._note_place(machine)
        if match.replaced is not None:
            self.replaced[machine.vm_uuid] = match.replaced
            if match.inherits:
                self.heirs[match.replaced["uuid"]] = machine.vm_uuid

    def _classify(self, machine: Machine) -> None:
        before = machine.before
        if before is None:
            machine.change = "new"
            machine.vm_uuid = new_uuid()
            return
        machine.vm_uuid = before["uuid"]
        if before["host_id"] != self._host_id:
            machine.change = "moved"
        elif before["deleted_at"] is not None:
            machine.change = "returned"
        elif machine.digest is None or before["digest"] != machine.digest:
            machine.change = "changed"

    def _note_place(self, machine: Machine) -> None:
        """Remember the place that a VM has left, or where it stopped; forget the present one."""
        before = machine.before
        if before is None:
            return
        here = before["host_id"] == self._host_id and before["deleted_at"] is None
        runs, ran = is_active(machine.domain), is_active(before)
        if here and (runs or not ran):
            if runs and not ran and before["whereabouts_json"]:
                machine.whereabouts = without_place(stored_places(before), self._host_id)
            return
        if before["deleted_at"] is None:
            until = self._identifier.seen(before["host_id"])
            machine.whereabouts = with_place(before, until, self._recording.now)
        else:
            machine.whereabouts = stored_places(before)
        if not here:
            machine.whereabouts = without_place(machine.whereabouts, self._host_id)

    def rows(self, machines: t.Iterable[Machine]) -> None:
        """Plan the rows of the VMs themselves."""
        noted = {"origin": HYPERVISOR, "mapping_version": self._mapping_version}
        for machine in machines:
            own = noted
            if machine.whereabouts is not None:
                own = {**noted, "whereabouts_json": machine.whereabouts}
            plan_machine(self._recording, machine, own, self._recording.moment)
            row = self.replaced.get(machine.vm_uuid)
            if row is not None:
                machine.add(["takes the place of VM {0}".format(row["uuid"])])
        plan_gone(self._recording, self.gone, self._last_seen)
        plan_gone(self._recording, self.replaced.values(), self._last_seen)


class _Failed:
    """The domains that could not be read."""

    def __init__(self, errors: t.Iterable[Facts]) -> None:
        listed = [error for error in errors if error.get("object") == "domain"]
        self._uuids = {uuid_text(error.get("uuid") or "") for error in listed}
        self._names = {error.get("name") for error in listed if not error.get("uuid")}
        # One that is not even told which it is may be any.
        self._unknown = any(not error.get("uuid") and not error.get("name") for error in listed)

    def has(self, row: Values) -> bool:
        """Whether the VM of a row is among them, or may be."""
        known = row["domain_uuid"] in self._uuids or row["name"] in self._names
        return known or self._unknown


def plan_gone(
    recording: Recording, rows: t.Iterable[Values], last_seen: t.Optional[datetime.datetime]
) -> None:
    """Plan the rows of VMs that are gone.

    :param last_seen: when their host was recorded before.
    """
    for row in rows:
        gone = {
            "deleted_at": recording.now,
            "digest": None,
            "source_digest": None,
            "whereabouts_json": with_place(row, last_seen, recording.now),
        }
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
        source_digest=machine.domain.get("source_digest") if texts_of(machine.domain) else None,
    )
    before = machine.before
    if before is None:
        values.update(uuid=machine.vm_uuid, observed_at=moment)
        recording.insert(virtual_machines, values)
        return
    values["deleted_at"] = None
    changed = difference(before, values, machine.moves(VM_FITTING.moves), machine.settled)
    thing = Thing(virtual_machines.name, machine.name, "", before["id"])
    machine.changes = [*differences(thing, before, changed, machine.untold(VM_FITTING))]
    if changed:
        changed["observed_at"] = moment
    recording.update(virtual_machines, before["id"], changed)
