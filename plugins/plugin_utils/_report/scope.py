# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is about, as conditions on rows."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import (
    like,
    used_networks,
    used_volumes,
    vm_is,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    networks,
    storage_pools,
    sync_runs,
    virtual_machines,
    volumes,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC, parse_moment

_vm = virtual_machines

_AGE = re.compile(r"(\d{1,5})\s*([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}

#: No age is longer than a hundred years.
_LONGEST = 876000


class Scope(t.NamedTuple):
    """What the report is about.

    :ivar host_id: only this host; ``*`` and ``?`` match any characters, any one.
    :ivar vm: only this VM, by name, pattern or UUID.
    :ivar states: only VMs in these states.
    :ivar include_gone: also what is not there any more.
    :ivar since: changes and runs of this time and later: a time, or an age such as ``30d``.
    :ivar findings: with findings.
    """

    host_id: t.Optional[str] = None
    vm: t.Optional[str] = None
    states: t.Tuple[str, ...] = ()
    include_gone: bool = False
    since: str = "30d"
    findings: bool = True

    @property
    def is_narrow(self) -> bool:
        """Some VMs of a host are left out."""
        return self.vm is not None or bool(self.states)

    def begin(self, as_of: datetime.datetime) -> datetime.datetime:
        """The time from which on there are changes; an age counts back from the last recording.

        :raises VirtledgerError: it is neither a time nor an age.
        """
        age = _AGE.fullmatch(self.since.strip())
        try:
            if age and int(age[1]) * _HOURS[age[2]] <= _LONGEST:
                return as_of - datetime.timedelta(hours=int(age[1]) * _HOURS[age[2]])
            return parse_moment(self.since + ("T00:00:00Z" if len(self.since) == 10 else ""))
        except (ValueError, OverflowError):
            raise VirtledgerError(
                "Option 'since' is {0!r}, which is no time.".format(self.since),
                "Give an age such as '36h', '30d' or '2w', or a time such as "
                "'2026-01-31T12:00:00Z'.",
            ) from None

    def check(self) -> None:
        """Fail before anything is read.

        :raises VirtledgerError: an option makes no sense.
        """
        self.begin(datetime.datetime(9000, 1, 1, tzinfo=UTC))

    def of_vm(self) -> t.List[t.Any]:
        """Conditions on VMs."""
        found = []
        if self.host_id is not None:
            found.append(like(_vm.c.host_id, self.host_id))
        if self.vm is not None:
            found.append(vm_is(self.vm))
        if self.states:
            found.append(_vm.c.state.in_(self.states))
        if not self.include_gone:
            found.append(_vm.c.deleted_at.is_(None))
        return found

    def of_subject(self, subject: str) -> t.List[t.Any]:
        """Conditions on the rows of anything that is not a VM's."""
        conditions = {
            "hosts": self._hosts,
            "networks": self._networks,
            "storage_pools": self._pools,
            "volumes": self._volumes,
            "sync_runs": lambda: self._of_host(sync_runs),
        }
        return conditions[subject]()

    def of_record(self, table: t.Any) -> t.List[t.Any]:
        """Conditions on changes, which name a host, a VM, or both."""
        found = self._of_host(table)
        if self.is_narrow:
            found.append(table.c.vm_uuid.in_(sa.select(_vm.c.uuid).where(*self.of_vm())))
        return found

    def _of_host(self, table: t.Any) -> t.List[t.Any]:
        return [] if self.host_id is None else [like(table.c.host_id, self.host_id)]

    def _hosts(self) -> t.List[t.Any]:
        found = [] if self.host_id is None else [like(hosts.c.id, self.host_id)]
        if self.is_narrow:
            found.append(hosts.c.id.in_(sa.select(_vm.c.host_id).where(*self.of_vm())))
        return found

    def _networks(self) -> t.List[t.Any]:
        found = [*self._of_host(networks), *self._living(networks)]
        if self.is_narrow:
            found.append(networks.c.id.in_(used_networks().where(*self.of_vm())))
        return found

    def _pools(self) -> t.List[t.Any]:
        found = [*self._of_host(storage_pools), *self._living(storage_pools)]
        if self.is_narrow:
            theirs = sa.select(volumes.c.storage_pool_id).where(volumes.c.id.in_(self._used()))
            found.append(storage_pools.c.id.in_(theirs))
        return found

    def _volumes(self) -> t.List[t.Any]:
        found = self._living(volumes)
        if self.is_narrow:
            found.append(volumes.c.id.in_(self._used()))
        elif self.host_id is not None:
            found.append(
                sa.or_(
                    like(storage_pools.c.host_id, self.host_id),
                    like(volumes.c.scope, "host:" + self.host_id),
                    volumes.c.id.in_(self._used()),
                )
            )
        return found

    def _used(self) -> t.Any:
        return used_volumes().where(*self.of_vm())

    def _living(self, table: t.Any) -> t.List[t.Any]:
        return [] if self.include_gone else [table.c.deleted_at.is_(None)]
