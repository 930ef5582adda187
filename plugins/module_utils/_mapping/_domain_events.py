# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a domain, what is told about it, and what is passed to its driver as it is."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import YES_NO
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import from_tree
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import (
    attribute_item,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import (
    ATTRIBUTES,
    TREE,
)

_QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
_OSINFO = "{http://libosinfo.org/xmlns/libvirt/domain/1.0}"
_OS_ID = "{0}libosinfo/{0}os/@id".format(_OSINFO)

_LIFECYCLE = ("destroy", "restart", "preserve", "rename-restart")

EVENT_FIELDS = (
    value(
        "on_poweroff",
        "on_poweroff",
        "what happens when the guest powers off",
        choices=_LIFECYCLE,
    ),
    value("on_reboot", "on_reboot", "what happens when it reboots", choices=_LIFECYCLE),
    value(
        "on_crash",
        "on_crash",
        "what happens when it crashes",
        choices=_LIFECYCLE + ("coredump-destroy", "coredump-restart"),
    ),
    value(
        "on_lockfailure",
        "on_lockfailure",
        "what happens when a lock is lost",
        choices=("poweroff", "restart", "pause", "ignore"),
    ),
    value("suspend_to_mem", "pm/suspend-to-mem/@enabled", "the guest may sleep", to=YES_NO),
    value("suspend_to_disk", "pm/suspend-to-disk/@enabled", "the guest may hibernate", to=YES_NO),
    repeated(
        "perf_events", "perf/event", "performance counters, C(name) and C(enabled)", ATTRIBUTES
    ),
    value("generation_id", "genid", "identifier that changes when the VM is cloned or rolled back"),
    repeated(
        "sysinfo", "sysinfo", "what SMBIOS and fw_cfg tell the guest, path to text each", TREE
    ),
    shaped("metadata", "metadata", "what applications noted, path to text", TREE),
    from_tree("os_id", "libosinfo's name of the OS", "metadata", "metadata", _OS_ID),
    repeated(
        "qemu_args",
        "{0}commandline/{0}arg".format(_QEMU),
        "further arguments of QEMU",
        attribute_item("value"),
    ),
    repeated(
        "qemu_env",
        "{0}commandline/{0}env".format(_QEMU),
        "further environment variables of QEMU, C(name) and C(value)",
        ATTRIBUTES,
    ),
    shaped(
        "qemu_capabilities",
        "{0}capabilities".format(_QEMU),
        "capabilities of QEMU that are added or taken away, path to text",
        TREE,
    ),
    shaped(
        "qemu_override",
        "{0}override".format(_QEMU),
        "properties of devices that are set over libvirt's, path to text",
        TREE,
    ),
)
