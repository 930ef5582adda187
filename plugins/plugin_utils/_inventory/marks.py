# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags, labels and the operating system of a VM, from what applications noted in its metadata."""

from __future__ import annotations

import re
import typing as t

#: The steps of a path in ``metadata``; a namespace in braces may hold slashes.
_STEP = re.compile(r"(?:\{[^}]*\}|[^/{])+")

#: A namespace, and the number of a repeated element.
_BESIDES = re.compile(r"\{[^}]*\}|\[\d+\]$")

_SEPARATORS = re.compile(r"[\s,;]+")

_WORDS = ("tag", "label")


class Marks(t.NamedTuple):
    """What a VM is marked with: tags, and labels with their values."""

    tags: t.List[str]
    labels: t.Dict[str, str]

    @property
    def texts(self) -> t.List[str]:
        """The tags, and each label as ``name=value``."""
        return self.tags + ["{0}={1}".format(*label) for label in self.labels.items()]


class OperatingSystem(t.NamedTuple):
    """The operating system by libosinfo's name of it: ``debian12``, ``debian``, ``12``."""

    short: t.Optional[str]
    name: t.Optional[str]
    version: t.Optional[str]


def marks_of(metadata: t.Any) -> Marks:
    """The tags and labels in ``metadata`` (path to text), whatever their namespace.

    ``<tag>web</tag>`` and ``<tags>web, prod</tags>`` are tags. ``<label name="env">prod</label>``
    is a label, also with ``key`` for ``name``, with an attribute ``value``, or called ``tag``;
    ``<labels><env>prod</env></labels>`` is the same.
    """
    tags: t.Set[str] = set()
    labels: t.Dict[str, str] = {}
    for steps, element in _elements(metadata):
        last = steps[-1]
        name = element.get("@name") or element.get("@key")
        text = element.get("", "").strip()
        if last in _WORDS and name:
            labels[name.strip()] = element.get("@value", text).strip()
        elif last == "tag":
            tags.add(text)
        elif last == "tags":
            tags.update(_SEPARATORS.split(text))
        elif steps[-2:-1] == ["labels"] and "" in element:
            labels[last] = text
    return Marks(sorted(tags - {""}), dict(sorted(labels.items())))


def _elements(metadata: t.Any) -> t.Iterator[t.Tuple[t.List[str], t.Dict[str, str]]]:
    """Each element that may be a mark: its path without namespaces, its text and attributes."""
    found: t.Dict[str, t.Dict[str, str]] = {}
    for path, text in metadata.items() if isinstance(metadata, dict) else ():
        if not any(word in path for word in _WORDS) or not isinstance(text, str):
            continue
        above, is_attribute, attribute = path.rpartition("@")
        if is_attribute:
            found.setdefault(above[:-1], {})["@" + attribute] = text
        else:
            found.setdefault(path, {})[""] = text
    for path, element in found.items():
        yield [_BESIDES.sub("", step) for step in _STEP.findall(path)] or [""], element


def os_of(os_id: t.Optional[str]) -> OperatingSystem:
    """The operating system by libosinfo's identifier, ``http://debian.org/debian/12``."""
    _scheme, is_url, rest = (os_id or "").rpartition("://")
    parts = [part for part in rest.split("/") if part][1 if is_url else 0 :]
    if not parts:
        return OperatingSystem(None, None, None)
    if len(parts) == 1:
        return OperatingSystem(parts[0], parts[0], None)
    return OperatingSystem(parts[-2] + parts[-1], parts[-2], parts[-1])
