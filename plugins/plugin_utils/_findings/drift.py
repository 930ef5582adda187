# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about running VMs whose persistent definition says something else."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    FAMILIES,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.normal import (
    of_device,
    of_domain,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    of_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    WARNING,
    Found,
    Rule,
    names,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import load
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    virtual_machines,
)

_vm = virtual_machines

#: So many changes of one VM are told, each no longer than so.
_TOLD, _LENGTH = 40, 160

#: Columns of a device that tell what its live values are resolved from.
_HINTS = ("source_type", "source_ref", "network_name")

Changes = t.Dict[str, t.List[t.Dict[str, t.Any]]]


def _pending(reading: Reading) -> t.Iterator[Found]:
    """One finding for each VM, with all that is different."""
    changes: Changes = {}
    _of_domains(reading, changes)
    for family in FAMILIES:
        _of_family(reading, family, changes)
    for uuid, found in changes.items():
        machine = reading.machines[uuid]
        parts = dict.fromkeys(
            change["device"] or "domain {0}".format(change["field"]) for change in found
        )
        text = " has pending changes: {0}".format(names(parts))
        details = {"changes": found[:_TOLD], "change_count": len(found)}
        yield of_vm(machine, _vm, machine.name, text, details)


def _is_concerned(machine: t.Optional[Machine]) -> bool:
    return machine is not None and machine.is_active and machine.both_sides


def _of_domains(reading: Reading, changes: Changes) -> None:
    query = sa.select(_vm.c.id, _vm.c.uuid, _vm.c.config_values_json, _vm.c.cpu_features_json)
    query = query.where(_vm.c.deleted_at.is_(None), _vm.c.config_values_json.is_not(None))
    left = {
        row["id"]: values
        for row in reading.rows(query)
        if _is_concerned(reading.machines.get(row["uuid"]))
        for values in [of_domain(row["config_values_json"], row["cpu_features_json"])]
        if values
    }
    columns = {field.name: field.column_name for field in DOMAIN_FIELDS}
    for live in load(reading.connection, sa.select(*_vm.c), _vm.c.id, left):
        _add(changes, live["uuid"], "", left[live["id"]], live, columns)


def _of_family(reading: Reading, family: Family, changes: Changes) -> None:
    table = metadata.tables[family.table]
    hints = [table.c[name] for name in _HINTS if name in table.c]
    query = sa.select(
        table.c.id,
        table.c.vm_uuid,
        table.c.in_live,
        table.c.in_config,
        table.c.config_values_json,
        *hints,
    ).where(
        table.c.deleted_at.is_(None),
        sa.or_(
            table.c.config_values_json.is_not(None),
            table.c.in_live.is_(True) & table.c.in_config.is_(False),
            table.c.in_live.is_(False) & table.c.in_config.is_(True),
        ),
    )
    left: t.Dict[int, t.Tuple[Row, t.Dict[str, t.Any]]] = {}
    for row in reading.rows(query):
        if _is_concerned(reading.machines.get(row["vm_uuid"])):
            values = of_device(table.name, row["config_values_json"] or {}, row)
            if values or row["in_live"] != row["in_config"]:
                left[row["id"]] = (row, values)
    columns = {field.name: field.column_name for field in family.fields}
    for live in load(reading.connection, _whole(family), table.c.id, left):
        row, values = left[live["id"]]
        label = family.label(live)
        if row["in_live"] != row["in_config"]:
            side = "live" if row["in_live"] else "config"
            told = {"device": label, "field": None, "only_in": side}
            changes.setdefault(row["vm_uuid"], []).append(told)
        _add(changes, row["vm_uuid"], label, values, live, columns)


def _whole(family: Family) -> t.Any:
    """The rows of a family with all columns of the device."""
    table = metadata.tables[family.table]
    if not family.split:
        return sa.select(*table.c)
    device = metadata.tables[family.fact]
    own = [column for column in device.c if column.name not in table.c]
    return sa.select(*table.c, *own).select_from(
        table.outerjoin(device, device.c.id == table.c[family.link])
    )


def _add(
    changes: Changes,
    uuid: str,
    label: str,
    values: t.Mapping[str, t.Any],
    live: Row,
    columns: t.Mapping[str, str],
) -> None:
    for name, value in values.items():
        told = {
            "device": label,
            "field": name,
            "live": _short(live.get(columns.get(name, name))),
            "config": _short(value),
        }
        changes.setdefault(uuid, []).append(told)


def _short(value: t.Any) -> t.Any:
    """A value as it is or, if it is long, the beginning of its JSON."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return value if len(text) <= _LENGTH else text[: _LENGTH - 3] + "..."


RULES = (
    Rule(
        "pending_changes",
        WARNING,
        "A running VM differs from its persistent definition",
        "The running VM and its persistent definition are not the same, so that it changes at "
        "its next start, or loses what was plugged in live only. What libvirt itself makes of a "
        "definition does not count: host-model and other CPU modes, aliases, addresses, "
        "terminals, ports and labels, the bridge or device behind a libvirt network, defaults "
        "that it fills in.",
        "Restart the VM to have the definition, or bring the definition to what runs (virsh "
        "dumpxml, virsh define). Use --live and --config together when you change a running VM.",
        _pending,
    ),
)
