# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<domain>``: what is said of a VM as a whole."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED, UUID
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import UINT16
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    CONFIG_VALUES,
    Edits,
    Field,
    derived,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._domain_boot import (
    BOOT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._domain_cpu import (
    CPU_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._domain_events import (
    EVENT_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._domain_resources import (
    RESOURCE_FIELDS,
)

Facts = t.Dict[str, t.Any]

_VIRT_TYPES = (
    "qemu",
    "kqemu",
    "kvm",
    "xen",
    "lxc",
    "uml",
    "openvz",
    "test",
    "vmware",
    "hyperv",
    "vbox",
    "phyp",
    "vz",
    "bhyve",
    "hvf",
)


def _current_vcpus(domain: Facts, report: t.Any) -> t.Any:
    """Without the attribute all virtual CPUs are on line."""
    online = domain["vcpu_online"]
    return domain["vcpu_count"] if online is None else online


def _place_current_vcpus(value: t.Any, domain: Facts) -> Edits:
    count = domain["vcpu_count"]
    if value is None or value == count:
        return {"vcpu/@current": None}
    if isinstance(count, int) and not 1 <= value <= count:
        raise ValueError("{0!r} is no number from 1 to {1}".format(value, count))
    return {"vcpu/@current": UNSIGNED.text(value)}


_IDENTITY_FIELDS = (
    value("uuid", "uuid", "libvirt's UUID of the domain", to=UUID, column="domain_uuid"),
    value("name", "name", "name on its hypervisor"),
    value("title", "title", "short description"),
    value("description", "description", "description"),
    value(
        "virt_type",
        "@type",
        "V(kvm), V(qemu), V(xen), V(lxc), V(test), ...",
        choices=_VIRT_TYPES,
    ),
    value(
        "domain_id",
        "@id",
        "libvirt's number of the running domain",
        to=UNSIGNED,
        runtime=True,
        moving=True,
    ),
    value(
        "os_type",
        "os/type",
        "V(hvm), V(linux), V(exe), ...",
        choices=("hvm", "linux", "exe", "xen", "xenpvh", "uml"),
    ),
    value("arch", "os/type/@arch", "CPU architecture"),
    value("machine", "os/type/@machine", "machine type, for example V(pc-q35-7.2)"),
    value(
        "firmware",
        "os/@firmware",
        "V(bios) or V(efi) where libvirt selects it",
        choices=("bios", "efi"),
    ),
    value(
        "vcpu_count",
        "vcpu",
        "virtual CPUs, at the most",
        to=UNSIGNED,
        column="v_cpu_count",
        maximum=UINT16,
    ),
    value(
        "vcpu_online",
        "vcpu/@current",
        "virtual CPUs at the start",
        to=UNSIGNED,
        maximum=UINT16,
    ),
    derived(
        "vcpu_current_count",
        "virtual CPUs on line",
        _current_vcpus,
        type="int",
        place=_place_current_vcpus,
    ),
)

#: The children of a domain in libvirt's order.
DOMAIN_CHILDREN = (
    "name",
    "uuid",
    "genid",
    "title",
    "description",
    "metadata",
    "maxMemory",
    "memory",
    "currentMemory",
    "blkiotune",
    "memtune",
    "memoryBacking",
    "vcpu",
    "vcpus",
    "iothreads",
    "iothreadids",
    "defaultiothread",
    "throttlegroups",
    "cputune",
    "numatune",
    "resource",
    "sysinfo",
    "bootloader",
    "bootloader_args",
    "os",
    "idmap",
    "features",
    "cpu",
    "clock",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "on_lockfailure",
    "pm",
    "perf",
    "devices",
    "seclabel",
    "keywrap",
    "launchSecurity",
)

#: Read from the XML.
DOMAIN_FIELDS = _IDENTITY_FIELDS + CPU_FIELDS + RESOURCE_FIELDS + BOOT_FIELDS + EVENT_FIELDS

#: Told by libvirt beside the XML, or found out by the builder of the facts.
#: libvirt's domain states by their number.
STATES = (
    "nostate",
    "running",
    "blocked",
    "paused",
    "shutdown",
    "shutoff",
    "crashed",
    "pmsuspended",
)

#: Those in which there is a live configuration, and those in which there is none.
ACTIVE = ("running", "blocked", "paused", "shutdown", "pmsuspended")
INACTIVE = ("shutoff", "crashed")

STATUS_FIELDS = (
    Field("state", "", "V(running), V(paused), V(shutoff), ...; null for an archived domain"),
    Field("persistent", "", "libvirt keeps a definition of it", type="bool"),
    Field("autostart", "", "it starts with the hypervisor", type="bool"),
    Field("in_live", "", "read from the running domain", type="bool"),
    Field("in_config", "", "read from the persistent definition", type="bool"),
    CONFIG_VALUES,
    Field(
        "unmapped",
        "",
        "what no other field holds: path below C(domain) to text",
        type="dict",
    ),
    Field("redacted", "", "paths of the secrets that were removed", type="list"),
    Field("warnings", "", "values that did not convert, and what was kept", type="list"),
)
