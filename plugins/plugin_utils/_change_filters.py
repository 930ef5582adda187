# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the history of changes can be asked for.

A change names things as they were then. So each is looked for by what the history says, and by what
the thing is now.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    MAC,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._addressed import like
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._conditions import volume_is
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    between,
    vm_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    changes,
    networks,
    ports,
    sync_runs,
    virtual_machines,
    volume_attachments,
    volumes,
)

_vm, _one = virtual_machines, changes


def change_query() -> t.Any:
    """Changes with the run that each was seen by."""
    run = sync_runs
    source = _one.outerjoin(run, run.c.id == _one.c.run_id)
    return sa.select(
        *_one.c,
        run.c.action.label("run_action"),
        run.c.recorded_by,
        run.c.job,
    ).select_from(source)


def vm_uuids(text: str) -> t.Any:
    """The VMs with one of these UUIDs, or with a name that they have or had."""
    if uuid_text(text) is not INVALID:
        return sa.select(_vm.c.uuid).where(vm_is(text))
    had = _one.alias()
    return sa.union(
        sa.select(_vm.c.uuid).where(vm_is(text)),
        sa.select(had.c.vm_uuid).where(had.c.vm_uuid.is_not(None), like(had.c.vm_name, text)),
    )


def _had(text: str, attributes: t.Sequence[str]) -> t.Any:
    """One of these attributes was, or became, a text; or something with it came or went."""
    told = ['*"{0}":{1}*'.format(name, json.dumps(text, ensure_ascii=False)) for name in attributes]
    columns = (_one.c.old_value, _one.c.new_value)
    came_or_went = [like(column, one) for column in columns for one in told]
    return sa.or_(
        _one.c.attribute.in_(attributes) & sa.or_(*(like(column, text) for column in columns)),
        _one.c.attribute.is_(None) & sa.or_(*came_or_went),
    )


def _of_volume(text: str) -> t.Any:
    """Of a volume, or of a disk that has it or had it."""
    found = sa.select(volumes.c.id).where(volume_is(text))
    disks = sa.select(volume_attachments.c.id).where(
        sa.or_(
            like(volume_attachments.c.source_ref, text),
            volume_attachments.c.volume_id.in_(found),
        )
    )
    return sa.or_(
        (_one.c.object_type == volumes.name)
        & sa.or_(_one.c.object_id.in_(found), like(_one.c.object_name, text)),
        (_one.c.object_type == volume_attachments.name)
        & sa.or_(_one.c.object_id.in_(disks), _had(text, ("source_ref",))),
    )


def _of_mac(text: str) -> t.Any:
    """Of a NIC, whose name is its address."""
    mac = MAC.convert(text)
    wanted = text.lower() if mac is INVALID else mac
    return (_one.c.object_type == ports.name) & like(_one.c.object_name, wanted)


def _of_network(text: str) -> t.Any:
    """Of a network, or of a NIC that is on it or was."""
    nics = sa.select(ports.c.id).where(
        sa.or_(like(ports.c.network_name, text), like(ports.c.source_ref, text))
    )
    return sa.or_(
        (_one.c.object_type == networks.name) & like(_one.c.object_name, text),
        (_one.c.object_type == ports.name)
        & sa.or_(_one.c.object_id.in_(nics), _had(text, ("network_name", "source_ref"))),
    )


#: By what changes can be asked.
CHANGE_FILTERS: t.Dict[str, t.Callable[[str], t.Any]] = {
    "host_id": lambda text: like(_one.c.host_id, text),
    "vm": lambda text: _one.c.vm_uuid.in_(vm_uuids(text)),
    "volume": _of_volume,
    "mac": _of_mac,
    "network": _of_network,
    **between(_one.c.seen_at, _one.c.seen_at),
}
