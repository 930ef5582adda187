# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive: each distinct configuration of a VM is kept, with its first and last sighting."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import (
    FLAGS,
    Document,
    document,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    hosts,
    vm_configurations,
    xml_documents,
)

Facts = t.Dict[str, t.Any]

#: What a hypervisor said itself; its last sighting is open until it says otherwise.
HYPERVISOR = "hypervisor"

#: What an archived document said at its date.
ARCHIVE = "archive"


class ArchivePlan:
    """Plans the configurations of some VMs as a hypervisor tells them.

    :param last_seen: when the host was recorded before: until then it said what is recorded.
    :param heirs: VMs whose configurations turned out to be those of another one.
    """

    def __init__(
        self,
        recording: Recording,
        vm_uuids: t.Collection[str],
        last_seen: t.Optional[datetime.datetime],
        heirs: t.Optional[t.Mapping[str, str]] = None,
    ) -> None:
        self._recording = recording
        self._vm_uuids = vm_uuids
        self._documents = DocumentPlan(recording)
        self._ends: t.Optional[t.Dict[t.Tuple[str, str], datetime.datetime]] = None
        table = vm_configurations
        query = select_all(table).where(
            table.c.origin == HYPERVISOR,
            table.c.last_seen_at.is_(None),
            table.c.deleted_at.is_(None),
        )
        self._open: t.Dict[t.Tuple[str, str], Values] = {
            (row["vm_uuid"], row["kind"]): row
            for row in load(recording.connection, query, table.c.vm_uuid, vm_uuids)
        }
        self._seen = {recording.host_id: last_seen}
        self._see({row["host_id"] for row in self._open.values()} - {recording.host_id, None})
        self._inherit(heirs or {})

    def _see(self, host_ids: t.Collection[str]) -> None:
        """When the other hosts were recorded that told of these VMs."""
        query = sa.select(hosts.c.id, hosts.c.last_seen_at)
        for row in load(self._recording.connection, query, hosts.c.id, host_ids):
            self._seen[row["id"]] = row["last_seen_at"]

    def _inherit(self, heirs: t.Mapping[str, str]) -> None:
        """Plan the configurations and the changes of some VMs as those of others."""
        table = vm_configurations
        query = select_all(table)
        for row in load(self._recording.connection, query, table.c.vm_uuid, heirs):
            heir = heirs[row["vm_uuid"]]
            moved = self._after(heir, row)
            self._recording.update(table, row["id"], {"vm_uuid": heir, **moved})
            found = self._open.pop((row["vm_uuid"], row["kind"]), None)
            if found is not None:
                self._open[heir, row["kind"]] = {**found, **moved}
        query = sa.select(changes.c.id, changes.c.vm_uuid)
        for row in load(self._recording.connection, query, changes.c.vm_uuid, heirs):
            self._recording.plan.update(changes, row["id"], {"vm_uuid": heirs[row["vm_uuid"]]})

    def _after(self, heir: str, row: Values) -> Values:
        """Where two hosts were recorded in another order than asked: one text ends, one begins."""
        ended = self._ended(heir, row["kind"]) if row["origin"] == HYPERVISOR else None
        if ended is None:
            return {}
        return {
            column: ended
            for column in ("first_seen_at", "last_seen_at")
            if row[column] is not None and row[column] < ended
        }

    def machine(self, vm_uuid: str, domain: Facts) -> t.List[str]:
        """Plan what one domain's texts change; in words.

        Facts without texts leave the archive as it is, but for what another host said.
        """
        texts = texts_of(domain)
        if not texts:
            return self._close_elsewhere(vm_uuid)
        lines = []
        for kind in FLAGS:
            before = self._open.get((vm_uuid, kind))
            if kind not in texts:
                if before is not None:
                    self._close(before)
                    lines.append("{0} configuration ended".format(kind))
                continue
            found = document(texts[kind], kind)
            if before is not None and self._still_says(before, found):
                continue
            ended = self._ended(vm_uuid, kind) if before is None else self._close(before)
            self._add(vm_uuid, kind, found, domain, ended)
            lines.append("{0} configuration {1:.12}".format(kind, found.digest))
        return lines

    def _is_here(self, configuration: Values) -> bool:
        return bool(configuration["host_id"] == self._recording.host_id)

    def _still_says(self, configuration: Values, found: Document) -> bool:
        same = configuration["stable_digest"] == found.stable_digest
        return same and self._is_here(configuration)

    def _close_elsewhere(self, vm_uuid: str) -> t.List[str]:
        """What another host said before the VM moved here is not known of this one."""
        lines = []
        for kind in FLAGS:
            before = self._open.get((vm_uuid, kind))
            if before is not None and not self._is_here(before):
                self._close(before)
                lines.append("{0} configuration ended".format(kind))
        return lines

    def _ended(self, vm_uuid: str, kind: str) -> t.Optional[datetime.datetime]:
        """When the last configuration of a VM ended that has none now."""
        if self._ends is None:
            table = vm_configurations
            last = sa.func.max(table.c.last_seen_at).label("last")
            query = sa.select(table.c.vm_uuid, table.c.kind, last)
            query = query.where(table.c.origin == HYPERVISOR, table.c.last_seen_at.is_not(None))
            query = query.group_by(table.c.vm_uuid, table.c.kind)
            rows = load(self._recording.connection, query, table.c.vm_uuid, self._vm_uuids)
            self._ends = {(row["vm_uuid"], row["kind"]): row["last"] for row in rows}
        return self._ends.get((vm_uuid, kind))

    def _add(
        self,
        vm_uuid: str,
        kind: str,
        found: Document,
        domain: Facts,
        ended: t.Optional[datetime.datetime],
    ) -> None:
        """A configuration since the host was asked.

        With a clock that was set back, the one before may have ended later; they never overlap.
        """
        self._documents.add(found)
        moment = self._recording.moment
        values = {
            "vm_uuid": vm_uuid,
            "host_id": self._recording.host_id,
            "kind": kind,
            "digest": found.digest,
            "stable_digest": found.stable_digest,
            "flags": FLAGS[kind],
            "first_seen_at": moment if ended is None else max(moment, ended),
            "origin": HYPERVISOR,
            "redacted_json": domain["redacted"],
        }
        self._recording.insert(vm_configurations, values)

    def finish(self) -> None:
        """Plan the documents themselves."""
        self._documents.plan()

    def close(self, vm_uuid: str) -> None:
        """Plan the end of what a VM that is gone was."""
        for (owner, _kind), before in self._open.items():
            if owner == vm_uuid:
                self._close(before)

    def _close(self, before: Values) -> datetime.datetime:
        """It was seen until its host was recorded last, before this recording."""
        first: datetime.datetime = before["first_seen_at"]
        seen = max(self._seen.get(before["host_id"]) or first, first)
        self._recording.update(vm_configurations, before["id"], {"last_seen_at": seen})
        return seen


class DocumentPlan:
    """Plans the documents that the archive has not got yet; each once."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._found: t.Dict[str, Document] = {}

    def add(self, found: Document) -> None:
        """Take note of a document."""
        self._found[found.digest] = found

    def plan(self) -> None:
        """Plan those that are not there, in the one order that all writers use.

        Of the others it is noted that they are in use: none of them is removed meanwhile.
        """
        query = sa.select(xml_documents.c.digest)
        column = xml_documents.c.digest
        stored = {
            row["digest"] for row in load(self._recording.connection, query, column, self._found)
        }
        now = self._recording.now
        for digest in sorted(self._found):
            if digest in stored:
                self._recording.plan.update(xml_documents, digest, {"used_at": now})
            else:
                values = {**self._found[digest].row, "created_at": now, "used_at": now}
                self._recording.plan.insert(xml_documents, values)


def texts_of(domain: Facts) -> t.Dict[str, str]:
    """The XML texts among a domain's facts by kind, ``live`` and ``config``."""
    text, other = domain.get("xml"), domain.get("xml_config")
    texts = {"live": text, "config": other} if domain["in_live"] else {"config": text}
    return {kind: found for kind, found in texts.items() if found is not None}
