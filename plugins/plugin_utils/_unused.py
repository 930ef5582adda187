# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes that nobody uses: neither attached, nor named by anything else that is there.

An image below others, the NVRAM of a VM, its kernel, what a snapshot keeps, the file behind a file
system or memory: none of them is a disk, and whoever removes one loses a VM. When in doubt, a
volume is in use: a path counts whichever host names it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import used_volumes
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    metadata,
    virtual_machines,
    volumes,
)

#: The attributes that name an image in a tree of XML, whatever is before them in the path.
_NAMING = ("@file", "@dev", "@dir", "@name", "@volume", "@path")

#: Columns with a path, and JSON columns with trees that have some.
_TEXTS = (
    ("virtual_machines", "nvram_path"),
    ("virtual_machines", "loader_path"),
    ("virtual_machines", "kernel"),
    ("virtual_machines", "initrd"),
    ("virtual_machines", "dtb"),
    ("volume_attachments", "source_ref"),
    ("volumes", "backing_path"),
    ("filesystems", "source_path"),
    ("memory_devices", "source_path"),
    ("vm_snapshots", "memory_file"),
)
_TREES = (
    ("virtual_machines", "nvram_source_json"),
    ("virtual_machines", "config_values_json"),
    ("virtual_machines", "unmapped_json"),
    ("volume_attachments", "backing_chain_json"),
    ("volume_attachments", "config_values_json"),
    ("volume_attachments", "unmapped_json"),
    ("vm_snapshots", "disks_json"),
)


def _attached() -> t.Any:
    """Selects the volumes behind the disks of the living VMs."""
    return used_volumes().where(virtual_machines.c.deleted_at.is_(None))


def unused(connection: t.Any) -> t.Any:
    """The condition that a volume is not used, found by a look at everything that names paths."""
    kept = sorted(_named_volumes(connection))
    # As many as there are base images; a statement takes more numbers than parameters.
    named: t.Any = sa.bindparam("kept", kept, expanding=True, literal_execute=True)
    return sa.and_(volumes.c.id.not_in(_attached()), volumes.c.id.not_in(named))


def _named_volumes(connection: t.Any) -> t.Set[int]:
    """Those of the volumes that are not attached that something names."""
    query = sa.select(volumes.c.id, volumes.c.path, volumes.c.source).where(
        volumes.c.deleted_at.is_(None), volumes.c.id.not_in(_attached())
    )
    loose = [tuple(row) for row in connection.execute(query)]
    if not loose:
        return set()
    names = _names(connection)
    return {key for key, *places in loose if any(place in names for place in places if place)}


def _names(connection: t.Any) -> t.Set[str]:
    """Everything that names an image: paths, and names of images in the network."""
    names: t.Set[str] = set()
    for table_name, column_name in _TEXTS:
        names.update(connection.execute(_living(table_name, column_name)).scalars())
    for table_name, column_name in _TREES:
        for tree in connection.execute(_living(table_name, column_name)).scalars():
            names.update(_places(tree))
    return names


def _living(table_name: str, column_name: str) -> t.Any:
    """Selects what a column has, of rows that are not marked as gone, each value once."""
    table = metadata.tables[table_name]
    column = table.c[column_name]
    return sa.select(column).where(table.c.deleted_at.is_(None), column.isnot(None)).distinct()


def _places(tree: t.Any) -> t.Iterator[str]:
    """The texts in a tree that may name an image."""
    if isinstance(tree, dict):
        for path, item in tree.items():
            if not isinstance(item, str):
                yield from _places(item)
            elif path.endswith(_NAMING) or item.startswith("/"):
                yield item
    elif isinstance(tree, list):
        for item in tree:
            yield from _places(item)
