# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which layer-2 networks a NIC is in, as far as the ledger can tell.

NICs are in one network:

- behind a network of libvirt that it makes itself (NAT, routed, open, isolated): with all others on
  its bridge, on the same host only;
- with one and the same VLAN tag: whatever bridge, device or host they are on;
- on a bridge or a device of the host without a tag: with all others on a bridge or a device of that
  name, on every host, because those lead to the same switches as a rule;
- on a distributed switch, a multicast group or an internal network: by its name.

User-mode networking, sockets and what is handed to another program are in none.
"""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Reading,
    Row,
)

#: Modes of networks whose bridge libvirt makes, and that leads nowhere by itself.
OWN_BRIDGES = frozenset(("nat", "route", "open", "isolated"))


def tags_of(vlan: t.Any) -> t.List[int]:
    """The tags of a VLAN element."""
    tags = vlan.get("tags") if isinstance(vlan, dict) else None
    return [tag["id"] for tag in tags or () if isinstance(tag.get("id"), int)]


def network_vlan(network: Row, group_name: t.Optional[str]) -> t.Any:
    """The VLAN element that counts for a NIC without one: that of its port group first."""
    groups = network["port_groups_json"]
    for group in groups if isinstance(groups, list) else ():
        chosen = group.get("is_default") if group_name is None else group.get("name") == group_name
        if chosen and group.get("vlan_tags"):
            return group["vlan_tags"]
    return network["vlan_tags_json"]


class Segments:
    """Tells the networks of NICs, by the libvirt networks of their hosts."""

    def __init__(self, reading: Reading) -> None:
        self._networks = reading.networks
        self._own = {
            (host_id, network["bridge_name"])
            for (host_id, _name), network in reading.networks.items()
            if network["mode"] in OWN_BRIDGES and network["bridge_name"]
        }

    def of(self, host_id: str, port: Row) -> t.Set[str]:
        """What a NIC is in, each in words.

        :param port: its row: ``source_type``, ``source_ref``, ``network_name``, ``bridge_name``,
            ``port_group`` and ``vlan_tags_json``.
        """
        kind, where = port["source_type"], port["source_ref"]
        network = self._networks.get((host_id, port["network_name"]))
        bridge = port["bridge_name"] or (network["bridge_name"] if network else None)
        if network is not None and network["mode"] in OWN_BRIDGES:
            return {"{0} on {1}".format(_bridge(bridge or port["network_name"]), host_id)}
        if kind == "bridge" and (host_id, where) in self._own:
            return {"{0} on {1}".format(_bridge(where), host_id)}
        if kind in ("vds", "mcast", "internal"):
            return {"{0} {1}".format(kind, where)} if where else set()
        if kind not in ("network", "bridge", "direct", "hostdev"):
            return set()
        tags = tags_of(port["vlan_tags_json"])
        if not tags and network is not None:
            tags = tags_of(network_vlan(network, port["port_group"]))
        if tags:
            return {"VLAN {0}".format(tag) for tag in tags}
        if bridge or kind == "bridge":
            return {_bridge(bridge or where)}
        if port["network_name"]:
            return {"network {0}".format(port["network_name"])}
        return {"device {0}".format(where)} if kind == "direct" and where else set()


def _bridge(name: t.Any) -> str:
    return "bridge {0}".format(name)
