# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What NICs, networks, disks, volumes and storage pools can be asked by."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    MAC,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    networks,
    port_bindings,
    ports,
    storage_pools,
    volume_attachments,
    volumes,
)


def mac_is(text: str) -> t.Any:
    """A NIC by its MAC address, however that is written."""
    mac = MAC.convert(text)
    return like(ports.c.mac_address, text.lower() if mac is INVALID else mac)


def named_or_uuid(table: t.Any, text: str, *columns: str) -> t.Any:
    """A network or pool by its UUID, or by a text that one of the columns has."""
    key = uuid_text(text)
    if key is not INVALID:
        return table.c.uuid == key
    return sa.or_(*(like(table.c[name], text) for name in columns))


def nic_network_is(text: str) -> t.Any:
    """A NIC by its network or another source."""
    if uuid_text(text) is not INVALID:
        found = sa.select(port_bindings.c.port_id).join(
            networks, networks.c.id == port_bindings.c.network_id
        )
        return ports.c.id.in_(found.where(named_or_uuid(networks, text)))
    return sa.or_(like(ports.c.network_name, text), like(ports.c.source_ref, text))


def network_is(text: str) -> t.Any:
    """A network by its name, UUID or bridge."""
    return named_or_uuid(networks, text, "name", "bridge_name")


def pool_is(text: str) -> t.Any:
    """A storage pool by its name, UUID or path."""
    return named_or_uuid(storage_pools, text, "name", "path")


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


def in_pool(text: str) -> t.Any:
    """A volume in a storage pool."""
    return volumes.c.storage_pool_id.in_(sa.select(storage_pools.c.id).where(pool_is(text)))


def disk_in_pool(text: str) -> t.Any:
    """A disk whose volume is in a pool, or that names the pool, which may lack that volume."""
    disks = volume_attachments
    found = sa.select(volumes.c.id).where(in_pool(text))
    named = like(disks.c.source_ref, text + "/*")
    return disks.c.id.in_(
        sa.union_all(
            sa.select(disks.c.id).where(disks.c.volume_id.in_(found)),
            sa.select(disks.c.id).where(disks.c.source_type == "volume", named),
        )
    )


def disk_serial_is(text: str) -> t.Any:
    """A disk by the serial number or the WWN that the guest sees."""
    return sa.or_(like(volume_attachments.c.serial, text), like(volume_attachments.c.wwn, text))
