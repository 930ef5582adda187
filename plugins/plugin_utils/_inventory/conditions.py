# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions in SQL that leave out VMs which the filters surely do not want."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    stale_host,
    vm_with,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.patterns import (
    any_contains,
    any_like,
    pieces,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import Wanted
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    ports,
    storage_pools,
    virtual_machines,
    volume_attachments,
    volumes,
)

_vm = virtual_machines
_disk = volume_attachments


def conditions(wanted: Wanted) -> t.List[t.Any]:
    """Conditions that every VM which is wanted meets."""
    found = [] if wanted.include_gone else [_vm.c.deleted_at.is_(None)]
    if wanted.max_age is not None:
        seen = sa.select(hosts.c.id).where(sa.not_(stale_host(wanted.max_age)))
        found.append(_vm.c.host_id.in_(seen.correlate(None)))
    for name, patterns in wanted.filters.items():
        if patterns.wanted:
            found.append(_MAKERS[name](patterns.wanted))
    return found


def network_of_port() -> t.Any:
    """How the network of a NIC is found: by its name on the host that has the VM."""
    return sa.and_(
        networks.c.name == ports.c.network_name,
        networks.c.host_id == _vm.c.host_id,
        networks.c.deleted_at.is_(None),
    )


def _by_network(condition: t.Any) -> t.Any:
    """VMs with a NIC on a network of which this is true."""
    owner = _vm.alias()
    return _vm.c.uuid.in_(
        sa.select(ports.c.vm_uuid)
        .join(owner, owner.c.uuid == ports.c.vm_uuid)
        .join(
            networks,
            sa.and_(networks.c.name == ports.c.network_name, networks.c.host_id == owner.c.host_id),
        )
        .where(ports.c.deleted_at.is_(None), networks.c.deleted_at.is_(None), condition)
    )


def _bridges(patterns: t.Sequence[str]) -> t.Any:
    return sa.or_(
        vm_with(ports, any_like(ports.c.bridge_name, patterns)),
        _by_network(any_like(networks.c.bridge_name, patterns)),
    )


def _vlans(patterns: t.Sequence[str]) -> t.Any:
    parts = [pieces(pattern) for pattern in patterns]
    return sa.or_(
        vm_with(ports, any_contains(ports.c.vlan_tags_json, parts)),
        _by_network(any_contains(networks.c.vlan_tags_json, parts)),
        _by_network(any_contains(networks.c.port_groups_json, parts)),
    )


def _pools(patterns: t.Sequence[str]) -> t.Any:
    within = (
        sa.select(_disk.c.vm_uuid)
        .join(volumes, volumes.c.id == _disk.c.volume_id)
        .join(storage_pools, storage_pools.c.id == volumes.c.storage_pool_id)
        .where(_disk.c.deleted_at.is_(None), any_like(storage_pools.c.name, patterns))
    )
    named = [pattern + "/*" for pattern in patterns]
    by_name = sa.and_(_disk.c.source_type == "volume", any_like(_disk.c.source_ref, named))
    return sa.or_(_vm.c.uuid.in_(within), vm_with(_disk, by_name))


def _os(patterns: t.Sequence[str]) -> t.Any:
    """``debian12`` is the end of ``http://debian.org/debian/12`` without its slashes."""
    return any_like(
        sa.func.replace(_vm.c.os_id, "/", "", type_=sa.Text()),
        ["*" + pattern for pattern in patterns],
    )


def _tags(patterns: t.Sequence[str]) -> t.Any:
    """The texts of the metadata stand in a JSON text as they are, but for what JSON escapes."""
    return any_contains(
        _vm.c.metadata_json,
        [
            [json.dumps(piece)[1:-1] for piece in pieces(pattern, "=") if piece.isascii()]
            for pattern in patterns
        ],
    )


_MAKERS: t.Dict[str, t.Callable[[t.Sequence[str]], t.Any]] = {
    "hosts": lambda patterns: any_like(_vm.c.host_id, patterns),
    "names": lambda patterns: any_like(_vm.c.name, patterns),
    "states": lambda patterns: any_like(_vm.c.state, patterns),
    "networks": lambda patterns: vm_with(ports, any_like(ports.c.network_name, patterns)),
    "bridges": _bridges,
    "vlans": _vlans,
    "pools": _pools,
    "os": _os,
    "tags": _tags,
}
