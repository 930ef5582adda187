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
    """

    def __init__(
        self,
        recording: Recording,
        vm_uuids: t.Collection[str],
        last_seen: t.Optional[datetime.datetime],
    ) -> None:
        self._recording = recording
        self._last_seen = last_seen
        self._documents = DocumentPlan(recording)
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

    def machine(self, vm_uuid: str, domain: Facts) -> t.List[str]:
        """Plan what one domain's texts change; in words.

        Facts without texts leave the archive as it is.
        """
        texts = texts_of(domain)
        if not texts:
            return []
        changes = []
        for kind in FLAGS:
            before = self._open.get((vm_uuid, kind))
            if kind not in texts:
                if before is not None:
                    self._close(before)
                    changes.append("{0} configuration ended".format(kind))
                continue
            found = document(texts[kind], kind)
            if before is not None and before["stable_digest"] == found.stable_digest:
                continue
            if before is not None:
                self._close(before)
            self._add(vm_uuid, kind, found, domain)
            changes.append("{0} configuration {1:.12}".format(kind, found.digest))
        return changes

    def _add(self, vm_uuid: str, kind: str, found: Document, domain: Facts) -> None:
        self._documents.add(found)
        values = {
            "vm_uuid": vm_uuid,
            "host_id": self._recording.host_id,
            "kind": kind,
            "digest": found.digest,
            "stable_digest": found.stable_digest,
            "flags": FLAGS[kind],
            "first_seen_at": self._recording.now,
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

    def _close(self, before: Values) -> None:
        """It was seen until the recording before this one."""
        seen = max(self._last_seen or before["first_seen_at"], before["first_seen_at"])
        self._recording.update(vm_configurations, before["id"], {"last_seen_at": seen})


class DocumentPlan:
    """Plans the documents that the archive has not got yet; each once."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._found: t.Dict[str, Document] = {}

    def add(self, found: Document) -> None:
        """Take note of a document."""
        self._found[found.digest] = found

    def plan(self) -> None:
        """Plan those that are not there, in the one order that all writers use."""
        query = sa.select(xml_documents.c.digest)
        column = xml_documents.c.digest
        stored = {
            row["digest"] for row in load(self._recording.connection, query, column, self._found)
        }
        for digest in sorted(set(self._found) - stored):
            values = {**self._found[digest].row, "created_at": self._recording.now}
            self._recording.plan.insert(xml_documents, values)


def texts_of(domain: Facts) -> t.Dict[str, str]:
    """The XML texts among a domain's facts by kind, ``live`` and ``config``."""
    text, other = domain.get("xml"), domain.get("xml_config")
    texts = {"live": text, "config": other} if domain["in_live"] else {"config": text}
    return {kind: found for kind, found in texts.items() if found is not None}
