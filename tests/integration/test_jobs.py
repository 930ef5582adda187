"""Jobs of AWX: what they record, what their events say and never say, and what is refused."""

from __future__ import annotations

import concurrent.futures
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from awx.documents import CREDENTIAL_TYPES, TEMPLATES
from awx.jobs import Finished, Job, inject
from ledgers import Ledger
from servers.session import Servers

#: The longest event that there may be, in characters.
LONGEST = 100_000

DATABASE, URL = CREDENTIAL_TYPES

PASSWORD = "p@ss /w:r%d?&#zqxq"

#: What nobody may find: passwords of database and login, and secrets of the planted XML.
SECRET = re.compile(r"zqxq|\b[a-z]\d+qz")

_serial = itertools.count(101)


class Place:
    """A database with TLS, and what is typed into AWX's credential for it."""

    def __init__(self, servers: Servers) -> None:
        self.server: Any = servers.postgresql
        self.server.create("jobs")
        self.server.execute(
            f"CREATE ROLE \"job user\" LOGIN PASSWORD '{PASSWORD}'",
            'ALTER DATABASE jobs OWNER TO "job user"',
        )
        self.owner = self.server.url("jobs")
        self.inputs = {
            "kind": "postgresql",
            "host": "127.0.0.1",
            "port": str(self.server.port),
            "database": "jobs",
            "username": "job user",
            "password": PASSWORD,
            "ca": self.server.certificates.authority.read_text(),
        }

    def close(self) -> None:
        """Remove everything."""
        self.server.drop("jobs")
        self.server.execute('DROP ROLE "job user"')


@pytest.fixture(scope="module")
def place(servers: Servers) -> Iterator[Place]:
    """A database on PostgreSQL, whose tables a job has made."""
    made = Place(servers)
    yield made
    made.close()


def hosts(uris: dict[str, str]) -> dict[str, Any]:
    """An inventory as AWX hands it over."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {
        "hypervisors": {"hosts": list(uris)},
        "_meta": {"hostvars": {name: {"sync_uri": uri, **variables} for name, uri in uris.items()}},
    }


def answers(name: str, **given: Any) -> dict[str, Any]:
    """The answers of a template's survey: what is given, else what the form shows."""
    (template,) = [one for one in TEMPLATES if one["name"] == name]
    shown = {one["variable"]: one["default"] for one in template["survey"]}
    return {**shown, **given}


def job(folder: Path, name: str, uris: dict[str, str], inputs: Any, **given: Any) -> Job:
    """A job of a template, with the credential of a database, or of a URL, or none."""
    made = Job(folder, next(_serial), f"{name}.yml", hosts(uris))
    made.variables = answers(name, **given)
    if inputs:
        inject(made, URL if "url" in inputs else DATABASE, inputs)
    return made


def crowd(path: Path, count: int) -> str:
    """The test driver with so many VMs, each with disks and NICs."""
    devices = "".join(
        f"<disk type='file'><source file='/images/a{letter}{{0}}.qcow2'/><target dev='vd{letter}'/></disk>"
        f"<interface type='network'><source network='lan{letter}'/></interface>"
        for letter in "abcd"
    )
    domains = "".join(
        f"<domain type='test'><name>vm{number}</name>"
        f"<uuid>bbbbbbbb-0000-4000-8000-{number:012d}</uuid><memory>1024</memory>"
        f"<os><type>hvm</type></os><devices>{devices.format(number)}</devices></domain>"
        for number in range(count)
    )
    path.write_text(f"<node>{domains}</node>")
    return f"test://{path}"


def check_events(done: Finished) -> None:
    """They are small, none is emptied, and nothing of the job has a secret."""
    events = list(done.events())
    assert len(events) > 5
    for size, event in events:
        assert size < LONGEST, event["stdout"][:300]
        told = event.get("event_data", {})
        assert "truncated" not in told
        assert told.get("res") != {}, event
    assert any("res" in event.get("event_data", {}) for _size, event in events)
    found = [name for name, text in done.texts() if SECRET.search(text)]
    assert found == []
    assert not SECRET.search(done.stream)


def test_two_slices_at_once(tmp_path: Path, place: Place, secretive: str) -> None:
    """One with a host of 300 VMs, one with a VM that is full of secrets; all that can be said of
    it. The logins have a password."""
    schema = job(tmp_path, "schema", {"hv1": "", "hv2": ""}, place.inputs).run()
    assert schema.status == "successful", schema.output
    halves = {"hv1": crowd(tmp_path / "crowd.xml", 300)}, {"hv2": secretive}

    def start(uris: dict[str, str]) -> Finished:
        made = job(tmp_path, "sync", uris, place.inputs, sync_full="true").slice()
        made.variables["sync_redact"] = list(REMOVABLE)
        made.options = ["-vvv", "--diff", "--ask-pass"]
        made.passwords = {r"SSH password:\s*?$": "sshzqxq"}
        return made.run()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = list(pool.map(start, halves))
    for one in done:
        assert one.status == "successful", one.output
        check_events(one)
    ledger = Ledger(place.owner, create=False)
    assert ledger.value("SELECT count(*) FROM virtual_machines") == 301
    runs = ledger.query("SELECT * FROM sync_runs")
    assert {run["host_id"] for run in runs} == {"hv1", "hv2"}
    assert {run["outcome"] for run in runs} == {"recorded"}
    assert all(run["recorded_by"].startswith("ann@") for run in runs)
    assert len({run["job"] for run in runs}) == 2
    assert b"zqxq" not in ledger.stored()
    ledger.check()
    # As the schedule starts it: every question has the answer that the form shows.
    made = job(tmp_path, "sync", halves[1], place.inputs)
    made.variables["sync_redact"] = list(REMOVABLE)
    again = made.run()
    check_events(again)
    (result,) = [result for result in again.results() if "vms" in result]
    assert (result["changed"], result["vms"]["unchanged"]) == (False, 1)


def test_failures_tell_no_secret(tmp_path: Path, place: Place, node: str) -> None:
    """A wrong password in the credential, and a server that is dead by a variable of the host; as
    much as can be said of it."""
    made = job(tmp_path, "sync", {"hv3": node, "hv4": node}, place.inputs | {"password": "zqxq/w@"})
    dead = "postgresql://job:zqxqpw@127.0.0.1:1/jobs?sslpassword=zqxqkey"
    made.inventory["_meta"]["hostvars"]["hv4"]["virtledger_database_url"] = dead
    made.options = ["-vvvvv"]
    done = made.run()
    assert done.status == "failed"
    first, second = sorted(result["msg"] for result in done.results("runner_on_failed"))
    assert "://job user:***@127.0.0.1" in first
    assert "Correct the user or the password" in first
    assert "://job:***@127.0.0.1:1/jobs" in second
    assert "Check option 'database_url'" in second
    check_events(done)


def test_other_templates(tmp_path: Path, node: str) -> None:
    """A whole URL, here of a file on a mounted path; a restore only shows what it would do."""
    (tmp_path / "vm.xml").write_text(
        "<domain type='test'><name>old</name><uuid>cccccccc-0000-4000-8000-000000000001</uuid>"
        "<memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    inputs = {"url": Ledger(tmp_path / "ledger.db").url}
    uris, said = {"hv1": node}, []
    for name, given in (
        ("backfill", {"target": "", "backfill_paths": f"{tmp_path}/vm.xml, {tmp_path}/vm.xml"}),
        ("findings", {}),
        ("report", {"report_dest": f"{tmp_path}/report/", "report_formats": "html, csv"}),
        ("restore", {"target": "hv1", "restore_source_host": "hv1", "restore_uri": node}),
    ):
        made = job(tmp_path, name, uris, inputs, **given)
        made.options = ["--check", "--diff"] if name == "restore" else []
        done = made.run()
        assert done.status == "successful", done.output
        check_events(done)
        said += [str(result.get("msg")) for result in done.results()]
    assert "old: " in done.output
    (backfilled,) = [text for text in said if "in the archive" in text]
    assert "1 VMs in the archive, 1 new" in backfilled
    assert "0 problems" in backfilled
    assert {path.suffix for path in (tmp_path / "report").iterdir()} == {".html", ".csv"}


MARK = ("unshare", "--mount", "sh", "-c")
CONTAINER = "mount -t tmpfs none /run && touch /run/.containerenv && "
VOLUME = "mount --bind {0} {0} && "


def inside(more: str = "") -> tuple[str, ...]:
    """A command that runs another one in what looks like a container of Podman."""
    return (*MARK, CONTAINER + more + 'exec "$0" "$@"')


def test_the_default_is_refused_in_slices_and_containers(tmp_path: Path, node: str) -> None:
    """And is not, where a directory that stays is mounted in its place."""
    data = tmp_path / "data"
    data.mkdir()
    sliced = job(tmp_path, "sync", {"hv1": node}, None).slice()
    contained = job(tmp_path, "sync", {"hv1": node}, None)
    contained.around = inside()
    contained.environment = {"HOME": "/virtledger-home"}
    mounted = job(tmp_path, "sync", {"hv1": node}, None)
    mounted.around = inside(VOLUME.format(data))
    mounted.environment = {"HOME": str(data)}
    for made, message in (
        (sliced, "this job is one slice of 'Ledger: sync'"),
        (contained, "inside of a container: it would be lost"),
        (mounted, ""),
    ):
        done = made.run()
        if message:
            assert done.status == "failed"
            (failed,) = done.results("runner_on_failed")
            assert message in failed["msg"]
            assert "VIRTLEDGER_DATABASE_URL" in failed["msg"]
        else:
            assert done.status == "successful", done.output
    assert (data / ".local/share/virtledger/ledger.db").exists()
    assert not Path("/virtledger-home").exists()
