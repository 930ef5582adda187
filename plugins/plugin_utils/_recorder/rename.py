# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hypervisor that has another name now: everything recorded under the old one follows."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machine import made_uuid
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Values,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volumes import Identity
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    metadata,
    virtual_machines,
    volumes,
)

Facts = t.Dict[str, t.Any]


def former_host(connection: t.Any, former: str, host_id: str, facts: Facts) -> bool:
    """Whether the ledger still has a host under its former name.

    :raises FactsError: it is another machine, or both names are recorded.
    """
    if not former or former == host_id:
        return False
    found = {
        row["id"]: row
        for row in connection.execute(
            select_all(hosts).where(hosts.c.id.in_([former, host_id]))
        ).mappings()
    }
    if former not in found:
        return False
    if host_id in found:
        raise FactsError(
            "Host {0} cannot be what was {1} before: the ledger has both.".format(host_id, former),
            "Leave out option 'renamed_from'. VMs that moved are recognised without it.",
        )
    here = (facts["hypervisor"] or {}).get("host_uuid")
    there = found[former]["host_uuid"]
    if here and there and here != there:
        raise FactsError(
            "Host {0} is not what was {1} before: their UUIDs are {2} and {3}.".format(
                host_id, former, here, there
            ),
            "Correct option 'renamed_from'.",
        )
    return True


def rename_host(connection: t.Any, former: str, host_id: str) -> None:
    """Give a host and everything that belongs to it another name, at once."""
    row = connection.execute(select_all(hosts).where(hosts.c.id == former)).mappings().one()
    connection.execute(sa.insert(hosts).values({**row, "id": host_id}))
    _rename_domains(connection, former, host_id)
    for table in metadata.sorted_tables:
        if "host_id" in table.c:
            statement = sa.update(table).where(table.c.host_id == former)
            connection.execute(statement.values(host_id=host_id))
    _rename_volumes(connection, former, host_id)
    _rename_places(connection, former, host_id)
    connection.execute(sa.delete(hosts).where(hosts.c.id == former))


def _rename_domains(connection: t.Any, former: str, host_id: str) -> None:
    """Where a domain has no UUID, the one that is made for it has the host's name in it."""
    table = virtual_machines
    query = sa.select(table.c.id, table.c.name, table.c.domain_uuid)
    rows = connection.execute(query.where(table.c.host_id == former)).mappings()
    _update(
        connection,
        table,
        [
            {"row_key": row["id"], "domain_uuid": made_uuid(host_id, row["name"])}
            for row in rows
            if row["domain_uuid"] == made_uuid(former, row["name"])
        ],
    )


def _rename_volumes(connection: t.Any, former: str, host_id: str) -> None:
    """A path means something on its host only, whose name is in the volume's identity."""
    table = volumes
    scope = "host:" + host_id
    query = sa.select(table.c.id, table.c.source).where(table.c.scope == "host:" + former)
    _update(
        connection,
        table,
        [
            {"row_key": key, "scope": scope, "identity": Identity(scope, source or "").digest}
            for key, source in connection.execute(query.order_by(table.c.id))
        ],
    )


def _rename_places(connection: t.Any, former: str, host_id: str) -> None:
    """VMs remember the hosts on which they were."""
    table = virtual_machines
    query = sa.select(table.c.id, table.c.whereabouts_json)
    rows = connection.execute(
        query.where(table.c.whereabouts_json.is_not(None)).order_by(table.c.id)
    )
    _update(
        connection,
        table,
        [
            {
                "row_key": key,
                "whereabouts_json": [_renamed(item, former, host_id) for item in stored],
            }
            for key, stored in rows
            if isinstance(stored, list) and any(_is_of(item, former) for item in stored)
        ],
    )


def _is_of(item: t.Any, host_id: str) -> bool:
    return isinstance(item, dict) and item.get("host_id") == host_id


def _renamed(item: t.Any, former: str, host_id: str) -> t.Any:
    return {**item, "host_id": host_id} if _is_of(item, former) else item


def _update(connection: t.Any, table: t.Any, rows: t.Sequence[Values]) -> None:
    if rows:
        columns: Values = {name: sa.bindparam(name) for name in rows[0] if name != "row_key"}
        statement = sa.update(table).where(table.c.id == sa.bindparam("row_key")).values(columns)
        connection.execute(statement, rows)
