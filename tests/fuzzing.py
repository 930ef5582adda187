"""Documents that nobody would write: mutations of given ones, by a random generator."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import FIXTURES

#: Tags with what stands between them.
_TOKEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<[^<>]*>|[^<]+", re.DOTALL)
_ELEMENT = re.compile(rb"<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?(?:/>|>[^<>]*</\1\s*>)")
_ATTRIBUTE = re.compile(rb"\s[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')")
_VALUE = re.compile(rb"(?<=[=])(?:\"[^\"<]*\"|'[^'<]*')|(?<=>)[^<>]+(?=<)")

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp037", "utf-7")

#: What stands where something else was expected.
GARBAGE = tuple(
    text.encode("utf-8")
    for text in (
        *("", " ", "\n", "\t", "\r\n", "-1", "0", "00", "+8", "1_000", "٣", "0x1F", "1e3", "NaN", "inf"),
        *("4294967296", "18446744073709551615", "18446744073709551616", "9" * 25, "yes", "on", "YES"),
        *("null", "true", "{{ 7*7 }}", "{% x %}", "${x}", "'; DROP TABLE ports; --", "=1+1", "%s%n"),
        *("../../etc/passwd", "/" * 30, "a/b", "pci:0000:00:00.0", "usb:1.2", "[2]", "x[2]/@y", "@", "."),
        *("é", "e\u0301", "\u202e", "\u2028", "\x85", "\u009b2J", "\ufeff", "\ufdd0", "\U0001d4b3", "\U0010fffd"),
        *("&#9;", "&#13;", "&#10;", "&#x41;", "&#x10FFFF;", "&amp;", "&lt;", "&quot;", "&apos;", "&#0;"),
        *("&", "&foo;", "&#xD800;", "<", ">", "]]>", "--", "'", '"', "\x00", "\x1b", "\ufffe"),
        *("<!---->", "<!-- password=x -->", "<![CDATA[<a>]]>", "<![CDATA[]]>", "<?pi x?>", "<x/>", "text"),
        *("<x:y xmlns:x='urn:x' x:z='1'/>", "<y xmlns='urn:d'><disk/></y>", "<!DOCTYPE a>", "(redacted)"),
        *(" xml:id='a'", " xml:space='preserve'", " xmlns:q='urn:q' q:a='1'", " a='1' a='2'", " ü='ö'"),
        *(" passwd='secret'", "password=x", "//u:p@h", "?token=x", "json:{'password':'x'}", "x" * 5000),
    )
)  # fmt: skip


def seeds() -> list[Path]:
    """What is mutated: the project's own domains, and a corpus where there is one."""
    found = sorted((FIXTURES / "domains").glob("*.xml"))
    corpus = os.environ.get("VIRTLEDGER_CORPUS")
    for folder in ("domains", "hostile", "other_roots") if corpus else ():
        found += sorted(Path(str(corpus), folder).iterdir())
    return [path for path in found if path.stat().st_size < 40000]


class Mutator:
    """Makes documents of others."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._texts = [path.read_bytes() for path in seeds()]
        self._elements = [
            match.group() for text in self._texts for match in _ELEMENT.finditer(text)
        ]

    def documents(self, count: int) -> Iterator[bytes]:
        """So many documents."""
        for _number in range(count):
            yield self.document()

    def document(self) -> bytes:
        """One document, with one to five mutations."""
        data = self._rng.choice(self._texts)
        for _number in range(self._rng.choice((1, 1, 1, 2, 3, 5))):
            data = self._rng.choice(_MUTATIONS)(self, data)
        return data

    def _place(self, data: bytes) -> int:
        return self._rng.randrange(len(data) + 1)

    def _garbage(self) -> bytes:
        return self._rng.choice(GARBAGE)

    def flip(self, data: bytes) -> bytes:
        """Some bytes are others."""
        changed = bytearray(data)
        for _number in range(self._rng.choice((1, 1, 2, 8))):
            if changed:
                changed[self._rng.randrange(len(changed))] = self._rng.randrange(256)
        return bytes(changed)

    def cut(self, data: bytes) -> bytes:
        """The end is missing, or something in between."""
        start, end = sorted((self._place(data), self._place(data)))
        return data[:start] if self._rng.random() < 0.3 else data[:start] + data[end:]

    def insert(self, data: bytes) -> bytes:
        """Garbage anywhere."""
        place = self._place(data)
        return data[:place] + self._garbage() + data[place:]

    def swap(self, data: bytes) -> bytes:
        """Two tokens change places."""
        tokens = _TOKEN.findall(data)
        if len(tokens) > 1:
            one, other = (self._rng.randrange(len(tokens)) for _number in range(2))
            tokens[one], tokens[other] = tokens[other], tokens[one]
        return b"".join(tokens)

    def repeat(self, data: bytes) -> bytes:
        """A token comes several times."""
        tokens = _TOKEN.findall(data)
        if tokens:
            index = self._rng.randrange(len(tokens))
            tokens[index] *= self._rng.choice((2, 3, 50))
        return b"".join(tokens)

    def _one(self, pattern: re.Pattern[bytes], data: bytes) -> tuple[int, int] | None:
        spans = [match.span() for match in pattern.finditer(data)]
        return self._rng.choice(spans) if spans else None

    def value(self, data: bytes) -> bytes:
        """An attribute's value or a text is another."""
        span = self._one(_VALUE, data)
        if span is None:
            return data
        quote = data[span[0] : span[0] + 1]
        quote = quote if quote in (b"'", b'"') else b""
        return data[: span[0]] + quote + self._garbage() + quote + data[span[1] :]

    def attribute(self, data: bytes) -> bytes:
        """An attribute is gone, there twice, or another element's."""
        span = self._one(_ATTRIBUTE, data)
        if span is None:
            return data
        found = data[slice(*span)]
        other = self._rng.choice((b"", found + found.replace(b"=", b"x=", 1), self._garbage()))
        return data[: span[0]] + other + data[span[1] :]

    def element(self, data: bytes) -> bytes:
        """An element is gone, there twice, within itself, or another one besides."""
        span = self._one(_ELEMENT, data)
        if span is None:
            return data
        found = data[slice(*span)]
        name = re.match(rb"<([\w:.-]+)", found)
        tag = name.group(1) if name else b"x"
        nested = found
        for _number in range(self._rng.choice((1, 3, 260))):
            nested = b"<" + tag + b">" + nested + b"</" + tag + b">"
        others = (b"", found * 2, nested, self._rng.choice(self._elements), found + self._garbage())
        return data[: span[0]] + self._rng.choice(others) + data[span[1] :]

    def encode(self, data: bytes) -> bytes:
        """Another encoding, declared or not, rightly or not."""
        text = data.decode("utf-8", "replace")
        encoding, declared = (
            self._rng.choice(ENCODINGS),
            self._rng.choice((*ENCODINGS, "", "", "x")),
        )
        if declared:
            text = f"<?xml version='1.0' encoding='{declared}'?>" + text
        return text.encode(encoding, "replace")


_MUTATIONS = (
    Mutator.flip,
    Mutator.cut,
    Mutator.insert,
    Mutator.insert,
    Mutator.swap,
    Mutator.repeat,
    Mutator.value,
    Mutator.value,
    Mutator.value,
    Mutator.attribute,
    Mutator.attribute,
    Mutator.element,
    Mutator.element,
    Mutator.element,
    Mutator.encode,
)
