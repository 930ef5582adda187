# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<domainsnapshot>`` and ``<domaincheckpoint>``: a state of a VM that libvirt keeps."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Field,
    repeated,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

#: The root element of each kind.
SNAPSHOT_TAGS = {"snapshot": "domainsnapshot", "checkpoint": "domaincheckpoint"}

#: Elements that hold a whole domain or QEMU's own notes: they stay in ``config_xml`` only.
SNAPSHOT_SKIPPED = ("domain", "inactiveDomain", "cookie")

SNAPSHOT_FIELDS = (
    value("name", "name", "name, one of a kind in its domain"),
    Field("kind", "", "V(snapshot) or V(checkpoint)"),
    value("parent_name", "parent/name", "name of the one before, null for the first"),
    value(
        "state",
        "state",
        "state of the domain at that time, for example V(running), V(shutoff), V(disk-snapshot)",
    ),
    value("description", "description", "description"),
    value(
        "creation_time",
        "creationTime",
        "when it was made, in seconds since 1970 (UTC)",
        to=UNSIGNED,
        unit="s",
    ),
    Field(
        "is_current",
        "",
        "the domain goes on from it; null for a checkpoint, of which libvirt does not tell",
        type="bool",
    ),
    value("memory_mode", "memory/@snapshot", "V(no), V(internal) or V(external) memory state"),
    value("memory_file", "memory/@file", "file of an external memory state"),
    repeated("disks", "disks/disk", "what becomes of each disk, path to text", TREE),
    Field(
        "config_xml",
        "",
        "the whole XML without secrets, with the configuration of the domain at that time",
    ),
    Field("redacted", "", "paths of the secrets that were removed", type="list"),
)
