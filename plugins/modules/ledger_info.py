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
      - V(findings) are those that the action M(virtledger.libvirt.findings#module) has stored;
        O(include_gone) adds the closed ones.
      - V(attachments) are all devices of VMs, of every kind, from the index over them.
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
      - host_devices
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
      - attachments
      - vm_configurations
      - vm_snapshots
      - volumes
      - networks
      - storage_pools
      - hosts
      - findings
      - sync_runs
      - changes
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
      - Only on this network, by the name of the libvirt network, bridge or other source of a NIC.
      - What is neither a network nor a NIC is that of the VMs that have a NIC on it; O(query=changes)
        are those of the network, and of NICs that are on it or were.
    type: str
  include_gone:
    description:
      - Also what is not there any more.
    type: bool
    default: false
  stale:
    description:
      - Only what was not seen for so many hours, that is hosts of which no complete answer was
        recorded in that time, and VMs on such hosts.
      - For O(query=hosts) and O(query=virtual_machines).
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
  limit:
    description:
      - The largest number of rows to return, from 1 to 10000.
    type: int
    default: 100
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
"""
