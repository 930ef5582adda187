# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<nvram>``, ``<pstore>`` and ``<lease>``: small things that are kept for a VM."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import COMMON
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Edits,
    Family,
    derived,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    size_in_bytes,
)

Facts = t.Dict[str, t.Any]


def _register(nvram: Facts, report: t.Any) -> t.Optional[str]:
    return (nvram["address"] or {}).get("reg")


def _place_register(value: t.Any, nvram: Facts) -> Edits:
    return {"address/@reg": value}


NVRAM = Family(
    name="NVRAM device",
    fact="nvram_devices",
    tag="nvram",
    index_type="nvram_device",
    identity=(),
    doc="the non-volatile memory of a POWER VM; that of UEFI is C(nvram_path) of the domain",
    fields=(derived("reg", "register of its address", _register, place=_place_register),) + COMMON,
)

PSTORE = Family(
    name="persistent store",
    fact="pstore_devices",
    tag="pstore",
    index_type="pstore_device",
    identity=(),
    doc="memory in which a guest's kernel leaves its last words",
    fields=(
        value("backend", "@backend", "V(acpi-erst)", choices=("acpi-erst",)),
        value("path", "path", "file on the host"),
        shaped("size_bytes", "size", "its size", size_in_bytes(), type="int", unit="bytes"),
    )
    + COMMON,
)

LEASE = Family(
    name="lease",
    fact="device_leases",
    tag="lease",
    index_type="device_lease",
    identity=("lockspace", "key"),
    doc="a lock that the VM must hold while it runs",
    fields=(
        value("lockspace", "lockspace", "name of the lock space"),
        value("key", "key", "name of the lease"),
        value("target_path", "target/@path", "file of the lease"),
        value(
            "target_offset", "target/@offset", "where in the file it is", to=UNSIGNED, unit="bytes"
        ),
    )
    + COMMON,
)
