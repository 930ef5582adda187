#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: schema
short_description: Create, upgrade or check the tables of the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Brings the ledger's database to the revision that this version of the collection writes.
  - An existing database of the layout that the ledger extends is recognised by its tables, keeps
    every row and value, and gets new nullable columns, tables and indexes.
  - Runs on the controller, so one run for all hosts is enough.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  state:
    description:
      - V(latest) creates or upgrades the tables.
      - V(checked) fails unless they are at the latest revision, and changes nothing.
    type: str
    choices: [latest, checked]
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
"""
