"""Which files are read: folders, patterns, links."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import (
    Choice,
    Finder,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError

XML = Choice()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.xml", "b.txt", ".c.xml", "sub/d.xml", "sub/deep/e.xml", "networks/n.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def names(tree: Path, *paths: str, choice: Choice = XML, recurse: bool = True) -> list[str]:
    finder = Finder(choice, recurse, 100)
    for path in paths or (str(tree),):
        finder.find(path)
    assert finder.problems == []
    return [os.path.relpath(finder.path(found), tree) for found in finder.identities]


def test_a_folder_with_all_below_it(tree: Path) -> None:
    assert names(tree) == [".c.xml", "a.xml", "networks/n.xml", "sub/d.xml", "sub/deep/e.xml"]


def test_a_folder_alone(tree: Path) -> None:
    assert names(tree, recurse=False) == [".c.xml", "a.xml"]


@pytest.mark.parametrize(
    ("patterns", "exclude", "expected"),
    [
        (["*.txt", "a*"], [], ["a.xml", "b.txt"]),
        (["*"], ["*.xml"], ["b.txt"]),
        (["*.xml"], ["networks", ".*"], ["a.xml", "sub/d.xml", "sub/deep/e.xml"]),
        (["sub/*"], [], ["sub/d.xml", "sub/deep/e.xml"]),
        (["sub/*"], ["*/deep/*"], ["sub/d.xml"]),
        (["A.XML"], [], []),
    ],
)
def test_patterns(tree: Path, patterns: list[str], exclude: list[str], expected: list[str]) -> None:
    assert names(tree, choice=Choice(patterns, exclude)) == expected


def test_a_named_file_is_read_whatever_its_name(tree: Path) -> None:
    assert names(tree, str(tree / "b.txt"), choice=Choice(exclude=["b*"])) == ["b.txt"]


def test_shell_patterns(tree: Path) -> None:
    assert names(tree, f"{tree}/*.t?t", f"{tree}/su[b]") == ["b.txt", "sub/d.xml", "sub/deep/e.xml"]
    assert names(tree, f"{tree}/*", choice=Choice(exclude=["b.txt", "sub"])) == [
        "a.xml",
        "networks/n.xml",
    ]
    (tree / "x[1].xml").write_text("")
    (tree / "x1.xml").write_text("")
    assert names(tree, f"{tree}/x[1].xml") == ["x[1].xml"]


def test_what_is_not_there(tree: Path) -> None:
    finder = Finder(XML, True, 100)
    assert finder.find(f"{tree}/none.xml") == []
    assert finder.find(f"{tree}/none/*.xml") == []
    assert finder.find("a\0b*") == []
    assert finder.problems == []


def test_a_file_is_read_once(tree: Path) -> None:
    (tree / "autostart").mkdir()
    (tree / "autostart" / "a.xml").symlink_to(tree / "a.xml")
    (tree / "sub" / "z.xml").symlink_to("/nowhere")
    paths = (str(tree), f"{tree}/a.xml", f"{tree}/sub/../a.xml", f"{tree}/*.xml")
    assert names(tree, *paths).count("a.xml") == 1
    assert "autostart/a.xml" not in names(tree)
    assert names(tree, f"{tree}/autostart") == ["autostart/a.xml"]


def test_hard_links_have_dates_of_their_own(tree: Path) -> None:
    os.link(tree / "a.xml", tree / "sub" / "a.xml")
    found = names(tree)
    assert "a.xml" in found
    assert "sub/a.xml" in found


def test_links_in_a_circle(tree: Path) -> None:
    (tree / "sub" / "up").symlink_to(tree)
    (tree / "sub" / "deep" / "again").symlink_to(tree / "sub")
    (tree / "self.xml").symlink_to(tree / "self.xml")
    assert names(tree) == [".c.xml", "a.xml", "networks/n.xml", "sub/d.xml", "sub/deep/e.xml"]


def test_a_link_in_a_circle_that_is_named(tree: Path) -> None:
    (tree / "self.xml").symlink_to(tree / "self.xml")
    finder = Finder(XML, True, 100)
    assert finder.find(f"{tree}/self.xml") == []
    assert "Too many levels of symbolic links" in finder.problems[0][1]


def test_devices_pipes_and_sockets_are_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "pipe.xml")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tree / "socket.xml"))
    assert names(tree) == [".c.xml", "a.xml", "networks/n.xml", "sub/d.xml", "sub/deep/e.xml"]
    with pytest.raises(ArchiveError, match=r"pipe\.xml: neither a file nor a folder"):
        Finder(XML, True, 100).find(f"{tree}/pipe.xml")
    listening.close()


def test_a_folder_that_cannot_be_listed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As root, under whom tests may run, every folder can be listed.
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    finder = Finder(XML, True, 100)
    assert len(finder.find(str(tree))) == 3
    assert finder.problems == [
        (f"{tree}/sub", f"{tree}/sub: cannot be read: Permission denied."),
    ]


def test_more_files_than_wanted(tree: Path) -> None:
    finder = Finder(XML, True, 2)
    finder.find(str(tree))
    assert finder.full
    assert [os.path.basename(path) for path in finder.identities] == [".c.xml", "a.xml"]
