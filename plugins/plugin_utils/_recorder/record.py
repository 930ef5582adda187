# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording: check the facts, plan the rows, write them in one transaction."""

from __future__ import annotations

import datetime
import itertools
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._garbage import seldom_collected
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.apply import apply
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.archive import (
    ArchivePlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.changes import Told
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.check import (
    checked,
    checked_host_id,
    checked_shared_paths,
    is_history,
    is_whole,
    told_moment,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.chronicle import (
    note_gone,
    note_host,
    note_machine,
    note_renamed,
    write,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.devices import DevicePlan
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.inventory import (
    HostPlan,
    host_digest,
    host_row,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.known import (
    NOTHING,
    Known,
    require_as_known,
    told_to_host,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.locks import (
    lock_hosts,
    lock_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.machines import (
    MachinePlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import (
    Plan,
    Recording,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.refuse import (
    Permits,
    refuse,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.rename import (
    former_host,
    rename_host,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.retire import (
    remove_devices,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.runs import (
    Run,
    begun,
    ended,
    note,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.snapshots import (
    SnapshotPlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.summary import (
    Summary,
    superseded,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.volume_plan import (
    VolumePlan,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import require_current
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import pool, sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata

Facts = t.Dict[str, t.Any]


def prepare(database: Database, host_id: str = "", shared_paths: t.Sequence[str] = ()) -> Known:
    """Make sure that the database can be recorded into, before a hypervisor is asked.

    The user's own SQLite file may be missing or empty: the first recording makes it.

    :returns: what is recorded of the host already.
    :raises SchemaError: no, older or newer tables.
    :raises DatabaseError: it cannot be opened.
    """
    if _is_to_be_made(database):
        return NOTHING
    if not exists(database):
        raise DatabaseError(
            "The SQLite database {0} does not exist.".format(database.path),
            "Run the action virtledger.libvirt.schema once, or correct option 'database_url'.",
        )

    def work(connection: t.Any) -> Known:
        require_current(connection)
        return told_to_host(connection, host_id, shared_paths)

    return transact(database, work, readonly=True)


def _is_to_be_made(database: Database) -> bool:
    """The user's own SQLite file before the first recording, or while that is going on."""
    if not database.is_default:
        return False
    if not exists(database):
        return True
    tables = "SELECT count(*) FROM sqlite_master"
    return transact(
        database, lambda connection: not connection.exec_driver_sql(tables).scalar(), readonly=True
    )


@seldom_collected()
def record(
    database: Database,
    host_id: str,
    facts: t.Any,
    shared_paths: t.Sequence[str] = (),
    check_mode: bool = False,
    asked_at: t.Optional[datetime.datetime] = None,
    full: bool = False,
    known: t.Optional[Known] = None,
    renamed_from: str = "",
    run: t.Optional[Run] = None,
    permits: t.Optional[Permits] = None,
) -> Summary:
    """Record one host's facts, or compute what that would change.

    :param host_id: the host's name in the ledger.
    :param facts: the result of ``hypervisor_info``, ``domain_info`` or ``archive_info``.
    :param shared_paths: directories that mean the same on every host.
    :param asked_at: when the host was asked for the facts, by this controller's clock; else they
        say it themselves.
    :param full: compare every row, whatever digests say.
    :param known: what was recorded when the host was asked, if the facts tell only what differs.
    :param renamed_from: the name under which the host was recorded before.
    :param run: who records; it is noted along with the rows.
    :param permits: what is recorded although it looks like another host's answer.
    :raises FactsError: the host's name or the facts are not usable; nothing is written.
    :raises OutpacedError: what the facts leave out was recorded otherwise since.
    :raises RefusedError: it looks like another host's answer; nothing is written.
    :raises DatabaseError: the transaction failed; nothing is written.
    """
    host_id = checked_host_id(host_id)
    shared_paths = checked_shared_paths(shared_paths)
    plain = checked(facts, host_id)
    started = time.monotonic()
    run = run or begun("backfill" if is_history(plain) else "record")
    if not check_mode and _is_to_be_made(database):
        # Alembic is imported for this first run only.
        from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner

        runner.upgrade(database)

    tries = itertools.count(1)

    def work(connection: t.Any) -> Summary:
        attempt = next(tries)
        require_current(connection)
        planned = time.monotonic()
        if not check_mode:
            lock_hosts(connection, [host_id, renamed_from])
        renamed = former_host(connection, renamed_from, host_id, plain)
        if renamed and not check_mode:
            rename_host(connection, renamed_from, host_id)
        now = datetime.datetime.now(datetime.timezone.utc)
        moment = min(now, asked_at or told_moment(plain) or now)
        locks = not check_mode and connection.dialect.name != "sqlite"
        # Check mode plans with the name that everything still has.
        name = renamed_from if renamed and check_mode else host_id
        host = host_row(connection, name)
        recording = Recording(connection, Plan(), name, now, moment, host, full, locks)
        summary = _planned(recording, plain, shared_paths, known, permits or Permits())
        if renamed:
            summary.note_renamed(renamed_from)
            note_renamed(recording, renamed_from)
        summary.tries = attempt
        summary.seconds["plan"] = time.monotonic() - planned
        if not check_mode:
            written = time.monotonic()
            apply(recording)
            summary.seconds["write"] = time.monotonic() - written
            write(recording, note(connection, host_id, run, ended(summary, plain)))
        return summary

    if check_mode and (_is_to_be_made(database) or not exists(database)):
        summary = _as_if_empty(work)
    else:
        summary = transact(database, work, readonly=check_mode)
    summary.seconds["record"] = time.monotonic() - started
    return summary


def _as_if_empty(work: t.Callable[[t.Any], Summary]) -> Summary:
    """Check mode before the first run: the plan for a ledger that has nothing yet."""
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import stamp_latest

    engine = sa.create_engine("sqlite://", poolclass=pool.StaticPool)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            stamp_latest(connection)
            return work(connection)
    finally:
        engine.dispose()


def _planned(
    recording: Recording,
    facts: Facts,
    shared_paths: t.Sequence[str],
    known: t.Optional[Known],
    permits: Permits,
) -> Summary:
    if is_history(facts):
        # What reads documents is imported where there are some.
        from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import history

        return history.plan_history(recording, facts, shared_paths)
    newer = _newer_sighting(recording)
    if newer is not None:
        return superseded(recording, newer)
    refuse(recording, facts, permits)
    if known is not None:
        require_as_known(recording, facts, shared_paths, known)
    return _plan(recording, facts, shared_paths)


def _newer_sighting(recording: Recording) -> t.Optional[datetime.datetime]:
    """When the host was asked for what is recorded already, if that was after these facts.

    A time ahead of this clock is none: it was noted before the clock was set back.
    """
    seen: t.Optional[datetime.datetime] = recording.host["last_seen_at"] if recording.host else None
    return seen if seen is not None and recording.moment < seen <= recording.now else None


def _plan(recording: Recording, facts: Facts, shared_paths: t.Sequence[str]) -> Summary:
    """Plan what a hypervisor's answer changes, and say it."""
    host = HostPlan(recording)
    digest = host_digest(facts, shared_paths)
    differs = host.host(facts, digest, is_whole(facts))
    if differs:
        host.inventory(facts)
    vms = MachinePlan(recording, facts, host.last_seen)
    # With other pools, networks or shared paths, a VM whose own XML is as before may have another
    # volume behind a disk or another network behind a NIC.
    everything = recording.full or bool(host.changes) or (differs and digest is not None)
    ended = [*vms.gone, *vms.replaced.values()]
    # Of VMs that are new nothing is recorded that would have to be read.
    before = [vm.before for vm in vms.machines if vm.before is not None]
    known_uuids = [row["uuid"] for row in [*before, *ended]]
    archive = ArchivePlan(recording, known_uuids, host.last_seen, vms.heirs)
    for vm in vms.machines:
        vm.archived = archive.machine(vm.vm_uuid, vm.domain)
    touched = [vm for vm in vms.machines if everything or vm.is_news]
    rebound = vms.unchanged if everything else []
    rebound_uuids = [row["uuid"] for row in rebound]
    kept = [vm.before for vm in touched if vm.before is not None]
    lock_machines(recording, [*ended, *kept, *rebound])
    disks = VolumePlan(
        recording, host, shared_paths, facts["storage_pools"] or () if differs else ()
    )
    vm_uuids = [row["uuid"] for row in [*kept, *ended]]
    devices = DevicePlan(recording, host, disks, vm_uuids + rebound_uuids)
    told = [disk for vm in touched for disk in vm.domain["volume_attachments"] or ()]
    disks.plan(told + devices.disks_of(rebound_uuids), devices.volume_ids)
    snapshots = SnapshotPlan(recording, vm_uuids)
    vms.rows(touched)
    for vm in touched:
        vm.add_parts(devices.machine(vm))
        vm.add_parts(snapshots.machine(vm.vm_uuid, vm.domain["snapshots"]))
        if not vm.changes:
            vm.add(vm.archived)
        note_machine(recording, vm, facts["mapping_version"])
    host_changes: t.List[Told] = [*host.changes]
    for row in rebound:
        host_changes += devices.rebind(row)
    remove_devices(devices, snapshots, archive, ended)
    archive.finish()
    disks.forget(devices.released, devices.removed)
    note_gone(recording, ended)
    note_host(recording, [*host.changes, *disks.changes], facts["storage_pools"] is not None)
    changes = host_changes + disks.changes
    summary = Summary(recording.plan, vms.machines, vms.gone, changes, facts, vms.warnings)
    summary.unread = len(vms.unchanged)
    return summary
