# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk: one pass over an element fills the values of its declaration.

What no field claims is reported with its path, so nothing is lost; text that does not convert is
kept as it was found and named in a warning. The walk never raises on odd input.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    INVALID,
    Converter,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Derivation,
    Field,
    Shape,
)

Facts = t.Dict[str, t.Any]

#: The path of a field that holds the text of the element itself, and of such text in a report.
OWN_TEXT = "."

#: The steps of a field's path; a namespace in braces may hold slashes.
_STEP = re.compile(r"(?:\{[^}]*\}|[^/{])+")


class Report:
    """What a walk notices beside the values.

    :ivar unmapped: path to text of everything that no field claims.
    :ivar warnings: (path, text, what was expected) of values that did not convert.
    """

    __slots__ = ("unmapped", "warnings")

    def __init__(self) -> None:
        self.unmapped: t.Dict[str, str] = {}
        self.warnings: t.List[t.Tuple[str, str, str]] = []

    def convert(self, path: str, text: str, converter: t.Any) -> t.Any:
        """The converted text, or the text itself and a warning."""
        converted = converter.convert(text)
        if converted is INVALID:
            self.warnings.append((path, text, converter.expected))
            return text
        return converted

    def keep(self, path: str, element: t.Any) -> None:
        """Keep a whole element that no field claims."""
        flatten(element, path, self.unmapped)

    def keep_text(self, path: str, element: t.Any) -> None:
        """Keep an element's own text, if there is any."""
        text = element.text
        if text and not text.isspace():
            self.unmapped[path] = text

    def keep_attributes(self, path: str, element: t.Any, known: t.Container[str] = ()) -> None:
        """Keep those attributes of an element that are not among the known ones."""
        for name, text in element.items():
            if name not in known:
                self.unmapped[path + "/@" + name] = text


def flatten(element: t.Any, path: str, into: t.Dict[str, str]) -> None:
    """Add an element's attributes and texts to ``into``, keyed by their paths.

    An element without attribute, text and child is there with an empty text. Of siblings with
    one name the second and later ones are counted: ``host``, ``host[2]``, ``host[3]``.
    """
    prefix = path + "/" if path else ""
    attributes = element.items()
    for name, text in attributes:
        into[prefix + "@" + name] = text
    own = element.text
    if len(element):
        if own and not own.isspace():
            into[path] = own
        for step, child in numbered(element):
            flatten(child, prefix + step, into)
    elif own or not attributes:
        into[path] = own or ""


def numbered(element: t.Any) -> t.Iterator[t.Tuple[str, t.Any]]:
    """The children of an element, each with its step of a path."""
    seen: t.Dict[str, int] = {}
    for child in element:
        tag = child.tag
        count = seen[tag] = seen.get(tag, 0) + 1
        yield (tag if count == 1 else "{0}[{1}]".format(tag, count)), child


class _Target(t.NamedTuple):
    """Where the text of one place goes: a field's name, and its converter unless it is plain."""

    name: str
    path: str
    converter: t.Optional[Converter]


def _target(field: Field) -> _Target:
    converter = field.converter
    plain = converter is None or (converter.type == "str" and converter.convert is str)
    return _Target(field.name, field.path, None if plain else converter)


class _Node:
    """What the declaration knows of one element."""

    __slots__ = ("attributes", "children", "presence", "repeated", "shape", "text")

    def __init__(self) -> None:
        self.attributes: t.Dict[str, t.List[_Target]] = {}
        self.children: t.Dict[str, _Node] = {}
        self.text: t.List[_Target] = []
        self.presence: t.List[str] = []
        self.shape: t.Optional[t.Tuple[str, Shape]] = None
        self.repeated: t.Dict[str, t.Tuple[str, Shape]] = {}

    def descend(self, steps: t.Sequence[str]) -> _Node:
        node = self
        for step in steps:
            node = node.children.setdefault(step, _Node())
        return node


class Walk:
    """A compiled declaration, applied to elements by calling :meth:`read`."""

    def __init__(self, fields: t.Iterable[Field]) -> None:
        self._root = _Node()
        self._template: Facts = {}
        self._derived: t.List[t.Tuple[str, Derivation]] = []
        for field in fields:
            self._template[field.name] = field.default
            if field.derive is not None:
                self._derived.append((field.name, field.derive))
            elif field.path:
                self._place(field)

    def _place(self, field: Field) -> None:
        if field.path == OWN_TEXT:
            self._root.text.append(_target(field))
            return
        steps = _STEP.findall(field.path)
        attribute = steps.pop()[1:] if steps[-1].startswith("@") else None
        if field.repeated and field.shape is not None:
            tag = steps.pop()
            self._root.descend(steps).repeated[tag] = (field.name, field.shape)
            return
        node = self._root.descend(steps)
        if attribute is not None:
            node.attributes.setdefault(attribute, []).append(_target(field))
        elif field.shape is not None:
            node.shape = (field.name, field.shape)
        elif field.presence:
            node.presence.append(field.name)
        else:
            node.text.append(_target(field))

    def read(self, element: t.Any, report: Report, skip: t.Container[str] = ()) -> Facts:
        """The values of one element; children whose tag is in ``skip`` are left to the caller."""
        facts = self._template.copy()
        own = element.text
        if own and not own.isspace():
            _take_text(own, self._root, OWN_TEXT, facts, report)
        self._walk(element, self._root, "", facts, report, skip)
        for name, derive in self._derived:
            facts[name] = derive(facts, report)
        return facts

    def _walk(
        self,
        element: t.Any,
        node: _Node,
        prefix: str,
        facts: Facts,
        report: Report,
        skip: t.Container[str] = (),
    ) -> None:
        """The attributes and children of an element whose paths begin with ``prefix``."""
        for name, text in element.items():
            targets = node.attributes.get(name)
            if targets is None:
                report.unmapped[prefix + "@" + name] = text
            else:
                _fill(targets, text, facts, report)
        counts: t.Dict[str, int] = {}
        for child in element:
            tag = child.tag
            if tag in counts:
                counts[tag] += 1
                step = "{0}[{1}]".format(tag, counts[tag])
                self._take_other(child, node, prefix + step, facts, report, skip)
                continue
            counts[tag] = 1
            below = node.children.get(tag)
            if below is None:
                self._take_other(child, node, prefix + tag, facts, report, skip)
            elif below.shape is not None:
                name, shape = below.shape
                facts[name] = shape.read(child, prefix + tag, report)
                if below.attributes:
                    _take_attributes(below, prefix + tag, facts, report)
            else:
                _take(child, below, prefix + tag, facts, report)
                self._walk(child, below, prefix + tag + "/", facts, report)

    @staticmethod
    def _take_other(
        child: t.Any,
        node: _Node,
        path: str,
        facts: Facts,
        report: Report,
        skip: t.Container[str],
    ) -> None:
        """A child that may repeat, or that no field claims."""
        tag = child.tag
        if tag in node.repeated:
            name, shape = node.repeated[tag]
            facts[name] = facts[name] + [shape.read(child, path, report)]
        elif tag not in skip:
            report.keep(path, child)


def _take(child: t.Any, node: _Node, path: str, facts: Facts, report: Report) -> None:
    """The presence and the text of a child; blanks between its own children are no text."""
    for name in node.presence:
        facts[name] = True
    text = child.text
    if text and not text.isspace():
        _take_text(text, node, path, facts, report)
    elif not len(child) and not child.keys() and (node.text or not node.presence):
        _take_text(text or "", node, path, facts, report)


def _take_text(text: str, node: _Node, path: str, facts: Facts, report: Report) -> None:
    if node.text:
        _fill(node.text, text, facts, report)
    else:
        report.unmapped[path] = text


def _take_attributes(node: _Node, path: str, facts: Facts, report: Report) -> None:
    """Attributes beside those that a shape has taken."""
    for name, targets in node.attributes.items():
        text = report.unmapped.pop(path + "/@" + name, None)
        if text is not None:
            _fill(targets, text, facts, report)


def _fill(targets: t.Iterable[_Target], text: str, facts: Facts, report: Report) -> None:
    for name, path, converter in targets:
        facts[name] = text if converter is None else report.convert(path, text, converter)
