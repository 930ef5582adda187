# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the NICs of a VM say of its networks and addresses."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.rows import Row


def add_nic(machine: Row, nic: t.Mapping[str, t.Any]) -> None:
    """Add a NIC's networks, bridges, VLANs and addresses to its VM."""
    machine["networks"].update(filter(None, (nic["network_name"],)))
    machine["bridges"].update(filter(None, (nic["bridge_name"] or nic["network_bridge"],)))
    machine["vlans"].update(_vlans(nic))
    if nic["mac_address"]:
        machine["mac_addresses"].append(nic["mac_address"])
    told = nic["ip_addresses_json"]
    if not isinstance(told, list):
        # a row of the existing layout has no more than this
        told = [{"address": nic["ip_address"], "origin": "config"}] if nic["ip_address"] else []
    for address in told:
        if isinstance(address, dict):
            parts = {key: address.get(key) for key in ("address", "family", "prefix", "origin")}
            machine["addresses"].append({**parts, "mac_address": nic["mac_address"]})


def vlans_of(tags: t.Any) -> t.Set[int]:
    """The VLANs of ``vlan_tags``; what is no number is left out."""
    listed = tags.get("tags") if isinstance(tags, dict) else None
    numbers = (tag.get("id") for tag in listed or () if isinstance(tag, dict))
    return {number for number in numbers if isinstance(number, int)}


def port_groups_of(groups: t.Any) -> t.List[Row]:
    """The port groups of a network; what is none is left out."""
    return (
        [group for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    )


def _vlans(nic: t.Mapping[str, t.Any]) -> t.Set[int]:
    """A NIC's own VLANs, else its port group's, else its network's, as libvirt takes them."""
    of_group: t.Set[int] = set()
    for group in port_groups_of(nic["port_groups"]):
        name = nic["port_group"]
        if group.get("name") == name if name else group.get("is_default"):
            of_group = vlans_of(group.get("vlan_tags"))
    return vlans_of(nic["vlan_tags_json"]) or of_group or vlans_of(nic["network_vlans"])
