"""XML of libvirt networks for the lab's hypervisors."""

from __future__ import annotations


def nat_network(name: str, bridge: str, subnet: str) -> str:
    """NAT with DHCP; ``subnet`` is the first three numbers of a /24."""
    return f"""<network>
  <name>{name}</name>
  <forward mode='nat'/>
  <bridge name='{bridge}' stp='on' delay='0'/>
  <ip address='{subnet}.1' netmask='255.255.255.0'>
    <dhcp><range start='{subnet}.100' end='{subnet}.199'/></dhcp>
  </ip>
</network>"""


def isolated_network(name: str, bridge: str, subnet: str) -> str:
    """Guests reach each other and the hypervisor, and nothing else."""
    return f"""<network>
  <name>{name}</name>
  <bridge name='{bridge}' delay='0'/>
  <ip address='{subnet}.1' netmask='255.255.255.0'/>
</network>"""


def bridged_network(name: str, bridge: str) -> str:
    """On a Linux bridge that exists already (``Hypervisor.add_bridge``)."""
    return f"""<network>
  <name>{name}</name>
  <forward mode='bridge'/>
  <bridge name='{bridge}'/>
  <portgroup name='plain' default='yes'/>
  <portgroup name='quick' trustGuestRxFilters='yes'/>
</network>"""


def vlan_network(name: str, bridge: str) -> str:
    """Port groups with VLANs on Open vSwitch: libvirt takes the definition, and starts it, on any
    machine; a guest on it starts only where ``bridge`` is an Open vSwitch bridge."""
    return f"""<network>
  <name>{name}</name>
  <forward mode='bridge'/>
  <bridge name='{bridge}'/>
  <virtualport type='openvswitch'/>
  <portgroup name='office' default='yes'><vlan><tag id='10'/></vlan></portgroup>
  <portgroup name='trunk'>
    <vlan trunk='yes'><tag id='20' nativeMode='untagged'/><tag id='30'/></vlan>
  </portgroup>
</network>"""
