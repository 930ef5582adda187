# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in libvirt's documents secrets stand.

The places do not depend on the root: a snapshot has a whole domain in it, and disks outside of
one. Names are local ones where the namespace does not matter: ``qemu:commandline``,
``xen:commandline`` and ``bhyve:commandline`` are alike, whatever their prefix.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _secrets
from ansible_collections.virtledger.libvirt.plugins.module_utils._secrets import Finder, Spans

#: Zones, which the elements below inherit: nothing is secret; all attributes and texts are; the
#: texts are; the text belongs to an element around this one.
NOTHING, EVERYTHING, TEXTS, INSIDE, ORDINARY = "nothing", "everything", "texts", "inside", ""

_PASSWORDS = frozenset(("passwd", "password"))
_DOMAINS = frozenset(("domain", "inactiveDomain"))
_DESCRIPTIONS = frozenset(("title", "description"))
_LAUNCH_SECURITY = frozenset(("session", "dhCert", "idBlock", "idAuth", "hostData"))
_SOURCES = frozenset(("source", "mirror"))

#: Elements that begin a zone, or that a rule below names; so do all with a namespace.
_NAMED = (
    _DESCRIPTIONS
    | _LAUNCH_SECURITY
    | _SOURCES
    | {
        "arg",
        "bootloader",
        "bootloader_args",
        "cookies",
        "emulator",
        "env",
        "graphics",
        "metadata",
        "secret",
        "sysinfo",
    }
)


class Place(t.NamedTuple):
    """What tells of an element whether its content is secret.

    :ivar tag: in Clark notation.
    :ivar parent: the tag of the element around it, empty for the root.
    :ivar of_domain: that element is a domain, or the root of the document.
    :ivar attributes: by their names.
    :ivar previous: the argument before, where this one is an argument, too.
    """

    tag: str
    parent: str
    of_domain: bool
    attributes: t.Mapping[str, str]
    previous: str

    @property
    def local(self) -> str:
        """The name without namespace."""
        return local_name(self.tag)

    @property
    def is_argument(self) -> bool:
        """One of the arguments or variables of a hypervisor's command line."""
        return local_name(self.parent) == "commandline"


def local_name(tag: str) -> str:
    """The name without namespace."""
    return tag.rpartition("}")[2]


def is_domain(tag: str) -> bool:
    """A whole domain, in its own document or in that of a snapshot."""
    return tag in _DOMAINS


def is_ordinary(tag: str, parent: str, attributes: t.Sequence[str]) -> bool:
    """An element that no rule concerns, told quickly: most of them.

    :param parent: the tag of the element around it, which is in no zone.
    :param attributes: names and values in turn.
    """
    if tag in _NAMED or parent == "os" or "}" in tag:
        return False
    words = " ".join([tag, *attributes])
    return "@" not in words and "passw" not in words


def zone(place: Place, around: str, also: t.Container[str]) -> str:
    """The zone that begins with an element.

    :param around: the zone of the element around it.
    :param also: what the user chose of ``_options.REMOVABLE``.
    """
    if around not in (ORDINARY, INSIDE):
        return around
    if place.of_domain and place.tag == "metadata":
        return EVERYTHING if "metadata" in also else NOTHING
    chosen = (
        (place.of_domain and place.tag == "sysinfo" and "sysinfo" in also)
        or (place.of_domain and place.tag in _DESCRIPTIONS and "description" in also)
        or (
            place.parent == "launchSecurity"
            and place.tag in _LAUNCH_SECURITY
            and "launch_security" in also
        )
    )
    if chosen or place.tag in ("cookies", "secret") or place.local in _PASSWORDS:
        return TEXTS
    return around


def text_finder(place: Place) -> t.Optional[Finder]:
    """What of the text of an element in no zone is secret, null where none can be."""
    if place.parent == "os":
        if place.tag == "cmdline":
            return _secrets.kernel_line
        if place.tag == "initarg":
            return _secrets.word(place.previous)
        if place.tag == "initenv":
            return _secrets.environment(place.attributes.get("name", ""))
        return _secrets.location
    if place.tag in ("bootloader", "bootloader_args"):
        return _secrets.shell
    return None


def attribute_finder(
    place: Place, name: str, text: str, also: t.Container[str]
) -> t.Optional[Finder]:
    """What of the value of an attribute is secret, null where nothing can be."""
    if local_name(name) in _PASSWORDS or (
        place.tag == "graphics" and name == "username" and place.attributes.get("type") == "rdp"
    ):
        return _secrets.whole
    if place.is_argument and name == "value":
        if place.local == "env":
            return _secrets.environment(place.attributes.get("name", ""))
        argument = _secrets.argument(place.previous)
        return _with_guest_strings(argument) if "sysinfo" in also else argument
    if place.local == "property" and name == "value" and place.tag != "property":
        return _secrets.option(place.attributes.get("name", ""))
    if place.tag in _SOURCES:
        return _secrets.query if name == "query" else _secrets.location
    if place.tag == "emulator" and name == "cmdline":
        return _secrets.argument("")
    return _secrets.credentials if "@" in text else None


def _with_guest_strings(argument: Finder) -> Finder:
    def find(text: str) -> Spans:
        return argument(text) + _secrets.guest_strings(text)

    return find
