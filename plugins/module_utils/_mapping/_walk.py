# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk: one pass over an element fills the values of its declaration.

A declaration is compiled once per process: its fields, by their paths, become a tree of nodes, one
for each element that it knows. Going through a document, the walk goes down that tree beside it, so
that each tag, attribute and text costs one look-up, however many fields there are. A slice of an
element is the list of its children, which is the quickest way to them with both parsers.

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
)

Facts = t.Dict[str, t.Any]

#: Reads a whole element, see :class:`_declare.Shape`.
_ReadShape = t.Callable[[t.Any, str, t.Any], t.Any]

#: The path of a field that holds the text of the element itself, and of such text in a report.
OWN_TEXT = "."

#: The steps of a field's path; a namespace in braces may hold slashes.
_STEP = re.compile(r"(?:\{[^}]*\}|[^/{])+")


class Report:
    """What a walk notices beside the values.

    :ivar unmapped: path to text of everything that no field claims.
    :ivar warnings: (path, text, what was expected) of values that did not convert.
    :ivar skipped: children that are left to the caller.
    """

    __slots__ = ("skipped", "unmapped", "warnings")

    def __init__(self) -> None:
        self.unmapped: t.Dict[str, str] = {}
        self.skipped: t.List[t.Any] = []
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
    children = element[:]
    if children:
        if own and not own.isspace():
            into[path] = own
        for step, child in numbered(children):
            flatten(child, prefix + step, into)
    elif own or not attributes:
        into[path] = own or ""


def numbered(children: t.Iterable[t.Any]) -> t.Iterator[t.Tuple[str, t.Any]]:
    """The children of an element, each with its step of a path."""
    seen: t.Dict[str, int] = {}
    for child in children:
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
    """What the declaration knows of one element, by its path: one look-up for each name in it.

    An element is read where its parent's children are gone through, not in a call of its own: most
    elements have no children, and a call would take as long as reading them.

    :ivar path: of its text, and of the element itself.
    :ivar prefix: of what is in it.
    :ivar plain: name of an attribute to the one field that its text is, as it stands; an empty name
        is that of the element's own text.
    :ivar targets: the same for every field.
    :ivar present: the fields that say whether it is there.
    :ivar shape: reads the whole element into the field.
    :ivar children: those that are there once, by their tags.
    :ivar repeated: those that repeat, with their field and shape.
    :ivar skipped: those that are left to the caller.
    """

    __slots__ = (
        "children",
        "field",
        "path",
        "plain",
        "prefix",
        "present",
        "repeated",
        "shape",
        "skipped",
        "targets",
    )

    def __init__(self, path: str, prefix: str) -> None:
        self.path = path
        self.prefix = prefix
        self.plain: t.Dict[str, str] = {}
        self.targets: t.Dict[str, t.List[_Target]] = {}
        self.present: t.List[str] = []
        self.shape: t.Optional[_ReadShape] = None
        self.field = ""
        self.children: t.Dict[str, _Node] = {}
        self.repeated: t.Dict[str, t.Tuple[str, _ReadShape]] = {}
        self.skipped: t.FrozenSet[str] = frozenset()

    def descend(self, steps: t.Sequence[str]) -> _Node:
        """The node below this one; those on the way are made where they are missing."""
        node = self
        for step in steps:
            path = node.prefix + step
            node = node.children.setdefault(step, _Node(path, path + "/"))
        return node

    def add(self, name: str, target: _Target) -> None:
        """Another field for an attribute, or for the text where the name is empty."""
        targets = self.targets.setdefault(name, [])
        targets.append(target)
        self.plain.pop(name, None)
        if len(targets) == 1 and target.converter is None:
            self.plain[name] = target.name

    def repeats(self, name: str, target: _Target) -> str:
        """The field that an attribute, or the text, is already as it stands; empty for none."""
        return self.plain.get(name, "") if target.converter is None else ""

    def fill(self, name: str, text: str, facts: Facts, report: Report) -> None:
        """The fields of an attribute, or of the text; reported where there is none."""
        targets = self.targets.get(name)
        if targets is None:
            report.unmapped[self.prefix + "@" + name if name else self.path] = text
            return
        for field, path, converter in targets:
            if converter is None:
                facts[field] = text
                continue
            value = facts[field] = converter.convert(text)
            if value is INVALID:
                facts[field] = text
                report.warnings.append((path, text, converter.expected))

    def read(
        self, element: t.Any, children: t.Iterable[t.Any], facts: Facts, report: Report
    ) -> None:
        """The attributes and children of an element."""
        plain = self.plain
        for name, text in element.items():
            if name in plain:
                facts[plain[name]] = text
            else:
                self.fill(name, text, facts, report)
        nodes = self.children
        seen: t.Dict[str, int] = {}
        for child in children:
            tag = child.tag
            node = nodes.get(tag)
            if node is None or tag in seen:
                self.take_other(child, tag, seen, facts, report)
                continue
            seen[tag] = 1
            if node.shape is not None:
                facts[node.field] = node.shape(child, node.path, report)
                if node.targets:
                    node.take_left(facts, report)
                continue
            below = child[:]
            own = child.text
            if own and not own.isspace():
                node.fill("", own, facts, report)
            if node.present:
                facts.update(dict.fromkeys(node.present, True))
            if below:
                node.read(child, below, facts, report)
                continue
            attributes = child.items()
            if not attributes and (not own or own.isspace()):
                node.take_empty(own, facts, report)
            plain = node.plain
            for name, text in attributes:
                if name in plain:
                    facts[plain[name]] = text
                else:
                    node.fill(name, text, facts, report)

    def take_other(
        self, child: t.Any, tag: str, seen: t.Dict[str, int], facts: Facts, report: Report
    ) -> None:
        """A child that may repeat, that is there once more, or that no field claims."""
        count = seen[tag] = seen.get(tag, 0) + 1
        path = self.prefix + (tag if count == 1 else "{0}[{1}]".format(tag, count))
        if tag in self.repeated:
            name, read = self.repeated[tag]
            value = read(child, path, report)
            if facts[name]:
                facts[name].append(value)
            else:
                # The empty list is that of the template.
                facts[name] = [value]
        elif tag in self.skipped:
            report.skipped.append(child)
        else:
            report.keep(path, child)

    def take_empty(self, own: t.Optional[str], facts: Facts, report: Report) -> None:
        """An element with nothing but blanks: an empty text, unless it is to be just there."""
        if "" in self.targets or not self.present:
            self.fill("", own or "", facts, report)

    def take_left(self, facts: Facts, report: Report) -> None:
        """Attributes that the shape of the element has left over and a field claims."""
        for name in self.targets:
            text = report.unmapped.pop(self.prefix + "@" + name, None)
            if text is not None:
                self.fill(name, text, facts, report)


class Walk:
    """A compiled declaration, applied to elements by calling :meth:`read`.

    :param skip: tags of children that are left to the caller.
    """

    def __init__(self, fields: t.Iterable[Field], skip: t.Iterable[str] = ()) -> None:
        self._root = _Node(OWN_TEXT, "")
        self._root.skipped = frozenset(skip)
        self._template: Facts = {}
        self._derived: t.List[t.Tuple[str, Derivation]] = []
        self._copies: t.List[t.Tuple[str, str]] = []
        for field in fields:
            self._template[field.name] = field.default
            if field.derive is not None:
                self._derived.append((field.name, field.derive))
            elif field.path:
                self._place(field)

    def _place(self, field: Field) -> None:
        if field.path == OWN_TEXT:
            self._root.add("", _target(field))
            return
        steps = _STEP.findall(field.path)
        attribute = steps.pop()[1:] if steps[-1].startswith("@") else ""
        if field.repeated and field.shape is not None:
            tag = steps.pop()
            self._root.descend(steps).repeated[tag] = (field.name, field.shape.read)
            return
        node = self._root.descend(steps)
        if field.presence:
            node.present.append(field.name)
        elif field.shape is not None:
            node.field, node.shape = field.name, field.shape.read
        elif node.repeats(attribute, _target(field)):
            self._copies.append((field.name, node.plain[attribute]))
        else:
            node.add(attribute, _target(field))

    def read(self, element: t.Any, report: Report) -> Facts:
        """The values of one element."""
        facts = self._template.copy()
        root = self._root
        own = element.text
        if own and not own.isspace():
            root.fill("", own, facts, report)
        root.read(element, element[:], facts, report)
        for name, same in self._copies:
            facts[name] = facts[same]
        for name, derive in self._derived:
            facts[name] = derive(facts, report)
        return facts
