# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain may use of its host: memory, processors, disks, and how it is protected."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import ON_OFF, UNSIGNED
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import UINT32
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Field,
    derived,
    present,
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    IO_TUNE,
    TREE,
    size_in_bytes,
)


def _launch_security_type(domain: t.Dict[str, t.Any], report: t.Any) -> t.Optional[str]:
    return (domain["launch_security"] or {}).get("@type")


def _bytes(name: str, path: str, doc: str, **more: t.Any) -> Field:
    return shaped(name, path, doc, size_in_bytes(), type="int", unit="bytes", **more)


RESOURCE_FIELDS = (
    _bytes("memory_bytes", "memory", "memory at the start in bytes"),
    _bytes(
        "current_memory_bytes",
        "currentMemory",
        "memory that the balloon leaves, in bytes",
        moving=True,
    ),
    value("memory_dump_core", "memory/@dumpCore", "a core dump has the guest's memory", to=ON_OFF),
    _bytes("memory_maximum_bytes", "maxMemory", "memory that plugging can lead to"),
    value("memory_slots", "maxMemory/@slots", "slots for that", to=UNSIGNED, maximum=UINT32),
    present("hugepages", "memoryBacking/hugepages", "huge pages of the host back the memory"),
    repeated(
        "hugepage_sizes", "memoryBacking/hugepages/page", "which, for which cells", ATTRIBUTES
    ),
    present("memory_locked", "memoryBacking/locked", "the host does not swap it out"),
    present("memory_unshared", "memoryBacking/nosharepages", "the host does not merge its pages"),
    present("memory_discard", "memoryBacking/discard", "its content is thrown away at the end"),
    value(
        "memory_source_type",
        "memoryBacking/source/@type",
        "V(anonymous), V(file) or V(memfd)",
        choices=("file", "anonymous", "memfd"),
    ),
    value(
        "memory_access_mode",
        "memoryBacking/access/@mode",
        "V(shared) or V(private)",
        choices=("shared", "private"),
    ),
    value(
        "memory_allocation_mode",
        "memoryBacking/allocation/@mode",
        "when it is taken from the host: V(immediate) or V(ondemand)",
        choices=("immediate", "ondemand"),
    ),
    value(
        "memory_allocation_threads",
        "memoryBacking/allocation/@threads",
        "number of threads that take it",
        to=UNSIGNED,
        maximum=UINT32,
    ),
    _bytes("memory_hard_limit_bytes", "memtune/hard_limit", "the most that its process may use"),
    _bytes("memory_soft_limit_bytes", "memtune/soft_limit", "what it is held to under pressure"),
    _bytes("memory_swap_limit_bytes", "memtune/swap_hard_limit", "the same with swap"),
    _bytes("memory_guarantee_bytes", "memtune/min_guarantee", "what it gets at the least"),
    shaped("cpu_tune", "cputune", "pinning, shares, quotas, path to text", TREE),
    shaped("numa_tune", "numatune", "placement on the host's NUMA nodes, path to text", TREE),
    shaped("block_io_tune", "blkiotune", "weights and limits of disks, path to text", TREE),
    repeated(
        "throttle_groups",
        "throttlegroups/throttlegroup",
        "I/O limits that disks share, by libvirt's names, as texts",
        IO_TUNE,
    ),
    value("iothread_count", "iothreads", "number of I/O threads", to=UNSIGNED, maximum=UINT32),
    repeated("iothreads", "iothreadids/iothread", "the I/O threads, path to text each", TREE),
    shaped(
        "default_iothread", "defaultiothread", "C(thread_pool_min), C(thread_pool_max)", ATTRIBUTES
    ),
    value("resource_partition", "resource/partition", "control group it runs in", runtime=True),
    repeated(
        "security_labels",
        "seclabel",
        "how the host confines it, path to text each; what libvirt labels it with while it runs",
        TREE,
        runtime=True,
    ),
    shaped("launch_security", "launchSecurity", "protection from the host, path to text", TREE),
    derived(
        "launch_security_type",
        "V(sev), V(sev-snp), V(s390-pv), V(tdx)",
        _launch_security_type,
        place=lambda value, domain: {"launchSecurity/@type": value},
        choices=("sev", "sev-snp", "s390-pv", "tdx"),
    ),
    repeated(
        "key_wrap", "keywrap/cipher", "key wrapping on s390, C(name) and C(state)", ATTRIBUTES
    ),
    shaped("id_map", "idmap", "users and groups of a container, path to text", TREE),
)
