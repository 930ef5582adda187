# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt itself makes of a definition when a VM starts, which is no pending change.

A row has the live values, and in ``config_values`` what the persistent definition says otherwise.
Aliases, addresses, terminals and the like are left out of that when a VM is read already.
"""

from __future__ import annotations

import typing as t

Values = t.Dict[str, t.Any]
Row = t.Mapping[str, t.Any]

_EMPTY: t.Tuple[t.Any, ...] = (None, "", [], {})

#: Modes in which the host decides what the CPU is.
_HOST_CPU = frozenset(("host-model", "host-passthrough", "maximum"))

#: What it decides then.
_CPU = frozenset(
    (
        "cpu_mode",
        "cpu_model",
        "cpu_match",
        "cpu_check",
        "cpu_migratable",
        "cpu_model_fallback",
        "cpu_vendor_id",
        "cpu_vendor",
        "cpu_features",
        "cpu_cache",
        "cpu_max_phys_addr",
    )
)

#: How the CPU was checked at the start, which says nothing of what it is.
_CPU_CHECKS = frozenset(("cpu_check", "cpu_model_fallback"))

#: Fields of a domain that libvirt fills in where the definition leaves them out.
_OF_DOMAIN = frozenset(
    (
        "arch",
        "machine",
        "cpu_mode",
        "cpu_model",
        "cpu_match",
        "cpu_vendor",
        "cpu_vendor_id",
        "cpu_migratable",
        "cpu_features",
        "firmware_features",
        "generation_id",
        "iothreads",
        "loader_path",
        "loader_type",
        "loader_format",
        "loader_readonly",
        "loader_secure",
        "loader_stateless",
        "memory_slots",
        "nvram_path",
        "nvram_format",
        "nvram_template",
        "nvram_template_format",
        "security_labels",
        "vcpu_placement",
        "vcpus",
    )
)

#: The same of devices, by their table.
_OF_DEVICES: t.Dict[str, t.FrozenSet[str]] = {
    "volume_attachments": frozenset(("driver_name", "driver_format")),
    "ports": frozenset(
        (
            "bridge_name",
            "device_name",
            "driver_name",
            "mtu",
            "port_group",
            "trust_guest_rx_filters",
            "virtual_port",
            "vlan_tags",
        )
    ),
    "host_device_attachments": frozenset(("driver_name", "usb_address")),
    "serial_device_attachments": frozenset(("target_type", "model_name")),
    "text_consoles": frozenset(("target_type",)),
    "tpm_attachments": frozenset(("version",)),
}

#: Of a NIC on a libvirt network: what that becomes on the host.
_RESOLVED = frozenset(("source_type", "source_ref", "source", "network_name", "port_group"))


def of_domain(values: Values, live_features: t.Any) -> Values:
    """What is left of a domain's ``config_values``.

    :param live_features: the CPU features of the running domain.
    """
    if values.get("cpu_mode") in _HOST_CPU:
        values = _without(values, _CPU)
    left = _unfilled(_without(values, _CPU_CHECKS), _OF_DOMAIN)
    if left.get("cpu_match") == "minimum":
        del left["cpu_match"]
    features = left.get("cpu_features")
    known = live_features if isinstance(live_features, list) else []
    # The running domain also names what QEMU could not give it.
    if isinstance(features, list) and all(feature in known for feature in features):
        del left["cpu_features"]
    return left


def of_device(table: str, values: Values, row: Row) -> Values:
    """What is left of a device's ``config_values``.

    :param row: the live values; of a NIC its source, of a disk its ``source_ref``.
    """
    left = _unfilled(values, _OF_DEVICES.get(table, frozenset()))
    if table == "ports" and values.get("source_type") == "network":
        named = values.get("network_name")
        # Of a NIC that got a device of a pool the running domain does not name the network.
        if named is None or (row["source_type"] == "hostdev" and row["network_name"] is None):
            left = _without(left, _RESOLVED)
    if table == "volume_attachments" and row["source_ref"] is None and "source_ref" not in values:
        # A drive without a medium has no format.
        left = _without(left, _OF_DEVICES[table])
    return left


def _without(values: Values, names: t.Container[str]) -> Values:
    return {name: item for name, item in values.items() if name not in names}


def _unfilled(values: Values, filled: t.Container[str]) -> Values:
    """Without those that the definition leaves to libvirt."""
    return {name: item for name, item in values.items() if not (name in filled and item in _EMPTY)}
