"""Where the files of a report go, when they change, and what happens when they cannot be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import files
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.files import File, write
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.make import Request, make
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ledgers import Ledger
from report.made_up import record


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger to read."""
    made = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    record(made)
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_only_if_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    assert write(File(str(path), "html", b"one"), None, check=True).changed
    assert not path.parent.exists()
    assert write(File(str(path), "html", b"one"), None, check=False).changed
    before = path.stat()
    assert not write(File(str(path), "html", b"one"), None, check=False).changed
    assert path.stat() == before
    assert write(File(str(path), "html", b"two"), None, check=False).changed
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["report.html"]


def test_modes(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    mask = os.umask(0o027)
    try:
        write(File(str(path), "html", b"one"), None, check=False)
    finally:
        os.umask(mask)
    assert mode(path) == 0o640
    assert write(File(str(path), "html", b"one"), 0o600, check=True).changed
    assert mode(path) == 0o640
    assert write(File(str(path), "html", b"one"), 0o600, check=False).changed
    assert mode(path) == 0o600
    write(File(str(path), "html", b"two"), None, check=False)
    assert mode(path) == 0o600


@pytest.mark.parametrize(
    ("given", "meant"),
    [("0640", 0o640), ("640", 0o640), (416, 0o640), (None, None), ("0o644", 0o644)],
)
def test_a_mode_is_read_as_copy_reads_it(given: Any, meant: int | None) -> None:
    assert files.parse_mode(given) == meant


@pytest.mark.parametrize("given", ["u=rw", "0888", True, -1, 99999, [], "rw"])
def test_a_mode_that_is_none(given: Any) -> None:
    with pytest.raises(VirtledgerError, match=r"Option 'mode' is .*'0640'"):
        files.parse_mode(given)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write(File(str(tmp_path / "link.html"), "html", b"one"), None, check=False)
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_bytes() == b"one"


def test_a_file_in_the_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    (tmp_path / "y").mkdir()
    for path in (tmp_path / "x" / "report.html", tmp_path / "y"):
        with pytest.raises(
            VirtledgerError, match=r"cannot be written: .* Name another place in option 'dest'"
        ):
            write(File(str(path), "html", b"one"), None, check=False)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VirtledgerError, match="No space left on device"):
        write(File(str(path), "html", b"new"), None, check=False)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.html"]


def test_every_format_into_a_directory(ledger: Ledger, tmp_path: Path) -> None:
    request = Request(Scope(), "Fleet", f"{tmp_path}/out/", ["html", "xlsx", "csv", "json"], "0640")
    made = make(ledger.database, request)
    names = sorted(os.listdir(tmp_path / "out"))
    assert len(names) == 3 + len(made.report.counts)
    assert {"report.html", "report.xlsx", "report.json", "report-vInfo.csv"} < set(names)
    assert {mode(tmp_path / "out" / name) for name in names} == {0o640}
    assert all(one.changed for one in made.written)
    again = make(ledger.database, request)
    assert [one.file.path for one in again.written if one.changed] == []
    assert not again.changed
    assert files.differences(again.written) == {"prepared": ""}


def test_a_name_with_a_suffix_is_a_file(ledger: Ledger, tmp_path: Path) -> None:
    make(ledger.database, Request(Scope(), "Fleet", f"{tmp_path}/fleet.json", ["json"]))
    assert (tmp_path / "fleet.json").is_file()
    (tmp_path / "d.html").mkdir()
    make(ledger.database, Request(Scope(), "Fleet", f"{tmp_path}/d.html", ["html", "json"]))
    assert sorted(os.listdir(tmp_path / "d.html")) == ["report.html", "report.json"]
    make(ledger.database, Request(Scope(), "Fleet", f"{tmp_path}/v1.2", ["json"]))
    assert os.listdir(tmp_path / "v1.2") == ["report.json"]


@pytest.mark.parametrize(
    ("dest", "formats", "words"),
    [
        ("x.html", ["html", "json"], "formats html, json are several files"),
        ("x.csv", ["csv"], "formats csv are several files"),
        ("x.html", ["xlsx"], "the format is xlsx"),
        ("x", [], "Option 'formats' is empty"),
    ],
)
def test_a_place_that_does_not_go_with_the_formats(
    ledger: Ledger, tmp_path: Path, dest: str, formats: list[str], words: str
) -> None:
    with pytest.raises(VirtledgerError, match=words):
        make(ledger.database, Request(Scope(), "Fleet", f"{tmp_path}/{dest}", formats))
    assert os.listdir(tmp_path) == []


def test_differences_read_like_a_log_of_changes(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "report-vHost.csv"
    old = File(str(path), "csv", b"host_id,vms\nhv1,3\nhv2,1\n", is_told=True)
    write(old, None, check=False)
    new = old._replace(content=b"host_id,vms\nhv1,4\nhv2,1\n")
    told = files.differences(
        [
            write(new, None, check=True),
            write(File(str(tmp_path / "n"), "html", b"x" * 1234), None, check=True),
        ]
    )
    assert told["prepared"].splitlines() == [
        f"{path}: 24 bytes before, 24 now",
        "--- before",
        "+++ now",
        "@@ -2 +2 @@",
        "-hv1,3",
        "+hv1,4",
        f"{tmp_path}/n: new, 1,234 bytes",
    ]
    long = old._replace(content=b"some line\n" * 9000)
    told = files.differences([write(long, None, check=True)])
    assert len(told["prepared"]) < 41000
    assert told["prepared"].endswith("\n... and more\n")
