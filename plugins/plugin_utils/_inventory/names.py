# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of hosts in the inventory: safe to use, and the same tomorrow."""

from __future__ import annotations

import collections
import re
import typing as t

#: How VMs are named.
NAMINGS = ("name", "qualified_name", "uuid")

#: What has no meaning in patterns of hosts, in paths and on command lines.
_UNSAFE = re.compile(r"[^\w.-]")

#: Names that mean something else to Ansible.
_TAKEN = frozenset(("all", "ungrouped", "localhost", "127.0.0.1"))


class Named(t.NamedTuple):
    """What a host is named by.

    :ivar name: what it is called.
    :ivar host_id: the hypervisor; empty of a hypervisor.
    :ivar uuid: tells it from everything else.
    :ivar is_unique: no other VM of the ledger is called so, and no hypervisor.
    :ivar is_gone: it is not there any more, so it never changes the name of one that is.
    """

    name: str
    host_id: str
    uuid: str
    is_unique: bool
    is_gone: bool = False


def safe(text: str) -> str:
    """A text as a name in an inventory: of letters, digits, ``_``, ``-`` and ``.``.

    It begins with none of the last two. Ansible gives the name of a host to programs and to the
    file system, and reads patterns of them.
    """
    name = _UNSAFE.sub("_", text)
    return "_" + name[1:] if name[:1] in ("-", ".") else name


def repeated(names: t.Iterable[str], taken: t.Iterable[str] = ()) -> t.Set[str]:
    """The names, as they are in an inventory, that do not tell one thing from all others.

    :param taken: names that other things have.
    """
    counts = collections.Counter(safe(name) for name in names)
    return {name for name, count in counts.items() if count > 1}.union(
        _TAKEN, (safe(name) for name in taken)
    )


def named(things: t.Sequence[Named], naming: str) -> t.List[str]:
    """A name for each, no two the same.

    :param naming: ``name``: its name, with the hypervisor's behind it where it is not unique;
        ``qualified_name``: always so; ``uuid``.
    """
    names = [_name(thing, naming) for thing in things]
    counts = collections.Counter(names)
    # Also a name that looks like that of another VM with its hypervisor; the UUID tells them apart.
    return [
        name if name and counts[name] == 1 else "{0}_{1}".format(name, thing.uuid).lstrip("_")
        for name, thing in zip(names, things)
    ]


def _name(thing: Named, naming: str) -> str:
    if naming == "uuid":
        return thing.uuid
    if not thing.host_id or (naming == "name" and thing.is_unique and not thing.is_gone):
        return safe(thing.name)
    qualified = "{0}_{1}".format(thing.name, thing.host_id)
    return safe("{0}_{1}".format(qualified, thing.uuid) if thing.is_gone else qualified)
