# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying revisions: recognise, lock, upgrade, and show the DDL."""

from __future__ import annotations

import functools
import io
import os
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    DatabaseError,
    SchemaError,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    exists,
    open_engine,
    run_transaction,
    transact,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._engine import is_cluster
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import (
    LATEST,
    newer,
    stamp,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import (
    ddl,
    revision_0001,
    revision_0002,
    revision_0003,
    revision_0004,
    revision_0005,
    revision_0006,
    revision_0007,
    revision_0008,
    revision_0009,
    revision_0010,
    revision_0011,
    revision_0012,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.lease import Lease
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import (
    AddColumns,
    CreateTable,
    RelaxUnique,
    Step,
    columns,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.structure import (
    VERSION_TABLE,
    Structure,
    recognised_revision,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.views import (
    Views,
    missing_views,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import schema_revisions
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import View
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views

try:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    ALEMBIC_IMPORT_ERROR: t.Optional[ImportError] = None
except ImportError as error:
    ALEMBIC_IMPORT_ERROR = error

#: All revisions; the last one's number is LATEST, which a test holds them to.
REVISIONS = (
    revision_0001.REVISION,
    revision_0002.REVISION,
    revision_0003.REVISION,
    revision_0004.REVISION,
    revision_0005.REVISION,
    revision_0006.REVISION,
    revision_0007.REVISION,
    revision_0008.REVISION,
    revision_0009.REVISION,
    revision_0010.REVISION,
    revision_0011.REVISION,
    revision_0012.REVISION,
)

_VERSION_STEP = CreateTable(
    VERSION_TABLE,
    columns("revision integer!, name text, applied_at moment"),
    primary_key="revision",
    numbered=False,
)

#: The number under which servers serialise upgrades of one database.
_LOCK = 0x7669727


class Outcome(t.NamedTuple):
    """What an upgrade did, or would do.

    :ivar before: the revision found; 0 is an empty database.
    :ivar after: the revision at the end.
    :ivar applied: the names of the revisions applied.
    :ivar ddl: the statements.
    :ivar views: the names of the views that were made.
    """

    before: int
    after: int
    applied: t.List[str]
    ddl: t.List[str]
    views: t.List[str]


def current_revision(connection: t.Any) -> t.Tuple[int, bool]:
    """The revision, and whether the database says so itself (else it was recognised).

    :raises SchemaError: the tables belong to another application.
    """
    structure = Structure(connection)
    if VERSION_TABLE in structure.columns:
        column = schema_revisions.c.revision
        # what is below 0 is no revision: somebody is at work in a cluster
        query = sa.select(sa.func.max(column)).where(column >= 0)
        number = connection.execute(query).scalar()
        if number is not None:
            return int(number), True
    return recognised_revision(structure), False


def inspect(database: Database) -> t.Tuple[int, bool]:
    """:func:`current_revision` of a database; of one that does not exist, 0."""
    if not exists(database):
        return 0, False
    return transact(database, current_revision, readonly=True)


def lacking_views(database: Database) -> t.List[str]:
    """The names of the views that a database lacks, or that lack a column.

    :raises SchemaError: a table has the name of a view.
    """
    return transact(database, missing_views, readonly=True)


def upgrade(database: Database, dry_run: bool = False) -> Outcome:
    """Bring a database to the latest revision, or say what that would take.

    :raises SchemaError: another application's database, or a revision newer than this code's.
    """
    if ALEMBIC_IMPORT_ERROR is not None:
        raise DatabaseError(
            "Alembic is not installed on the controller ({0}).".format(ALEMBIC_IMPORT_ERROR),
            "Install it for the Python that runs ansible-playbook: pip install alembic.",
        )
    if dry_run and not exists(database):
        # Nothing to read and nothing to create: the steps are those for an empty database.
        database = Database(database.url.set(database=os.devnull))
    engine = open_engine(database, readonly=dry_run)
    if not database.path:
        # Who has waited for another upgrade must see what that has made.
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    try:
        return run_transaction(database, engine, lambda conn: _upgrade(conn, dry_run))
    finally:
        engine.dispose()


def _upgrade(connection: t.Any, dry_run: bool) -> Outcome:
    if dry_run or not is_cluster(connection):
        if not dry_run:
            _lock(connection)
        return _upgraded(connection, dry_run)
    _make_room_for_lease(connection)
    lease = Lease(connection)
    lease.take()
    try:
        return _upgraded(connection, dry_run, lease.renew)
    finally:
        lease.release()


def _make_room_for_lease(connection: t.Any) -> None:
    """Make the table that the lease is in, unless the database is another application's."""
    structure = Structure(connection)
    if VERSION_TABLE in structure.columns:
        return
    before = recognised_revision(structure)
    structure.require_room(
        step for revision in REVISIONS if revision.number > before for step in revision.steps
    )
    operations = Operations(MigrationContext.configure(connection=connection))
    _make([operations], _VERSION_STEP, connection.dialect.name)


def _upgraded(
    connection: t.Any, dry_run: bool, go_on: t.Callable[[], None] = lambda: None
) -> Outcome:
    """Apply what is missing.

    :param go_on: called before each step.
    """
    before, stamped = current_revision(connection)
    if before > LATEST:
        raise newer(before)
    structure = Structure(connection)
    script = io.StringIO()
    contexts = [MigrationContext.configure(dialect=connection.dialect, opts=_offline(script))]
    if not dry_run:
        contexts.append(MigrationContext.configure(connection=connection))
    operations = [Operations(context) for context in contexts]
    pending = [
        revision
        for revision in REVISIONS
        if revision.number > before or (revision.number == before and not stamped)
    ]
    structure.require_room(step for revision in pending for step in revision.steps)
    shown = Views(connection)
    # They show the tables of the latest revision, so they are made where that is reached.
    current = views() if REVISIONS[-1].number >= LATEST else ()
    wanted = list(current) if pending else shown.missing()
    show = functools.partial(_show, operations, shown, wanted, go_on)
    if pending:
        _run(operations, shown.removals(connection.dialect))
    if structure.missing(_VERSION_STEP):
        _make(operations, _VERSION_STEP, connection.dialect.name)
    if before == 0 and not stamped and not dry_run:
        # MariaDB commits each step. What is interrupted is known for ours by this note.
        stamp(connection, 0, "begun")
    for revision in pending:
        for step in revision.steps:
            missing = structure.missing(step)
            if missing is not None and not _is_kept(missing, before, revision.number):
                go_on()
                _make(operations, missing, connection.dialect.name)
                structure.apply(missing)
        if revision is pending[-1]:
            show()
        if not dry_run:
            stamp(connection, revision.number, revision.name)
    if not pending:
        show()
    elif not dry_run:
        connection.execute(sa.delete(schema_revisions).where(schema_revisions.c.revision == 0))
    statements = [text.strip() for text in script.getvalue().split(";\n") if text.strip()]
    made = [view.name for view in wanted]
    applied = [revision.name for revision in pending]
    return Outcome(before, max(before, LATEST), applied, statements, made)


def _show(
    operations: t.Sequence[t.Any],
    shown: Views,
    wanted: t.Iterable[View],
    go_on: t.Callable[[], None],
) -> None:
    """Make views, before the revision that they belong to is noted as applied."""
    for statement in shown.definitions(operations[0].get_context().dialect, wanted):
        go_on()
        _run(operations, [statement])


def _run(operations: t.Sequence[t.Any], statements: t.Iterable[str]) -> None:
    """Run or print statements that are the same for every operation."""
    for statement in statements:
        for operation in operations:
            operation.execute(statement)


def _is_kept(step: Step, before: int, revision: int) -> bool:
    """An existing layout keeps its own indexes; only tables that it lacks are made."""
    return revision == before == 1 and not isinstance(step, CreateTable)


def _offline(script: io.StringIO) -> t.Dict[str, t.Any]:
    return {"as_sql": True, "output_buffer": script}


def _lock(connection: t.Any) -> None:
    """A second upgrade waits here until the first one is done; SQLite has locked already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock({0})".format(_LOCK))
    elif connection.dialect.name != "sqlite":
        name = "CONCAT('virtledger:', MD5(DATABASE()))"
        if not connection.exec_driver_sql("SELECT GET_LOCK({0}, 120)".format(name)).scalar():
            raise SchemaError(
                "Another upgrade has been running for two minutes.", "Run this one when it is done."
            )


def _make(operations: t.Sequence[t.Any], step: Step, dialect: str) -> None:
    for operation in operations:
        if isinstance(step, CreateTable):
            ddl.create_table(operation, step)
        elif isinstance(step, AddColumns):
            ddl.add_columns(operation, step, dialect)
        elif isinstance(step, RelaxUnique):
            operation.drop_index(step.name, table_name=step.table)
        else:
            ddl.create_index(operation, step, dialect)
