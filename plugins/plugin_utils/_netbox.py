# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as the modules of the collection netbox.netbox take them, in their option C(data).

Those modules find a VM by its name alone, so each has a name of its own here: what several VMs are
called is followed by the host. Only hosts that were recorded completely count.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    OF_VM,
    fresh_vm,
    stale_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subject import Feed, Subject
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    ports,
    virtual_machines,
    volume_attachments,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._vlans import tagged_ports

Row = t.Mapping[str, t.Any]
Data = t.Dict[str, t.Any]

_vm = virtual_machines

#: The longest name and the longest description that NetBox takes.
_NAME, _DESCRIPTION = 64, 200

#: NetBox counts disks in megabytes from the one on, in gigabytes before; MAC addresses are objects
#: of their own from the other on; VMs can be paused from the third on.
_MEGABYTES, _MAC_OBJECTS, _PAUSED = (4, 1), (4, 2), (4, 3)

#: NetBox's word for what libvirt says. What is not listed is off.
_STATUSES = {"running": "active", "blocked": "active", "shutdown": "active", "crashed": "failed"}

_TAG = re.compile(r'"id":(\d+)')


def feed(cluster: t.Optional[str], version: str, base: int) -> Feed:
    """What NetBox wants to be told, from options.

    :param version: NetBox's own, such as ``4.2``.
    :param base: how many bytes are a kilobyte, and so on.
    :raises VirtledgerError: the version is none.
    """
    match = re.match(r"v?(\d{1,3})\.(\d{1,3})(?:\.|\Z)", version)
    if not match:
        raise VirtledgerError(
            "Option 'netbox_version' is {0!r}, which is no version.".format(version),
            "Write it as 4.2, as NetBox shows it at the foot of its pages.",
        )
    return Feed(cluster or None, (int(match.group(1)), int(match.group(2))), base)


def _context() -> t.List[t.Any]:
    """What the name of a VM is made of."""
    folded = sa.func.lower(_vm.c.name)
    others = _vm.alias("others")
    other = sa.func.lower(others.c.name)
    several = (
        sa.select(other)
        .where(others.c.deleted_at.is_(None))
        .group_by(other)
        .having(sa.func.count() > 1)
    )
    return [
        _vm.c.uuid.label("vm_uuid"),
        _vm.c.name.label("vm_name"),
        _vm.c.host_id,
        folded.in_(several).label("is_repeated"),
    ]


def _vm_name(row: Row) -> str:
    """A name that no other VM of the fleet has, in NetBox's length."""
    name = "{vm_name} ({host_id})".format(**row) if row["is_repeated"] else str(row["vm_name"])
    if len(name) <= _NAME:
        return name
    key = row["vm_uuid"][:8]
    return "{0}~{1}".format(name[: _NAME - len(key) - 1], key)


def _data(**values: t.Any) -> Data:
    """What is known; NetBox keeps what it has where nothing is said."""
    return {key: value for key, value in values.items() if value is not None}


def _short(text: t.Optional[str]) -> t.Optional[str]:
    return " ".join(text.split())[:_DESCRIPTION] if text else None


def _units(size: t.Optional[int], unit: int) -> t.Optional[int]:
    """A size in whole units, rounded up; NetBox takes none that is 0."""
    return None if size is None else max(1, -(-int(size) // unit))


def _complete(source: t.Any) -> t.Any:
    """Only what is on hosts that were recorded completely once."""
    known = sa.and_(hosts.c.id == _vm.c.host_id, hosts.c.last_complete_at.isnot(None))
    return source.join(hosts, known)


def _machines() -> t.Any:
    """VMs; of those that are gone the ones whose name no living one has."""
    living = _vm.alias("living")
    names = sa.select(sa.func.lower(living.c.name)).where(living.c.deleted_at.is_(None))
    columns = (
        _vm.c.deleted_at,
        _vm.c.state,
        _vm.c.vcpu_current_count,
        _vm.c.memory_bytes,
        _vm.c.title,
        _vm.c.description,
    )
    return (
        sa.select(*_context(), *columns)
        .select_from(_complete(_vm))
        .where(sa.or_(_vm.c.deleted_at.is_(None), sa.func.lower(_vm.c.name).not_in(names)))
    )


def _machine(row: Row, wanted: Feed) -> Data:
    """For netbox_virtual_machine. NetBox adds up the disks by itself."""
    status = _STATUSES.get(row["state"], "offline")
    if row["state"] == "paused":
        status = "paused" if wanted.version >= _PAUSED else "active"
    if row["deleted_at"] is not None:
        status = "decommissioning"
    return _data(
        name=_vm_name(row),
        cluster=wanted.cluster or row["host_id"],
        status=status,
        vcpus=row["vcpu_current_count"],
        memory=_units(row["memory_bytes"], wanted.base**2),
        description=_short(row["title"]),
        comments=row["description"] or None,
    )


def _interfaces() -> t.Any:
    """NICs with their place in the VM, which stays the same whatever is asked for."""
    place = sa.func.row_number().over(
        partition_by=ports.c.vm_uuid, order_by=(ports.c.ordinal, ports.c.id)
    )
    numbered = (
        sa.select(ports.c.id, (place - 1).label("place"))
        .where(ports.c.deleted_at.is_(None))
        .subquery("numbered")
    )
    tagged = tagged_ports()
    source = (
        ports.join(_vm, _vm.c.uuid == ports.c.vm_uuid)
        .join(numbered, numbered.c.id == ports.c.id)
        .outerjoin(tagged, tagged.c.port_id == ports.c.id)
    )
    columns = (
        ports.c.mac_address,
        ports.c.link_state,
        ports.c.mtu,
        ports.c.source_type,
        ports.c.source_ref,
        ports.c.network_name,
        ports.c.port_group,
        ports.c.ip_address,
        ports.c.ip_addresses_json,
    )
    return sa.select(*_context(), *columns, numbered.c.place, tagged.c.tags).select_from(
        _complete(source)
    )


def _interface_name(row: Row) -> str:
    return "net{0}".format(row["place"])


def _wiring(row: Row) -> t.Optional[str]:
    """What a NIC is connected to, in words."""
    parts = []
    if row["network_name"]:
        parts.append("network {0}".format(row["network_name"]))
    if row["source_ref"] and row["source_ref"] != row["network_name"]:
        parts.append("{0} {1}".format(row["source_type"] or "source", row["source_ref"]))
    if row["port_group"]:
        parts.append("port group {0}".format(row["port_group"]))
    tags = _TAG.findall(row["tags"] or "")
    if tags:
        parts.append("VLAN {0}".format(" ".join(tags)))
    return _short(", ".join(parts))


def _interface(row: Row, wanted: Feed) -> Data:
    """For netbox_vm_interface."""
    mac = row["mac_address"] if wanted.version < _MAC_OBJECTS else None
    return _data(
        virtual_machine=_vm_name(row),
        name=_interface_name(row),
        enabled=row["link_state"] != "down",
        mtu=row["mtu"],
        mac_address=mac.upper() if mac else None,
        description=_wiring(row),
    )


def _owner(row: Row) -> Data:
    return {"virtual_machine": _vm_name(row), "name": _interface_name(row)}


def _mac(row: Row, wanted: Feed) -> Data:
    """For netbox_mac_address, which NetBox has from 4.2 on."""
    return {"mac_address": row["mac_address"].upper(), "assigned_object": _owner(row)}


def _address(row: Row, wanted: Feed) -> Data:
    """For netbox_ip_address: the first address of a NIC, with its network's length if known."""
    text = row["ip_address"]
    listed = row["ip_addresses_json"] or ()
    prefix = next((item.get("prefix") for item in listed if item.get("address") == text), None)
    if prefix is None:
        prefix = ipaddress.ip_address(text).max_prefixlen
    return {
        "address": "{0}/{1}".format(text, prefix),
        "status": "active",
        "assigned_object": _owner(row),
    }


def _disks() -> t.Any:
    """Disks whose size is known, without removable media."""
    disks = volume_attachments
    source = disks.join(volumes, volumes.c.id == disks.c.volume_id).join(
        _vm, _vm.c.uuid == disks.c.vm_uuid
    )
    columns = (disks.c.device_name, volumes.c.capacity_bytes, volumes.c.source)
    return (
        sa.select(*_context(), *columns)
        .select_from(_complete(source))
        .where(
            sa.func.coalesce(disks.c.device_type, "disk").in_(("disk", "lun")),
            disks.c.device_name.isnot(None),
            volumes.c.capacity_bytes.isnot(None),
        )
    )


def _disk(row: Row, wanted: Feed) -> Data:
    """For netbox_virtual_disk."""
    unit = wanted.base ** (2 if wanted.version >= _MEGABYTES else 3)
    return _data(
        virtual_machine=_vm_name(row),
        name=row["device_name"],
        size=_units(row["capacity_bytes"], unit),
        description=_short(row["source"]),
    )


_FILTERS = {**OF_VM, "stale": stale_vm, "fresh": fresh_vm}
_OF_VM = (_vm.c.name, _vm.c.host_id, _vm.c.uuid)
_BY_PORT = (*_OF_VM, ports.c.ordinal, ports.c.id)
_PORT_LIVES = (ports.c.deleted_at, _vm.c.deleted_at)

#: The queries for NetBox, by their names.
NETBOX: t.Dict[str, Subject] = {
    "netbox_virtual_machines": Subject(_machines, _OF_VM, _FILTERS, (_vm.c.deleted_at,), _machine),
    "netbox_vm_interfaces": Subject(_interfaces, _BY_PORT, _FILTERS, _PORT_LIVES, _interface),
    "netbox_mac_addresses": Subject(
        lambda: _interfaces().where(ports.c.mac_address.isnot(None)),
        _BY_PORT,
        _FILTERS,
        _PORT_LIVES,
        _mac,
    ),
    "netbox_ip_addresses": Subject(
        lambda: _interfaces().where(ports.c.ip_address != ""),
        _BY_PORT,
        _FILTERS,
        _PORT_LIVES,
        _address,
    ),
    "netbox_virtual_disks": Subject(
        _disks,
        (*_OF_VM, volume_attachments.c.ordinal, volume_attachments.c.id),
        _FILTERS,
        (volume_attachments.c.deleted_at, volumes.c.deleted_at, _vm.c.deleted_at),
        _disk,
    ),
}
