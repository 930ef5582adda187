"""The rights that docs/database.md grants are enough, and nobody has more."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    Database,
    open_engine,
    resolve,
    run_transaction,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.request import (
    Request,
    evaluated,
    stored_ones,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import record as recorder
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder import runs
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.attempt import attempt
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import select_all
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Wanted,
    regenerate_all,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._restore import note_lost
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.plan import KINDS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._retention.remove import remove_old
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema import runner
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import Revision
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import virtual_machines
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._verify.verify import verified
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views
from conftest import ROOT
from helpers import answer, domain_xml, network, pool
from servers.session import Servers

DEVICES = (
    "<disk type='file'><source file='/images/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='lan'/></interface>"
)
USERS = ("ledger_owner", "ledger_writer", "ledger_reader", "ledger_dashboard")


def documented(heading: str) -> list[list[str]]:
    """The blocks of SQL below a heading of docs/database.md, as statements."""
    text = (ROOT / "docs" / "database.md").read_text()
    section = re.split(r"^#+ ", text.split(f"### {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    blocks = re.findall(r"^```sql\n(.*?)^```", section, re.M | re.S)
    return [[part.strip() for part in block.split(";\n") if part.strip()] for block in blocks]


class Granted:
    """The database of the documentation, with its users."""

    def __init__(self, servers: Servers, kind: str) -> None:
        self._server = servers.server(kind)
        self._kind = kind

    def make(self) -> None:
        """Make database and users, as an administrator."""
        if self._kind == "postgresql":
            outside, inside = documented("PostgreSQL")
            servers_own: Any = self._server
            servers_own.execute(*outside)
            servers_own.execute(*inside, database="ledger")
        else:
            (statements,) = documented("MariaDB and MySQL")
            self._server.execute(*statements)

    def admit_dashboard(self) -> None:
        """Make the reader of the views, as an administrator."""
        blocks = documented("A reader of the views")
        self._server.execute(*blocks[self._kind == "mariadb"], database="ledger")

    def remove(self) -> None:
        """Remove both."""
        self._server.drop("ledger")
        for user in USERS:
            kind = "ROLE" if self._kind == "postgresql" else "USER"
            self._server.execute(f"DROP {kind} IF EXISTS {user}")

    def database(self, role: str) -> Database:
        """The database as ``owner``, ``writer`` or ``reader`` sees it."""
        url = self._server.network_url("ledger", f"ledger_{role}", f"{role}-password")
        return resolve(url)

    def revoke(self, right: str, table: str, role: str) -> None:
        """Take away a right on one table; on MariaDB all rights that are for all tables."""
        if self._kind == "postgresql":
            servers_own: Any = self._server
            servers_own.execute(f"REVOKE {right} ON {table} FROM ledger_{role}", database="ledger")
            return
        self._server.execute(f"REVOKE {right} ON ledger.* FROM ledger_{role}")


@pytest.fixture(params=["postgresql", "mariadb"])
def granted(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Granted]:
    """The database of the documentation, in which there is nothing yet."""
    made = Granted(servers, request.param)
    made.remove()
    made.make()
    yield made
    made.remove()


def _facts(*numbers: int, devices: str = DEVICES) -> dict[str, Any]:
    domains = [
        domain_facts(
            None,
            domain_xml(devices, f"vm{number}", number),
            status=Status("shutoff", True, False),
            include_xml=True,
            snapshots=[],
        )
        for number in numbers
    ]
    return answer(*domains, networks=[network()], storage_pools=[pool(volumes=["a.qcow2"])])


def _archived(number: int) -> dict[str, Any]:
    facts = domain_facts(None, domain_xml(DEVICES, f"old{number}", number), include_xml=True)
    facts["archived"] = {
        "path": "/a.xml",
        "member": None,
        "root": "domain",
        "dated_at": "2026-01-01T12:00:00Z",
        "dated_by": "modified",
    }
    return {
        "mapping_version": MAPPING_VERSION,
        "domains": [facts],
        "errors": [],
        "complete": [],
        "counts": {"documents": 1},
    }


def _denied(work: Callable[[], Any]) -> str:
    with pytest.raises(DatabaseError) as caught:
        work()
    words = str(caught.value)
    assert "docs/database.md" in words
    assert "-password" not in words
    return words


def _record(database: Database, facts: Any, host_id: str = "hv1", **more: Any) -> Any:
    recorder.prepare(database, host_id)
    return recorder.record(database, host_id, facts, **more)


def test_the_three_users(granted: Granted) -> None:
    owner, writer, reader = (granted.database(role) for role in ("owner", "writer", "reader"))
    # Before the owner has made the tables, nobody else can, and all are told what is missing.
    for user in (writer, reader):
        _denied(lambda user=user: runner.upgrade(user))  # type: ignore[misc]
        with pytest.raises(DatabaseError, match="no ledger in it yet"):
            recorder.prepare(user)
    assert runner.upgrade(owner).applied
    assert runner.upgrade(owner).applied == []

    # The writer records, changes, moves, renames, backfills, retires and notes failures.
    assert _record(writer, _facts(1, 2)).changed
    assert _record(writer, _facts(1, 2, devices="")).changed
    assert _record(writer, _facts(1, 2)).changed
    assert _record(writer, _archived(7)).changed
    told = _facts(1, 2)
    told["hypervisor"]["hostname"] = "new"
    assert _record(writer, told, "hv2", renamed_from="hv1").changed

    def unreachable() -> Any:
        raise ConnectionError("no way to it")

    with pytest.raises(ConnectionError):
        attempt(writer, "hv2", runs.begun("sync"), unreachable, recorder.record, lambda text: None)
    engine = open_engine(writer)
    query = select_all(virtual_machines).where(virtual_machines.c.name == "vm1")
    vms = run_transaction(
        writer, engine, lambda one: [dict(row) for row in one.execute(query).mappings()]
    )
    note_lost(writer, vms)
    rows, _more = ask(reader, "virtual_machines", Filters(vm="vm1", include_gone=True), 10)
    assert [row["deleted_at"] is not None for row in rows] == [True]

    # It also removes what is old; the reader may find out what that would be.
    removal = (1, KINDS, 100, runs.begun("retention"))
    assert remove_old(reader, *removal, True).removed == remove_old(writer, *removal).removed

    # The writer evaluates findings; the reader may find out what that would be, and lists them.
    none: dict[str, Any] = {"exclude": [], "host_id": None, "vm": None, "ignore": None}
    none.update(thresholds={}, fail_on=None, include_ignored=False, include_closed=False)
    asked = Request(
        {**none, "codes": ["vm_gone"], "severity": "info", "limit": 10},
        datetime.datetime.now(datetime.timezone.utc),
    )
    assert (
        evaluated(reader, asked, True)["opened"] == evaluated(writer, asked, False)["opened"] == 1
    )
    assert stored_ones(reader, asked)["count"] == 1

    # The reader asks, regenerates, checks and verifies.
    assert len(ask(reader, "hosts", Filters(), 10)[0]) == 1
    assert "vm2" in regenerate_all(reader, ["hv2/vm2"], Wanted())[0].text
    assert runner.inspect(reader) == (len(runner.REVISIONS), True)
    assert verified(reader)["violation_count"] == 0
    assert recorder.record(reader, "hv2", told, check_mode=True).changed is True

    # Neither does more than that.
    _denied(lambda: recorder.record(reader, "hv9", _facts(3)))
    for user in (writer, reader):
        engine = open_engine(user)
        for ddl in ("CREATE TABLE mine (id integer)", "DROP TABLE hosts"):
            words = _denied(
                lambda user=user, engine=engine, ddl=ddl: run_transaction(  # type: ignore[misc]
                    user, engine, lambda connection: connection.exec_driver_sql(ddl)
                )
            )
            assert "lacks a right" in words


def test_a_reader_of_the_views(granted: Granted, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees views and no table, also after the views were made anew."""
    owner, reader = granted.database("owner"), granted.database("reader")
    runner.upgrade(owner)
    granted.admit_dashboard()
    with monkeypatch.context() as patch:
        further = Revision(runner.REVISIONS[-1].number + 1, "further", ())
        patch.setattr(runner, "REVISIONS", (*runner.REVISIONS, further))
        patch.setattr(runner, "LATEST", further.number)
        assert "ledger_vms" in runner.upgrade(owner).views

    def read(database: Database, name: str) -> Any:
        query = f"SELECT count(*) FROM {name}"
        return run_transaction(
            database, open_engine(database), lambda one: one.exec_driver_sql(query).scalar()
        )

    dashboard = granted.database("dashboard")
    for view in ("ledger_vms", "ledger_disks", "ledger_nics", "ledger_hosts"):
        assert read(dashboard, view) == 0
    for view in views():
        assert read(reader, view.name) == 0
    for table in ("virtual_machines", "xml_documents"):
        _denied(lambda table=table: read(dashboard, table))  # type: ignore[misc]


def test_grants_on_a_ledger_that_is_there(
    granted: Granted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a later version adds is granted as well; until it is there, recordings say so."""
    with monkeypatch.context() as patch:
        patch.setattr(runner, "REVISIONS", runner.REVISIONS[:4])
        runner.upgrade(granted.database("owner"))
    with pytest.raises(DatabaseError, match=r"revision 4.*virtledger\.libvirt\.schema"):
        recorder.prepare(granted.database("writer"))
    _denied(lambda: runner.upgrade(granted.database("writer")))
    runner.upgrade(granted.database("owner"))
    assert _record(granted.database("writer"), _facts(1)).changed
    assert verified(granted.database("reader"))["violation_count"] == 0


@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE", "SELECT"])
def test_a_missing_right_is_named(granted: Granted, right: str) -> None:
    runner.upgrade(granted.database("owner"))
    writer = granted.database("writer")
    assert _record(writer, _facts(1, 3)).changed
    granted.revoke(right, "volume_attachments", "writer")
    # A disk that changes, one that is new and one that is gone.
    facts = _facts(1, 2)
    facts["domains"][0] = _facts(1, devices=DEVICES.replace("</disk>", "<readonly/></disk>"))[
        "domains"
    ][0]
    words = _denied(lambda: _record(writer, facts))
    assert "denied" in words
    assert right in words


def test_a_wrong_password(granted: Granted) -> None:
    wrong = granted.database("writer")
    wrong = wrong._replace(url=wrong.url.set(password="wr0ng"))
    with pytest.raises(DatabaseError, match="Correct the user or the password") as caught:
        recorder.prepare(wrong)
    assert "wr0ng" not in str(caught.value)
