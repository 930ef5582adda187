#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: retention
short_description: Remove old history, archived XML, changes, notes of runs and closed findings
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Removes configurations that VMs had once, with their XML, changes that were seen, notes of runs
    that have not been repeated for so many days, and findings that have been closed for so many.
  - The last state of everything stays, whatever its age. That is every VM, also one that is gone,
    with its newest configuration of each kind and origin, and the newest note of each host, action
    and outcome.
  - What a VM was at any time since then can be asked as before. For an earlier time the lookup
    P(virtledger.libvirt.domain_xml#lookup) says that it was removed.
  - Runs on the controller, so one run for all hosts is enough. Recordings can go on meanwhile.
  - A removal that removed anything is noted in table C(sync_runs), as action C(retention).
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  older_than:
    description:
      - Remove what ended before so many days ago, from 1 to 36500.
      - There is no default, since nothing brings it back but a backup.
    type: int
    required: true
  remove:
    description:
      - What to remove. V(configurations) are those of VMs together with their XML, V(changes) the
        history of changes, V(sync_runs) the notes of runs, V(findings) those that are closed. Several
        tasks can give each an age of its own. The note of a run stays as long as a change that was
        seen by it.
    type: list
    elements: str
    choices: [configurations, changes, sync_runs, findings]
    default: [configurations, changes, sync_runs, findings]
  batch_size:
    description:
      - How many configurations, changes, notes or findings to remove in one transaction, from 1 to
        10000.
      - A recording has to wait for one of these at most, on SQLite for every one that it meets.
    type: int
    default: 1000
seealso:
  - module: virtledger.libvirt.ledger_info
  - module: virtledger.libvirt.schema
"""

EXAMPLES = r"""
- name: Keep the history of two years
  virtledger.libvirt.retention:
    older_than: 730
  run_once: true

- name: Keep the notes of runs for a quarter only
  virtledger.libvirt.retention:
    older_than: 90
    remove: [sync_runs]
  run_once: true

# What would be removed:
# ansible localhost -m virtledger.libvirt.retention -a older_than=365 --check --diff
"""

RETURN = r"""
database:
  description: The database's URL, without password.
  returned: success
  type: str
  sample: sqlite:////home/ops/.local/share/virtledger/ledger.db
before:
  description: What ended before this time was old.
  returned: success
  type: str
  sample: '2025-01-31T12:00:00.000000+00:00'
removed:
  description: How many rows of each table were removed, or would be in check mode.
  returned: success
  type: dict
  sample:
    changes: 3100
    findings: 210
    sync_runs: 1460
    vm_configurations: 120
    xml_documents: 95
kept:
  description: How many rows of each of these tables stay.
  returned: success
  type: dict
  sample:
    changes: 5200
    findings: 42
    sync_runs: 380
    vm_configurations: 2210
    xml_documents: 2004
oldest_kept:
  description: The beginning of the oldest configuration, change, run and finding that stay.
  returned: success
  type: dict
  sample:
    changes: '2025-01-31T12:05:10.000000+00:00'
    findings: '2025-01-20T04:00:07.000000+00:00'
    sync_runs: '2025-01-31T12:05:11.000000+00:00'
    vm_configurations: '2023-06-01T03:00:02.000000+00:00'
batches:
  description: How many transactions it took, or would take.
  returned: success
  type: int
seconds:
  description: How long it took.
  returned: success
  type: float
"""
