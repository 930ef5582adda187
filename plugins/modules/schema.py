#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: schema
short_description: Create, upgrade or check the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Brings the ledger's database to the revision that this version of the collection writes.
  - An existing database of the layout that the ledger extends is recognised by its tables, keeps
    every row and value, and gets new nullable columns, tables and indexes.
  - Also makes the views for other programs (C(ledger_vms), C(ledger_disks), ...), and makes them
    again where one is missing.
  - Runs on the controller, so one run for all hosts is enough.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  state:
    description:
      - V(latest) creates or upgrades the tables.
      - V(checked) fails unless they are at the latest revision and all views are there, and changes
        nothing.
      - V(verified) also looks at everything that is in them and fails unless all of it holds together,
        for example that the index has a row for every device of every VM and nothing else, that what
        is referred to is there, that JSON and times can be read, and that each archived document has
        the digest that names it. Changes nothing.
    type: str
    choices: [latest, checked, verified]
    default: latest
seealso:
  - module: virtledger.libvirt.sync
"""

EXAMPLES = r"""
- name: Create or upgrade the ledger
  virtledger.libvirt.schema:
    database_url: "{{ virtledger_database_url }}"
  run_once: true

- name: Is the ledger ready for this version of the collection
  virtledger.libvirt.schema:
    state: checked
  run_once: true

- name: Does everything in the ledger hold together
  virtledger.libvirt.schema:
    state: verified
  run_once: true

# What an upgrade would do, as DDL:
# ansible localhost -m virtledger.libvirt.schema --check --diff
"""

RETURN = r"""
database:
  description: The database's URL, without password.
  returned: success
  type: str
  sample: sqlite:////home/ops/.local/share/virtledger/ledger.db
revision_before:
  description: The revision found; 0 is an empty database, 1 the existing layout.
  returned: success
  type: int
revision:
  description: The revision at the end.
  returned: success
  type: int
latest_revision:
  description: The revision that this version of the collection writes.
  returned: success
  type: int
applied:
  description: Names of the revisions that were applied, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [existing layout, planned columns, recording]
views:
  description: Names of the views that were made, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [ledger_vms, ledger_disks]
violations:
  description: What is wrong; up to 20 of each rule and 100 in all.
  returned: O(state=verified)
  type: list
  elements: dict
  contains:
    rule:
      description: The invariant that does not hold.
      returned: success
      type: str
    table:
      description: The table.
      returned: success
      type: str
    key:
      description: The primary key of the row.
      returned: success
      type: str
    problem:
      description: What is wrong with it.
      returned: success
      type: str
  sample:
    - rule: index_row_missing
      table: ports
      key: "17"
      problem: the index has no row for this interface of VM 3f0c9f2e-5f0a-4b7e-9a55-0d6c1c3f9b11
violation_count:
  description: How many violations there are; the task fails if there are any.
  returned: O(state=verified)
  type: int
violations_by_rule:
  description: How many there are by rule.
  returned: O(state=verified)
  type: dict
  sample: {index_row_missing: 1}
seconds:
  description: How long the look at the whole ledger took.
  returned: O(state=verified)
  type: float
"""
