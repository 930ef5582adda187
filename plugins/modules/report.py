#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write a report of what the ledger holds
version_added: 1.0.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Writes what the ledger holds to files on the controller, as one HTML page, a workbook in the style
    of RVTools, CSV or JSON.
  - Works while every hypervisor is off, and does not change the ledger. One report is what the ledger
    held at one moment.
  - The HTML page is one file that needs no network and no other file. It has an overview, a table of
    everything with search, filters and order, a page for each VM and host, and a picture of what is
    connected with what. Every view has an address of its own.
  - A file is written as a whole, and only if its content differs. Two reports of the same ledger are
    the same, byte by byte; the time that they name is that of the last recording.
  - Names in a hypervisor can be anything. The page shows them as texts only, the workbook has no cell
    with a formula, and in CSV a text that a spreadsheet would take for a formula begins with an
    apostrophe.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  dest:
    description:
      - Where to write the report, on the controller.
      - A name that ends in C(.html), C(.xlsx) or C(.json) is the file itself, unless there is a
        directory of this name. Everything else is a directory, which is made if it is not there. In it
        the files are C(report.html), C(report.xlsx), C(report.json), and C(report-vInfo.csv) and so
        on.
      - A relative path is below the directory in which Ansible was started, not beside the playbook.
    type: path
    required: true
  formats:
    description:
      - What to write.
      - V(html) is the page, V(xlsx) the workbook with sheets C(vInfo), C(vCPU), C(vMemory),
        C(vDisk), C(vNetwork), C(vCD), C(vSnapshot), C(vFS), C(vController), C(vConsole), C(vHostdev),
        C(vDevice), C(vPool), C(vVolume), C(vNet), C(vHost), C(vHealth), C(vChange) and C(vSource).
      - V(csv) writes one file for each sheet, and V(json) one file with all of them.
      - Sizes are MiB in the workbook, and bytes in CSV and JSON, which use the names of the facts.
    type: list
    elements: str
    choices: [html, xlsx, csv, json]
    default: [html]
  mode:
    description:
      - The mode of the files, as octal digits in quotes, for example V('0640').
      - Without it a file that is there keeps its mode, and a new one gets what the umask leaves.
    type: raw
  title:
    description:
      - What the report calls the fleet.
    type: str
    default: Hypervisor fleet
  host_id:
    description:
      - Only this host; C(*) stands for any characters and C(?) for any one.
      - Volumes are those that the host has or its VMs use.
    type: str
  vm:
    description:
      - Only this VM, by its name, its UUID in the ledger or its domain UUID, and the hosts, networks,
        volumes and pools that it uses. C(*) and C(?) in a name as above.
    type: str
  states:
    description:
      - Only VMs in one of these states, for example V(running), and what they use.
    type: list
    elements: str
    default: []
  include_gone:
    description:
      - Also what is not there any more.
    type: bool
    default: false
  since:
    description:
      - From which time on changes and runs are told, a time such as V(2026-01-31) or
        V(2026-01-31T12:00:00Z), or an age such as V(36h), V(30d) or V(2w).
      - An age counts back from the last recording that the ledger has.
    type: str
    default: 30d
  findings:
    description:
      - With what is found to be wrong, as the ledger has it since the action C(findings) looked last.
    type: bool
    default: true
attributes:
  check_mode:
    description: Says which files would change, and writes nothing.
  diff_mode:
    description: Names the files that change with their sizes, and shows the lines of CSV and JSON.
requirements:
  - XlsxWriter on the controller, for format V(xlsx)
notes:
  - The files are on the controller whatever host the task is for, so let it run once with
    C(run_once).
seealso:
  - module: virtledger.libvirt.ledger_info
"""

EXAMPLES = r"""
- name: The page of the whole fleet
  virtledger.libvirt.report:
    dest: /srv/www/fleet.html
    title: Data centre north
    mode: '0644'
  run_once: true

- name: Everything, for people and for programs
  virtledger.libvirt.report:
    dest: /srv/reports/fleet/
    formats: [html, xlsx, csv, json]
  run_once: true

- name: What runs on one host, and what changed there in a week
  virtledger.libvirt.report:
    dest: hv1.xlsx
    formats: [xlsx]
    host_id: hv1
    states: [running]
    since: 7d
  run_once: true

# Ad hoc:
# ansible localhost -m virtledger.libvirt.report -a 'dest=fleet.html'
"""

RETURN = r"""
files:
  description: The files, each with its C(path), C(format), C(size) in bytes, and whether it C(changed).
  returned: success
  type: list
  elements: dict
  sample:
    - path: /srv/www/fleet.html
      format: html
      size: 106623
      changed: true
counts:
  description: The number of rows of each sheet.
  returned: success
  type: dict
  sample:
    vInfo: 40
    vDisk: 199
as_of:
  description: When any of the hosts was recorded last; null if none was.
  returned: success
  type: str
since:
  description: The time from which on there are changes and runs.
  returned: success
  type: str
database:
  description: The database, without its password.
  returned: success
  type: str
"""
