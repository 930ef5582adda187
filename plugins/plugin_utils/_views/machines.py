# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of VMs, of what is known of their devices, and of their configurations."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    DOMAIN_FIELDS,
    STATUS_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.domain import ACTIVE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._device_names import device_name
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    hosts,
    ports,
    virtual_machines,
    vm_configurations,
    volume_attachments,
    volumes,
    xml_documents,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import (
    Column,
    View,
    count,
    flag,
    living,
    number_of,
    of_vm,
    told,
    with_vm,
)

_vm = virtual_machines


def is_active() -> Column:
    """Whether a VM has been started, as a column."""
    states = [sa.literal(state, sa.String()) for state in ACTIVE]
    doc = "it has been started: running, paused, going down, ..."
    return Column("is_active", "boolean", doc, flag(_vm.c.state.in_(states)))


def _disk_bytes() -> Column:
    """The sizes of a VM's volumes."""
    total = (
        sa.select(sa.cast(sa.func.sum(volumes.c.capacity_bytes), sa.BigInteger()))
        .select_from(
            volume_attachments.join(volumes, volumes.c.id == volume_attachments.c.volume_id)
        )
        .where(volume_attachments.c.vm_uuid == _vm.c.uuid, *living(volume_attachments))
    )
    doc = "sum of the sizes of its volumes, as far as they are known"
    return Column("disk_bytes", "integer", doc, total.scalar_subquery())


def vms() -> View:
    """``ledger_vms``."""
    domain = DOMAIN_FIELDS + STATUS_FIELDS
    disks, nics = (
        count(table, table.c.vm_uuid == _vm.c.uuid, *living(table))
        for table in (volume_attachments, ports)
    )
    columns = [
        Column(
            "uuid", "text", "the VM's UUID in the ledger, which stays when it moves", _vm.c.uuid
        ),
        Column("domain_uuid", "text", "libvirt's UUID of the domain", _vm.c.domain_uuid),
        Column("host_id", "text", "the host that it is on", _vm.c.host_id),
        *told(domain, _vm, "name", "title", "description", "state"),
        is_active(),
        *told(domain, _vm, "autostart", "persistent", "virt_type", "os_type", "os_id", "arch"),
        *told(domain, _vm, "machine", "firmware", "vcpu_count", "vcpu_current_count"),
        *told(domain, _vm, "cpu_mode", "cpu_model", "memory_bytes", "current_memory_bytes"),
        Column("disk_count", "integer", "how many disks it has, CD-ROMs among them", disks),
        _disk_bytes(),
        Column("nic_count", "integer", "how many NICs it has", nics),
        *told(domain, _vm, "metadata"),
        Column("created_at", "timestamp", "when it was recorded first", _vm.c.created_at),
        Column("observed_at", "timestamp", "when it became what the row says", _vm.c.observed_at),
        Column("host_last_seen_at", "timestamp", "when its host was asked", hosts.c.last_seen_at),
        Column(
            "host_last_complete_at",
            "timestamp",
            "when its host was last recorded with all its VMs",
            hosts.c.last_complete_at,
        ),
    ]
    source = _vm.outerjoin(hosts, hosts.c.id == _vm.c.host_id)
    return View("ledger_vms", "A VM that is there.", columns, source, living(_vm))


def devices() -> View:
    """``ledger_devices``."""
    index = attachment_indices
    columns = [
        *of_vm(),
        Column(
            "device_type", "text", "the kind of device: `volume`, `port`, ...", index.c.device_type
        ),
        Column(
            "attachment_id", "integer", "its row in the table of that kind", index.c.attachment_id
        ),
        Column(
            "device_id",
            "integer",
            "the row of the device itself: of a disk its volume",
            index.c.device_id,
        ),
        Column(
            "device_name",
            "text",
            "what it is known by: target, MAC address, source, type, ...",
            device_name(),
        ),
    ]
    doc = "A device of a VM, of whatever kind, from the index over all of them."
    return View("ledger_devices", doc, columns, with_vm(index), living(index, _vm))


def configurations() -> View:
    """``ledger_configurations``."""
    table = vm_configurations
    columns = [
        number_of(table, "the configuration"),
        *of_vm(),
        Column("seen_on", "text", "the host that it was seen on", table.c.host_id),
        Column("kind", "text", "`live` or `config`", table.c.kind),
        Column("digest", "text", "SHA-256 of the XML, which names the document", table.c.digest),
        Column("size_bytes", "integer", "length of the XML", xml_documents.c.size_bytes),
        Column("first_seen_at", "timestamp", "since when the VM was so", table.c.first_seen_at),
        Column(
            "last_seen_at",
            "timestamp",
            "until when it was seen so; null while it is",
            table.c.last_seen_at,
        ),
        Column(
            "is_current",
            "boolean",
            "it is so",
            flag(table.c.last_seen_at.is_(None)),
        ),
        Column("origin", "text", "`hypervisor` or `archive`: who told it", table.c.origin),
    ]
    source = with_vm(table).outerjoin(xml_documents, xml_documents.c.digest == table.c.digest)
    doc = "A configuration that a VM has or had, with the time of its first and last sighting."
    return View("ledger_configurations", doc, columns, source, living(table, _vm))
