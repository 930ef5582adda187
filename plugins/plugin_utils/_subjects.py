# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger can be asked for, by the words of the facts and tables."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DISK,
    FAMILIES,
    HOSTDEV,
    INTERFACE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _types as ty
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import (
    device_is,
    device_is_pci,
    ip_is,
    like,
    nic_is_pci,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._change_filters import (
    CHANGE_FILTERS,
    change_query,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._conditions import (
    mac_is,
    network_is,
    nic_network_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._device_names import device_name
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    OF_VM,
    Condition,
    between,
    by_vm,
    finding_of_vm,
    finding_on_host,
    fresh_host,
    fresh_vm,
    stale_host,
    stale_vm,
    used_networks,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._netbox import NETBOX
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._storage_subjects import STORAGE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subject import (
    Subject,
    device,
    of_vm,
    with_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    changes,
    findings,
    hosts,
    networks,
    ports,
    sync_runs,
    virtual_machines,
    vm_configurations,
    vm_snapshots,
    xml_documents,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._usage import host_usage
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._vlans import (
    carries_vlan,
    every_tag,
    in_vlan,
)

_vm = virtual_machines


def _configurations() -> t.Any:
    """What a VM was when; what it still is was seen when its host was."""
    table = vm_configurations
    last = sa.func.coalesce(table.c.last_seen_at, hosts.c.last_seen_at, type_=ty.moment())
    source = (
        table.join(_vm, _vm.c.uuid == table.c.vm_uuid)
        .outerjoin(hosts, hosts.c.id == _vm.c.host_id)
        .outerjoin(xml_documents, xml_documents.c.digest == table.c.digest)
    )
    return sa.select(
        _vm.c.name.label("vm_name"),
        _vm.c.host_id,
        table.c.vm_uuid,
        table.c.kind,
        table.c.digest,
        table.c.flags,
        table.c.first_seen_at,
        last.label("last_seen_at"),
        table.c.last_seen_at.is_(None).label("is_current"),
        table.c.host_id.label("seen_on"),
        table.c.origin,
        table.c.origin_path,
        xml_documents.c.size_bytes,
        table.c.redacted_json,
    ).select_from(source)


def _hosts() -> t.Any:
    """Hosts with the last attempt to record each."""
    run = sync_runs.alias()

    def last(column: t.Any) -> t.Any:
        newest = sa.select(column).where(run.c.host_id == hosts.c.id)
        return newest.order_by(run.c.last_at.desc(), run.c.id.desc()).limit(1).scalar_subquery()

    return sa.select(
        *hosts.c,
        last(run.c.last_at).label("last_run_at"),
        last(run.c.outcome).label("last_outcome"),
        last(run.c.reason).label("last_reason"),
    )


def _attachments() -> t.Any:
    """The index over all devices, with what each of them is known by."""
    return with_vm(attachment_indices, device_name().label("device_name"))()


def _vlans() -> t.Any:
    """The VLANs of NICs, and who has set them: the NIC, its port group or its network."""
    tags = every_tag()
    columns = (ports.c.mac_address, ports.c.device_name, ports.c.network_name, ports.c.port_group)
    return sa.select(
        tags.c.vlan_id,
        tags.c.origin.label("vlan_origin"),
        _vm.c.host_id,
        ports.c.vm_uuid,
        _vm.c.name.label("vm_name"),
        _vm.c.state.label("vm_state"),
        tags.c.port_id,
        *columns,
    ).select_from(
        tags.join(ports, ports.c.id == tags.c.port_id).join(_vm, _vm.c.uuid == ports.c.vm_uuid)
    )


_NICS: t.Dict[str, Condition] = {
    "mac": mac_is,
    "network": nic_network_is,
    "vlan": in_vlan,
    "ip": ip_is,
    "pci": nic_is_pci,
}

_HOSTS: t.Dict[str, Condition] = {
    **by_vm(hosts.c.id, lambda: sa.select(_vm.c.host_id), ("host_id",)),
    "host_id": lambda text: like(hosts.c.id, text),
    "stale": stale_host,
    "fresh": fresh_host,
}


SUBJECTS: t.Dict[str, Subject] = {
    "virtual_machines": Subject(
        lambda: sa.select(*_vm.c),
        (_vm.c.name, _vm.c.host_id, _vm.c.id),
        {**OF_VM, "stale": stale_vm, "fresh": fresh_vm},
        (_vm.c.deleted_at,),
    ),
    "volume_attachments": STORAGE["volume_attachments"],
    "ports": of_vm(ports, with_vm(ports), (ports.c.ordinal, ports.c.id), **_NICS),
    **{
        family.fact: device(family)
        for family in FAMILIES
        if family not in (DISK, INTERFACE, HOSTDEV)
    },
    "host_devices": device(HOSTDEV, pci=device_is_pci, host_device=device_is),
    "attachments": of_vm(
        attachment_indices,
        _attachments,
        (attachment_indices.c.device_type, attachment_indices.c.attachment_id),
    ),
    "vm_configurations": of_vm(
        vm_configurations,
        _configurations,
        (vm_configurations.c.first_seen_at, vm_configurations.c.id),
        **between(vm_configurations.c.first_seen_at, vm_configurations.c.last_seen_at),
    ),
    "vm_snapshots": of_vm(
        vm_snapshots,
        with_vm(vm_snapshots, without=("config_xml",)),
        (vm_snapshots.c.creation_time, vm_snapshots.c.id),
    ),
    "volumes": STORAGE["volumes"],
    "volume_users": STORAGE["volume_users"],
    "networks": Subject(
        lambda: sa.select(*networks.c),
        (networks.c.name, networks.c.host_id),
        {
            **by_vm(networks.c.id, used_networks, ("host_id", "network", "vlan", "autostart")),
            "host_id": lambda text: like(networks.c.host_id, text),
            "network": network_is,
            "vlan": carries_vlan,
            "autostart": networks.c.autostart.is_,
        },
        (networks.c.deleted_at,),
    ),
    "vlans": Subject(
        _vlans,
        (sa.literal_column("vlan_id"), _vm.c.name, ports.c.ordinal, ports.c.id),
        {**OF_VM, **_NICS, "vlan": lambda number: every_tag().c.vlan_id == number},
        (ports.c.deleted_at, _vm.c.deleted_at),
    ),
    "storage_pools": STORAGE["storage_pools"],
    "hosts": Subject(_hosts, (hosts.c.id,), _HOSTS, ()),
    "host_usage": Subject(host_usage, (hosts.c.id,), _HOSTS, ()),
    "findings": Subject(
        lambda: sa.select(*(column for column in findings.c if column.name != "fingerprint")),
        (findings.c.code, findings.c.host_id, findings.c.vm_name, findings.c.id),
        {"host_id": finding_on_host, "vm": finding_of_vm},
        (findings.c.closed_at,),
    ),
    "sync_runs": Subject(
        lambda: sa.select(*sync_runs.c),
        (sync_runs.c.last_at.desc(), sync_runs.c.id.desc()),
        {
            "host_id": lambda text: like(sync_runs.c.host_id, text),
            **between(sync_runs.c.started_at, sync_runs.c.last_at),
        },
        (),
    ),
    "changes": Subject(
        change_query,
        (changes.c.seen_at.desc(), changes.c.id.desc()),
        CHANGE_FILTERS,
        (),
    ),
    **NETBOX,
}
