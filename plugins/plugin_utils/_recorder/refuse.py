# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are not recorded, because the ledger would take one host for another by them.

A re-installed or mistaken host answers well and completely, and knows nothing of the VMs that were
there. What that would mark as gone is more than any failure loses.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import uuid_text
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RefusedError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import is_whole
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    virtual_machines,
)

Facts = t.Dict[str, t.Any]

#: So many VMs are named in a message.
_NAMED = 5


class Permits(t.NamedTuple):
    """What the user says is meant so.

    :ivar empty: a host that had VMs has none any more.
    :ivar other_host: another machine has this name now.
    :ivar second_name: one hypervisor is recorded under two names.
    """

    empty: bool = False
    other_host: bool = False
    second_name: bool = False


def refuse(recording: Recording, facts: Facts, permits: Permits) -> None:
    """Look at who answers, before anything of the answer is planned.

    :raises RefusedError: names the host, what speaks against it, and the option that permits it.
    """
    before = recording.host
    here: Facts = facts["hypervisor"] or {}
    known = before["host_uuid"] if before is not None else None
    if known and here.get("host_uuid") and known != here["host_uuid"] and not permits.other_host:
        raise RefusedError(
            "Host {0}: another machine answers. The ledger knows its host UUID as {1}, and this "
            "one has {2}. Nothing was recorded.".format(
                recording.host_id, known, here["host_uuid"]
            ),
            "If it has new hardware, or another machine has its name now, set option "
            "'allow_other_host' for one run. If libvirt makes up a UUID at each start, set "
            "host_uuid in its configuration (libvirtd.conf, virtqemud.conf).",
        )
    if not known and not permits.second_name:
        _refuse_second_name(recording, facts, here)
    if before is not None and not permits.empty:
        _refuse_empty(recording, facts)


def _refuse_empty(recording: Recording, facts: Facts) -> None:
    """A whole answer without any VM from a host that had some."""
    if facts["domains"] != [] or facts["unchanged"] or not is_whole(facts):
        return
    table = virtual_machines
    query = (
        sa.select(table.c.name)
        .where(table.c.host_id == recording.host_id, table.c.deleted_at.is_(None))
        .order_by(table.c.name)
    )
    names = [str(name) for name in recording.connection.execute(query).scalars()]
    if names:
        more = " and {0} more".format(len(names) - _NAMED) if len(names) > _NAMED else ""
        raise RefusedError(
            "Host {0} answers that it has no VMs; the ledger has {1} of it: {2}{3}. They stay as "
            "they are, and nothing was recorded.".format(
                recording.host_id, len(names), ", ".join(names[:_NAMED]), more
            ),
            "It may be another host, freshly installed, or asked for another connection ('uri'). "
            "If they are gone, set option 'allow_empty' for one run.",
        )


def _refuse_second_name(recording: Recording, facts: Facts, here: Facts) -> None:
    """A hypervisor that the ledger has under another name.

    Boards with one UUID exist, so it has to be the same connection of a machine of the same
    hostname, or have a VM that the other one has.
    """
    if not here.get("host_uuid"):
        return
    query = select_all(hosts).where(
        hosts.c.host_uuid == here["host_uuid"], hosts.c.id != recording.host_id
    )
    for row in recording.connection.execute(query.order_by(hosts.c.id)).mappings():
        same = bool(row["hostname"]) and all(
            row[name] == here[name] for name in ("hostname", "uri")
        )
        if same or (row["type"] == here["type"] and _shares_a_vm(recording, row, facts)):
            raise RefusedError(
                "Host {0} is the hypervisor that the ledger has as {1}: both have host UUID {2} "
                "{3}. Nothing was recorded.".format(
                    recording.host_id,
                    row["id"],
                    here["host_uuid"],
                    "and hostname {0}".format(row["hostname"]) if same else "and a VM in common",
                ),
                "If the inventory has another name for it now, set option 'renamed_from' to {0}; "
                "if it is there twice, set 'host_id' to {0} or remove one; if they are two "
                "hypervisors all the same, set 'allow_second_name' for one run.".format(row["id"]),
            )


def _shares_a_vm(recording: Recording, other: t.Mapping[str, t.Any], facts: Facts) -> bool:
    table = virtual_machines
    query: t.Any = sa.select(table.c.id).where(
        table.c.host_id == other["id"], table.c.deleted_at.is_(None)
    )
    keys = {str(uuid_text(domain["uuid"] or "")) for domain in facts["domains"] or ()}
    rows: t.List[Values] = load(recording.connection, query, table.c.domain_uuid, keys)
    return bool(rows)
