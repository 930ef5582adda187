# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a report is made of: one transaction, so that all of it is of one moment."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    FAMILIES,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import require_host
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import others, texts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.derive import derive
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.health import settle
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheet import (
    Column,
    Sheet,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import (
    CHANGE,
    HEALTH,
    SHEETS,
    SOURCE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.vm_sheets import DEVICE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS, Subject
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    findings,
    hosts,
    sync_runs,
    virtual_machines,
    volumes,
)

Rows = t.List[t.List[t.Any]]

#: Columns that a subject joins but does not return.
_FURTHER = {("volume_attachments", "capacity_bytes"): lambda: volumes.c.capacity_bytes}

#: Columns of devices that say nothing about the device itself.
_BESIDES = frozenset(
    [
        "id",
        "created_at",
        "updated_at",
        "deleted_at",
        "vm_uuid",
        "vm_name",
        "host_id",
        "vm_state",
        "boot_order",
        "alias",
        "address_json",
        "ordinal",
        "in_live",
        "in_config",
        "config_values_json",
        "unmapped_json",
    ]
)


class Report(t.NamedTuple):
    """Everything that a report says.

    :ivar as_of: the last recording of any of its hosts; none of an empty ledger.
    :ivar since: the time from which on it has changes and runs.
    :ivar rows: the rows of each sheet, by its name; a cell is a text, number, flag or None.
    :ivar has_findings: anything was ever found, about whatever.
    """

    as_of: t.Optional[str]
    since: str
    scope: Scope
    rows: t.Dict[str, Rows]
    has_findings: bool

    @property
    def counts(self) -> t.Dict[str, int]:
        """The number of rows of each sheet."""
        return {sheet.name: len(self.rows[sheet.name]) for sheet in SHEETS}


def collect(database: Database, scope: Scope) -> Report:
    """Read the ledger.

    :raises VirtledgerError: there is no ledger, an unknown host, an option that makes no sense.
    :raises DatabaseError: the database cannot be read.
    """
    scope.check()
    require_ledger(database)
    return transact(database, lambda connection: _read(connection, scope), readonly=True)


def _read(connection: t.Any, scope: Scope) -> Report:
    require_current(connection)
    if scope.host_id is not None:
        require_host(connection, scope.host_id)
    seen = sa.select(sa.func.max(hosts.c.last_seen_at, type_=ty.moment()))
    as_of = connection.execute(seen.where(*scope.of_subject("hosts"))).scalar()
    begin = scope.begin(as_of or datetime.datetime(1970, 1, 1, tzinfo=ty.UTC))
    rows: t.Dict[str, Rows] = {
        sheet.name: _rows(connection, sheet, _statement(sheet, scope, begin))
        for sheet in SHEETS
        if sheet.subject
    }
    rows[DEVICE.name] = _devices(connection, scope)
    rows[HEALTH.name] = []
    if scope.findings:
        rows[HEALTH.name] = _rows(connection, HEALTH, others.open_findings(HEALTH))
    rows[CHANGE.name] = _rows(connection, CHANGE, others.changes_since(CHANGE, scope, begin))
    settle(rows, scope, texts.moment(as_of) or "")
    derive(rows)
    has_findings = connection.execute(sa.select(findings.c.id).limit(1)).scalar() is not None
    return Report(texts.moment(as_of), texts.moment(begin) or "", scope, rows, has_findings)


def _statement(sheet: Sheet, scope: Scope, begin: datetime.datetime) -> t.Any:
    """The query of a sheet: that of its subject, with the columns that the sheet has."""
    subject = str(sheet.subject)
    asked = SUBJECTS[subject]
    query = asked.query()
    found = query.selected_columns
    picked = [
        _FURTHER[subject, column.key]() if (subject, column.key) in _FURTHER else found[column.key]
        for column in sheet.columns
        if column.key
    ]
    query = query.with_only_columns(*picked, maintain_column_froms=True)
    if sheet.of_vm or subject == virtual_machines.name:
        query = query.where(*_living(asked), *scope.of_vm())
    else:
        query = query.where(*scope.of_subject(subject))
    if sheet.only:
        name, values = sheet.only
        query = query.where(sa.func.coalesce(found[name], values[0]).in_(values))
    if sheet is SOURCE:
        query = query.where(sync_runs.c.last_at >= begin)
    return query.order_by(*asked.order)


def _living(asked: Subject) -> t.List[t.Any]:
    """Devices that are there; about their VMs the report's own options decide."""
    return [column.is_(None) for column in asked.living if column.table is not virtual_machines]


def _rows(connection: t.Any, sheet: Sheet, statement: t.Any) -> Rows:
    """The rows of a sheet; what is computed later is None."""
    asked = [column for column in sheet.columns if column.key]
    places = [(asked.index(one) if one.key else None, _shape(one)) for one in sheet.columns]
    return [
        [None if place is None else shape(row[place]) for place, shape in places]
        for row in connection.execute(statement)
    ]


def _shape(column: Column) -> t.Callable[[t.Any], t.Any]:
    return column.shape or _same


def _same(value: t.Any) -> t.Any:
    return value


def _devices(connection: t.Any, scope: Scope) -> Rows:
    """The devices of all families that have no sheet of their own, by VM."""
    own = {sheet.subject for sheet in SHEETS}
    found: t.List[t.Tuple[t.Tuple[str, str, int], t.List[t.Any]]] = []
    for family in FAMILIES:
        if family.fact not in own:
            found += _family(connection, family, scope)
    return [row for _key, row in sorted(found, key=lambda pair: pair[0])]


def _family(
    connection: t.Any, family: Family, scope: Scope
) -> t.Iterator[t.Tuple[t.Tuple[str, str, int], t.List[t.Any]]]:
    """The devices of one family, each behind what it is sorted by."""
    asked = SUBJECTS[family.fact]
    query = asked.query().where(*_living(asked), *scope.of_vm())
    besides = {*_BESIDES, family.link}
    telling = [one.key for one in query.selected_columns if one.key not in besides]
    kind = family.index_type.replace("_", " ")
    for row in connection.execute(query).mappings():
        details = ", ".join(
            "{0}={1}".format(name[:-5] if name.endswith("_json") else name, texts.flat(row[name]))
            for name in telling
            if row[name] is not None
        )
        vm = [row["vm_name"], row["host_id"], row["vm_state"]]
        cells = [*vm, kind, details, row["in_live"], row["in_config"], row["vm_uuid"]]
        yield (row["vm_name"] or "", row["vm_uuid"], row["ordinal"] or 0), cells
