"""The SQLite file that nobody named is refused where it would be lost with the play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _lasting
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._awx import is_slice, job_variable
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import (
    awx_user,
    chosen_database,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._lasting import require_lasting
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import resolve

HOME = "/home/runner"
FOLDER = f"{HOME}/.local/share/virtledger"

#: A line of mountinfo: the numbers do not matter.
LINE = "36 35 98:0 / {0} rw,relatime shared:1 - {1} source rw"

JOB = {"awx_job_id": 7, "tower_job_id": 7, "awx_job_template_name": "Sync"}
SLICE = {**JOB, "awx_job_launch_type": "workflow", "awx_workflow_job_name": "Sync"}
RUNNER = {"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/7"}


def machine(
    folder: Path, kind: str = "overlay", mark: str = "run/.containerenv", **mounts: str
) -> str:
    """A root with a mark of a container, and a table of mounts by place."""
    points = {"/": kind, "/proc": "proc", "/etc/hosts": "tmpfs", "/runner": "ext4", **mounts}
    (folder / "proc/self").mkdir(parents=True)
    lines = [LINE.format(point, kind) for point, kind in points.items()]
    (folder / "proc/self/mountinfo").write_text("\n".join(lines) + "\n")
    if mark:
        (folder / mark).parent.mkdir(parents=True, exist_ok=True)
        (folder / mark).touch()
    return str(folder)


def default(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Any:
    """The file that is used where nothing is named."""
    monkeypatch.setenv("HOME", HOME)
    return resolve(None, None, environ)


@pytest.mark.parametrize(
    ("variables", "environ", "mark"),
    [
        (JOB, {}, "run/.containerenv"),
        ({"tower_job_id": 7}, {}, ".dockerenv"),
        (JOB, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, ""),
        ({}, RUNNER, "run/.containerenv"),
        ({}, {"container": "oci"}, ""),
        ({}, {}, "run/.containerenv"),
        ({}, {}, ".dockerenv"),
    ],
)
def test_lost_with_its_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: Any, environ: Any, mark: str
) -> None:
    database = default(monkeypatch)
    with pytest.raises(DatabaseError, match="lost with it") as caught:
        require_lasting(database, variables, environ, machine(tmp_path, mark=mark))
    for part in (f"{FOLDER}/ledger.db", "VIRTLEDGER_DATABASE_URL_FILE", f"stays at {FOLDER}."):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("point", "kind"),
    [(HOME, "tmpfs"), (HOME, "overlay"), ("/runner", "ext4"), ("/home/run", "ext4")],
)
def test_mounts_that_do_not_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, kind: str
) -> None:
    data = {"XDG_DATA_HOME": "/runner/share"} if point == "/runner" else {}
    database = default(monkeypatch, **data)
    with pytest.raises(DatabaseError, match="lost with it"):
        require_lasting(database, JOB, data, machine(tmp_path, **{point: kind}))


def test_a_mount_within_a_mount_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = machine(tmp_path, **{HOME: "ext4", f"{HOME}/.local": "tmpfs"})
    with pytest.raises(DatabaseError, match="lost with it"):
        require_lasting(default(monkeypatch), {}, {}, root)


@pytest.mark.parametrize("point", [HOME, FOLDER, "/home"])
def test_a_mounted_directory_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    require_lasting(default(monkeypatch), JOB, RUNNER, machine(tmp_path, **{point: "xfs"}))


def test_a_mount_with_a_blank_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = default(monkeypatch, XDG_DATA_HOME="/my data")
    require_lasting(database, JOB, RUNNER, machine(tmp_path, **{"/my\\040data": "nfs4"}))


@pytest.mark.parametrize(
    ("kind", "mark", "variables", "environ"),
    [
        # no container: a machine, one that was made from an image, a live system
        ("ext4", "", {}, {}),
        ("ext4", ".dockerenv", {}, {}),
        ("overlay", "", {}, {}),
        ("ext4", "", JOB, {"AWX_ISOLATED_DATA_DIR": "/tmp/awx_7/artifacts/7"}),
        ("ext4", "", {}, {"container": "lxc"}),
        # one that is kept
        ("overlay", ".dockerenv", {}, {"CODESPACES": "true"}),
        ("overlay", ".dockerenv", {}, {"REMOTE_CONTAINERS": "true"}),
        ("overlay", ".dockerenv", {}, {"XDG_DATA_HOME": "/somewhere"}),
        # a workflow of another name, and one that runs outside of containers
        ("ext4", "", {**SLICE, "awx_workflow_job_name": "Nightly"}, {}),
        ("ext4", "", {**SLICE, "awx_job_launch_type": "manual"}, {}),
    ],
)
def test_no_false_alarm(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mark: str,
    variables: Any,
    environ: Any,
) -> None:
    require_lasting(default(monkeypatch), variables, environ, machine(tmp_path, kind, mark))


def test_a_file_that_is_there_has_outlived_a_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of jobs: there it may be from the task before."""
    root = machine(tmp_path / "root")
    database = default(monkeypatch, XDG_DATA_HOME=str(tmp_path))
    with pytest.raises(DatabaseError, match="lost with it"):
        require_lasting(database, {}, {}, root)
    Path(database.path).parent.mkdir()
    Path(database.path).touch()
    require_lasting(database, {}, {}, root)
    with pytest.raises(DatabaseError, match="lost with it"):
        require_lasting(database, {}, RUNNER, root)


def test_a_system_that_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_lasting(default(monkeypatch), {}, {}, str(tmp_path))


@pytest.mark.parametrize("prefix", ["awx_", "tower_"])
def test_a_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """Also where its file would last: every node would have another one."""
    variables = {
        key.replace("awx_", prefix): trust_as_template(value) if isinstance(value, str) else value
        for key, value in SLICE.items()
        if key.startswith("awx_")
    }
    assert is_slice(variables)
    assert type(job_variable(variables, "job_template_name")) is str
    with pytest.raises(DatabaseError, match=r"one slice of 'Sync' in AWX.*VIRTLEDGER_DATABASE_URL"):
        require_lasting(default(monkeypatch), variables, {}, machine(tmp_path, "ext4", ""))


def test_what_is_named_is_as_meant(tmp_path: Path) -> None:
    named = resolve("sqlite:////tmp/ledger.db")
    require_lasting(named, SLICE, RUNNER, machine(tmp_path))


def test_every_entry_point_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The choice of the database refuses by itself."""

    class Templar:
        def template(self, value: Any) -> Any:
            return value

    for name in ("VIRTLEDGER_DATABASE_URL", "VIRTLEDGER_DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    options = {"database_url": None, "database_url_file": None}
    with pytest.raises(DatabaseError, match="one slice"):
        chosen_database(options, SLICE, Templar(), DataLoader())
    named = {**SLICE, "virtledger_database_url": f"sqlite:///{tmp_path}/x.db"}
    assert chosen_database(options, named, Templar(), DataLoader()).path == f"{tmp_path}/x.db"


def test_who_started_the_job() -> None:
    assert awx_user({"awx_user_name": "ann", "tower_user_name": "ann"}) == "ann"
    assert awx_user({"tower_user_name": "bob"}) == "bob"
    assert awx_user({"awx_user_name": ""}) is None
    assert awx_user({}) is None


def test_the_message_is_for_users() -> None:
    assert "docs/awx/README.md" in _lasting._REMEDY
