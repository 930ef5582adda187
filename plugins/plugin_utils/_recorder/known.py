# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of a host, so that its hypervisor tells only what differs."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import OutpacedError
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import HYPERVISOR
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import (
    combined_digest,
    host_row,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Recording,
    Values,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    virtual_machines,
)


class Known(t.NamedTuple):
    """Digests for the hypervisor to compare.

    :ivar domains: those of the sources of recorded VMs, by domain UUID.
    :ivar inventory: that of networks, pools and volumes; empty where it cannot be trusted.
    """

    domains: t.Dict[str, str]
    inventory: str


NOTHING = Known({}, "")

Facts = t.Dict[str, t.Any]


@functools.lru_cache(maxsize=1)
def _told() -> t.Any:
    """The VMs of host ``host`` as this version of the collection has recorded them itself.

    Those of which other hosts have rows, too, are not among them.
    """
    vm = virtual_machines
    names = ("host_id", "domain_uuid", "deleted_at")
    # An alias of the table itself would have copies of its hundred columns.
    other = sa.table(vm.name, *(sa.column(name, vm.c[name].type) for name in names)).alias("other")
    host: t.Any = sa.bindparam("host")
    elsewhere = sa.exists().where(
        other.c.domain_uuid == vm.c.domain_uuid,
        other.c.host_id != host,
        sa.or_(other.c.deleted_at.is_(None), other.c.deleted_at >= vm.c.created_at),
    )
    return sa.select(vm.c.domain_uuid, vm.c.source_digest).where(
        vm.c.host_id == host,
        vm.c.deleted_at.is_(None),
        vm.c.source_digest.is_not(None),
        vm.c.mapping_version == MAPPING_VERSION,
        vm.c.origin == HYPERVISOR,
        ~elsewhere,
    )


def told_to_host(connection: t.Any, host_id: str, shared_paths: t.Sequence[str]) -> Known:
    """What this version of the collection has recorded of a host itself.

    Rows of another mapping version, of archived XML and of facts without texts are told anew; so
    are VMs of which other hosts have rows, for these may be one, and the inventory if other
    directories are shared now.
    """
    return _known(connection, host_id, host_row(connection, host_id), shared_paths)


def _known(
    connection: t.Any, host_id: str, host: t.Optional[Values], shared_paths: t.Sequence[str]
) -> Known:
    domains = dict(connection.execute(_told(), {"host": host_id}).all())
    inventory = host["inventory_digest"] if host is not None else None
    if host is None or combined_digest(inventory, shared_paths) != host["digest"]:
        inventory = None
    return Known(domains, inventory or "")


def require_as_known(
    recording: Recording, facts: Facts, shared_paths: t.Sequence[str], before: Known
) -> None:
    """Fail where somebody recorded the host since it was asked, in what the answer leaves out.

    :param before: what was recorded when the host was asked.
    :raises OutpacedError: what the host called unchanged is recorded otherwise now.
    """
    untold = facts["inventory_digest"] is not None and facts["networks"] is None
    if not facts["unchanged"] and not untold:
        return
    host_id = recording.host_id
    now = _known(recording.connection, host_id, recording.host, shared_paths)
    same = all(now.domains.get(key) == before.domains.get(key) for key in facts["unchanged"])
    if not same or (untold and now.inventory != before.inventory):
        raise OutpacedError(
            "Host {0} was recorded by somebody else while it was asked.".format(host_id),
            "Run it again; it is recorded at most as somebody else did.",
        )
