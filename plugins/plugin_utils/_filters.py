# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer of the ledger is limited to, as conditions on rows."""

from __future__ import annotations

import datetime
import fnmatch
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._status import ACTIVE, INACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import (
    ip_is,
    like,
    vms_with_host_device,
    vms_with_pci,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._conditions import (
    disk_in_pool,
    disk_is,
    disk_serial_is,
    mac_is,
    nic_network_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._json_sql import (
    as_text,
    json_pattern,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._moments import moment_of
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    findings,
    hosts,
    port_bindings,
    ports,
    virtual_machines,
    volume_attachments,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._vlans import in_vlan

_vm = virtual_machines


class Filters(t.NamedTuple):
    """What an answer is limited to; ``*`` and ``?`` in a text match any characters, any one.

    :ivar host_id: the host's name in the ledger.
    :ivar vm: a VM's name, its UUID in the ledger, or its domain UUID.
    :ivar volume: a volume's name, path or source, or a disk's ``source_ref``.
    :ivar mac: a MAC address.
    :ivar network: the name or UUID of a libvirt network, or a bridge or other source of a NIC.
    :ivar vlan: the number of a VLAN.
    :ivar ip: an address of a NIC.
    :ivar pci: a PCI device of the host, passed through as such, as a NIC or as an NVMe disk.
    :ivar host_device: any device of the host that is passed through.
    :ivar pool: the name, UUID or path of a storage pool.
    :ivar serial: the serial number or WWN of a disk.
    :ivar state: states of a VM.
    :ivar os: the OS by libosinfo's name or a part of it, or the type of the OS.
    :ivar autostart: what starts with the hypervisor, or does not.
    :ivar metadata: ``NAME=VALUE`` or ``VALUE`` in the metadata of a VM.
    :ivar unused: volumes that nobody uses, or that somebody does.
    :ivar include_gone: also what is not there any more.
    :ivar stale: only what was not seen in a complete answer for so many hours.
    :ivar since: only what was seen at this time or later; a time or an age.
    :ivar until: only what was seen at this time or before.
    :ivar at: the rows as they were at this time.
    :ivar fresh: only what was.
    """

    host_id: t.Optional[str] = None
    vm: t.Optional[str] = None
    volume: t.Optional[str] = None
    mac: t.Optional[str] = None
    network: t.Optional[str] = None
    vlan: t.Optional[int] = None
    ip: t.Optional[str] = None
    pci: t.Optional[str] = None
    host_device: t.Optional[str] = None
    pool: t.Optional[str] = None
    serial: t.Optional[str] = None
    state: t.Optional[t.Sequence[str]] = None
    os: t.Optional[str] = None
    autostart: t.Optional[bool] = None
    metadata: t.Optional[str] = None
    unused: t.Optional[bool] = None
    include_gone: bool = False
    stale: t.Optional[float] = None
    since: t.Optional[str] = None
    until: t.Optional[str] = None
    at: t.Optional[str] = None
    fresh: t.Optional[float] = None


class Later(t.NamedTuple):
    """A condition that needs a look into the database first.

    :ivar condition: called with the connection.
    """

    condition: t.Callable[[t.Any], t.Any]


Condition = t.Callable[[t.Any], t.Any]


def is_like(value: t.Any, text: str) -> bool:
    """The same of a value that is at hand."""
    return isinstance(value, str) and fnmatch.fnmatchcase(value, text.replace("[", "[[]"))


def vm_is(text: str) -> t.Any:
    """A VM by one of its UUIDs, or by its name."""
    key = uuid_text(text)
    if key is not INVALID:
        return sa.or_(_vm.c.uuid == key, _vm.c.domain_uuid == key)
    return like(_vm.c.name, text)


def on_host(text: str) -> t.Any:
    """A VM on a host."""
    return like(_vm.c.host_id, text)


def in_state(states: t.Sequence[str]) -> t.Any:
    """A VM in one of these states; ``active`` and ``inactive`` stand for several."""
    several = {"active": ACTIVE, "inactive": INACTIVE}
    return _vm.c.state.in_([one for state in states for one in several.get(state, (state,))])


def os_is(text: str) -> t.Any:
    """A VM by libosinfo's name of its OS, by a part of that, or by the type of the OS."""
    places = [text, "*/" + text, "*/" + text + "/*"]
    return sa.or_(*(like(_vm.c.os_id, place) for place in places), like(_vm.c.os_type, text))


def metadata_has(text: str) -> t.Any:
    """A VM by its metadata: an element or attribute ``NAME=VALUE``, or ``VALUE`` of any name."""
    name, equals, value = text.rpartition("=")
    step = r'["}/@]' + json_pattern(name) + r"(\[[0-9]+\])?" if equals else ""
    pattern = step + '":"' + json_pattern(value) + '"[,}]'
    return as_text(_vm.c.metadata_json).regexp_match(pattern)


def stale_host(hours: float) -> t.Any:
    """A host that no complete answer came from for so long, or never."""
    return sa.or_(hosts.c.last_complete_at.is_(None), hosts.c.last_complete_at < _ago(hours))


def fresh_host(hours: float) -> t.Any:
    """A host that a complete answer came from in that time."""
    return hosts.c.last_complete_at >= _ago(hours)


def stale_vm(hours: float) -> t.Any:
    """A VM on a host that no complete answer came from for so long."""
    return ~fresh_vm(hours)


def fresh_vm(hours: float) -> t.Any:
    """A VM on a host that a complete answer came from in that time."""
    seen = hosts.alias("seen")
    return sa.exists().where(seen.c.id == _vm.c.host_id, seen.c.last_complete_at >= _ago(hours))


def _ago(hours: float) -> t.Any:
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    return sa.literal(moment, ty.moment())


def between(began: t.Any, ended: t.Any) -> t.Dict[str, t.Callable[[str], t.Any]]:
    """The filters of what has a beginning and an end.

    :param ended: a column; null stands for what has not ended.
    """
    return {
        "since": lambda text: sa.or_(ended.is_(None), ended >= moment_of(text, "since")),
        "until": lambda text: began <= moment_of(text, "until"),
    }


def vm_with(table: t.Any, condition: t.Any) -> t.Any:
    """VMs that have a row of this table with the condition."""
    return _vm.c.uuid.in_(sa.select(table.c.vm_uuid).where(condition, table.c.deleted_at.is_(None)))


#: What a VM can be asked by, also for the devices, volumes, networks and hosts that it has.
OF_VM: t.Dict[str, Condition] = {
    "host_id": on_host,
    "vm": vm_is,
    "volume": lambda text: vm_with(volume_attachments, disk_is(text)),
    "mac": lambda text: vm_with(ports, mac_is(text)),
    "network": lambda text: vm_with(ports, nic_network_is(text)),
    "vlan": lambda number: vm_with(ports, in_vlan(number)),
    "ip": lambda text: vm_with(ports, ip_is(text)),
    "pci": lambda text: _vm.c.uuid.in_(vms_with_pci(text)),
    "host_device": lambda text: _vm.c.uuid.in_(vms_with_host_device(text)),
    "pool": lambda text: vm_with(volume_attachments, disk_in_pool(text)),
    "serial": lambda text: vm_with(volume_attachments, disk_serial_is(text)),
    "state": in_state,
    "os": os_is,
    "autostart": _vm.c.autostart.is_,
    "metadata": metadata_has,
}


def finding_of_vm(text: str) -> t.Any:
    """A finding by a VM that it is about; of several VMs the details have the UUIDs."""
    return sa.or_(like(findings.c.vm_name, text), _concerns(vm_is(text)))


def finding_on_host(text: str) -> t.Any:
    """A finding by its host, or by the host of one of its VMs."""
    return sa.or_(like(findings.c.host_id, text), _concerns(on_host(text)))


def _concerns(condition: t.Any) -> t.Any:
    details = sa.type_coerce(findings.c.details_json, sa.Text())
    several = findings.c.vm_uuid.is_(None) & details.contains(_vm.c.uuid)
    return sa.exists().where(condition, sa.or_(findings.c.vm_uuid == _vm.c.uuid, several))


def by_vm(
    column: t.Any, used: t.Callable[[], t.Any], without: t.Container[str]
) -> t.Dict[str, Condition]:
    """Filters of something by the living VMs that have it.

    :param used: selects the values of ``column`` that VMs have, joined with the VMs.
    :param without: filters that mean something else there.
    """

    def by(name: str) -> Condition:
        return lambda text: column.in_(used().where(OF_VM[name](text), _vm.c.deleted_at.is_(None)))

    return {name: by(name) for name in OF_VM if name not in without}


def used_volumes() -> t.Any:
    """The volumes behind disks of VMs."""
    return (
        sa.select(volume_attachments.c.volume_id)
        .join(_vm, _vm.c.uuid == volume_attachments.c.vm_uuid)
        .where(
            volume_attachments.c.deleted_at.is_(None), volume_attachments.c.volume_id.isnot(None)
        )
    )


def used_pools() -> t.Any:
    """The storage pools that those volumes are in."""
    return (
        sa.select(volumes.c.storage_pool_id)
        .join(volume_attachments, volume_attachments.c.volume_id == volumes.c.id)
        .join(_vm, _vm.c.uuid == volume_attachments.c.vm_uuid)
        .where(volume_attachments.c.deleted_at.is_(None), volumes.c.storage_pool_id.isnot(None))
    )


def used_networks() -> t.Any:
    """The networks that NICs of VMs are bound to."""
    return (
        sa.select(port_bindings.c.network_id)
        .join(ports, ports.c.id == port_bindings.c.port_id)
        .join(_vm, _vm.c.uuid == ports.c.vm_uuid)
        .where(port_bindings.c.deleted_at.is_(None), port_bindings.c.network_id.isnot(None))
    )
