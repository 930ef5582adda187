#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: findings
short_description: Find what is wrong in the fleet
version_added: 1.0.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Asks rules that read the ledger and nothing else, so it works while every hypervisor is off. For
    example a MAC address that is in use twice, a disk that two running VMs write to, a VM whose
    definition differs from what runs, a host that was not recorded for a while.
  - What is found is kept in table C(findings), with the times at which it was seen first and last. It
    is closed by itself when it is not found any more, and reopened when it comes back.
  - C(docs/findings.md) has all codes with their severity, explanation, remedy and threshold.
  - Runs on the controller, so one run for all hosts is enough. Recordings can go on meanwhile.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  state:
    description:
      - V(evaluated) asks the rules, stores what they find, and lists it.
      - V(listed) lists what was stored before. A user of the database who may only read is enough.
    type: str
    choices: [evaluated, listed]
    default: evaluated
  codes:
    description:
      - Only these rules, by their code. By default all.
      - Findings of the others stay as they are.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Not these rules, by their code. Their findings stay as they are.
    type: list
    elements: str
    default: []
  severity:
    description:
      - List only what is at least so bad.
      - Everything is evaluated and stored all the same, as with the next two options.
    type: str
    choices: [info, warning, critical]
    default: info
  host_id:
    description:
      - List only what concerns this host. C(*) and C(?) stand for any characters and for any one.
    type: str
  vm:
    description:
      - List only what concerns this VM, by its name or its UUID in the ledger, with C(*) and C(?).
    type: str
  ignore:
    description:
      - Findings that are meant so. They are stored, but neither listed nor counted, and do not make
        the task fail.
      - A finding is ignored if all parts of one rule match it. At least one of C(code), C(host_id),
        C(vm) and C(object) has to be there.
      - Who leaves the option out leaves as it is what is ignored. An empty list ends all of it.
      - Has no effect with O(state=listed), which shows what is stored.
    type: list
    elements: dict
    suboptions:
      code:
        description:
          - The code of the finding, with C(*) and C(?).
        type: str
      host_id:
        description:
          - A host that it concerns, with C(*) and C(?).
        type: str
      vm:
        description:
          - A VM that it concerns, by name or UUID, with C(*) and C(?).
        type: str
      object:
        description:
          - The object, as C(object_name) has it, with C(*) and C(?).
        type: str
      reason:
        description:
          - Why it is meant so.
        type: str
        required: true
      expires:
        description:
          - The last day on which it is ignored, such as V(2027-01-31) (UTC), or a time. By default it has
            no end.
          - A rule that has expired counts no more, and there is a warning that says so.
        type: str
  thresholds:
    description:
      - Numbers that decide what is found, by their names in C(docs/findings.md), such as C(stale_hours),
        C(gone_days), C(unused_hours) and C(overcommit_percent).
    type: dict
    default: {}
  fail_on:
    description:
      - Fail if something is listed that is at least so bad and not ignored. It is stored before.
    type: str
    choices: [info, warning, critical]
  include_ignored:
    description:
      - Also list what is ignored.
    type: bool
    default: false
  include_closed:
    description:
      - Also list what is closed, after all others.
    type: bool
    default: false
  limit:
    description:
      - The largest number of findings to list, from 1 to 10000. All are counted.
      - There are fewer where the result would become too large.
    type: int
    default: 100
seealso:
  - module: virtledger.libvirt.ledger_info
  - module: virtledger.libvirt.sync
"""

EXAMPLES = r"""
- name: What is wrong in the fleet
  virtledger.libvirt.findings:
  run_once: true

- name: Stop here if anything loses data
  virtledger.libvirt.findings:
    fail_on: critical
    ignore:
      - code: shared_disk
        object: /srv/shared/cluster.raw
        reason: The database cluster locks it by itself
        expires: '2027-06-30'
      - code: volume_unused
        host_id: lab*
        reason: Nobody tidies up in the lab
  run_once: true

- name: Only what concerns one VM, as it was found before
  virtledger.libvirt.findings:
    state: listed
    vm: web1
  run_once: true

- name: Pools may promise twice their size, hosts are recorded once a week
  virtledger.libvirt.findings:
    thresholds:
      overcommit_percent: 200
      stale_hours: 200
  run_once: true

# Ad hoc:
# ansible localhost -m virtledger.libvirt.findings -a 'severity=warning' --check --diff
"""

RETURN = r"""
findings:
  description:
    - The findings, the worst first.
    - C(details) are null where they are very long; O(include_closed) adds those with C(closed_at).
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: The rule that found it.
      type: str
      sample: duplicate_mac
    severity:
      description: V(critical), V(warning) or V(info).
      type: str
    object_type:
      description: The table of the object.
      type: str
      sample: ports
    object_name:
      description: What the object is called.
      type: str
      sample: '52:54:00:12:34:56'
    host_id:
      description: The host, null where several are concerned.
      type: str
    vm_uuid:
      description: The VM, null where none or several are concerned.
      type: str
    vm_name:
      description: Its name.
      type: str
    summary:
      description: What is wrong, in a sentence.
      type: str
    details:
      description: What belongs to it. Where several VMs are concerned, C(vms) names them.
      type: dict
    first_seen_at:
      description: When it was found first.
      type: str
    last_seen_at:
      description: When it was found last.
      type: str
    closed_at:
      description: Since when it is not found any more, null while it is.
      type: str
    reopened:
      description: How often it came back.
      type: int
    last_reopened_at:
      description: When it came back last.
      type: str
    ignored_until:
      description: Until when it is ignored.
      type: str
    ignore_reason:
      description: Why it is ignored, null if it is not.
      type: str
rules:
  description: Of each code in RV(findings) its C(title), C(explanation) and C(remedy).
  returned: success
  type: dict
count:
  description: How many are open, asked for and not ignored.
  returned: success
  type: int
counts:
  description: The same by severity.
  returned: success
  type: dict
  sample: {critical: 2, warning: 5, info: 12}
counts_by_code:
  description: The same by code.
  returned: success
  type: dict
  sample: {duplicate_mac: 1, shared_disk: 1}
ignored_count:
  description: How many are open and asked for, but ignored.
  returned: success
  type: int
truncated:
  description: There are more than RV(findings) has.
  returned: success
  type: bool
opened:
  description: How many were found for the first time, whatever is listed.
  returned: success
  type: int
reopened:
  description: How many came back.
  returned: success
  type: int
closed:
  description: How many are not found any more.
  returned: success
  type: int
expired_ignores:
  description: The rules of O(ignore) that have expired.
  returned: success
  type: list
  elements: str
database:
  description: The database's URL, without password.
  returned: success
  type: str
seconds:
  description: How long it took.
  returned: success
  type: float
"""
