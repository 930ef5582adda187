# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in columns of text: JSON of the declared type, times, and archived documents."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    STATUS_FIELDS,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.snapshot import (
    SNAPSHOT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._documents import restored
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import xml_documents
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import (
    Findings,
    Violation,
    key,
)

#: Rows and documents that are held in memory at a time.
_ROWS, _DOCUMENTS = 2000, 200

_JSON = {"list": (list, "list"), "dict": (dict, "dictionary")}
_EITHER = ((list, dict), "list or dictionary")


def _declared() -> t.Dict[t.Tuple[str, str], str]:
    """The type of each JSON column that a field declares, by table and column."""
    fields: t.List[t.Tuple[str, Field]] = [
        (table, field)
        for table, declared in (
            ("hosts", HYPERVISOR_FIELDS),
            ("virtual_machines", DOMAIN_FIELDS + STATUS_FIELDS),
            ("networks", NETWORK_FIELDS),
            ("storage_pools", POOL_FIELDS),
            ("volumes", VOLUME_FIELDS),
            ("vm_snapshots", SNAPSHOT_FIELDS),
        )
        for field in declared
    ]
    for family in FAMILIES:
        for field in family.fields:
            fields += [(table, field) for table in (family.table, family.fact)]
    return {(table, field.column_name): field.type for table, field in fields}


_DECLARED = _declared()


def examine_values(connection: t.Any, table: t.Any, findings: Findings) -> None:
    """Look at every JSON column of a table and, on SQLite, at every timestamp."""
    documents = [column for column in table.c if isinstance(column.type, ty.JsonText)]
    moments = [column for column in table.c if isinstance(column.type, ty.UtcDateTime)]
    if connection.dialect.name != "sqlite":
        moments = []  # a server's timestamps are some
    for row in _rows(connection, table, [*documents, *moments], _ROWS):
        for column in documents:
            text = row[column.name]
            problem = None if text is None else _json_problem(table.name, column.name, text)
            if problem:
                findings.add(Violation("json_wrong", table.name, str(row["key"]), problem))
        for column in moments:
            text = row[column.name]
            if text is not None and not _is_moment(text):
                problem = "{0} is {1!r:.80}, which is no time".format(column.name, text)
                findings.add(Violation("time_wrong", table.name, str(row["key"]), problem))


def _json_problem(table: str, column: str, text: str) -> t.Optional[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return "{0} is {1!r:.80}, which is no JSON".format(column, text)
    types, name = _JSON.get(_DECLARED.get((table, column), ""), _EITHER)
    if not isinstance(value, types):
        return "{0} is {1!r:.80}, which is no {2}".format(column, text, name)
    return None


def _is_moment(text: t.Any) -> bool:
    try:
        ty.parse_moment(str(text))
    except ValueError:
        return False
    return True


def examine_documents(connection: t.Any, findings: Findings) -> None:
    """Unpack every archived document: its text has the digest that names it, and its size."""
    table = xml_documents
    for row in _rows(connection, table, [table.c.size_bytes, table.c.content], _DOCUMENTS):
        digest = str(row["key"])
        try:
            text = restored(digest, row["content"])
        except DatabaseError as error:
            findings.add(Violation("document_damaged", table.name, digest, error.message))
            continue
        size = len(text.encode("utf-8", "surrogatepass"))
        if size != row["size_bytes"]:
            problem = "size_bytes is {0}, but it has {1}".format(row["size_bytes"], size)
            findings.add(Violation("document_damaged", table.name, digest, problem))


def _rows(
    connection: t.Any, table: t.Any, columns: t.Sequence[t.Any], size: int
) -> t.Iterator[t.Mapping[str, t.Any]]:
    """All rows in the order of their keys, so many at a time; texts as they are stored."""
    if not columns:
        return
    primary = key(table)
    as_text = (ty.JsonText, ty.UtcDateTime)
    raw = [
        sa.type_coerce(column, sa.Text()).label(column.name)
        if isinstance(column.type, as_text)
        else column
        for column in columns
    ]
    query = sa.select(primary.label("key"), *raw).order_by(primary).limit(size)
    part = connection.execute(query).mappings().all()
    while part:
        yield from part
        part = connection.execute(query.where(primary > part[-1]["key"])).mappings().all()
