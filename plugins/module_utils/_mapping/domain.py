# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<domain>``: what is said of a VM as a whole."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import (
    UNSIGNED,
    UUID,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    CONFIG_VALUES,
    Field,
    derived,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    NUMBERS,
    size_in_bytes,
)

Facts = t.Dict[str, t.Any]

_OSINFO = "{http://libosinfo.org/xmlns/libvirt/domain/1.0}"


def _current_vcpus(domain: Facts, report: t.Any) -> t.Any:
    """Without the attribute all virtual CPUs are on line."""
    online = domain["vcpu_online"]
    return domain["vcpu_count"] if online is None else online


#: Read from the XML.
DOMAIN_FIELDS = (
    value("uuid", "uuid", "libvirt's UUID of the domain", to=UUID, column="domain_uuid"),
    value("name", "name", "name on its hypervisor"),
    value("title", "title", "short description"),
    value("description", "description", "description"),
    value("virt_type", "@type", "V(kvm), V(qemu), V(xen), V(lxc), V(test), ..."),
    value(
        "domain_id",
        "@id",
        "libvirt's number of the running domain",
        to=UNSIGNED,
        runtime=True,
        moving=True,
    ),
    value("os_type", "os/type", "V(hvm), V(linux), V(exe), ..."),
    value("arch", "os/type/@arch", "CPU architecture"),
    value("machine", "os/type/@machine", "machine type, for example V(pc-q35-7.2)"),
    value("firmware", "os/@firmware", "V(bios) or V(efi) where libvirt selects it"),
    value("os_id", "metadata/{0}libosinfo/{0}os/@id".format(_OSINFO), "libosinfo's name of the OS"),
    value("vcpu_count", "vcpu", "virtual CPUs, at the most", to=UNSIGNED, column="v_cpu_count"),
    value("vcpu_online", "vcpu/@current", "virtual CPUs at the start", to=UNSIGNED),
    derived("vcpu_current_count", "virtual CPUs on line", _current_vcpus, type="int"),
    value("cpu_mode", "cpu/@mode", "V(host-model), V(host-passthrough), V(custom), V(maximum)"),
    value("cpu_model", "cpu/model", "CPU model"),
    shaped("cpu_topology", "cpu/topology", "sockets, dies, cores, threads, as numbers", NUMBERS),
    shaped("memory_bytes", "memory", "memory at the start in bytes", size_in_bytes(), type="int"),
    shaped(
        "current_memory_bytes",
        "currentMemory",
        "memory that the balloon leaves, in bytes",
        size_in_bytes(),
        type="int",
        moving=True,
    ),
)

#: Told by libvirt beside the XML, or found out by the builder of the facts.
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
        "what no other field holds: path below C(domain) to text, other devices included",
        type="dict",
    ),
    Field("redacted", "", "paths of the secrets that were removed", type="list"),
    Field("warnings", "", "values that did not convert, and what was kept", type="list"),
)
