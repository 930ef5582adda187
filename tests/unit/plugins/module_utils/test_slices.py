"""Cutting domains out of the documents around them, byte for byte."""

from __future__ import annotations

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _slices, _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"


def one(text: str, tag: str = "domain") -> str:
    (found,) = _slices.outer(text).domains[tag]
    return found


@pytest.mark.parametrize(
    "domain",
    [
        "<domain/>",
        "<domain></domain>",
        "<domain  type = 'kvm'\n id=\"4\" ><name>vm-ü-𝄞</name></domain >",
        "<domain><!-- </domain> --><a><![CDATA[</domain>]]></a>\r\n<b c='/>'/><?pi x?></domain>",
        "<domain><metadata><domain><name>inner</name></domain></metadata></domain>",
        "<domain><description>&#65;&amp;&lt;</description></domain>",
        "<domain title='a>b'/>",
    ],
)
def test_the_slice_is_the_very_text(domain: str) -> None:
    assert (
        one(f"<!-- ü -->\n<domstatus state='running'> <x/>{domain}<y>ü</y></domstatus>") == domain
    )
    assert one(f"<domainsnapshot>{domain}</domainsnapshot>") == domain


def test_namespaces_that_are_used_are_declared() -> None:
    text = (
        f"<domainsnapshot xmlns:q='{QEMU}' xmlns:n='a&quot;b&lt;' xmlns:m='urn:m'>"
        "<domain xmlns:m='urn:other'><q:commandline/><n:x/><m:y/></domain></domainsnapshot>"
    )
    domain = one(text)
    assert domain == (
        f"<domain xmlns:q=\"{QEMU}\" xmlns:n='a\"b&lt;' xmlns:m='urn:other'>"
        "<q:commandline/><n:x/><m:y/></domain>"
    )
    root = _xml.parse(domain, "stdlib")
    assert [child.tag for child in root] == [f"{{{QEMU}}}commandline", '{a"b<}x', "{urn:other}y"]


def test_namespaces_that_are_not_used_are_not_declared() -> None:
    text = "<domainsnapshot xmlns:q='urn:q'><domain><a/></domain></domainsnapshot>"
    assert one(text) == "<domain><a/></domain>"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<inactiveDomain/>", "<domain/>"),
        ("<inactiveDomain type='kvm'><a/></inactiveDomain >", "<domain type='kvm'><a/></domain>"),
        (
            "<inactiveDomain><inactiveDomain/></inactiveDomain>",
            "<domain><inactiveDomain/></domain>",
        ),
    ],
)
def test_the_definition_beside_a_running_domain_becomes_a_domain(inner: str, expected: str) -> None:
    text = f"<domainsnapshot><domain id='1'/>{inner}</domainsnapshot>"
    assert one(text, "inactiveDomain") == expected
    assert one(text) == "<domain id='1'/>"


def test_only_children_of_the_root_count() -> None:
    text = "<domainsnapshot><a><domain/><inactiveDomain/></a></domainsnapshot>"
    assert _slices.outer(text).domains == {"domain": [], "inactiveDomain": []}


def test_texts_of_the_outer_document() -> None:
    outer = _slices.outer(
        "<domainsnapshot a='1'><name>be&amp;fore<![CDATA[ x]]></name>"
        "<creationTime>12</creationTime><memory>a<b>c</b>d</memory></domainsnapshot>"
    )
    assert outer.root == _slices.Root("domainsnapshot", {"a": "1"})
    assert outer.texts == {"name": "be&fore x", "creationTime": "12", "memory": "ad"}


def test_the_root_is_read_without_what_follows() -> None:
    assert _slices.root("<!-- c -->\n<x:y a='1'><broken") == _slices.Root("x:y", {"a": "1"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE domain><domain/>", "DOCTYPE"),
        ("<!DOCTYPE d [<!ENTITY e 'x'>]><domstatus>&e;</domstatus>", "DOCTYPE"),
        ("", "Not well-formed"),
        ("text", "Not well-formed"),
        ("<!-- x", "Not well-formed"),
        ("<a>" + "<b/>" * _xml.MAX_MARKUP + "</a>", "tags and attributes"),
        ("<a>\ud800</a>", "cannot be encoded"),
        ("<a>" * (_xml.MAX_DEPTH + 1) + "</a>" * (_xml.MAX_DEPTH + 1), "nested more than"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(XmlError, match=message):
        _slices.outer(text)


@pytest.mark.parametrize("text", ["<domstatus><domain></domstatus>", "<domstatus/><domain/>"])
def test_the_whole_document_must_be_well_formed(text: str) -> None:
    with pytest.raises(XmlError, match="Not well-formed"):
        _slices.outer(text)
