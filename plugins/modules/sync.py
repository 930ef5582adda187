#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: sync
short_description: Record a hypervisor in the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Runs M(virtledger.libvirt.hypervisor_info) on the host and records its answer on the controller,
    in one transaction, either all of it or nothing.
  - The facts never pass through C(register), and the result stays small for a host of any size, so
    that an event of a job has less than 100 kB.
  - A second run over an unchanged host is not changed and writes nothing but the note that the host
    was seen.
  - VMs that a complete listing does not have are marked as gone. An unreachable host, an error or a
    VM that cannot be read never marks anything as gone. Neither does an answer that seems to be of
    another host, see O(allow_empty), O(allow_other_host) and O(allow_second_name).
  - Every run is noted with its end, also one that failed; M(virtledger.libvirt.ledger_info) returns
    the notes as V(sync_runs).
  - The user's own SQLite file is created on the first run. Every other database is prepared by
    M(virtledger.libvirt.schema).
extends_documentation_fragment:
  - virtledger.libvirt.gathering
  - virtledger.libvirt.gathering.redaction
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
  - virtledger.libvirt.database.recording
options:
  full:
    description:
      - Read and record everything. Otherwise the hypervisor tells only what differs from what is
        recorded, by digests that it compares; a VM whose XML, state, addresses and snapshots are as
        they were is not told again.
      - Rows that were changed in the database by hand are put right by this.
    type: bool
    default: false
  gather_subset:
    description:
      - What to read and record, as in M(virtledger.libvirt.hypervisor_info).
      - What is left out stays in the ledger as it is, but for addresses that only V(leases) tells.
    type: list
    elements: str
    default: [all]
seealso:
  - module: virtledger.libvirt.hypervisor_info
  - module: virtledger.libvirt.schema
  - module: virtledger.libvirt.ledger_info
"""

EXAMPLES = r"""
- name: Record every hypervisor of the play
  virtledger.libvirt.sync:

- name: Record in a PostgreSQL database, with storage that all hosts mount at the same place
  virtledger.libvirt.sync:
    database_url: "postgresql://ledger:{{ ledger_password }}@db.example.com/ledger"
    shared_paths: [/srv/vmstore]

- name: Record containers; a host has one name per libvirt connection
  virtledger.libvirt.sync:
    uri: lxc:///system
    host_id: "{{ inventory_hostname }}-lxc"
"""

RETURN = r"""
host_id:
  description: The name of the host in the ledger.
  returned: success
  type: str
database:
  description: The URL of the database, without password.
  returned: success
  type: str
vms:
  description: How many VMs were seen, and how many of them are new, changed and so on.
  returned: success
  type: dict
  sample: {seen: 20, new: 1, changed: 2, moved: 0, returned: 0, unchanged: 17, gone: 1, failed: 0}
tables:
  description: Rows inserted, updated and deleted, by table.
  returned: success
  type: dict
  sample: {ports: {inserted: 1, updated: 0, deleted: 0}}
changes:
  description: What changed on each VM; the largest hosts are cut short.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the VM.
      returned: success
      type: str
    uuid:
      description: UUID of the VM in the ledger, which stays when the VM moves.
      returned: success
      type: str
    domain_uuid:
      description: UUID of the domain.
      returned: success
      type: str
    change:
      description: V(new), V(changed), V(moved) from another host, V(returned) or V(gone).
      returned: success
      type: str
    lines:
      description: The changes in words.
      returned: success
      type: list
      elements: str
      sample: ["disk vdb added", "memory_bytes 1073741824 -> 2147483648"]
changes_omitted:
  description: VMs that changed and are not in RV(changes).
  returned: success
  type: int
superseded:
  description:
    - Nothing was recorded because newer facts of the host are recorded already; a warning tells of
      what time. This is so where two controllers record a host at once.
  returned: success
  type: bool
tries:
  description:
    - How often the transaction was tried. More than once where another recording came in between,
      or the connection was lost.
  returned: success
  type: int
host_changes:
  description: What changed on the host, its networks, pools and volumes.
  returned: success
  type: list
  elements: str
errors:
  description: What could not be read; the VMs concerned keep what is recorded of them.
  returned: success
  type: list
  elements: dict
seconds:
  description: Duration of each stage in seconds.
  returned: success
  type: dict
  sample: {gather: 0.7, plan: 0.04, record: 0.06, write: 0.01}
"""
