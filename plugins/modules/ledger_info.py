#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: ledger_info
short_description: Ask the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Returns rows of the ledger, VMs, disks, NICs, volumes, networks, hosts and so on.
  - Works while every hypervisor is off, and never writes.
  - In the filters C(*) stands for any characters and C(?) for any one.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  query:
    description:
      - What to return, by the names of the facts.
      - V(vm_configurations) are the archived configurations of VMs, with the time of their first and
        last sighting. The lookup P(virtledger.libvirt.domain_xml#lookup) returns their text.
      - V(sync_runs) are the attempts to record hosts, the latest first, with how each ended and why.
        Those that ended alike are one row, with C(repeats) and C(last_at). Removals of old history,
        C(retention), are among them and belong to no host.
      - V(hosts) have C(last_complete_at), when a whole answer was recorded last, and of the last
        attempt C(last_run_at), C(last_outcome) and C(last_reason).
      - V(findings) are those that the action M(virtledger.libvirt.findings) has stored;
        O(include_gone) adds the closed ones.
      - V(host_usage) are hosts with what they have and what their VMs were promised of it. A ratio
        above 1 is over-committed; those that begin with C(active_) count the VMs that are started.
      - V(attachments) are all devices of VMs, of every kind, from the index over them, with what each
        is known by in C(device_name).
      - V(volumes) have C(user_count), the number of disks that each is behind. V(volume_users) have a
        row for each of those disks.
      - V(vlans) have a row for each VLAN of each NIC, and in C(vlan_origin) who has set it, the NIC
        itself (V(nic)), the port group (V(port_group)) or the network (V(network)).
      - The queries that begin with C(netbox_) return rows as the modules of the collection
        netbox.netbox take them in C(data), of hosts that were recorded completely. Volumes of unknown
        size and removable media are left out. With O(include_gone=true) the VMs that are gone are
        V(decommissioning) there, unless another VM has the name now.
      - V(changes) are what became different on hosts, VMs, devices, networks, pools and volumes, the
        latest first, attribute by attribute with C(old_value) and C(new_value). C(seen_at) is when
        the host was asked that told so, C(run_id) the run, with its C(run_action), C(recorded_by) and
        C(job).
    type: str
    choices:
      - virtual_machines
      - volume_attachments
      - ports
      - emulators
      - controllers
      - device_leases
      - filesystems
      - smartcards
      - serial_devices
      - parallel_devices
      - text_consoles
      - channel_devices
      - input_devices
      - tpms
      - consoles
      - sound_cards
      - audio_backends
      - video_devices
      - usb_redirectors
      - redirection_filters
      - hubs
      - watchdogs
      - memory_balloons
      - rng_devices
      - nvram_devices
      - panic_devices
      - shmem_devices
      - memory_devices
      - crypto_devices
      - iommu_devices
      - vsocks
      - pstore_devices
      - other_devices
      - host_devices
      - attachments
      - vm_configurations
      - vm_snapshots
      - volumes
      - volume_users
      - networks
      - vlans
      - storage_pools
      - hosts
      - host_usage
      - findings
      - sync_runs
      - changes
      - netbox_virtual_machines
      - netbox_vm_interfaces
      - netbox_mac_addresses
      - netbox_ip_addresses
      - netbox_virtual_disks
    default: virtual_machines
  host_id:
    description:
      - Only of this host.
      - Volumes are those that the host has or its VMs use.
    type: str
  vm:
    description:
      - Only of this VM, by its name, its UUID in the ledger or its domain UUID.
      - Networks, volumes and hosts are those that the VM uses.
      - For O(query=changes) and with O(at) also by a name that it had before.
    type: str
  volume:
    description:
      - Only with this volume, by its name, its path, its source, or the C(source_ref) of a disk.
      - What is neither a volume nor a disk is that of the VMs that use the volume, so
        O(query=hosts) names the hosts on which it is in use.
      - O(query=changes) are those of the volume, and of disks that have it or had it.
    type: str
  mac:
    description:
      - Only with this MAC address.
      - What is no NIC is that of the VMs that have one with this address; O(query=changes) are those
        of such NICs.
    type: str
  network:
    description:
      - Only on this network, by the name or UUID of the libvirt network, or by the bridge or other
        source of a NIC.
      - What is neither a network nor a NIC is that of the VMs that have a NIC on it; O(query=changes)
        are those of the network, and of NICs that are on it or were.
    type: str
  vlan:
    description:
      - Only in this VLAN. A NIC has its own tags, else those of its port group, else those of its
        libvirt network, as libvirt takes them.
      - Networks are those that carry the VLAN, of their own or in a port group. What is neither a
        network nor a NIC is that of the VMs that have a NIC in it.
    type: int
    version_added: 1.0.0
  ip:
    description:
      - Only with this IP address, as far as addresses were recorded.
      - What is no NIC is that of the VMs that have one with this address.
    type: str
    version_added: 1.0.0
  pci:
    description:
      - Only with this PCI device of the host, passed through as such, as a NIC or as an NVMe disk.
      - Written as V(0000:03:00.1), V(03:00.1), V(pci_0000_03_00_1), without function for all of them,
        or with C(*).
    type: str
    version_added: 1.0.0
  host_device:
    description:
      - Only with this device of the host that is passed through, by its C(source_ref), for example
        V(usb:046d:c52b), V(usb:003.009), V(mdev:UUID) or V(scsi:scsi_host0:0:1:2).
      - Vendor and product alone (V(046d:c52b)) are those of a USB device, a UUID that of a mediated
        one.
    type: str
    version_added: 1.0.0
  pool:
    description:
      - Only of this storage pool, by its name, UUID or path.
      - What is neither a pool, a volume nor a disk is that of the VMs that have a disk in it.
    type: str
    version_added: 1.0.0
  serial:
    description:
      - Only with a disk that has this serial number or World Wide Name.
    type: str
    version_added: 1.0.0
  state:
    description:
      - Only VMs in one of these states, and what they have. V(active) and V(inactive) stand for
        several.
    type: list
    elements: str
    choices:
      - active
      - inactive
      - nostate
      - running
      - blocked
      - paused
      - shutdown
      - shutoff
      - crashed
      - pmsuspended
    version_added: 1.0.0
  os:
    description:
      - Only VMs with this operating system, and what they have.
      - By the name that libosinfo has for it, such as V(http://debian.org/debian/12), by a part of it
        between slashes (V(debian), V(debian/12)), or by the type of the OS (V(hvm)). The name is in
        the metadata of VMs that were made by virt-install, virt-manager or Cockpit.
    type: str
    version_added: 1.0.0
  autostart:
    description:
      - Only VMs that start with the hypervisor, or do not, and what they have.
      - Networks and storage pools are those that start themselves.
    type: bool
    version_added: 1.0.0
  metadata:
    description:
      - Only VMs with this in their metadata, and what they have. V(owner=ann) is an element or an
        attribute called C(owner) with this text, V(ann) one of any name.
    type: str
    version_added: 1.0.0
  unused:
    description:
      - Only volumes that nobody uses, or with V(false) those that somebody does. For O(query=volumes).
      - A volume is in use that is attached to a VM, or that is named as the image below another one,
        as NVRAM, kernel, file system, memory or snapshot of a VM. Paths count on all hosts.
    type: bool
    version_added: 1.0.0
  include_gone:
    description:
      - Also what is not there any more.
    type: bool
    default: false
  stale:
    description:
      - Only what was not seen for so many hours, that is hosts of which no complete answer was
        recorded in that time, and VMs on such hosts.
      - For O(query=hosts), O(query=host_usage), O(query=virtual_machines) and the queries for NetBox.
    type: float
  since:
    description:
      - Only what was seen at this time or later. A time such as V(2026-01-31) or
        V(2026-01-31T12:00:00Z), in UTC where it has no zone, or an age such as V(30m), V(12h), V(2d)
        or V(6w).
      - For O(query=changes), O(query=vm_configurations) and O(query=sync_runs). Configurations and
        runs count by their end.
    type: str
    version_added: 1.0.0
  until:
    description:
      - Only what was seen at this time or before, likewise. Configurations and runs count by their
        beginning.
    type: str
    version_added: 1.0.0
  at:
    description:
      - The rows as they were at this time, written as for O(since), of O(query=virtual_machines) and
        of the device queries. They are read from the archived XML of that time, of VMs that are gone
        by now as well.
      - Keys are those of today's rows. What the XML does not tell is null, such as the C(id) of a
        device, its volume, and addresses from leases. C(state), C(persistent) and C(autostart) come
        from the history of changes, and are null for times before it began.
      - Goes with O(host_id), O(vm), O(volume), O(mac) and O(network), which apply to what was then. A
        volume is found by the source of a disk or the last part of its path.
      - Fails where M(virtledger.libvirt.retention) has removed what was then.
    type: str
    version_added: 1.0.0
  fresh:
    description:
      - Only what was seen within so many hours, the contrary of O(stale).
    type: float
    version_added: 1.0.0
  columns:
    description:
      - The columns to return; all if it is empty.
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  order_by:
    description:
      - Columns to order the rows by, with a minus before the name for the other way round.
      - What is null comes last either way. The usual order follows, so pages do not overlap.
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  limit:
    description:
      - The largest number of rows to return, from 1 to 10000.
    type: int
    default: 100
  offset:
    description:
      - How many rows to leave out at the beginning, to go on where an answer ended.
    type: int
    default: 0
    version_added: 1.0.0
  netbox_cluster:
    description:
      - The cluster of NetBox that all VMs are in. Without it each host is a cluster with the host's
        name.
    type: str
    version_added: 1.0.0
  netbox_version:
    description:
      - The version of NetBox, which decides about units and fields. Before 4.1 disks are in gigabytes,
        then in megabytes; before 4.2 an interface has its MAC address, then O(query=netbox_mac_addresses)
        are objects of their own; from 4.3 on a VM can be paused.
    type: str
    default: '4.2'
    version_added: 1.0.0
  netbox_base:
    description:
      - How many bytes are a kilobyte, and so on, in the sizes for NetBox. Choose what C(RAM_BASE_UNIT)
        and C(DISK_BASE_UNIT) are in its configuration.
    type: int
    choices: [1000, 1024]
    default: 1024
    version_added: 1.0.0
attributes:
  check_mode:
    description: Returns in check mode what it returns without it, since it changes nothing.
  diff_mode:
    support: N/A
    description: Returns nothing to compare, since it changes nothing.
seealso:
  - module: virtledger.libvirt.sync
"""

EXAMPLES = r"""
- name: Which VMs use this volume
  virtledger.libvirt.ledger_info:
    query: virtual_machines
    volume: /var/lib/libvirt/images/shared.img
  register: users

- name: Who has this MAC address
  virtledger.libvirt.ledger_info:
    query: ports
    mac: 52:54:00:12:34:56

- name: All disks of the web servers on one host
  virtledger.libvirt.ledger_info:
    query: volume_attachments
    host_id: hv1
    vm: web*

- name: Which VMs have a NIC in VLAN 42
  virtledger.libvirt.ledger_info:
    query: virtual_machines
    vlan: 42
    columns: [host_id, name, state]

- name: Which volumes nobody uses, the largest first
  virtledger.libvirt.ledger_info:
    query: volumes
    unused: true
    columns: [host_id, pool_name, name, capacity_bytes]
    order_by: [-capacity_bytes]

- name: How far hosts are over-committed
  virtledger.libvirt.ledger_info:
    query: host_usage
    order_by: [-active_memory_ratio]

- name: The VMs of hosts that were recorded today, for NetBox
  virtledger.libvirt.ledger_info:
    query: netbox_virtual_machines
    netbox_cluster: kvm
    fresh: 24
    limit: 10000
  register: vms

- name: Which hosts have not been recorded for two days, and why
  virtledger.libvirt.ledger_info:
    query: hosts
    stale: 48

- name: What changed on the web servers since yesterday
  virtledger.libvirt.ledger_info:
    query: changes
    vm: web*
    since: 1d

- name: Which disks a VM had at the new year
  virtledger.libvirt.ledger_info:
    query: volume_attachments
    vm: web1
    at: 2026-01-01

# Ad hoc:
# ansible localhost -m virtledger.libvirt.ledger_info -a 'query=ports network=dmz'
"""

RETURN = r"""
query:
  description: What was asked for.
  returned: success
  type: str
rows:
  description:
    - The rows, each with the names of the facts as keys.
    - Devices also have C(vm_name), C(vm_state) and C(host_id).
    - Those of the queries for NetBox are what the modules of netbox.netbox take in C(data).
  returned: success
  type: list
  elements: dict
count:
  description: The number of rows.
  returned: success
  type: int
truncated:
  description: There are more rows than O(limit).
  returned: success
  type: bool
next_offset:
  description: The O(offset) to go on with; null if there are no more rows.
  returned: success
  type: int
"""
