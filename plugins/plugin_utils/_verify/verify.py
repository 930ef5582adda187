# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a whole ledger, in one transaction that sees one state of it."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    metadata,
    xml_documents,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify import (
    devices,
    history,
    references,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.rule import Findings, Rule
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.structure import (
    examine_structure,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.values import (
    examine_documents,
    examine_values,
)

#: So many violations are in a result; all of them are counted.
_TOLD = 100


@functools.lru_cache(maxsize=None)
def rules() -> t.Tuple[Rule, ...]:
    """Every invariant that a query proves."""
    return (*devices.rules(), *references.rules(), *history.rules())


def verify(database: Database, structure: bool = True) -> Findings:
    """What is wrong with a ledger whose revision is the current one.

    :param structure: also compare the tables with the models.
    :raises DatabaseError: the database cannot be read.
    """
    # A reader sees one moment, so what others record meanwhile does not look like a contradiction.
    return transact(database, lambda connection: _examine(connection, structure), readonly=True)


def verified(database: Database) -> t.Dict[str, t.Any]:
    """The same as the result of an action, which has failed if anything is wrong."""
    started = time.monotonic()
    findings = verify(database)
    count = sum(findings.counts.values())
    result: t.Dict[str, t.Any] = {
        "violations": [one.result() for one in findings.violations[:_TOLD]],
        "violation_count": count,
        "violations_by_rule": findings.counts,
        "seconds": round(time.monotonic() - started, 3),
    }
    if count:
        rules_broken = ", ".join(
            "{0} ({1})".format(rule, times) for rule, times in sorted(findings.counts.items())
        )
        result.update(
            failed=True,
            msg="The ledger {0} has {1} violations: {2}. See 'violations', and docs/operation.md "
            "for what each means.".format(database, count, rules_broken),
        )
    return result


def _examine(connection: t.Any, structure: bool) -> Findings:
    findings = Findings()
    tables = set(metadata.tables)
    if structure:
        tables = examine_structure(connection, findings)
        if tables != set(metadata.tables):
            return findings  # queries would fail for lack of columns
    populated = _populated(connection)
    kinds = set(
        connection.execute(sa.select(attachment_indices.c.device_type).distinct()).scalars()
    )
    for rule in rules():
        if rule.table.name in populated and (not rule.kind or rule.kind in kinds):
            rule.examine(connection, findings)
    for name in sorted(populated):
        examine_values(connection, metadata.tables[name], findings)
    if xml_documents.name in populated:
        examine_documents(connection, findings)
    return findings


def _populated(connection: t.Any) -> t.Set[str]:
    """The tables that have rows: most kinds of devices are rare."""
    queries = [
        sa.select(sa.literal(name).label("name")).where(sa.exists(sa.select(1).select_from(table)))
        for name, table in sorted(metadata.tables.items())
    ]
    return set(connection.execute(sa.union_all(*queries)).scalars())
