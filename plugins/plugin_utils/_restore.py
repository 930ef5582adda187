# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs of a host are to be defined on another one, and with which XML."""

from __future__ import annotations

import datetime
import fnmatch
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    uuid_text,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    load,
    select_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.retire import retire
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.relocate import (
    Maps,
    definable,
    relocated,
    with_secrets,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    hosts,
    virtual_machines,
)

Values = t.Dict[str, t.Any]


class Request(t.NamedTuple):
    """What to restore.

    :ivar source_host: the host whose VMs they are, by its name in the ledger.
    :ivar target_host: the host that gets them.
    :ivar vms: names, shell patterns or UUIDs; empty stands for all.
    :ivar at: a time; empty for the current configuration.
    :ivar source_lost: the source host is gone for good, or its VMs are.
    :ivar ignore_elsewhere: other hosts that have the VMs do not matter.
    :ivar secrets: by the VM's name, path to secret.
    """

    source_host: str
    target_host: str
    vms: t.Sequence[str]
    at: str
    source_lost: bool
    ignore_elsewhere: bool
    maps: Maps
    secrets: t.Mapping[str, t.Mapping[str, str]]
    drop_secrets: bool


class Prepared(t.NamedTuple):
    """One VM that can be defined.

    :ivar vm: its row.
    :ivar xml: the definition, with secrets.
    :ivar notes: what the user should know of it.
    """

    vm: Values
    xml: str
    notes: t.List[str]


def prepare(database: Database, request: Request) -> t.List[Prepared]:
    """The definitions of all VMs that are to be restored.

    :raises RegenerationError: no such VM, one that may run elsewhere, a secret that is missing,
        or a definition that libvirt would refuse.
    """
    if not exists(database):
        raise RegenerationError("There is no ledger at {0}.".format(database.path))

    def work(connection: t.Any) -> t.List[Prepared]:
        require_current(connection)
        chosen = _chosen(connection, request)
        if request.source_host != request.target_host:
            _require_lost(chosen, request)
        _require_nowhere_else(connection, chosen, request)
        return [_prepared(connection, vm, request) for vm in chosen]

    return transact(database, work, readonly=True)


def _chosen(connection: t.Any, request: Request) -> t.List[Values]:
    table = virtual_machines
    query = select_all(table).where(table.c.host_id == request.source_host)
    rows = [dict(row) for row in connection.execute(query.order_by(table.c.name)).mappings()]
    if not rows:
        known = connection.execute(select_all(hosts).order_by(hosts.c.id)).mappings()
        raise RegenerationError(
            "The ledger has no VM of host {0!r}.".format(request.source_host),
            "Recorded hosts are: {0}.".format(", ".join(row["id"] for row in known) or "none"),
        )
    living = [row for row in rows if row["deleted_at"] is None]
    if not request.vms:
        if not living:
            raise RegenerationError(
                "All VMs of host {0} are marked as gone.".format(request.source_host),
                "Name those to restore in option 'vms'.",
            )
        return living
    chosen: t.Dict[str, Values] = {}
    for wanted in request.vms:
        # A VM that is gone is restored by name, but never instead of one that is there.
        found = [row for row in living if _is(row, wanted)] or [
            row for row in rows if _is(row, wanted)
        ][-1:]
        if not found:
            raise RegenerationError(
                "Host {0} has no VM {1!r} in the ledger.".format(request.source_host, wanted),
                "It has {0}.".format(", ".join(str(row["name"]) for row in living) or "none"),
            )
        chosen.update((row["uuid"], row) for row in found)
    return list(chosen.values())


def _is(row: Values, wanted: str) -> bool:
    key = uuid_text(wanted)
    if key is not INVALID:
        return key in (row["uuid"], row["domain_uuid"])
    name = row["name"] or ""
    return bool(name == wanted or fnmatch.fnmatchcase(name, wanted))


def _require_lost(chosen: t.Sequence[Values], request: Request) -> None:
    """Two hosts that run one VM from one disk destroy what is on it."""
    there = [str(vm["name"]) for vm in chosen if vm["deleted_at"] is None]
    if there and not request.source_lost:
        raise RegenerationError(
            "Host {0} has these VMs according to the ledger: {1}.".format(
                request.source_host, ", ".join(there)
            ),
            "If it will never run them again, set 'source_lost'; else undefine them there and "
            "record the host.",
        )


def _require_nowhere_else(connection: t.Any, chosen: t.Sequence[Values], request: Request) -> None:
    table = virtual_machines
    query = select_all(table).where(
        table.c.deleted_at.is_(None),
        table.c.host_id.not_in([request.source_host, request.target_host]),
    )
    keys = {vm["domain_uuid"] for vm in chosen}
    others = load(connection, query, table.c.domain_uuid, keys)
    if others and not request.ignore_elsewhere:
        raise RegenerationError(
            "Other hosts have VMs with these UUIDs: {0}.".format(
                ", ".join("{0[name]} on {0[host_id]} ({0[state]})".format(row) for row in others)
            ),
            "Make sure that they will not run there, and set 'ignore_elsewhere'.",
        )


def _prepared(connection: t.Any, vm: Values, request: Request) -> Prepared:
    wanted = Wanted(at=request.at, columns=not request.at)
    found = regenerate(connection, vm["uuid"], wanted)
    text, notes = found.text, list(found.warnings)
    if found.kind == "live":
        text = definable(text)
        notes.append("it had no persistent definition; the running domain's is used")
    secrets = request.secrets.get(vm["name"], {})
    text = with_secrets(text, secrets, vm["name"], request.drop_secrets)
    dropped = [place for place in found.secrets if place not in secrets]
    if dropped:
        notes.append("defined without the secrets at {0}".format(", ".join(dropped)))
    if "<graphics" in text and "/@passwd" not in " ".join(found.secrets):
        notes.append(
            "libvirt does not tell a reader whether its console had a password; set one if it had"
        )
    return Prepared(vm, relocated(text, request.maps), notes)


def note_lost(database: Database, vms: t.Sequence[Values]) -> None:
    """Note that the source host has not got these VMs any more.

    So they are the same VMs, with their history, once the target host is recorded.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    living = [vm for vm in vms if vm["deleted_at"] is None]
    transact(database, lambda connection: retire(connection, living, now))
