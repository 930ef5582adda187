#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: record
short_description: Record gathered facts in the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Records facts that M(virtledger.libvirt.hypervisor_info), M(virtledger.libvirt.domain_info) or
    M(virtledger.libvirt.archive_info) returned, or archived domain XML itself, as those of one host,
    in one transaction.
  - For a fleet use M(virtledger.libvirt.sync), which gathers and records in one task, so that the
    facts do not travel through C(register).
  - Archived documents add to the history of their VMs, each with its date, so the order in which they
    are recorded does not matter. A VM that a hypervisor told itself keeps its rows. A VM that only
    documents tell has the rows that its newest document says. A VM of the existing layout, which
    nobody has recorded since, keeps what it has, and its columns that are null are filled from the
    newest document.
  - Only a complete listing (see RV(virtledger.libvirt.domain_info#module:complete)) marks VMs that
    it lacks as gone.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
  - virtledger.libvirt.database.recording
options:
  facts:
    description:
      - The whole result of a gathering module. Either this or O(archive) is needed.
    type: dict
  archive:
    description:
      - Archived domain XML, which M(virtledger.libvirt.archive_info) reads on the host of the task.
        The facts do not travel through C(register).
    type: dict
    suboptions:
      paths:
        description: Files, folders and archives, as in M(virtledger.libvirt.archive_info).
        type: list
        elements: path
        required: true
      patterns:
        description: Shell patterns of the files to read inside of folders and archives.
        type: list
        elements: str
        default: ['*.xml']
      exclude:
        description: Shell patterns of files and folders to leave out.
        type: list
        elements: str
        default: []
      recurse:
        description: Read also the folders inside of folders.
        type: bool
        default: true
      dated_by:
        description: What dates a document, as in M(virtledger.libvirt.archive_info).
        type: str
        choices: [auto, name, modified]
        default: auto
      date_pattern:
        description: A regular expression that finds the date in a document's path.
        type: str
      date_format:
        description: The form of that date for Python's C(strptime).
        type: str
      redact:
        description: What to remove besides the secrets that always are.
        type: list
        elements: str
        choices: [sysinfo, metadata, description, launch_security]
        default: []
      limit:
        description: Read at most so many documents.
        type: int
        default: 100000
seealso:
  - module: virtledger.libvirt.sync
  - module: virtledger.libvirt.archive_info
"""

EXAMPLES = r"""
- name: Read a hypervisor
  virtledger.libvirt.hypervisor_info:
  register: answer

- name: Record what it said
  virtledger.libvirt.record:
    facts: "{{ answer }}"

- name: Record nightly archives that lie on the controller, as history of a host
  virtledger.libvirt.record:
    host_id: hv1.example.com
    archive:
      paths: /srv/backup/hv1/vms-*.tar.xz
      dated_by: name
  delegate_to: localhost
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
