# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as they were at a time, from the archived XML of that time.

They have the keys of today's rows. What XML does not tell, such as keys of other tables and
addresses from leases, is null.
"""

from __future__ import annotations

import datetime
import posixpath
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import INVALID, MAC
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DISK,
    INTERFACE,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import Plain
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import Status
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import restored
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters, is_like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._moments import moment_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._past.held import Held, held_at
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    VM_FITTING,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Values,
    chunks,
    is_empty,
    load,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.stores import (
    STORES,
    Store,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import xml_documents

Facts = t.Dict[str, t.Any]

_STORES = {store.family.fact: store for store in STORES}
_VMS = "virtual_machines"

#: Filters that a time goes with: which VMs, and what they have.
_WHICH = ("at", "host_id", "vm")
_HAVING = {"volume": DISK.fact, "mac": INTERFACE.fact, "network": INTERFACE.fact}

#: The documents of so many VMs are read at once.
_PART = 50


class Past(t.NamedTuple):
    """A question about a time.

    :ivar subject: what is asked for.
    """

    subject: str
    filters: Filters
    at: datetime.datetime

    @classmethod
    def asked(cls, subject: str, filters: Filters) -> Past:
        """
        :raises VirtledgerError: the question makes no sense.
        """
        at = moment_of(filters.at or "", "at")
        if subject != _VMS and subject not in _STORES:
            raise VirtledgerError(
                "Option 'at' does not apply to query {0!r}.".format(subject),
                "VMs and their devices can be asked for as they were.",
            )
        for name, wanted in filters._asdict().items():
            if wanted not in (None, False) and name not in _WHICH and name not in _HAVING:
                raise VirtledgerError("Option {0!r} does not go with 'at'.".format(name))
        if at > datetime.datetime.now(datetime.timezone.utc):
            raise VirtledgerError(
                "Option 'at': {0} has not come yet.".format(at.isoformat(" ", "seconds"))
            )
        return cls(subject, filters, at)

    def rows(self, connection: t.Any, limit: int) -> t.List[Values]:
        """The rows, at most so many.

        :raises VirtledgerError: what was then has been removed.
        :raises DatabaseError: the archive is damaged.
        """
        rows: t.List[Values] = []
        keys = SUBJECTS[self.subject].query().selected_columns.keys()
        everyone = held_at(connection, self.at, self.filters.host_id, self.filters.vm)
        for part in chunks(everyone, _PART):
            texts = _texts(connection, part)
            for held in part:
                # As in a database, what is empty is null.
                rows += [
                    {key: None if is_empty(row.get(key)) else row[key] for key in keys}
                    for row in self._of_vm(held, texts)
                ]
                if len(rows) >= limit:
                    return rows[:limit]
        return rows

    def _of_vm(self, held: Held, texts: t.Mapping[str, bytes]) -> t.List[Values]:
        having = {name: getattr(self.filters, name) for name in _HAVING}
        wanted = {name: text for name, text in having.items() if text is not None}
        families = {_HAVING[name] for name in wanted} | {self.subject} - {_VMS}
        facts = _read(held, texts, families)
        for name, text in wanted.items():
            found = [one for one in facts[_HAVING[name]] if _has(name, one, text)]
            if not found:
                return []
            if _HAVING[name] == self.subject:
                facts[self.subject] = found
        if self.subject == _VMS:
            rows = [_machine(held, facts)]
        else:
            rows = [_device(_STORES[self.subject], one) for one in facts[self.subject]]
        told = _told(held, facts)
        for row in rows:
            row.update(told)
        return rows


def _texts(connection: t.Any, part: t.Iterable[Held]) -> t.Dict[str, bytes]:
    """The documents of some VMs, by digest."""
    table = xml_documents
    digests = {row["digest"] for held in part for row in held.texts.values()}
    query = sa.select(table.c.digest, table.c.content)
    found = load(connection, query, table.c.digest, digests)
    return {row["digest"]: row["content"] for row in found}


def _read(held: Held, texts: t.Mapping[str, bytes], families: t.Collection[str]) -> Facts:
    plain = {}
    for kind, row in held.texts.items():
        text = restored(row["digest"], texts.get(row["digest"], b""))
        plain[kind] = Plain(text, row["redacted_json"] or [])
    status = Status(*held.status)
    return _facts.domain_facts(plain.get("live"), plain.get("config"), status, families)


def _told(held: Held, facts: Facts) -> Values:
    """What rows of both kinds say of the VM."""
    return {
        "vm_name": facts["name"],
        "vm_state": held.status.state,
        "vm_uuid": held.vm["uuid"],
        "host_id": held.newest["host_id"],
    }


def _machine(held: Held, facts: Facts) -> Values:
    unmapped = dict(facts["unmapped"] or {})
    return {
        **VM_FITTING.values(facts, unmapped),
        "unmapped_json": unmapped,
        "id": held.vm["id"],
        "uuid": held.vm["uuid"],
        "domain_uuid": held.vm["domain_uuid"],
        "created_at": held.vm["created_at"],
        "observed_at": held.newest["first_seen_at"],
        "origin": held.newest["origin"],
        "mapping_version": MAPPING_VERSION,
    }


def _device(store: Store, device: Facts) -> Values:
    attachment, resource = store.fit(device)
    names = {field.column_name: field.name for field in store.family.fields if field.column}
    return {**attachment, **{names.get(key, key): value for key, value in resource.items()}}


def _has(name: str, device: Facts, text: str) -> bool:
    """Whether a disk has a volume, or a NIC an address or a network."""
    if name == "mac":
        mac = MAC.convert(text)
        return is_like(device["mac_address"], text.lower() if mac is INVALID else mac)
    if name == "network":
        return is_like(device["network_name"], text) or is_like(device["source_ref"], text)
    source = device["source_ref"] or ""
    return is_like(source, text) or is_like(posixpath.basename(source), text)
