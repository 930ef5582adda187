# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device is called, for rows that are about devices of every kind."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    CHANNEL,
    FAMILIES,
    HOSTDEV,
    Family,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    attachment_indices,
    metadata,
)

#: The field that a device is known by, where that is not the first one of its identity.
_KNOWN_BY = {CHANNEL.fact: "target_name", HOSTDEV.fact: "source_ref"}


def _name(family: Family) -> t.Any:
    """Selects the name of the device that a row of the index stands for; null if none has one."""
    texts = [field for field in family.fields if field.type == "str"]
    wanted = _KNOWN_BY.get(family.fact) or next(
        (name for name in family.identity if name in {field.name for field in texts}), None
    )
    field = next((field for field in texts if field.name == wanted), None)
    if field is None:
        return None
    table = metadata.tables[family.fact]
    index = attachment_indices.c
    key = index.device_id if family.split else index.attachment_id
    query = sa.select(sa.cast(table.c[field.column_name], sa.Text())).where(table.c.id == key)
    return query.correlate(attachment_indices).scalar_subquery()


def device_name() -> t.Any:
    """The name of the device of a row of ``attachment_indices``: target, MAC address, type, ..."""
    names = {family.index_type: _name(family) for family in FAMILIES}
    return sa.case(
        *(
            (attachment_indices.c.device_type == kind, name)
            for kind, name in names.items()
            if name is not None
        )
    )
