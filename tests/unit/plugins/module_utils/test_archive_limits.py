"""What is made to exhaust its reader stays within bounds of memory and time."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import archives
import helpers
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml import MAX_BYTES
from archives import member, tar

#: MB, of the process with Python itself and the facts as JSON.
PEAK = 300


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_a_file_that_unpacks_to_much(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(archives.bomb(512 * 2**20, kind))
    counts, errors, seconds, peak = archives.measured(path)
    assert counts["refused"] == 1
    assert "has more than the 16777216 bytes" in errors[0]
    assert seconds < 30
    assert peak < PEAK


def test_a_member_that_unpacks_to_much(tmp_path: Path) -> None:
    claims = member("x.xml", size=512 * 2**20)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(
        gzip.compress(claims) + archives.bomb(512 * 2**20, "gz") + gzip.compress(tar())
    )
    counts, errors, seconds, peak = archives.measured(path)
    assert counts["refused"] == 1
    assert "has more than the 16777216 bytes" in errors[0]
    assert seconds < 30
    assert peak < PEAK


def test_an_archive_that_unpacks_without_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.gz"
    part = archives.bomb(512 * 2**20, "gz")
    path.write_bytes(gzip.compress(member("x.qcow2", size=2**33)) + part * 4)
    counts, errors, _seconds, peak = archives.measured(path)
    assert counts["documents"] == 0
    assert "unpack to more than" in errors[0]
    assert peak < PEAK


def test_headers_that_unpack_to_much(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**29
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT)) + archives.bomb(2**29, "gz"))
    _counts, errors, seconds, peak = archives.measured(path)
    assert "an unreasonable header" in errors[0]
    assert seconds < 30
    assert peak < PEAK


def test_many_members(tmp_path: Path) -> None:
    path = tmp_path / "many.tar.gz"
    path.write_bytes(gzip.compress(member("empty.txt") * 50000 + tar(), 1))
    counts, errors, _seconds, peak = archives.measured(path)
    assert (counts["documents"], errors) == (0, [])
    assert peak < 100


@pytest.mark.parametrize("text", ["x", "ü", "𝄞"])
@pytest.mark.parametrize("root", ["{}", "<domstatus state='running'>{}</domstatus>"])
def test_a_document_as_large_as_allowed(tmp_path: Path, root: str, text: str) -> None:
    # libxml2 takes ten million bytes of text at once.
    filler = "<metadata>" + text * (2**20 // len(text.encode())) + "</metadata>"
    filler *= MAX_BYTES // len(filler.encode()) - 1
    path = tmp_path / "large.xml"
    path.write_text(root.format(helpers.domain_xml(more=filler)), encoding="utf-8")
    counts, _errors, seconds, peak = archives.measured(path)
    assert counts["domains"] == 1
    assert seconds < 30
    assert peak < PEAK
