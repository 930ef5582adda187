"""Whole documents without their secrets: every place, every way to write it, nothing else."""

from __future__ import annotations

import html
import json
import time

import planted
import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import flatten
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import REMOVABLE
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import (
    may_have_secrets,
    redact,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import MARK, marked

BACKENDS = ["lxml", "stdlib"]
CHOSEN = "".join(xml for xml, _paths in planted.CHOSEN.values())


def in_domain(devices: str) -> str:
    return f"<domain><devices>{devices}</devices></domain>"


@pytest.mark.parametrize("prefix", ["qemu", "ns0", "_", "ü"])
def test_every_place_and_its_path(prefix: str) -> None:
    text, paths = redact(planted.domain(prefix))
    assert "qz" not in text
    assert paths == planted.paths()
    assert [path for path in paths if not planted.is_remark(path)] == marked(text)
    assert redact(text) == (text, paths)


def test_in_a_default_namespace() -> None:
    element = f"<commandline xmlns='{planted.QEMU}'><arg value='secret,data=qz'/></commandline>"
    text, paths = redact(f"<domain>{element}</domain>")
    assert text == f"<domain>{element.replace('qz', MARK)}</domain>"
    assert len(paths) == 1


@pytest.mark.parametrize(
    "uri", ["http://libvirt.org/schemas/domain/" + name for name in ("xen/1.0", "bhyve/1.0")]
)
def test_of_other_hypervisors(uri: str) -> None:
    element = f"<x:commandline xmlns:x='{uri}'><x:arg value='--password=qz'/></x:commandline>"
    assert redact(f"<domain>{element}</domain>")[0].count(MARK) == 1


def test_nothing_else_changes() -> None:
    """The stretches between the marks are those between the secrets, byte for byte."""
    before = planted.domain(chosen=CHOSEN)
    after, _paths = redact(before)
    position = 0
    for part in after.split(MARK):
        found = before.index(part, position)
        assert position == 0 or "qz" in before[position:found]
        position = found + len(part)
    assert position == len(before)


def test_line_ends_comments_and_quotes_stay() -> None:
    frame = "\r\n<!-- ünïcode -->\r\n<domain\tid = \"1\">\r\n<a\r\nb='&#x41;&lt;'>&gt;<![CDATA[<]]></a>\r\n{}</domain>\r\n<?pi x?>\r\n"
    cookie = "<disk><source><cookies><cookie>\r\n {} \r\n</cookie></cookies></source></disk>"
    text, paths = redact(frame.format(cookie.format("one\r\nqz")))
    assert text == frame.format(cookie.format(MARK))
    assert paths == ["disk/source/cookies/cookie"]


@pytest.mark.parametrize("choice", REMOVABLE)
def test_what_is_removed_by_choice(choice: str) -> None:
    xml, paths = planted.CHOSEN[choice]
    before = f"<domain><name>x</name>{xml}</domain>"
    assert redact(before) == (before, [])
    text, found = redact(before, [choice])
    assert "qz" not in text
    assert found == paths
    others = [name for name in REMOVABLE if name != choice]
    assert redact(before, others) == (before, [])


def test_a_choice_of_sysinfo_covers_the_command_line() -> None:
    devices = (
        f"<q:commandline xmlns:q='{planted.QEMU}'><q:arg value='-fw_cfg'/>"
        "<q:arg value='name=opt/a,string=qz'/><q:arg value='type=11,value=qz'/></q:commandline>"
    )
    before = f"<domain>{devices}</domain>"
    assert redact(before)[0] == before
    assert "qz" not in redact(before, ["sysinfo"])[0]


def test_metadata_is_left_alone_without_the_choice() -> None:
    before = "<domain><metadata><domain><graphics passwd='x'/></domain><!-- password=y --></metadata></domain>"
    assert redact(before) == (before, [])
    after = "<domain><devices><metadata><graphics passwd='qz'/></metadata></devices></domain>"
    assert "qz" not in redact(after)[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "<domainsnapshot><domain>{}</domain><inactiveDomain>{}</inactiveDomain></domainsnapshot>",
            2,
        ),
        ("<domstatus><domain>{}</domain></domstatus>", 1),
        ("<domaincheckpoint><domain>{}</domain></domaincheckpoint>", 1),
    ],
)
def test_other_documents_have_domains_in_them(before: str, after: int) -> None:
    document = before.replace("{}", planted.domain(chosen=CHOSEN))
    text, paths = redact(document, REMOVABLE)
    assert "qz" not in text
    roots = sorted({path.split("/")[0] for path in paths})
    assert len(roots) == after


def test_a_snapshots_own_texts() -> None:
    before = (
        "<domainsnapshot><description>qz</description><disks><disk name='vda'><source protocol='https' "
        "name='x' query='sig=qz'><cookies><cookie name='a'>qz</cookie></cookies></source></disk></disks>"
        "<cookie><cpu mode='custom'/></cookie></domainsnapshot>"
    )
    text, paths = redact(before, ["description"])
    assert text == before.replace("qz", MARK)
    assert paths == [
        "description",
        "disks/disk/source/@query",
        "disks/disk/source/cookies/cookie",
    ]
    assert redact(before)[1] == paths[1:]


@pytest.mark.parametrize(
    "text",
    [
        "<domain><devices><graphics type='vnc' passwd=''/><graphics passwdValidTo='2030'/></devices></domain>",
        "<domain><disk><auth username='u'><secret type='ceph' usage='x'/></auth></disk></domain>",
        "<domain><disk><encryption><secret type='passphrase' uuid='u'/></encryption></disk></domain>",
        "<domain><os><cmdline/><initarg></initarg><initenv name='PASSWORD'> </initenv></os></domain>",
        "<domain><tpm><backend><encryption secret='u'/></backend></tpm><a b='me@home'/></domain>",
        "<domain><!-- nothing --><name>a?b{c}#&#65;</name></domain>",
        "<domain><disk><source><cookies> </cookies></source></disk></domain>",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == (text, [])


def test_most_documents_get_a_quick_look_only() -> None:
    text = in_domain(
        "<disk><source file='/a'/></disk><graphics type='spice' passwdValidTo='2030-01-01T00:00:00'/>"
    )
    assert not may_have_secrets(text, REMOVABLE)
    assert may_have_secrets(text.replace("passwdValidTo", "passwd"), ())
    assert may_have_secrets(in_domain("<sysinfo/>"), ["sysinfo"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE d [<!ENTITY p 'passwd'>]><d><graphics passwd='&p;'/></d>", "DOCTYPE"),
        ("<domain><graphics passwd='qz'></domain>", "Not well-formed XML: mismatched tag"),
        ("<domain passwd=qz/>", "Not well-formed"),
        ("<domain passwd='x'>\ud800</domain>", "cannot be encoded"),
        ("<domain passwd='x'>" + " " * _xml.MAX_BYTES + "</domain>", "bytes, more than"),
        ("<a passwd='x'>" * 300 + "</a>" * 300, "nested more than 256"),
    ],
)
def test_documents_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(XmlError, match=message):
        redact(text)
    with pytest.raises(XmlError):
        marked(text + MARK)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "text",
    [
        "<graphics passwd='a&aqz;'/>",
        "<graphics passwd='a'bqz='c'/>",
        "<graphics passwd=aqz/>",
        "<cmdline>password=<aqz></cmdline>",
        "<cmdline>password=&aqz;</cmdline>",
        "<aqz:arg/>",
        "<graphics passwd='aqz",
        "<a aqz='1' aqz='2'/>",
        "<![CDATA[aqz",
        "<!-- aqz -- aqz -->",
        "<?aqz",
    ],
)
def test_the_message_of_a_refused_document_tells_nothing_of_it(text: str, backend: str) -> None:
    for document in (
        in_domain(text),
        in_domain(text).replace("passwd", "x").replace("cmdline", "x"),
    ):
        with pytest.raises(XmlError) as caught:
            domain_facts(None, document, backend=backend)
        assert "qz" not in str(caught.value)
        assert caught.value.__cause__ is None or "qz" not in str(caught.value.__cause__)


@pytest.mark.parametrize("backend", BACKENDS)
def test_facts_have_no_secret(backend: str) -> None:
    text = planted.domain(chosen=CHOSEN)
    facts = domain_facts(
        text.replace("<domain ", "<domain id='3' "),
        text,
        include_xml=True,
        redact=REMOVABLE,
        backend=backend,
    )
    assert "qz" not in json.dumps(facts)
    chosen = [path for _xml_text, paths in planted.CHOSEN.values() for path in paths]
    assert sorted(facts["redacted"]) == sorted(planted.paths() + chosen)
    assert facts["xml_config"] == redact(text, REMOVABLE)[0]


def test_warnings_have_no_secret() -> None:
    facts = domain_facts(
        None,
        in_domain(
            "<disk><source file='x' index='https://u:qz@h'/><driver queues='//u:qz@h'/></disk>"
        ),
    )
    assert any(MARK in warning for warning in facts["warnings"])
    assert "qz" not in json.dumps(facts)


def test_digests_do_not_depend_on_secrets() -> None:
    """Else a short password could be found by trying, with the rest of the text at hand."""
    texts = [in_domain(f"<graphics type='vnc' passwd='{word}'/>") for word in ("one", "other")]
    one, other = (domain_facts(None, text) for text in texts)
    assert one == other


def test_xml_without_a_secret_is_the_original() -> None:
    text = "<domain>\r\n<!-- c --><name>a&#10;</name>\r\n</domain>\r\n"
    assert domain_facts(None, text.encode("utf-16"), include_xml=True)["xml"] == text


def test_marks_of_before_are_named_again() -> None:
    text = in_domain(f"<graphics passwd='{MARK}'/><note>{MARK}</note><disk a='{MARK}'/>")
    assert redact(text) == (text, ["devices/graphics/@passwd"])
    assert marked(text) == ["devices/graphics/@passwd", "devices/note", "devices/disk/@a"]
    assert marked("<domain/>") == []


def test_a_large_document_is_done_soon() -> None:
    device = "<disk><source file='/a?token=qz' query='a=b'/><auth><secret usage='x'/></auth></disk>"
    text = in_domain(device * 5000)
    started = time.monotonic()
    found, paths = redact(text)
    assert time.monotonic() - started < 3
    assert "qz" not in found
    assert len(paths) == 5000


def content(text: str, backend: str) -> dict[str, str]:
    """Everything in a document by its path, as a parser reads it."""
    found: dict[str, str] = {}
    flatten(_xml.parse(text, backend), "", found)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_however_it_is_written(seed: int) -> None:
    """What redaction changed in the tree is exactly what it says, and all that is secret."""
    text = planted.rewritten(planted.domain(chosen=CHOSEN), seed)
    after, paths = redact(text, REMOVABLE)
    assert "qz" not in html.unescape(after)
    assert redact(after, REMOVABLE) == (after, paths)
    for backend in BACKENDS:
        before, now = content(text, backend), content(after, backend)
        assert "qz" not in json.dumps(now)
        assert before.keys() == now.keys()
        changed = {path for path in before if before[path] != now[path]}
        assert changed == {path for path in paths if not planted.is_remark(path)}


def test_letters_of_several_bytes() -> None:
    """Positions count letters here, bytes there."""
    text = "ünï password=qz ß<!--€--> tökën=€ token=€qz &amp; €&#x20ac; password=qz end €"
    before = f"<domain><!--ü--><os><cmdline>{text}</cmdline></os></domain>"
    after = before.replace("=qz", "=" + MARK).replace("=€qz", "=" + MARK)
    assert redact(before) == (after, ["os/cmdline"])


@pytest.mark.parametrize(
    ("filler", "left"),
    [
        ("x ", "x " * 600000),
        (f"{'x' * 20}=1 ", MARK + " "),
        ("é\r\n", "é\r\n" * 400000),
    ],
)
def test_a_very_long_text_is_taken_as_a_whole_or_left(filler: str, left: str) -> None:
    frame = "<domain><os><cmdline>{}</cmdline></os></domain>"
    text = filler * (1200000 // len(filler))
    assert redact(frame.format(text))[0] == frame.format(left)


@pytest.mark.parametrize(
    ("element", "looked_into"),
    [
        ("<secret type='ceph' uuid='x'/>", False),
        ('<secret\n type = "ceph"\tusage="a>b" />', False),
        ("<secret/>", False),
        ("<secret>qz</secret>", True),
        ("<secret format='a/>'>qz</secret>", True),
        ("<secret type='x'/ >", True),
        ("<secret type='x'/><secret type='y'>qz</secret>", True),
        ("<initrd>/boot/initrd</initrd>", False),
        ("<initarg>qz</initarg>", True),
    ],
)
def test_a_reference_to_a_secret_gets_a_quick_look_only(element: str, looked_into: bool) -> None:
    assert may_have_secrets(in_domain(element), ()) is looked_into
