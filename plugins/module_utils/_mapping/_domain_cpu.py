# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU of a domain, its clock and its features."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import ON_OFF, SIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    NUMBERS,
    TREE,
)

CPU_FIELDS = (
    value(
        "vcpu_placement",
        "vcpu/@placement",
        "who pins the virtual CPUs: V(static) or V(auto)",
        choices=("static", "auto"),
    ),
    value("vcpu_cpuset", "vcpu/@cpuset", "CPUs of the host that they may run on"),
    repeated("vcpus", "vcpus/vcpu", "the state of each virtual CPU", ATTRIBUTES),
    value(
        "cpu_mode",
        "cpu/@mode",
        "V(host-model), V(host-passthrough), V(custom), V(maximum)",
        choices=("custom", "host-model", "host-passthrough", "maximum"),
    ),
    value("cpu_model", "cpu/model", "CPU model"),
    value(
        "cpu_match",
        "cpu/@match",
        "how the model is taken: V(exact), V(minimum), V(strict)",
        choices=("exact", "minimum", "strict"),
    ),
    value(
        "cpu_check",
        "cpu/@check",
        "how the CPU is checked at the start",
        choices=("none", "partial", "full"),
    ),
    value("cpu_migratable", "cpu/@migratable", "only features that can migrate", to=ON_OFF),
    value(
        "cpu_model_fallback",
        "cpu/model/@fallback",
        "whether another model may be taken",
        choices=("allow", "forbid"),
    ),
    value("cpu_vendor_id", "cpu/model/@vendor_id", "vendor that the guest sees"),
    value("cpu_vendor", "cpu/vendor", "vendor that the host's CPU must be of"),
    shaped("cpu_topology", "cpu/topology", "sockets, dies, cores, threads, as numbers", NUMBERS),
    repeated("cpu_features", "cpu/feature", "CPU features, C(name) and C(policy)", ATTRIBUTES),
    repeated("numa_cells", "cpu/numa/cell", "NUMA cells of the guest, path to text each", TREE),
    shaped("cpu_cache", "cpu/cache", "C(mode) and C(level) of the cache it sees", ATTRIBUTES),
    shaped("cpu_max_phys_addr", "cpu/maxphysaddr", "C(mode) and C(bits)", ATTRIBUTES),
    shaped(
        "features",
        "features",
        "C(acpi), C(apic), C(hyperv), C(kvm), C(smm), ..., path to text",
        TREE,
    ),
    value(
        "clock_offset",
        "clock/@offset",
        "what the clock shows: V(utc), V(localtime), V(timezone), V(variable), V(absolute)",
        choices=("utc", "localtime", "timezone", "variable", "absolute"),
    ),
    value("clock_timezone", "clock/@timezone", "the time zone"),
    value(
        "clock_adjustment",
        "clock/@adjustment",
        "seconds that it is set off, which the guest's setting of the clock changes, or V(reset)",
        moving=True,
    ),
    value(
        "clock_basis",
        "clock/@basis",
        "what that is counted from: V(utc) or V(localtime)",
        choices=("utc", "localtime"),
    ),
    value(
        "clock_start", "clock/@start", "where it starts, as a UNIX time", to=SIGNED, unit="seconds"
    ),
    repeated("clock_timers", "clock/timer", "its timers, path to text each", TREE),
)
