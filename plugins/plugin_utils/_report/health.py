# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheet of findings: what each is about, why it matters, and whether somebody means it so."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import others
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import (
    HEALTH,
    HOST,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.vm_sheets import INFO

AllRows = t.Dict[str, t.List[t.List[t.Any]]]


def settle(rows: AllRows, scope: Scope, as_of: str) -> None:
    """Give the findings their texts, and keep those about what the report is about.

    A finding names one VM and host, or has several in its details.

    :param as_of: the time of the report; what is ignored until then is not any more.
    """
    place = {column.name: number for number, column in enumerate(HEALTH.columns)}
    machines = {row[INFO.place("uuid")] for row in rows[INFO.name]}
    hosts = {row[HOST.place("host_id")] for row in rows[HOST.name]}
    kept = []
    for row in rows[HEALTH.name]:
        uuid, host, name = row[place["vm_uuids"]], row[place["hosts"]], row[place["vm_name"]]
        several = row[place["vms"]] or ([(name or uuid, uuid, host)] if uuid else [])
        theirs = {part[2] for part in several} | ({host} if host else set())
        until = row[place["ignored_until"]]
        row[place["vms"]] = ", ".join(part[0] for part in several) or None
        row[place["vm_uuids"]] = " ".join(part[1] for part in several) or None
        row[place["hosts"]] = ", ".join(sorted(map(str, theirs))) or None
        row[place["ignored"]] = row[place["ignore_reason"]] is not None and (
            until is None or until > as_of
        )
        row[place["explanation"]], row[place["remedy"]] = others.rule(row[place["code"]])
        if scope.is_narrow and not machines & {part[1] for part in several}:
            continue
        if scope.host_id is not None and not hosts & theirs:
            continue
        kept.append(row)
    rows[HEALTH.name] = kept
