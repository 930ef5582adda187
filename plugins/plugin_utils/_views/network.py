# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of NICs, VLANs and networks."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import INTERFACE
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    NETWORK_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    networks,
    port_bindings,
    ports,
    virtual_machines,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import (
    Column,
    View,
    count,
    living,
    number_of,
    of_vm,
    told,
    with_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._vlans import (
    every_tag,
    tagged_ports,
)

_vm = virtual_machines


def nics() -> View:
    """``ledger_nics``."""
    nic, tagged = INTERFACE.fields, tagged_ports()
    columns = [
        number_of(ports, "the NIC"),
        *of_vm(),
        *told(nic, ports, "mac_address", "device_name", "model_name", "source_type", "source_ref"),
        *told(nic, ports, "network_name", "port_group", "bridge_name"),
        Column(
            "vlan_id",
            "integer",
            "its VLAN, of several the first; its own, else that of its port group or network",
            tagged.c.vlan_id,
        ),
        Column(
            "vlan_origin", "text", "`nic`, `port_group` or `network`: who says so", tagged.c.origin
        ),
        Column("vlan_tags_json", "JSON", "all its VLANs, as `ports` has them", tagged.c.tags),
        *told(nic, ports, "ip_address", "ip_addresses", "link_state", "mtu", "boot_order"),
        *told(nic, ports, "in_live", "in_config"),
    ]
    source = with_vm(ports).outerjoin(tagged, tagged.c.port_id == ports.c.id)
    return View("ledger_nics", "A NIC of a VM.", columns, source, living(ports, _vm))


def vlans() -> View:
    """``ledger_vlans``."""
    tags = every_tag()
    columns = [
        Column("vlan_id", "integer", "the VLAN", tags.c.vlan_id),
        Column(
            "vlan_origin", "text", "`nic`, `port_group` or `network`: who says so", tags.c.origin
        ),
        Column("nic_id", "integer", "the NIC, `id` of `ledger_nics`", tags.c.port_id),
        *of_vm(),
        *told(INTERFACE.fields, ports, "mac_address", "network_name", "port_group"),
    ]
    source = tags.join(ports, ports.c.id == tags.c.port_id).join(_vm, _vm.c.uuid == ports.c.vm_uuid)
    doc = "A VLAN that a NIC is in; a NIC with a trunk has a row for each."
    return View("ledger_vlans", doc, columns, source, living(ports, _vm))


def all_networks() -> View:
    """``ledger_networks``."""
    bound = count(
        port_bindings, port_bindings.c.network_id == networks.c.id, *living(port_bindings)
    )
    columns = [
        number_of(networks, "the network"),
        Column("host_id", "text", "the host that has it", networks.c.host_id),
        *told(NETWORK_FIELDS, networks, "name", "uuid", "mode", "bridge_name", "forward_device"),
        *told(NETWORK_FIELDS, networks, "dns_domain", "mtu", "active", "persistent", "autostart"),
        *told(NETWORK_FIELDS, networks, "vlan_tags", "port_groups", "addresses"),
        Column("nic_count", "integer", "how many NICs of VMs are on it", bound),
    ]
    doc = "A libvirt network of a host."
    return View("ledger_networks", doc, columns, networks, living(networks))
