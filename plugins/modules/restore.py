#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module has no code of its own: the action plugin of the same name does the work on the
# controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: restore
short_description: Define VMs of one hypervisor on another one, from the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Takes the domain XML of a host's VMs from the ledger, as P(virtledger.libvirt.domain_xml#lookup)
    does, and defines them on the host that the task runs for, with
    M(virtledger.libvirt.domain_define). The host that had them may be off or gone.
  - Their disks must be on storage that both hosts reach; nothing is copied.
  - Nothing is defined unless everything can be. A VM that is defined or running on the host otherwise
    than in the ledger, or may be on another one, a secret that is missing, or a column that libvirt
    would refuse, stops the task before the first definition.
extends_documentation_fragment:
  - virtledger.libvirt.database
  - virtledger.libvirt.database.action
options:
  host_id:
    description:
      - The name in the ledger of the host that gets the VMs, by default C(inventory_hostname).
    type: str
  source_host:
    description:
      - The name in the ledger of the host that had the VMs.
    type: str
    required: true
  vms:
    description:
      - Which of its VMs, by name, pattern (C(*), C(?)) or UUID. By default all that it has.
      - A VM that is marked as gone is restored if it is named.
    type: list
    elements: str
    default: []
  at:
    description:
      - A time such as V(2026-01-31T12:00:00Z), for the configuration of then.
    type: str
  source_lost:
    description:
      - You know that O(source_host) will never run these VMs again. Without it, VMs that the ledger
        has on that host are refused, because two hosts that run one VM destroy its disks.
      - The ledger then marks them as gone there. Once the new host is recorded they are the same
        VMs with their history.
    type: bool
    default: false
  ignore_elsewhere:
    description:
      - Go on although the ledger has VMs with these UUIDs on a third host.
    type: bool
    default: false
  replace:
    description:
      - Define a VM again that is defined on the host and does not run.
    type: bool
    default: false
  start:
    description:
      - Start the VMs that were defined.
    type: bool
    default: false
  autostart:
    description:
      - Have those VMs start with the host that did so on the old one. Otherwise none does.
    type: bool
    default: false
  map_networks:
    description:
      - Names of libvirt networks on the old host, each with its name on the new one.
    type: dict
    default: {}
  map_bridges:
    description:
      - The same for bridges.
    type: dict
    default: {}
  map_pools:
    description:
      - The same for storage pools.
    type: dict
    default: {}
  map_paths:
    description:
      - Directories or files of the old host, each with its path on the new one. Every path in the
        definition that is one of them or below one is changed; the longest match counts.
    type: dict
    default: {}
  secrets:
    description:
      - Secrets that the ledger does not keep. For each VM, by name, a dictionary of the place in its
        XML and the secret. The message of a refused VM tells the places.
    type: dict
    default: {}
  drop_secrets:
    description:
      - Define VMs without the secrets that are not in O(secrets), for example without a password of
        their console, rather than refuse them.
    type: bool
    default: false
  uri:
    description:
      - libvirt's connection URI on the host. The connection has write access.
    type: str
    default: qemu:///system
  timeout:
    description:
      - Seconds after which the host is given up, at most a day.
    type: float
    default: 120.0
seealso:
  - plugin: virtledger.libvirt.domain_xml
    plugin_type: lookup
  - module: virtledger.libvirt.domain_define
"""

EXAMPLES = r"""
- name: Show what would be defined, with --check --diff
  virtledger.libvirt.restore:
    source_host: hv1.example.com
    source_lost: true

- name: Bring two VMs of a dead host up again
  virtledger.libvirt.restore:
    source_host: hv1.example.com
    source_lost: true
    vms: [web1, "db*"]
    map_networks: {lan: lan2}
    map_paths: {/srv/vms: /mnt/vms}
    secrets:
      web1:
        devices/graphics/@passwd: "{{ vault_web1_console }}"
    start: true
"""

RETURN = r"""
source_host:
  description: The host that had the VMs.
  returned: success or failure
  type: str
host_id:
  description: The host that got them.
  returned: success or failure
  type: str
vms:
  description: What became of each VM.
  returned: success or failure
  type: list
  elements: dict
  contains:
    name:
      description: Name of the VM.
      returned: always
      type: str
    uuid:
      description: UUID of the VM in the ledger.
      returned: always
      type: str
    domain_uuid:
      description: UUID of the domain.
      returned: always
      type: str
    status:
      description: As in RV(virtledger.libvirt.domain_define#module:domains[].status).
      returned: always
      type: str
    started:
      description: It was started.
      returned: always
      type: bool
    message:
      description: Why it was refused, or failed.
      returned: always
      type: str
    notes:
      description: What to know of it, for example which secrets it lacks.
      returned: always
      type: list
      elements: str
"""
