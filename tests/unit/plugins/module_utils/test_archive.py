"""Archived documents in every wrapping, and what is wrong with some of them."""

from __future__ import annotations

import json
import lzma
import os
import re
import struct
import tarfile
import zlib
from pathlib import Path
from typing import Any

import archives
import helpers
import planted
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import (
    _archive,
    _archive_members,
    _archive_unpack,
    _xml,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive import Request
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_dates import dating
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_documents import Wanted
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import Choice
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_keys
from archives import NOON, PACKERS, member, tar

XML = helpers.domain_xml("<input type='tablet' bus='usb'/>").encode()
OTHER = helpers.domain_xml(name="vm2", number=2).encode()

PACKED = {**PACKERS, ".zst": archives.zstd}


def read(*paths: Any, **more: Any) -> dict[str, Any]:
    found = _archive.read(Request([str(path) for path in paths], **more))
    assert found["complete"] == []
    counts = found["counts"]
    assert counts["documents"] == counts["domains"] + counts["refused"]
    assert counts["domains"] == len(found["domains"])
    return found


def write(path: Path, data: bytes, mtime: float = NOON) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (mtime, mtime))
    return path


def only_error(found: dict[str, Any]) -> dict[str, Any]:
    (error,) = found["errors"]
    assert isinstance(error, dict)
    return error


def messages(found: dict[str, Any]) -> str:
    return "\n".join(error["message"] for error in found["errors"])


@pytest.mark.parametrize("suffix", PACKED)
def test_a_file(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"vm1.xml{suffix}", PACKED[suffix](XML))
    found = read(path)
    (domain,) = found["domains"]
    assert domain.pop("archived") == {
        "path": str(path),
        "member": None,
        "root": "domain",
        "dated_at": "2026-01-31T12:00:00Z",
        "dated_by": "modified",
    }
    assert domain.pop("xml") == XML.decode()
    assert domain.pop("xml_config") is None
    assert sorted(domain) == sorted(domain_keys())
    assert (domain["in_live"], domain["in_config"], domain["state"]) == (False, True, None)
    assert domain["snapshots"] is None
    assert found["counts"] == {"documents": 1, "domains": 1, "refused": 0, "files": 1}
    assert (found["errors"], found["not_found"]) == ([], [])


@pytest.mark.parametrize("suffix", PACKED)
def test_a_tar_archive_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    data = tar(
        member("./etc/", type=tarfile.DIRTYPE),
        member("./etc/vm2.xml", OTHER, NOON + 60),
        member("./etc/vm1.xml", XML, NOON),
        member("./etc/readme.txt", b"no XML"),
        member("./etc/link.xml", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("./etc/null.xml", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member("./etc/pipe.xml", type=tarfile.FIFOTYPE),
    )
    path = write(tmp_path / "archive", PACKED[suffix](data))
    found = read(path)
    assert [
        (domain["name"], domain["archived"]["member"], domain["archived"]["dated_at"])
        for domain in found["domains"]
    ] == [
        ("vm1", "etc/vm1.xml", "2026-01-31T12:00:00Z"),
        ("vm2", "etc/vm2.xml", "2026-01-31T12:01:00Z"),
    ]
    assert {domain["archived"]["dated_by"] for domain in found["domains"]} == {"tar"}
    assert found["errors"] == []


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_formats_of_tar(tmp_path: Path, kind: int) -> None:
    name = "ü/" + "n" * (60 if kind == tarfile.USTAR_FORMAT else 200) + ".xml"
    source = write(tmp_path / "source.xml", XML)
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=kind) as archive:
        archive.add(source, arcname=name)
    found = read(path)
    assert found["domains"][0]["archived"]["member"] == name
    assert found["domains"][0]["archived"]["dated_at"] == "2026-01-31T12:00:00Z"


def test_parts_of_a_compressed_file_follow_each_other(tmp_path: Path) -> None:
    for suffix, pack in PACKED.items():
        write(tmp_path / f"x.xml{suffix}", pack(XML[:100]) + pack(XML[100:]))
    write(tmp_path / "padded.xml.xz", PACKED[".xz"](XML) + b"\0" * 100000)
    found = read(tmp_path, choice=Choice(["*"]))
    assert found["errors"] == []
    assert found["counts"]["domains"] == len(PACKED) + 1


@pytest.mark.parametrize("name", ["pyzstd", "zstandard"])
def test_any_library_for_zstd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real = _archive_unpack.importlib.import_module
    used = []

    def only(wanted: str) -> Any:
        if wanted != name:
            raise ImportError(wanted)
        used.append(wanted)
        return real(wanted)

    monkeypatch.setattr(_archive_unpack.importlib, "import_module", only)
    packed = archives.zstd(XML)
    write(tmp_path / "1.xml.zst", packed)
    write(tmp_path / "2.tar.zst", archives.zstd(tar(member("a.xml", XML))))
    write(tmp_path / "3.xml.zst", packed[:-5])
    found = read(tmp_path, choice=Choice(["*"]))
    assert used == [name] * 3
    assert found["counts"]["domains"] == 2
    assert "3.xml.zst: " in only_error(found)["message"]


def test_without_a_library_for_zstd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(wanted: str) -> Any:
        raise ImportError(wanted)

    monkeypatch.setattr(_archive_unpack.importlib, "import_module", missing)
    write(tmp_path / "1.tar.zst", archives.zstd(tar(member("a.xml", XML))))
    write(tmp_path / "2.xml", XML)
    found = read(tmp_path, choice=Choice(["*"]))
    assert found["counts"]["domains"] == 1
    assert "Install a zstd library" in only_error(found)["message"]
    assert only_error(found)["object"] == "archive"


@pytest.mark.parametrize(
    ("attributes", "in_live", "in_config"),
    [("type='kvm'", False, True), ("type='kvm' id='7'", True, False)],
)
def test_live_or_persistent(
    tmp_path: Path, attributes: str, in_live: bool, in_config: bool
) -> None:
    xml = XML.replace(b"type='kvm'", attributes.encode(), 1)
    (domain,) = read(write(tmp_path / "x.xml", xml))["domains"]
    assert (domain["in_live"], domain["in_config"]) == (in_live, in_config)
    assert domain["input_devices"][0]["in_live"] is in_live


STATUS = "<domstatus state='{}' reason='booted' pid='7'><monitor path='/m'/>{}</domstatus>"
RUNNING = XML.decode().replace("<domain ", "<domain id='3' ")


@pytest.mark.parametrize(("written", "state"), [("paused", "paused"), ("levitating", None)])
def test_a_status_file(tmp_path: Path, written: str, state: str | None) -> None:
    path = write(tmp_path / "vm1.xml", STATUS.format(written, RUNNING).encode())
    (domain,) = read(path)["domains"]
    assert (domain["name"], domain["state"]) == ("vm1", state)
    assert (domain["in_live"], domain["in_config"]) == (True, False)
    assert (domain["archived"]["root"], domain["xml"]) == ("domstatus", RUNNING)
    assert domain["archived"]["dated_by"] == "modified"


@pytest.mark.parametrize("root", ["domainsnapshot", "domaincheckpoint"])
def test_a_snapshot(tmp_path: Path, root: str) -> None:
    text = (
        f"<{root}><name>before</name><state>running</state><creationTime>{NOON - 3600}"
        f"</creationTime><domain/></{root}>"
    )
    path = write(tmp_path / "vm1.xml", text.replace("<domain/>", XML.decode()).encode())
    (domain,) = read(path)["domains"]
    assert (domain["name"], domain["xml"]) == ("vm1", XML.decode())
    assert (domain["in_live"], domain["in_config"]) == (False, True)
    assert domain["archived"]["dated_at"] == "2026-01-31T11:00:00Z"
    assert (domain["archived"]["dated_by"], domain["archived"]["root"]) == ("snapshot", root)
    (snapshot,) = domain["snapshots"]
    assert (
        snapshot["kind"],
        snapshot["name"],
        snapshot["creation_time"],
        snapshot["is_current"],
    ) == (
        root[len("domain") :],
        "before",
        NOON - 3600,
        None,
    )
    assert snapshot["config_xml"] == path.read_text()
    (domain,) = read(path, dating=dating("modified", None, None))["domains"]
    assert domain["archived"]["dated_at"] == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize(("active", "current"), [("1", True), ("0", False), ("x", None)])
def test_a_snapshot_of_libvirts_own(tmp_path: Path, active: str, current: bool | None) -> None:
    text = f"<domainsnapshot>{XML.decode()}<active>{active}</active></domainsnapshot>"
    (domain,) = read(write(tmp_path / "x.xml", text.encode()))["domains"]
    assert domain["snapshots"][0]["is_current"] is current


def test_a_snapshot_with_the_definition_beside_the_running_domain(tmp_path: Path) -> None:
    config = XML.decode().replace("tablet", "mouse").replace("domain", "inactiveDomain")
    text = f"<domainsnapshot><creationTime>x</creationTime>{XML.decode()}{config}</domainsnapshot>"
    (domain,) = read(write(tmp_path / "x.xml", text.encode()))["domains"]
    assert (domain["in_live"], domain["in_config"]) == (True, True)
    assert [(device["type"], device["in_live"]) for device in domain["input_devices"]] == [
        ("tablet", True),
        ("mouse", False),
    ]
    assert domain["xml_config"] == XML.decode().replace("tablet", "mouse")
    assert domain["archived"]["dated_by"] == "modified"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<network/>", "The root element is <network>; read are <domain>, <domstatus>"),
        ("<domainbackup/>", "<domainbackup>"),
        ("<DOMAIN/>", "<DOMAIN>"),
        ("<domain xmlns='urn:x'/>", "<domain xmlns='urn:x'>"),
        ("<x:domain xmlns:x='urn:x'/>", "<x:domain>"),
        ("<domstatus xmlns='urn:x'><domain/></domstatus>", "<domstatus xmlns='urn:x'>"),
        ("<domstatus><domain xmlns='urn:x'><name/></domain></domstatus>", "not libvirt's <domain>"),
        ("<domstatus/>", "<domstatus> holds 0 elements <domain>, not one"),
        ("<domainsnapshot><name>x</name></domainsnapshot>", "<domainsnapshot> holds 0"),
        ("<domstatus><domain/><domain/></domstatus>", "holds 2 elements <domain>"),
        (
            "<domainsnapshot><domain><uuid>x</uuid></domain></domainsnapshot>",
            "only refers to its domain",
        ),
        ("<!DOCTYPE domain><domain/>", "DOCTYPE"),
        ("<domstatus>", "Not well-formed"),
        ("<domain>", "Not well-formed"),
        ("", "Not well-formed"),
        ("\0\x01\x02binary", "Not well-formed"),
        ("<" + "n" * 5000 + "/>", "n..."),
    ],
)
def test_refused_documents(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path / "a.xml", XML)
    bad = write(tmp_path / "b.xml", text.encode())
    write(tmp_path / "c.xml", OTHER)
    found = read(tmp_path)
    assert [domain["name"] for domain in found["domains"]] == ["vm1", "vm2"]
    error = only_error(found)
    assert (error["object"], error["name"]) == ("document", str(bad))
    assert error["message"].startswith(f"{bad}: ")
    assert message in error["message"]
    assert len(error["message"]) < 600
    assert found["counts"] == {"documents": 3, "domains": 2, "refused": 1, "files": 3}


def test_a_refused_member_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar", tar(member("a/b.xml", b"<pool/>"), member("c.xml", XML)))
    found = read(path)
    assert only_error(found)["name"] == f"{path}:a/b.xml"
    assert only_error(found)["message"].startswith(f"{path}:a/b.xml: The root element is <pool>")
    assert found["counts"]["domains"] == 1


def test_everything_refused_is_an_answer(tmp_path: Path) -> None:
    write(tmp_path / "x.xml", b"no")
    found = read(tmp_path)
    assert (found["domains"], len(found["errors"]), found["not_found"]) == ([], 1, [])


def test_what_matches_nothing(tmp_path: Path) -> None:
    write(tmp_path / "empty" / "readme.txt", b"")
    write(tmp_path / "x.tar", tar(member("readme.txt", b"")))
    write(tmp_path / "vm1.xml", XML)
    paths = [tmp_path / name for name in ("vm1.xml", "none", "*.none", "empty", "x.tar")]
    found = read(*paths)
    assert found["not_found"] == [str(path) for path in paths[1:]]
    assert found["errors"] == []


def test_the_order_is_that_of_dates_then_names(tmp_path: Path) -> None:
    write(tmp_path / "c.xml", XML, NOON)
    write(tmp_path / "b.xml", OTHER, NOON)
    write(tmp_path / "z.xml", XML, NOON - 60)
    found = read(tmp_path / "c.xml", tmp_path)
    names = [Path(domain["archived"]["path"]).name for domain in found["domains"]]
    assert names == ["z.xml", "b.xml", "c.xml"]


@pytest.mark.parametrize(
    ("by", "pattern", "form", "expected"),
    [
        ("auto", None, None, ("2026-01-31T12:00:00Z", "tar")),
        ("auto", r"(\d{8})", None, ("2025-03-04T00:00:00Z", "name")),
        ("auto", r"(\d\d-\d\d-\d\d)", "%d-%m-%y", ("2024-06-05T00:00:00Z", "name")),
        ("auto", r"nothing", None, ("2026-01-31T12:00:00Z", "tar")),
        ("name", None, None, ("2025-03-04T00:00:00Z", "name")),
        ("modified", r"(\d{8})", None, ("2026-01-31T12:00:00Z", "tar")),
    ],
)
def test_dates(
    tmp_path: Path, by: str, pattern: str | None, form: str | None, expected: tuple[str, str]
) -> None:
    path = write(tmp_path / "of-05-06-24.tar", tar(member("vm1-20250304.xml", XML)), NOON + 99)
    (domain,) = read(path, dating=dating(by, pattern, form))["domains"]
    archived = domain["archived"]
    assert (archived["dated_at"], archived["dated_by"]) == expected


def test_without_a_date_in_the_name(tmp_path: Path) -> None:
    path = write(tmp_path / "vm1.xml", XML)
    error = only_error(read(path, dating=dating("name", r"-(\d{8})", None)))
    assert error["message"] == f"{path}: The document is not dated: no date in its name."


def test_an_archive_without_times(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar", tar(member("vm1.xml", XML, 0)), NOON)
    assert read(path)["domains"][0]["archived"]["dated_by"] == "modified"
    os.utime(path, (0, 0))
    assert "not dated: no time of modification" in only_error(read(path))["message"]


def test_families_and_no_xml(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xml", XML)
    (domain,) = read(path, wanted=Wanted(["ports"], False))["domains"]
    assert (domain["ports"], domain["input_devices"]) == ([], None)
    assert "xml" not in domain


def test_the_text_is_the_documents_own(tmp_path: Path) -> None:
    text = (
        '<!-- ü -->\r\n<domain\t type="kvm"><name>ü</name><!-- c --><a><![CDATA[<]]></a></domain>\n'
    )
    for encoding in ("utf-8", "utf-16", "latin-1"):
        declared = f"<?xml version='1.0' encoding='{encoding}'?>{text}"
        (domain,) = read(write(tmp_path / "x.xml", declared.encode(encoding)))["domains"]
        assert domain["xml"] == text


OUTER = ["{}", "<domstatus state='running'>{}</domstatus>"] + [
    f"<{root}><creationTime>{NOON}</creationTime>{{}}</{root}>"
    for root in ("domainsnapshot", "domaincheckpoint")
]


@pytest.mark.parametrize("outer", OUTER, ids=lambda outer: outer[1:10])
def test_secrets_are_not_returned(tmp_path: Path, outer: str) -> None:
    write(tmp_path / "1.xml", outer.format(planted.domain()).encode())
    # Declared around the domain, and cut off.
    declared = f" xmlns:q='{planted.QEMU}'"
    inner = planted.domain("q").replace(declared, "")
    for tag in ("<domstatus", "<domainsnapshot", "<domaincheckpoint"):
        if outer.startswith(tag):
            text = outer.replace(tag, tag + declared, 1).format(inner)
            write(tmp_path / "2.xml", text.encode())
            write(tmp_path / "3.xml", text[:-30].encode())
    found = read(tmp_path)
    assert found["counts"]["domains"] == (1 if outer == "{}" else 2)
    assert "qz" not in json.dumps(found)
    for domain in found["domains"]:
        assert domain["redacted"] == planted.paths()


def test_secrets_by_choice(tmp_path: Path) -> None:
    for choice, (xml, paths) in planted.CHOSEN.items():
        for number, outer in enumerate(OUTER):
            text = outer.format(helpers.domain_xml(more=xml))
            path = write(tmp_path / f"{choice}{number}.xml", text.encode())
            assert "qz" in json.dumps(read(path))
            found = read(path, wanted=Wanted(redact=[choice]))
            assert "qz" not in json.dumps(found)
            assert found["domains"][0]["redacted"] == paths


def test_equal_documents_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = _archive.read_document, []

    def counted(data: bytes, wanted: Wanted) -> Any:
        calls.append(len(data))
        return real(data, wanted)

    monkeypatch.setattr(_archive, "read_document", counted)
    for number in range(5):
        write(tmp_path / f"{number}.xml", XML, NOON + number)
        write(tmp_path / f"{number}-bad.xml", b"<pool/>")
    found = read(tmp_path)
    assert len(calls) == 2
    assert [domain["archived"]["dated_at"][-3:] for domain in found["domains"]] == [
        f"0{number}Z" for number in range(5)
    ]
    assert len({error["name"] for error in found["errors"]}) == 5


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As root, under whom tests may run, every file can be read.
    def refuse(*_args: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "x.xml", XML)
    monkeypatch.setattr(_archive_members, "open", refuse, raising=False)
    error = only_error(read(path))
    assert error["message"] == f"{path}: cannot be read: Permission denied."


def test_a_pipe_among_the_paths(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = read(tmp_path / "pipe", write(tmp_path / "x.xml", XML))
    assert (only_error(found)["object"], found["not_found"]) == ("file", [])
    assert found["counts"]["domains"] == 1


def test_names_are_escaped_in_messages(tmp_path: Path) -> None:
    name = "\x1b[31m\u202ered\n\udcff.xml"
    write(tmp_path / name, b"<pool/>")
    data = tar(member("m\x1b]0;\u009b.xml", b"<pool/>"), member("ok\x1b.xml", XML))
    path = write(tmp_path / "x.tar", data)
    found = read(tmp_path, path)
    text = messages(found)
    assert "\\x1b[31m\\u202ered\\n\\udcff.xml: The root" in text
    assert "x.tar:m\\x1b]0;\\x9b.xml: The root" in text
    assert all(char.isprintable() or char == "\n" for char in text)
    # What is data stays as it is, as far as it can be sent.
    assert found["errors"][0]["name"].endswith("/\x1b[31m\u202ered\n\\xff.xml")
    assert found["domains"][0]["archived"]["member"] == "ok\x1b.xml"
    repr(found).encode("utf-8")


def test_the_limit_of_documents(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / f"{number}.xml", XML)
    found = read(tmp_path, limit=4)
    assert (found["counts"]["documents"], found["errors"]) == (4, [])
    found = read(tmp_path, limit=3)
    assert found["counts"]["documents"] == 3
    assert (only_error(found)["object"], found["not_found"]) == ("limit", [])
    assert "more than 3 files; those after are not read. Raise option 'limit'" in messages(found)
    path = write(tmp_path / "x.tar", tar(*(member(f"{n}.xml", XML) for n in range(4))))
    found = read(path, limit=3)
    assert found["counts"]["documents"] == 3
    assert "more than 3 documents" in only_error(found)["message"]


def test_the_limit_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "MAX_TOTAL_BYTES", len(XML) + len(OTHER) - 1)
    for number in range(3):
        write(tmp_path / f"{number}.xml", XML)
    write(tmp_path / "x.xml", OTHER)
    found = read(tmp_path)
    assert found["counts"]["domains"] == 3
    assert "bytes together; those after are not read" in only_error(found)["message"]


def test_a_document_that_is_too_large(tmp_path: Path) -> None:
    large = b"<domain>" + b" " * _xml.MAX_BYTES + b"</domain>"
    path = write(tmp_path / "x.xml", large)
    packed = write(tmp_path / "x.gz", PACKERS[".gz"](large))
    archive = write(tmp_path / "x.tar", tar(member("x.xml", large), member("y.xml", XML)))
    found = read(path, packed, archive)
    assert found["counts"] == {"documents": 4, "domains": 1, "refused": 3, "files": 3}
    assert messages(found).count("The document has more than the 16777216 bytes") == 3


def test_a_hard_link_in_an_archive_is_told(tmp_path: Path) -> None:
    link = member("day2/vm1.xml", type=tarfile.LNKTYPE, linkname="day1/vm1.xml")
    found = read(write(tmp_path / "x.tar", tar(member("day1/vm1.xml", XML), link)))
    assert found["counts"] == {"documents": 2, "domains": 1, "refused": 1, "files": 1}
    assert "a hard link to day1/vm1.xml in the archive" in only_error(found)["message"]


def test_no_name_leads_out_of_the_archive(tmp_path: Path) -> None:
    names = ["../../escape.xml", "/absolute.xml", "C:\\x.xml", "~/x.xml"]
    path = write(tmp_path / "x.tar", tar(*(member(name, XML) for name in names)))
    found = read(path)
    assert [domain["archived"]["member"] for domain in found["domains"]] == sorted(names)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.tar"]


GOOD = [member("a.xml", XML), member("b.xml", OTHER)]
WHOLE = tar(*GOOD)


@pytest.mark.parametrize(
    ("data", "domains", "message"),
    [
        (WHOLE[: len(GOOD[0]) + 560], 1, "it ends within b.xml|unexpected end of data"),
        (WHOLE[: len(GOOD[0]) + 100], 1, "a damaged header"),
        (WHOLE[:-1024], 2, "without the mark of an archive's end"),
        (GOOD[0] + b"x" * 512 + GOOD[1], 1, "a damaged header"),
        (GOOD[0] + b"\0" * 100, 1, "a damaged header"),
        (
            tar(member("a.xml", XML), member("b.xml", size=-512), member("c.xml", OTHER)),
            1,
            "header",
        ),
        (tar(member("a.xml", XML), member("b.xml", size=-(2**60))), 1, "header"),
        (tar(member("a.xml", XML), member("b.xml", size=2**60)), 1, "document has more than"),
        (tar(member("a.xml", XML), member("b.xml", size=10**6)), 1, "ends within|unexpected end"),
    ],
)
def test_damaged_archives(tmp_path: Path, data: bytes, domains: int, message: str) -> None:
    path = write(tmp_path / "x.tar", data)
    found = read(path)
    assert found["counts"]["domains"] == domains
    assert found["errors"][0]["message"].startswith(str(path))
    assert re.search(message, messages(found)), messages(found)


def _header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "data",
    [
        _header(tarfile.XHDTYPE, 2**33),
        _header(tarfile.XGLTYPE, 2**33),
        _header(tarfile.GNUTYPE_LONGNAME, 2**33),
        _header(tarfile.GNUTYPE_LONGLINK, -512),
        _header(tarfile.XHDTYPE, -1),
        _header(tarfile.GNUTYPE_LONGNAME, 0) * 400,
        b"".join(
            _header(tarfile.XHDTYPE, 512) + b"12 path=abc\n".ljust(512, b"\0") for _ in range(400)
        ),
        _header(tarfile.XHDTYPE, 512) + b"0 path=x\n".ljust(512, b"\0"),
        _header(tarfile.XHDTYPE, 512) + b"99999999 path=x\n".ljust(512, b"\0"),
        _header(tarfile.XHDTYPE, 512)
        + b"20 mtime=nonsense!!\n".ljust(512, b"\0")
        + member("b.xml", XML),
    ],
)
def test_hostile_headers(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "x.tar", tar(member("a.xml", XML), data))
    found = read(path)
    assert found["counts"]["domains"] in (1, 2)
    assert len(found["errors"]) <= 1
    # The same as the archive's first header.
    read(write(tmp_path / "y.tar", data + b"\0" * 1024))


def test_a_sparse_member_without_end(tmp_path: Path) -> None:
    block = bytearray(tarfile.TarInfo("sparse.xml").tobuf(tarfile.GNU_FORMAT))
    block[156:157] = tarfile.GNUTYPE_SPARSE
    block[386:482] = b"00000000000\0" * 8
    block[482] = 1
    block[483:495] = b"77777777777\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    more = (b"00000000000\0" * 42 + b"\x01").ljust(512, b"\0")
    path = write(tmp_path / "x.tar", tar(member("a.xml", XML), bytes(block) + more * 5000))
    found = read(path)
    assert found["counts"]["domains"] == 1
    assert "an unreasonable header" in only_error(found)["message"]


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("what", ["document", "tar"])
def test_truncated_or_damaged_compression(tmp_path: Path, suffix: str, what: str) -> None:
    packed = PACKERS[suffix](XML if what == "document" else WHOLE)
    middle = len(packed) // 2
    damaged = packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]
    for data in (packed[:-9], packed[:middle], packed[:12], damaged, packed + b"garbage"):
        path = write(tmp_path / "x", data)
        found = read(path)
        assert found["errors"][0]["message"].startswith(f"{path}:"), data
        if what == "document":
            assert found["domains"] == []


def test_a_wrong_checksum_behind_the_archives_end_shows(tmp_path: Path) -> None:
    packed = bytearray(PACKERS[".gz"](WHOLE))
    packed[-8:-4] = struct.pack("<I", 7)
    found = read(write(tmp_path / "x.tgz", bytes(packed)))
    assert found["counts"]["domains"] == 2
    assert "cannot be read" in only_error(found)["message"]


def test_xz_that_asks_for_much_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**20}]
    packed = lzma.compress(XML, filters=filters, check=lzma.CHECK_CRC32)
    # The block header's byte for the dictionary, and the header's checksum: 1.5 GiB.
    header = bytearray(packed[12:24])
    assert header[4] == 16
    header[4] = 39
    header[8:12] = struct.pack("<I", zlib.crc32(bytes(header[:8])))
    path = write(tmp_path / "x.xml.xz", packed[:12] + bytes(header) + packed[24:])
    assert "emory" in only_error(read(path))["message"]


def test_many_members_and_global_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive_members, "MAX_MEMBERS", 2)
    found = read(write(tmp_path / "x.tar", tar(*GOOD, member("c.xml", XML))))
    assert found["counts"]["domains"] == 2
    assert "more than 2 members" in only_error(found)["message"]
    monkeypatch.setattr(_archive_members, "MAX_MEMBERS", 100)
    records = b"".join(b"%2d k%04d=1\n" % (11, number) for number in range(2000))
    data = _header(tarfile.XGLTYPE, len(records)) + records.ljust(
        len(records) + -len(records) % 512, b"\0"
    )
    found = read(write(tmp_path / "x.tar", tar(data, *GOOD)))
    assert "a damaged header" in only_error(found)["message"]


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    found = read(write(tmp_path / "x.tar", tar(member("inner.xml", WHOLE))))
    assert "Not well-formed" in only_error(found)["message"]
