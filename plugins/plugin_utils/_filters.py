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
    MAC,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
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

_vm = virtual_machines


class Filters(t.NamedTuple):
    """What an answer is limited to; ``*`` and ``?`` in a text match any characters, any one.

    :ivar host_id: the host's name in the ledger.
    :ivar vm: a VM's name, its UUID in the ledger, or its domain UUID.
    :ivar volume: a volume's name, path or source, or a disk's ``source_ref``.
    :ivar mac: a MAC address.
    :ivar network: the name of a libvirt network, or of a bridge or other source of a NIC.
    :ivar include_gone: also what is not there any more.
    :ivar stale: only what was not seen in a complete answer for so many hours.
    :ivar since: only what was seen at this time or later; a time or an age.
    :ivar until: only what was seen at this time or before.
    :ivar at: the rows as they were at this time.
    """

    host_id: t.Optional[str] = None
    vm: t.Optional[str] = None
    volume: t.Optional[str] = None
    mac: t.Optional[str] = None
    network: t.Optional[str] = None
    include_gone: bool = False
    stale: t.Optional[float] = None
    since: t.Optional[str] = None
    until: t.Optional[str] = None
    at: t.Optional[str] = None


def like(column: t.Any, text: str) -> t.Any:
    """Equal, or like a text with ``*`` and ``?``."""
    if "*" not in text and "?" not in text:
        return column == text
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(escaped.replace("*", "%").replace("?", "_"), escape="\\")


def is_like(value: t.Any, text: str) -> bool:
    """The same of a value that is at hand."""
    return isinstance(value, str) and fnmatch.fnmatchcase(value, text.replace("[", "[[]"))


def vm_is(text: str) -> t.Any:
    """A VM by one of its UUIDs, or by its name."""
    key = uuid_text(text)
    if key is not INVALID:
        return sa.or_(_vm.c.uuid == key, _vm.c.domain_uuid == key)
    return like(_vm.c.name, text)


def mac_is(text: str) -> t.Any:
    """A NIC by its MAC address, however that is written."""
    mac = MAC.convert(text)
    return like(ports.c.mac_address, text.lower() if mac is INVALID else mac)


def network_is(text: str) -> t.Any:
    """A NIC by its network or another source."""
    return sa.or_(like(ports.c.network_name, text), like(ports.c.source_ref, text))


def volume_is(text: str) -> t.Any:
    """A volume by its name, path or source."""
    return sa.or_(
        like(volumes.c.name, text), like(volumes.c.path, text), like(volumes.c.source, text)
    )


def disk_is(text: str) -> t.Any:
    """A disk by its volume, or by what its XML names."""
    disks = volume_attachments
    found = sa.select(volumes.c.id).where(volume_is(text))
    # With an OR of the two, PostgreSQL reads every disk of the ledger; each alone has an index.
    return disks.c.id.in_(
        sa.union_all(
            sa.select(disks.c.id).where(like(disks.c.source_ref, text)),
            sa.select(disks.c.id).where(disks.c.volume_id.in_(found)),
        )
    )


def on_host(text: str) -> t.Any:
    """A VM on a host."""
    return like(_vm.c.host_id, text)


def stale_host(hours: float) -> t.Any:
    """A host that no complete answer came from for so long, or never."""
    return sa.or_(hosts.c.last_complete_at.is_(None), hosts.c.last_complete_at < _ago(hours))


def stale_vm(hours: float) -> t.Any:
    """A VM on such a host."""
    seen = sa.exists().where(hosts.c.id == _vm.c.host_id, hosts.c.last_complete_at >= _ago(hours))
    return ~seen


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
OF_VM: t.Dict[str, t.Callable[[str], t.Any]] = {
    "host_id": on_host,
    "vm": vm_is,
    "volume": lambda text: vm_with(volume_attachments, disk_is(text)),
    "mac": lambda text: vm_with(ports, mac_is(text)),
    "network": lambda text: vm_with(ports, network_is(text)),
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
    column: t.Any, used: t.Callable[[], t.Any], names: t.Iterable[str]
) -> t.Dict[str, t.Callable[[str], t.Any]]:
    """Filters of something by the living VMs that have it.

    :param used: selects the values of ``column`` that VMs have, joined with the VMs.
    """

    def by(name: str) -> t.Callable[[str], t.Any]:
        return lambda text: column.in_(used().where(OF_VM[name](text), _vm.c.deleted_at.is_(None)))

    return {name: by(name) for name in names}


def used_volumes() -> t.Any:
    """The volumes behind disks of VMs."""
    return (
        sa.select(volume_attachments.c.volume_id)
        .join(_vm, _vm.c.uuid == volume_attachments.c.vm_uuid)
        .where(
            volume_attachments.c.deleted_at.is_(None), volume_attachments.c.volume_id.isnot(None)
        )
    )


def used_networks() -> t.Any:
    """The networks that NICs of VMs are bound to."""
    return (
        sa.select(port_bindings.c.network_id)
        .join(ports, ports.c.id == port_bindings.c.port_id)
        .join(_vm, _vm.c.uuid == ports.c.vm_uuid)
        .where(port_bindings.c.deleted_at.is_(None), port_bindings.c.network_id.isnot(None))
    )
