# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording archived domain XML: history, and what nobody has recorded better.

Each document is dated, and what it says is what the VM was at that date. So the order in which
documents come does not matter: every one is kept in the archive with its date, and the rows of a
VM follow the newest document, where they follow documents at all:

- a VM that a hypervisor told is left as it is: that was newer, or will be;
- a VM that only documents tell has the rows that its newest document says;
- a VM of the existing layout keeps what it has; its columns that are null are filled.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import FAMILIES
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import (
    Document,
    document,
    restored,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    ARCHIVE,
    HYPERVISOR,
    DocumentPlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import (
    Machine,
    domain_key,
    new_uuid,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    virtual_machines,
    vm_configurations,
    xml_documents,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import parse_moment

Facts = t.Dict[str, t.Any]

#: The order of documents: by date, and where two have the same, by content.
Age = t.Tuple[datetime.datetime, str]


class Sighting(t.NamedTuple):
    """One archived document of a VM.

    :ivar domain: its facts.
    :ivar document: its text.
    :ivar moment: its date.
    """

    domain: Facts
    document: Document
    moment: datetime.datetime

    @property
    def kind(self) -> str:
        """Whether it is a running domain's text or a definition."""
        return "live" if self.domain["in_live"] else "config"

    @property
    def age(self) -> Age:
        """Its place in the order of documents."""
        return self.moment, self.document.digest


class ArchivedMachine(Machine):
    """A VM with the documents that are to be recorded of it.

    :ivar sightings: in the order of their age.
    :ivar previous: the age of the document that its rows follow so far.
    """

    def __init__(self, key: str, sightings: t.Sequence[Sighting]) -> None:
        self.sightings = sorted(sightings, key=lambda one: one.age)
        super().__init__(_whole(self.sightings[-1]), key)
        self.digest = None
        self.previous: t.Optional[Age] = None

    @property
    def newest(self) -> Sighting:
        """The document that the VM's rows follow from now on, unless one before was newer."""
        return self.sightings[-1]

    @property
    def follows(self) -> bool:
        """The VM's rows follow the newest document: nobody recorded it better."""
        if self.before is None:
            return True
        told = self.before["origin"] == HYPERVISOR or self.before["deleted_at"] is not None
        return not told and (self.previous is None or self.newest.age > self.previous)

    @property
    def is_filled(self) -> bool:
        """Its rows are those of the existing layout, of which only null columns are filled."""
        return self.before is not None and self.before["origin"] is None


def _whole(sighting: Sighting) -> Facts:
    """The facts of a document with every family, whatever was returned of it."""
    if all(sighting.domain.get(family.fact) is not None for family in FAMILIES):
        return sighting.domain
    text = sighting.document.text
    live, config = (text, None) if sighting.kind == "live" else (None, text)
    return {**domain_facts(live, config, include_xml=True), "redacted": sighting.domain["redacted"]}


def sighted(facts: Facts, host_id: str, warnings: t.List[str]) -> t.List[ArchivedMachine]:
    """The VMs of an answer of ``archive_info``, each with its documents."""
    by_key: t.Dict[str, t.List[Sighting]] = {}
    for domain in facts["domains"] or ():
        key = domain_key(domain, host_id, warnings)
        found = document(domain["xml"], "live" if domain["in_live"] else "config")
        moment = parse_moment(domain["archived"]["dated_at"])
        by_key.setdefault(key, []).append(Sighting(domain, found, moment))
    return [ArchivedMachine(key, found) for key, found in sorted(by_key.items())]


class BackfillPlan:
    """Finds out which VM each document is of, and plans the archive.

    :ivar machines: the VMs.
    """

    def __init__(self, recording: Recording, machines: t.Sequence[ArchivedMachine]) -> None:
        self._recording = recording
        self.machines = machines
        self._identify()
        table = vm_configurations
        query = select_all(table).where(table.c.origin == ARCHIVE, table.c.deleted_at.is_(None))
        uuids = [machine.vm_uuid for machine in machines]
        self._points: t.Dict[str, t.List[Values]] = {}
        for row in load(recording.connection, query, table.c.vm_uuid, uuids):
            self._points.setdefault(row["vm_uuid"], []).append(row)
        for machine in machines:
            ages = [_age(row) for row in self._points.get(machine.vm_uuid, ())]
            machine.previous = max(ages, default=None)

    def _identify(self) -> None:
        """A VM of this host comes first, one that is there before one that is gone."""
        table = virtual_machines
        query = select_all(table).order_by(table.c.id)
        keys = {machine.key: machine for machine in self.machines}
        candidates: t.Dict[str, t.List[Values]] = {}
        for row in load(self._recording.connection, query, table.c.domain_uuid, keys):
            candidates.setdefault(row["domain_uuid"], []).append(row)
        for key, machine in keys.items():
            rows = sorted(candidates.get(key, ()), key=self._preference)
            machine.before = rows[-1] if rows else None
            machine.change = "unchanged" if rows else "new"
            machine.vm_uuid = rows[-1]["uuid"] if rows else new_uuid()

    def _preference(self, row: Values) -> t.Tuple[bool, bool, int]:
        here = row["host_id"] == self._recording.host_id
        return here, row["deleted_at"] is None, row["id"]

    def archive(self) -> None:
        """Plan every document with its date, unless it is there already."""
        documents = DocumentPlan(self._recording)
        for machine in self.machines:
            known = {_point(row) for row in self._points.get(machine.vm_uuid, ())}
            for one in machine.sightings:
                point = (one.kind, one.document.digest, one.moment)
                if point not in known:
                    known.add(point)
                    documents.add(one.document)
                    self._recording.insert(vm_configurations, self._row(machine, one))
                    machine.archived.append(_told(one))
        documents.plan()

    def _row(self, machine: ArchivedMachine, one: Sighting) -> Values:
        archived = one.domain["archived"]
        member = archived.get("member")
        return {
            "vm_uuid": machine.vm_uuid,
            "host_id": self._recording.host_id,
            "kind": one.kind,
            "digest": one.document.digest,
            "stable_digest": one.document.stable_digest,
            "flags": None,
            "first_seen_at": one.moment,
            "last_seen_at": one.moment,
            "origin": ARCHIVE,
            "origin_path": archived["path"] + (":" + member if member else ""),
            "redacted_json": one.domain["redacted"],
        }

    def previous_facts(self, machine: ArchivedMachine) -> t.Optional[Facts]:
        """What the document says that the VM's rows follow so far; null if they follow none."""
        if machine.previous is None:
            return None
        row = max(self._points[machine.vm_uuid], key=_age)
        query = sa.select(xml_documents.c.content).where(xml_documents.c.digest == row["digest"])
        content = self._recording.connection.execute(query).scalar()
        text = restored(row["digest"], content or b"")
        return domain_facts(*((text, None) if row["kind"] == "live" else (None, text)))


def _age(row: Values) -> Age:
    return row["first_seen_at"], row["digest"]


def _point(row: Values) -> t.Tuple[str, str, datetime.datetime]:
    return row["kind"], row["digest"], row["first_seen_at"]


def _told(one: Sighting) -> str:
    return "{0} configuration {1:.12} of {2}".format(
        one.kind, one.document.digest, one.moment.isoformat(" ", "seconds")
    )
