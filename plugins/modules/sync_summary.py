#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: sync_summary
short_description: Add up what the recordings of a play did
version_added: 1.0.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Adds up what M(virtledger.libvirt.sync) returned for every host of the play, in one table, with the hosts that failed or were unreachable.
  - It belongs at the end of a play, with C(run_once). In a play with C(serial) it
    has the hosts so far, and says how many are still to come.
  - Up to 20 hosts are all listed, of more only those with changes or errors.
options:
  registered:
    description: The variable that the recordings were registered in.
    type: str
    default: sync_result
  findings:
    description:
      - How many findings are open by severity, RV(virtledger.libvirt.findings#module:counts), for a
        last line of the table.
    type: dict
attributes:
  check_mode:
    description: Adds up what the recordings would do.
  diff_mode:
    support: N/A
    description: Returns nothing to compare, since it changes nothing.
extends_documentation_fragment:
  - virtledger.libvirt.database.action
seealso:
  - module: virtledger.libvirt.sync
"""

EXAMPLES = r"""
- name: Record every hypervisor of the play
  virtledger.libvirt.sync:
  register: sync_result

- name: Add up what was found
  virtledger.libvirt.sync_summary:
  register: sync_fleet
  run_once: true

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ sync_fleet.msg }}"
  run_once: true
"""

RETURN = r"""
msg:
  description: The table.
  returned: success
  type: list
  elements: str
totals:
  description: How many hosts ended how, and the VMs of all of them.
  returned: success
  type: dict
  sample:
    hosts: 20
    ok: 19
    failed: 0
    unreachable: 1
    superseded: 0
    vms: 950
    new: 2
    changed: 5
    moved: 1
    returned: 0
    gone: 1
    not_readable: 0
not_recorded:
  description: The hosts of which nothing was recorded, up to 200.
  returned: success
  type: list
  elements: str
"""
