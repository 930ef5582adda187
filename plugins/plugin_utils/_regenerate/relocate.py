# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a definition fit another hypervisor: other names, other paths, and its secrets again."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import RegenerationError
from ansible_collections.virtledger.libvirt.plugins.module_utils._lxml import lxml_etree
from ansible_collections.virtledger.libvirt.plugins.module_utils._redact import MARK, marked
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate import tree
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.serialise import (
    parsed,
    serialised,
)

Element = t.Any
Names = t.Mapping[str, str]

#: Where a definition names things of the host: the option, the elements, the attribute.
_NAMES = (
    ("networks", "devices/interface/source", "network"),
    ("bridges", "devices/interface/source", "bridge"),
    ("pools", "devices/disk/source", "pool"),
    ("pools", "devices/filesystem/source", "pool"),
)

#: Words of people and of other programs, in which nothing is a path of the host.
_WORDS = frozenset(("name", "title", "description", "metadata", "uuid"))

#: What libvirt makes up for a running domain, and refuses or ignores in a definition.
_RUN_ONLY = ("devices/disk/mirror", "devices/disk/backingStore")

#: What a running NIC of a libvirt network got from that network.
_FROM_NETWORK = ("bridge", "macTableManager", "dev", "mode")

#: Where libvirt puts a domain that names no partition.
_PARTITION = "/machine"


class Maps(t.NamedTuple):
    """From the old host's names to the new one's.

    :ivar paths: directories or files; the longest one that a path begins with counts.
    """

    networks: Names
    bridges: Names
    pools: Names
    paths: Names


def relocated(text: str, maps: Maps) -> str:
    """A definition with the new host's names and paths."""
    root = parsed(text)
    changed = False
    for option, path, attribute in _NAMES:
        names: Names = getattr(maps, option)
        for element in root.iterfind(path):
            old = element.get(attribute)
            if old in names and names[old] != old:
                element.set(attribute, names[old])
                changed = True
    prefixes = sorted(maps.paths, key=len, reverse=True)
    for child in tree.children(root):
        if child.tag not in _WORDS:
            changed = _move_paths(child, maps.paths, prefixes) or changed
    return serialised(root, text) if changed else text


def _move_paths(top: Element, paths: Names, prefixes: t.Sequence[str]) -> bool:
    changed = False
    for element in top.iter(tag=lxml_etree.Element):
        for name, old in element.items():
            new = _moved(old, paths, prefixes)
            if new != old:
                element.set(name, new)
                changed = True
        if element.text and not len(element):
            new = _moved(element.text, paths, prefixes)
            if new != element.text:
                element.text = new
                changed = True
    return changed


def _moved(text: str, paths: Names, prefixes: t.Sequence[str]) -> str:
    for prefix in prefixes:
        old, new = prefix.rstrip("/"), paths[prefix].rstrip("/")
        if text in (old, prefix) or text.startswith(old + "/"):
            return new + text[len(old) :]
    return text


def definable(text: str) -> str:
    """A running domain's XML as a definition: without what only this run of it has."""
    root = parsed(text)
    root.attrib.pop("id", None)
    for path in _RUN_ONLY:
        for element in root.findall(path):
            tree.remove(element)
    for alias in root.findall("devices/*/alias"):
        if not (alias.get("name") or "").startswith("ua-"):
            tree.remove(alias)
    for source in root.iterfind("devices/*/source"):
        for name in ("index", "portid"):
            source.attrib.pop(name, None)
    for interface in root.iterfind("devices/interface"):
        _back_on_network(interface)
    if root.findtext("resource/partition") == _PARTITION:
        tree.edit(root, {"resource/partition": None})
    for label in root.findall("seclabel"):
        if label.get("type") == "dynamic":
            _without_labels(label)
    return serialised(root, text)


def _back_on_network(interface: Element) -> None:
    """A NIC whose source names a network is printed as what it became there, such as a bridge."""
    source = interface.find("source")
    if source is not None and source.get("network"):
        interface.set("type", "network")
        for name in _FROM_NETWORK:
            source.attrib.pop(name, None)


def _without_labels(label: Element) -> None:
    """What a security driver chose; if nothing else is there, libvirt made all of it up, for the
    drivers of that host, and would not start the domain where others are."""
    for made in ("label", "imagelabel"):
        for element in label.findall(made):
            tree.remove(element)
    if not tree.children(label) and label.get("relabel") != "no":
        tree.remove(label)


def with_secrets(text: str, secrets: Names, name: str, drop: bool = False) -> str:
    """A definition with the secrets that were removed from it.

    :param secrets: by the path where each one stands, as :func:`_redact.marked` tells it.
    :param drop: do without those that there is no secret for, rather than fail.
    :raises RegenerationError: a secret is missing, or there is no place for one.
    """
    places = marked(text)
    unknown = sorted(set(secrets) - set(places))
    missing = [place for place in places if place not in secrets]
    if unknown:
        raise RegenerationError(
            "VM {0} has no place for a secret at {1}; it has places at {2}.".format(
                name, ", ".join(unknown), ", ".join(places) or "none"
            )
        )
    if missing and not drop:
        raise RegenerationError(
            "VM {0} needs secrets that the ledger does not keep, at {1}.".format(
                name, ", ".join(missing)
            ),
            "Supply them in option 'secrets', or set 'drop_secrets' to define it without them.",
        )
    if not places:
        return text
    root = parsed(text)
    edits: t.Dict[str, t.Optional[str]] = {}
    for place in places:
        edits[place] = _filled(root, place, secrets.get(place))
    tree.edit(root, edits)
    return serialised(root, text)


def _filled(root: Element, place: str, secret: t.Optional[str]) -> t.Optional[str]:
    """The text at a place, in which the secret may be a part only; null if it goes altogether."""
    steps, attribute = tree.parse_path(place)
    element = tree.find(root, steps)
    text = "" if element is None else element.get(attribute) if attribute else element.text
    if secret is None:
        return (text or MARK).replace(MARK, "") or None
    return (text or MARK).replace(MARK, secret)
