# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory from the ledger, in one transaction that cannot write."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    require_ledger,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.hypervisors import (
    read_hypervisors,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.machines import (
    read_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.names import repeated
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.rows import Row
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import Wanted
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    virtual_machines,
)

_vm = virtual_machines


def read(database: Database, wanted: Wanted) -> t.Dict[str, t.Any]:
    """``{"things": [facts of each], "repeated": [names that are not one VM's alone]}``.

    JSON holds it as it is, so it can be kept in a cache.

    :raises VirtledgerError: there is no ledger yet.
    :raises DatabaseError: the database cannot be read.
    """
    require_ledger(database)

    def work(connection: t.Any) -> t.Tuple[t.List[Row], t.List[str]]:
        require_current(connection)
        if wanted.of_vms:
            return read_machines(connection, wanted), _repeated(connection)
        return read_hypervisors(connection, wanted), []

    things, names = transact(database, work, readonly=True)
    return {"things": things, "repeated": names}


def _repeated(connection: t.Any) -> t.List[str]:
    """The names in the inventory that several VMs of the ledger would have, or a hypervisor has.

    All of the ledger counts, not only what the filters choose, so that a filter changes no name.
    """
    living = connection.execute(sa.select(_vm.c.name).where(_vm.c.deleted_at.is_(None)))
    machines = [name or "" for name in living.scalars()]
    return sorted(repeated(machines, connection.execute(sa.select(hosts.c.id)).scalars()))
