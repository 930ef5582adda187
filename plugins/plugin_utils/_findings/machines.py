# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about VMs as a whole."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    of_vm,
    of_vms,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    CRITICAL,
    INFO,
    WARNING,
    Found,
    Rule,
    Threshold,
    names,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    virtual_machines,
)

_vm = virtual_machines

_GONE = Threshold(
    "gone_days", 7, 0, 3650, "For so many days after it was noticed a VM that is gone is told."
)


def _twins(reading: Reading) -> t.Iterator[t.List[Machine]]:
    """VMs of one domain UUID on several hosts."""
    known: t.Dict[str, t.List[Machine]] = {}
    for machine in reading.machines.values():
        known.setdefault(machine.domain_uuid, []).append(machine)
    for machines in known.values():
        if len({machine.host_id for machine in machines}) > 1:
            yield machines


def _twice(machines: t.List[Machine], what: str) -> Found:
    uuid, name = machines[0].domain_uuid, min(machine.name for machine in machines)
    hosts = sorted({machine.host_id for machine in machines})
    summary = "VM {0} ({1}) {2} {3}".format(name, uuid, what, names(hosts))
    return of_vms(machines, _vm, name, summary, {"domain_uuid": uuid}, uuid)


def _running_twice(reading: Reading) -> t.Iterator[Found]:
    for machines in _twins(reading):
        active = [machine for machine in machines if machine.is_active]
        if len({machine.host_id for machine in active}) > 1:
            yield _twice(active, "runs on")


def _defined_twice(reading: Reading) -> t.Iterator[Found]:
    for machines in _twins(reading):
        if len({machine.host_id for machine in machines if machine.is_active}) < 2:
            yield _twice(machines, "is defined on")


def _gone(reading: Reading) -> t.Iterator[Found]:
    since = reading.now - datetime.timedelta(days=reading.threshold(_GONE))
    columns = (_vm.c.uuid, _vm.c.domain_uuid, _vm.c.name, _vm.c.host_id, _vm.c.deleted_at)
    there = {machine.domain_uuid for machine in reading.machines.values()}
    query = sa.select(*columns).where(
        _vm.c.deleted_at >= sa.literal(since, ty.moment()),
        _vm.c.uuid.is_not(None),
        sa.or_(_vm.c.origin.is_(None), _vm.c.origin != "archive"),
    )
    for row in reading.rows(query):
        if row["domain_uuid"] in there:
            continue
        moment = row["deleted_at"].isoformat(" ", "minutes")
        summary = "VM {0} on {1} is gone since {2}".format(row["name"], row["host_id"], moment)
        yield Found(
            _vm.name,
            row["name"] or row["uuid"],
            (row["uuid"], row["deleted_at"].isoformat()),
            summary,
            {"gone_since": row["deleted_at"].isoformat()},
            row["host_id"],
            row["uuid"],
            row["name"],
        )


def _transient(reading: Reading) -> t.Iterator[Found]:
    for machine in reading.machines.values():
        if machine.is_active and machine.persistent is False:
            text = " has no persistent definition; it is gone once it stops"
            yield of_vm(machine, _vm, machine.name, text, {})


def _commandline(reading: Reading) -> t.Iterator[Found]:
    columns = {
        "arguments": _vm.c.qemu_args_json,
        "environment": _vm.c.qemu_env_json,
        "capabilities": _vm.c.qemu_capabilities_json,
        "overrides": _vm.c.qemu_override_json,
    }
    query = sa.select(
        _vm.c.uuid.label("vm_uuid"), *(column.label(name) for name, column in columns.items())
    ).where(sa.or_(*(column.is_not(None) for column in columns.values())))
    for machine, row in reading.devices(query.where(_vm.c.deleted_at.is_(None))):
        counts = {name: len(row[name]) for name in columns if row[name]}
        told = names("{0} {1}".format(count, name) for name, count in counts.items())
        text = " goes past libvirt to QEMU: {0}".format(told)
        yield of_vm(machine, _vm, machine.name, text, counts)


RULES = (
    Rule(
        "vm_running_twice",
        CRITICAL,
        "A VM runs on two hosts",
        "One domain UUID runs on two hosts, as both of them have told. Two machines that take "
        "themselves for one write the same disks and answer to the same addresses.",
        "Find out which one is right and stop the other (virsh destroy) before it writes any "
        "more. If one of the hosts is dead or was restored, record it again.",
        _running_twice,
    ),
    Rule(
        "vm_defined_twice",
        WARNING,
        "A VM is defined on two hosts",
        "One domain UUID is defined on several hosts and runs on one of them at the most. "
        "Somebody who starts the other one has the VM running twice. A migration without "
        "--undefinesource leaves this behind, a copied definition too.",
        "Undefine the one that is left over (virsh undefine --keep-nvram), or give a copy a UUID "
        "of its own. Where a cluster manager keeps definitions on every host, ignore it.",
        _defined_twice,
    ),
    Rule(
        "vm_gone",
        INFO,
        "A VM is gone",
        "A complete listing of its host does not have the VM any more, and no other host has it.",
        "If nobody removed it on purpose, restore it: the ledger keeps its last definition.",
        _gone,
        _GONE,
    ),
    Rule(
        "transient_vm",
        WARNING,
        "A VM has no persistent definition",
        "The VM runs without a persistent definition (virsh create, or undefined while it ran). "
        "libvirt forgets it at the moment in which it stops.",
        "Make it persistent: virsh dumpxml, then virsh define; the lookup domain_xml has its XML "
        "too.",
        _transient,
    ),
    Rule(
        "qemu_commandline",
        INFO,
        "QEMU's command line is used directly",
        "The domain has qemu:commandline, qemu:capabilities or qemu:override. libvirt does not "
        "check what stands there, does not support it, and an upgrade of QEMU may refuse it.",
        "Say the same in libvirt's own elements where they have it by now.",
        _commandline,
    ),
)
