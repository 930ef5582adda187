"""Reading documents safely, the same with both parsers."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml_text import element_text

BACKENDS = ["lxml", "stdlib"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "data",
    [
        "<domain><name>vm-ü</name></domain>",
        "<?xml version='1.0' encoding='latin-1'?><domain><name>vm-ü</name></domain>",
        "<domain><name>vm-ü</name></domain>".encode(),
        b"\xef\xbb\xbf" + "<domain><name>vm-ü</name></domain>".encode(),
        "<?xml version='1.0' encoding='utf-16'?><domain><name>vm-ü</name></domain>".encode(
            "utf-16"
        ),
        "<domain><name>vm-ü</name></domain>".encode("utf-16-be"),
        "<?xml version='1.0' encoding='iso-8859-1'?><domain><name>vm-ü</name></domain>".encode(
            "latin-1"
        ),
        "<domain><!-- a comment --><name>vm<?pi x?>-<!-- c -->ü</name></domain>",
    ],
)
def test_encodings(data: str | bytes, backend: str) -> None:
    assert _xml.parse(data, backend).findtext("name") == "vm-ü"


def test_shift_jis_is_decoded_for_both(backend: str) -> None:
    data = "<?xml version='1.0' encoding='shift_jis'?><domain><name>仮想</name></domain>".encode(
        "shift_jis"
    )
    assert _xml.parse(data, backend).findtext("name") == "仮想"


@pytest.mark.parametrize(
    "data",
    [
        "<!DOCTYPE domain><domain/>",
        "<!DOCTYPE domain [<!ENTITY e 'x'>]><domain><name>&e;</name></domain>",
        "<!DOCTYPE domain SYSTEM 'http://127.0.0.1:9/x.dtd'><domain/>",
        "<!DOCTYPE domain [<!ATTLIST disk snapshot CDATA 'internal'>]><domain><disk/></domain>".encode(
            "utf-16"
        ),
    ],
)
def test_a_doctype_is_refused(data: str | bytes, backend: str) -> None:
    with pytest.raises(XmlError, match="DOCTYPE"):
        _xml.parse(data, backend)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Not well-formed"),
        (b"<domain>", "Not well-formed"),
        (b"error: failed to get domain", "Not well-formed"),
        (b"<a/><b/>", "Not well-formed"),
        (b"<a>&undefined;</a>", "Not well-formed"),
        (b" <?xml version='1.0'?><a/>", "Not well-formed"),
        (b"<?xml version='1.0' encoding='x-klingon'?><a/>", "unknown encoding"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xff</a>", "cannot be decoded"),
        (b"<a>\xc0\xaf</a>", "cannot be decoded"),
    ],
)
def test_no_xml(data: bytes, message: str, backend: str) -> None:
    with pytest.raises(XmlError, match=message):
        _xml.parse(data, backend)


def test_depth_is_bounded_alike(backend: str) -> None:
    def nested(depth: int) -> str:
        return "<a>" * depth + "</a>" * depth

    assert _xml.parse(nested(_xml.MAX_DEPTH - 1), backend).tag == "a"
    with pytest.raises(XmlError):
        _xml.parse(nested(_xml.MAX_DEPTH + 2), backend)


def test_size_is_bounded(backend: str) -> None:
    with pytest.raises(XmlError, match="bytes, more than"):
        _xml.parse("<a>" + " " * _xml.MAX_BYTES + "</a>", backend)


@pytest.mark.parametrize("data", ["<network/>", "<DOMAIN/>", "<domain xmlns='urn:x'/>"])
def test_only_a_domain_is_a_domain(data: str, backend: str) -> None:
    with pytest.raises(XmlError, match="root element"):
        _xml.domain_element(_xml.parse(data, backend))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("<a>" + "<b/>" * _xml.MAX_MARKUP + "</a>", "tags and attributes"),
        ("<a " + " ".join(f"b{n}=''" for n in range(9000)) + "/>", "more than 1000 attributes"),
        ("<{0}>{1}</{0}>".format("n" * 9000, "<a/>" * 9000), "long names"),
    ],
)
def test_what_would_need_many_times_its_size_is_refused(
    data: str, message: str, backend: str
) -> None:
    with pytest.raises(XmlError, match=message):
        _xml.parse(data, backend)


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "rot13", "base64"])
def test_what_only_python_calls_an_encoding_is_refused(name: str, backend: str) -> None:
    with pytest.raises(XmlError, match="unknown encoding"):
        _xml.parse(f"<?xml version='1.0' encoding='{name}'?><a/>".encode(), backend)


def test_the_text_is_kept_but_for_the_declaration() -> None:
    data = b"\xef\xbb\xbf<?xml version='1.0'\nencoding='utf-8'?>\r\n<!-- c --><a  b='&#65;'/>\n"
    assert _xml.decode(data) == "\n\r\n<!-- c --><a  b='&#65;'/>\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<a/>", "<a/>"),
        ("<a></a>", "<a/>"),
        ("<a b='1' a='2'/>", '<a b="1" a="2"/>'),
        ("<a>x<b/>y<c> z </c>\n</a>", "<a>x<b/>y<c> z </c>\n</a>"),
        (
            "<a b='&quot;&lt;&gt;&amp;&#10;&#9;&#13;'/>",
            '<a b="&quot;&lt;&gt;&amp;&#10;&#9;&#13;"/>',
        ),
        ("<a>&lt;&amp;]]&gt;&#13;\"'</a>", "<a>&lt;&amp;]]&gt;&#13;\"'</a>"),
        ("<a><![CDATA[<x>]]></a>", "<a>&lt;x&gt;</a>"),
        ("<a><!-- c -->t<?p i?>u</a>", "<a>tu</a>"),
        ("<a xml:lang='de'/>", '<a xml:lang="de"/>'),
        (
            "<a xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:b q:c='1'/></a>",
            '<a><qemu:b xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0" qemu:c="1"/></a>',
        ),
        (
            "<a xmlns:x='urn:&amp;1' xmlns:y='urn:2'><x:b><y:c x:d=''/></x:b><y:e/></a>",
            '<a><ns1:b xmlns:ns1="urn:&amp;1"><ns2:c xmlns:ns2="urn:2" ns1:d=""/></ns1:b>'
            '<ns1:e xmlns:ns1="urn:2"/></a>',
        ),
    ],
)
def test_an_element_as_text(text: str, written: str, backend: str) -> None:
    assert element_text(_xml.parse(text, backend)) == written
    assert element_text(_xml.parse(written, backend)) == written


def test_the_text_of_an_element_ends_with_it(backend: str) -> None:
    root = _xml.parse("<a><b>1</b>tail</a>", backend)
    assert element_text(root[0]) == "<b>1</b>"
