# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has of a VM: its rows, and its configurations by time and digest."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import restored
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._moments import (
    FORMS,
    written_moment,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import HYPERVISOR
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import select_all
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.notes import (
    removed_before,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    virtual_machines,
    vm_configurations,
    xml_documents,
)

Values = t.Dict[str, t.Any]

_DIGEST = re.compile(r"[0-9a-f]{8,64}\Z")
_SYNC = (
    "Record its host with virtledger.libvirt.sync, or archived XML with playbook "
    "virtledger.libvirt.backfill."
)

#: Why something is not there that may have been.
_REMOVED = "; what ended before {0} was removed"


def find_vm(connection: t.Any, term: str) -> Values:
    """The VM that a term names: its UUID in the ledger or in libvirt, or ``host_id/name``.

    Of several rows those of VMs that are there count before those of VMs that are gone.

    :raises RegenerationError: no VM, or several.
    """
    table = virtual_machines
    key = uuid_text(term)
    host_id, slash, name = term.rpartition("/")
    if key is not INVALID:
        conditions = [table.c.uuid == key, table.c.domain_uuid == key]
    elif slash:
        conditions = [(table.c.host_id == host_id) & (table.c.name == name)]
    else:
        raise RegenerationError(
            "{0!r} names no VM.".format(term), "Name a VM by its UUID or as host_id/name."
        )
    for condition in conditions:
        query = select_all(table).where(condition).order_by(table.c.id)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        living = [row for row in rows if row["deleted_at"] is None]
        if len(living) > 1:
            raise RegenerationError(
                "{0} stands for {1} VMs: {2}.".format(
                    term,
                    len(living),
                    ", ".join("{0[uuid]} on {0[host_id]}".format(row) for row in living),
                ),
                "Name one of them by its UUID in the ledger.",
            )
        if rows:
            return (living or rows)[-1]
    raise RegenerationError("The ledger has no VM {0}.".format(term), _SYNC)


class Archive:
    """The configurations of one VM.

    :ivar rows: in the order of their first sighting.
    """

    def __init__(self, connection: t.Any, vm: Values) -> None:
        self._connection = connection
        self._vm = vm
        table = vm_configurations
        query = (
            select_all(table)
            .where(table.c.vm_uuid == vm["uuid"], table.c.deleted_at.is_(None))
            .order_by(table.c.first_seen_at, table.c.id)
        )
        self.rows = [dict(row) for row in connection.execute(query).mappings()]
        if not self.rows:
            raise RegenerationError("The ledger has no XML of VM {0}.".format(described(vm)), _SYNC)

    def current(self) -> t.Dict[str, Values]:
        """The configurations that the VM's rows were recorded from, by kind."""
        if self._vm["origin"] != HYPERVISOR:
            newest = max(self.rows, key=lambda row: (row["first_seen_at"], row["digest"]))
            return {newest["kind"]: newest}
        said = [row for row in self.rows if row["origin"] == HYPERVISOR]
        still = [row for row in said if row["last_seen_at"] is None]
        return {row["kind"]: row for row in still or said}

    def at(self, moment: str, kind: str) -> Values:
        """The configuration of a time, or the one with a digest (or its beginning).

        :raises RegenerationError: none, or the text is neither a time nor a digest.
        """
        if _DIGEST.match(moment):
            return self._with_digest(moment)
        time = written_moment(moment)
        if time is None:
            raise RegenerationError("{0!r} is neither a time nor a digest.".format(moment), FORMS)
        return self._at_time(time, kind)

    def _with_digest(self, digest: str) -> Values:
        found = [row for row in self.rows if row["digest"].startswith(digest)]
        count = len({row["digest"] for row in found})
        if count == 1:
            return found[-1]
        removed = None if count else removed_before(self._connection)
        raise RegenerationError(
            "VM {0} has {1} configurations whose digest begins with {2}{3}.".format(
                described(self._vm),
                count,
                digest,
                _REMOVED.format(removed.isoformat(" ", "seconds")) if removed else "",
            ),
            "The query vm_configurations of virtledger.libvirt.ledger_info lists them.",
        )

    def _at_time(self, time: datetime.datetime, kind: str) -> Values:
        wanted = {"auto": ("config", "live")}.get(kind, (kind,))
        removed = removed_before(self._connection)
        for one in wanted:
            rows = [row for row in self.rows if row["kind"] == one]
            begun = [row for row in rows if row["first_seen_at"] <= time]
            covering = [
                row for row in begun if row["last_seen_at"] is None or row["last_seen_at"] >= time
            ]
            if covering:
                return covering[-1]
            # What was removed began before one that was kept, which began before that time.
            if removed and any(time < row["first_seen_at"] <= removed for row in rows):
                raise self._removed(time, one, removed)
            if begun:
                return begun[-1]
        raise RegenerationError(
            "The ledger has no {0} configuration of VM {1} from {2} or before; the first one is "
            "of {3}.".format(
                " or ".join(wanted),
                described(self._vm),
                time.isoformat(" ", "seconds"),
                self.rows[0]["first_seen_at"].isoformat(" ", "seconds"),
            )
        )

    def _removed(
        self, time: datetime.datetime, kind: str, removed: datetime.datetime
    ) -> RegenerationError:
        return RegenerationError(
            "The {0} configuration of VM {1} from {2} is not in the ledger any more, if it had "
            "one{3}.".format(
                kind,
                described(self._vm),
                time.isoformat(" ", "seconds"),
                _REMOVED.format(removed.isoformat(" ", "seconds")),
            ),
            "The query vm_configurations of virtledger.libvirt.ledger_info lists what was kept; "
            "a backup of the ledger may have it.",
        )

    def text(self, row: Values) -> str:
        """The text of a configuration.

        :raises DatabaseError: it is damaged.
        """
        table = xml_documents
        query = sa.select(table.c.content).where(table.c.digest == row["digest"])
        content = self._connection.execute(query).scalar()
        return restored(row["digest"], content or b"")


def described(vm: Values) -> str:
    """What a message calls a VM."""
    return "{0} on {1} ({2})".format(vm["name"] or vm["domain_uuid"], vm["host_id"], vm["uuid"])
