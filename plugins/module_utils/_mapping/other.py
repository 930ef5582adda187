# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<emulator>``, and every device that has no declaration of its own."""

from __future__ import annotations

import re

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    Field,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._walk import OWN_TEXT

#: The program that runs the VM.
EMULATOR = Family(
    name="emulator",
    fact="emulators",
    tag="emulator",
    index_type="emulator",
    identity=(),
    doc="the program that runs the VM",
    fields=(value("path", OWN_TEXT, "the program"),) + COMMON,
)

#: libvirt's name for a device while it runs, as :func:`_xml_text.element_text` writes it.
_ALIAS = re.compile(r'\s*<alias name="(?!ua-)[^"<]*"/>')

#: An element with nothing but blanks, as what is left over without its alias.
_EMPTY = re.compile(r"<([^ <>/]+)([^<>]*)>\s*</\1>")


def without_alias(xml: str) -> str:
    """The XML of a device as the persistent definition has it, as far as it can be told."""
    return _EMPTY.sub(r"<\1\2/>", _ALIAS.sub("", xml))


#: An element below ``<devices>`` that no other family declares: a device newer than this mapping.
#: The builder of the facts fills ``tag`` and ``xml``.
OTHER = Family(
    name="other device",
    fact="other_devices",
    tag="",
    index_type="other_device",
    identity=("tag",),
    doc="a device that this version knows no fields of",
    fields=(
        Field("tag", "", "name of the element; C({namespace}name) of one in a namespace"),
        Field("xml", "", "the whole element as XML text", comparable=without_alias),
    )
    + COMMON,
)
