"""`make release` writes everything that says the version."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what git has, and of what it does not have yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ":!.venv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    copy = tmp_path / "ansible_collections" / "virtledger" / "libvirt"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    (copy / ".venv").symlink_to((ROOT / ".venv").resolve())
    run(copy, "git", "init", "-q")
    run(copy, "git", "config", "user.name", "test")
    run(copy, "git", "config", "user.email", "test@localhost")
    run(copy, "git", "add", "-A")
    run(copy, "git", "commit", "-qm", "as it is")
    return copy


def run(folder: Path, *command: str, check: bool = True) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_release(checkout: Path) -> None:
    for version, message in (("9.8", "usage: make release"), ("0.0.1", "is not later than")):
        assert message in run(checkout, "scripts/release", version, check=False)
    fragment = checkout / "changelogs" / "fragments" / "last.yml"
    fragment.write_text("---\nminor_changes:\n  - last - is the last change.\n")
    run(checkout, "git", "add", "-A")
    assert "commit your changes first" in run(checkout, "scripts/release", "98.7.6", check=False)
    run(checkout, "git", "commit", "-qm", "one more")
    told = run(checkout, "scripts/release", "98.7.6")
    assert 'git tag -a 98.7.6 -m "virtledger.libvirt 98.7.6"' in told
    assert "\nversion: 98.7.6\n" in (checkout / "galaxy.yml").read_text()
    assert "virtledger-libvirt-98.7.6.tar.gz" in (checkout / "README.md").read_text()
    changelog = (checkout / "CHANGELOG.rst").read_text()
    assert re.search(r"^v98\.7\.6$", changelog, re.MULTILINE)
    assert "last - is the last change." in changelog
    assert not list((checkout / "changelogs" / "fragments").glob("*.yml"))
    assert (checkout / ".build" / "virtledger-libvirt-98.7.6.tar.gz").exists()
