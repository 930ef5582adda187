"""Domain XML made from the declarations, with Hypothesis: values of every field, and oddities.

What is declared is written by the way back of its declaration (converter, choices, shape), so that
a new field is covered without a word here. Texts, white space, comments, CDATA, character
references, quotes and namespaces are as no program would write them, but well-formed.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    MAC,
    ON_OFF,
    SIGNED,
    UNSIGNED,
    UUID,
    YES_NO,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._families import (
    DOMAIN_FIELDS,
    FAMILIES,
    OTHER,
    Family,
    Field,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import (
    CHILD_NAMES,
    NAMED_TEXT,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._net_shapes import (
    FILTER_REFERENCE,
    STATIC_ADDRESS,
    VIRTUAL_PORT,
    VLAN,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    BACKING_CHAIN,
    IO_TUNE,
    NUMBERS,
    TREE,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.tree import parse_path
from hypothesis import strategies as st

Draw = Any

_LETTERS = st.characters(
    min_codepoint=0x20, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"
)
#: Any text that XML can hold; most are short and plain.
TEXTS = st.one_of(
    st.sampled_from(("1", "x", "vda", "52:54:00:00:00:01", "/a b", "a:b", "0x1", "yes", "", " ", "{{ x }}")),
    st.text(_LETTERS, max_size=8),
    st.text(st.one_of(_LETTERS, st.sampled_from("\t\n\r")), max_size=8),
)  # fmt: skip
_WORDS = st.text(st.sampled_from("abcXYZ019._-"), min_size=1, max_size=6).filter(str.isalnum)
_NAMES = st.sampled_from(
    ("name", "path", "address", "type", "odd", "e\u0301", "host", "x-1", "_y", "source", "target")
)
_NUMBERS = st.one_of(
    st.integers(0, 9).map(str), st.sampled_from(("0", "4095", str(2**32 - 1), str(2**63), "007"))
)
_SMALL = st.integers(1, 4)
_URIS = ("urn:x", "http://libvirt.org/schemas/domain/qemu/1.0", "not a uri")

_CONVERTED = {
    UNSIGNED: _NUMBERS,
    SIGNED: st.one_of(_NUMBERS, st.just("-1")),
    YES_NO: st.sampled_from(("yes", "no")),
    ON_OFF: st.sampled_from(("on", "off")),
    MAC: st.sampled_from(("52:54:00:00:00:01", "52:54:0:0:0:2", "52:54:00:AA:00:03")),
    UUID: st.uuids().map(str),
}

#: Paths below an element and their texts. Those of sources give a device its reference.
_TREES = st.dictionaries(
    st.sampled_from(
        ("@file", "@dev", "@network", "@bridge", "@path", "@pool", "@volume", "@protocol", "@name", "@mode")
        + ("@address", "@port", "@usage", "@units", "address/@bus", "address/@domain", "address/@type")
        + ("address/@slot", "address/@function", "vendor/@id", "product/@id", "snapshot/@name", "host/@name")
        + ("host[2]/@name", "host[3]", "a/b/c", "a/b/c[2]/@d", "odd")
    ),
    TEXTS,
    min_size=1,
    max_size=4,
)  # fmt: skip
_ATTRIBUTES = st.dictionaries(_NAMES, TEXTS, min_size=1, max_size=3)
_LIMITS = st.sampled_from(("total_bytes_sec", "read_iops_sec", "size_iops_sec", "group_name"))

_SHAPED: dict[Any, Any] = {
    TREE: _TREES,
    ATTRIBUTES: _ATTRIBUTES,
    NUMBERS: st.dictionaries(_NAMES, st.integers(0, 2**63), min_size=1, max_size=2),
    IO_TUNE: st.dictionaries(_LIMITS, _SMALL.map(str), min_size=1, max_size=1),
    VIRTUAL_PORT: st.fixed_dictionaries(
        {
            "type": st.sampled_from((None, "openvswitch", "802.1Qbg")),
            "parameters": st.dictionaries(_NAMES, TEXTS, max_size=2),
        }
    ),
    FILTER_REFERENCE: st.fixed_dictionaries(
        {"filter": TEXTS, "parameters": st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=2)}
    ),
    VLAN: st.fixed_dictionaries(
        {
            "trunk": st.sampled_from((None, "yes")),
            "tags": st.lists(
                st.fixed_dictionaries(
                    {"id": st.integers(0, 4095), "nativeMode": st.sampled_from((None, "tagged"))}
                ),
                max_size=3,
            ),
        }
    ),
    BACKING_CHAIN: st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(("file", "block")), "format": TEXTS, "source": _TREES}
        ),
        min_size=1,
        max_size=2,
    ),
    STATIC_ADDRESS: st.fixed_dictionaries({"address": TEXTS, "prefix": _NUMBERS}),
    NAMED_TEXT: st.fixed_dictionaries({"name": TEXTS, "value": TEXTS}),
    CHILD_NAMES: st.lists(_NAMES, max_size=3, unique=True),
}  # fmt: skip


class Node:
    """An element that is being made."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.attributes: dict[str, str] = {}
        self.text = ""
        self.children: list[Node] = []

    def child(self, tag: str, number: int = 1) -> Node:
        """The n-th child of a name, made where it is not there."""
        found = [node for node in self.children if node.tag == tag]
        while len(found) < number:
            found.append(Node(tag))
            self.children.append(found[-1])
        return found[number - 1]

    def put(self, path: str, text: str) -> None:
        """Set what a path leads to."""
        steps, attribute = parse_path(path)
        node = self
        for step in steps:
            node = node.child(step.tag, step.number)
        if attribute is not None:
            node.attributes[attribute] = text
        else:
            node.text = text


def _put_field(draw: Draw, node: Node, field: Field) -> None:
    """A value of one field, mostly one that libvirt would take."""
    if field.presence:
        node.put(field.path, "")
    elif field.shape is not None and field.shape.write is not None:
        for number in range(1, draw(_SMALL) + 1 if field.repeated else 2):
            values = _SHAPED.get(
                field.shape, st.integers(0, 2**40) if field.type == "int" else TEXTS
            )
            content = field.shape.write(draw(values))
            step = field.path if number == 1 else f"{field.path}[{number}]"
            for path, text in content.items():
                node.put(f"{step}/{path}" if path else step, text)
    elif field.path:
        samples = _CONVERTED.get(field.converter, TEXTS)
        if field.choices:
            samples = st.sampled_from(field.choices)
        node.put(field.path, draw(st.one_of(samples, samples, samples, TEXTS)))  # fmt: skip


@st.composite
def _filled(draw: Draw, tag: str, fields: tuple[Field, ...]) -> Node:
    node = Node(tag)
    declared = [field for field in fields if field.path]
    if declared:
        for field in draw(st.lists(st.sampled_from(declared), max_size=6)):
            _put_field(draw, node, field)
    return node


@st.composite
def _odd(draw: Draw, depth: int = 2) -> Node:
    """An element that nobody declared, perhaps in a namespace."""
    tag = draw(_NAMES)
    if draw(st.integers(0, 3)) == 0:
        tag = f"{{{draw(st.sampled_from(_URIS))}}}{tag}"
    node = Node(tag)
    node.attributes = draw(st.dictionaries(_NAMES, TEXTS, max_size=2))
    node.text = draw(TEXTS)
    if depth:
        node.children = draw(st.lists(_odd(depth - 1), max_size=2))
    return node


def _spoil(draw: Draw, node: Node) -> None:
    """Add what should not be there: unknown content, a second element of a name, stray text."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        node.attributes[draw(st.sampled_from(("odd", "{urn:x}odd", "xml:id", "unit")))] = draw(
            TEXTS
        )
    elif kind == 1:
        node.children.insert(draw(st.integers(0, len(node.children))), draw(_odd()))
    elif kind == 2 and node.children:
        node.children.append(draw(st.sampled_from(node.children)))
    elif kind == 3:
        node.text = draw(TEXTS)
    elif node.children:
        _spoil(draw, draw(st.sampled_from(node.children)))


@st.composite
def devices(draw: Draw, family: Family) -> Node:
    """A device of a family."""
    if family is OTHER:
        return draw(_odd())
    node = draw(_filled(family.tag, family.fields))
    if draw(st.booleans()):
        _spoil(draw, node)
    return node


@st.composite
def domains(draw: Draw) -> str:
    """The text of a domain."""
    root = draw(_filled("domain", DOMAIN_FIELDS))
    root.put("name", draw(_WORDS))
    if draw(st.integers(0, 4)):
        root.put("uuid", str(draw(st.uuids())))
    if draw(st.booleans()):
        _spoil(draw, root)
    for family in draw(st.lists(st.sampled_from(FAMILIES), max_size=5)):
        root.child("devices").children.append(draw(devices(family)))
    return draw(_written(root))


@st.composite
def _written(draw: Draw, root: Node) -> str:
    """The text of a tree, in one of many handwritings."""
    rng = draw(st.randoms(use_true_random=False))
    indented = draw(st.booleans())
    odd = draw(st.booleans())
    head = draw(st.sampled_from(("", "<!-- head -->\n", "<?pi x?>"))) if odd else ""
    return head + _Writer(rng, indented, odd).write(root, 0) + draw(st.sampled_from(("", "\n")))


class _Writer:
    """Writes a tree.

    :param odd: with comments, CDATA sections, character references and quotes of both kinds.
    """

    def __init__(self, rng: Any, indented: bool, odd: bool) -> None:
        self._rng = rng
        self._indented = indented
        self._odd = odd

    def write(self, node: Node, depth: int) -> str:
        """An element with all that is in it."""
        spaces: dict[str, str] = {}
        name = self._name(node.tag, spaces)
        attributes = "".join(
            f" {self._name(key, spaces)}={self._quoted(text)}"
            for key, text in node.attributes.items()
            if key != "{urn:x}odd" or node.tag != key
        )
        declared = "".join(f" xmlns:{prefix}={self._quoted(uri)}" for uri, prefix in spaces.items())
        start = f"<{name}{declared}{attributes}"
        if not node.children and not node.text and self._rng.random() < 0.7:
            return start + "/>"
        line = "\n" + "  " * (depth + 1) if self._indented else ""
        parts = [start, ">", self._text(node.text)]
        for child in node.children:
            parts += [line, self._comment(), self.write(child, depth + 1)]
        parts += [line[:-2] if node.children and line else "", f"</{name}>"]
        return "".join(parts)

    def _name(self, name: str, spaces: dict[str, str]) -> str:
        if not name.startswith("{"):
            return name
        uri, local = name[1:].split("}")
        prefix = spaces.setdefault(uri, f"n{len(spaces)}")
        return f"{prefix}:{local}"

    def _comment(self) -> str:
        return "<!-- c -->" if self._odd and self._rng.random() < 0.1 else ""

    def _quoted(self, text: str) -> str:
        quote = self._rng.choice("'\"") if self._odd else "'"
        escapes = {"&": "&amp;", "<": "&lt;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
        escapes[quote] = "&apos;" if quote == "'" else "&quot;"
        return quote + "".join(escapes.get(char, self._reference(char)) for char in text) + quote

    def _text(self, text: str) -> str:
        if (
            self._odd
            and text
            and "]]>" not in text
            and "\r" not in text
            and self._rng.random() < 0.2
        ):
            return f"<![CDATA[{text}]]>"
        escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
        written = [escapes.get(char, self._reference(char)) for char in text]
        if self._odd and self._rng.random() < 0.1:
            written.insert(
                self._rng.randrange(len(written) + 1), self._rng.choice(("<!-- c -->", "<?p i?>"))
            )
        return "".join(written)

    def _reference(self, char: str) -> str:
        if self._odd and self._rng.random() < 0.05:
            return f"&#x{ord(char):x};"
        return char
