# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every device may have beside its own elements, and what several families share."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    TEXT,
    UNSIGNED,
    Converter,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    PROVENANCE,
    Edits,
    Field,
    derived,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import ATTRIBUTES

#: The greatest numbers of libvirt's unsigned types.
UINT8 = 2**8 - 1
UINT16 = 2**16 - 1
UINT32 = 2**32 - 1

#: Models of every device that speaks virtio.
VIRTIO_MODELS = ("virtio", "virtio-transitional", "virtio-non-transitional")

#: What QEMU's images are read as.
IMAGE_FORMATS = (
    "raw",
    "dir",
    "bochs",
    "cloop",
    "dmg",
    "iso",
    "vpc",
    "vdi",
    "fat",
    "vhd",
    "ploop",
    "luks",
    "cow",
    "qcow",
    "qcow2",
    "qed",
    "vmdk",
)

#: The host's terminals are given out anew at each start of a domain.
PSEUDO_TERMINALS = "/dev/pts/"


def is_pseudo_terminal(value: t.Any) -> bool:
    """The path of a pseudo-terminal, or the tree of a ``<source>`` that names one."""
    path = value.get("@path") if isinstance(value, dict) else value
    return isinstance(path, str) and path.startswith(PSEUDO_TERMINALS)


def from_tree(
    name: str,
    doc: str,
    tree: str,
    element: str,
    key: str,
    to: Converter = TEXT,
    **more: t.Any,
) -> Field:
    """A field that repeats one text of a tree, so that it can be searched and edited.

    :param tree: the field whose shape is ``TREE``.
    :param element: the path of that field.
    :param key: the path in the tree.
    """

    def derive(facts: t.Dict[str, t.Any], report: t.Any) -> t.Any:
        values = facts[tree]
        if not values or key not in values:
            return None
        return values[key] if to is TEXT else report.convert(path, values[key], to)

    def place(value: t.Any, facts: t.Dict[str, t.Any]) -> Edits:
        return {path: None if value is None else to.text(value)}

    path = "{0}/{1}".format(element, key)
    return derived(name, doc, derive, type=to.type, place=place, where=path, **more)


#: Fields at the end of every family's declaration.
COMMON = (
    value(
        "boot_order",
        "boot/@order",
        "place in the boot order, from 1",
        to=UNSIGNED,
        maximum=UINT32,
    ),
    value("alias", "alias/@name", "libvirt's name of the device", runtime=True),
    shaped("address", "address", "where the guest sees the device", ATTRIBUTES, runtime=True),
) + PROVENANCE
