# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory ``ledger``: VMs or hypervisors of the ledger as hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ledger
short_description: VMs or hypervisors of the ledger as hosts
version_added: 1.0.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Makes a host of every VM, or of every hypervisor, that the ledger has. Only the database is
    asked, so it works while every hypervisor is off.
  - The file's name must end in C(ledger.yml) or C(ledger.yaml), such as C(fleet.ledger.yml) or
    C(virtledger.yml).
  - All hosts are in a group C(virtual_machines) or C(hypervisors), and in groups by what
    O(group_by) names.
  - What a VM tells of itself never becomes a template, nor the name of a variable. Characters of
    its name that mean something in patterns, in paths or on command lines are replaced by C(_).
extends_documentation_fragment:
  - virtledger.libvirt.database
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - The name of this plugin.
    type: str
    required: true
    choices:
      - virtledger.libvirt.ledger
  subject:
    description:
      - What the hosts are.
    type: str
    choices:
      - virtual_machines
      - hypervisors
    default: virtual_machines
  hosts:
    description:
      - Only VMs on these hypervisors, or only these hypervisors, by their names in the ledger.
      - Here and in all other filters, V(*) stands for any characters and V(?) for any one. A
        leading V(!) excludes, as in C("!hv-test*"), with quotes. At least one that does not
        exclude must match, if there is any. What several filters say must all be true.
    type: list
    elements: str
    default: []
  names:
    description:
      - Only VMs with these names. With O(subject=hypervisors) this and the filters below choose
        the hypervisors that have such a VM.
    type: list
    elements: str
    default: []
  states:
    description:
      - Only VMs in these states, such as V(running), V(paused) or V(shutoff).
    type: list
    elements: str
    default: []
  networks:
    description:
      - Only VMs with a NIC on one of these libvirt networks.
    type: list
    elements: str
    default: []
  bridges:
    description:
      - Only VMs with a NIC on one of these bridges, directly or through a libvirt network.
    type: list
    elements: str
    default: []
  vlans:
    description:
      - Only VMs with a NIC in one of these VLANs, by their numbers, whether the NIC, its port
        group or its network sets it.
    type: list
    elements: str
    default: []
  pools:
    description:
      - Only VMs with a disk in one of these storage pools.
    type: list
    elements: str
    default: []
  os:
    description:
      - Only VMs with these operating systems, by the last two parts of libosinfo's name as it is
        in their metadata, such as V(debian12) or V(win*).
    type: list
    elements: str
    default: []
  tags:
    description:
      - Only VMs whose metadata has one of these tags, or one of these labels written as
        V(env=prod).
      - C(<tag>web</tag>) and C(<tags>web, prod</tags>) are tags. C(<label
        name="env">prod</label>) and C(<labels><env>prod</env></labels>) are labels. They may be
        in any XML name space.
    type: list
    elements: str
    default: []
  max_age:
    description:
      - Only what is on hypervisors that were recorded completely in the last so many hours.
    type: float
  include_gone:
    description:
      - Also VMs that are not there any more. Their C(gone_at) is set, and their names have
        hypervisor and UUID behind them.
    type: bool
    default: false
  facts:
    description:
      - V(summary) sets the variables that most look for, V(full) all facts of the domains.
    type: str
    choices:
      - summary
      - full
    default: summary
  families:
    description:
      - Device families whose rows are set as lists as well, such as V(ports) or
        V(volume_attachments), with all their facts.
    type: list
    elements: str
    choices:
      - emulators
      - volume_attachments
      - controllers
      - device_leases
      - filesystems
      - ports
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
    default: []
  naming:
    description:
      - V(name) calls a VM by its name. Where several living VMs of the ledger have that name,
        whatever the filters choose, or a hypervisor has it, all of those VMs are called
        C(name_hypervisor).
      - V(qualified_name) always calls them that, so that no new VM ever changes the name of
        another.
      - V(uuid) is the VM's UUID in the ledger, which stays when it is renamed or moves.
      - Two that would still have one name have their UUIDs behind it.
    type: str
    choices:
      - name
      - qualified_name
      - uuid
    default: name
  hostnames:
    description:
      - Jinja expressions over the variables of a host, such as C(vm_labels.fqdn). The first with
        a text as its value takes the place of the name.
      - With O(naming=name), hosts of this inventory that would have one name have that of their
        hypervisor behind it.
    type: list
    elements: str
    default: []
  vars_prefix:
    description:
      - The beginning of the names of all variables that come from the ledger, by default C(vm_)
        for VMs and C(hypervisor_) for hypervisors.
    type: str
  group_by:
    description:
      - What groups are made of, each called like V(network) and the name of the network, as
        C(network_lan). For hypervisors V(state), V(network), V(vlan), V(bridge) and V(pool)
        apply.
      - All that apply by default.
    type: list
    elements: str
    choices:
      - hypervisor
      - state
      - network
      - vlan
      - bridge
      - pool
      - os
      - tag
      - label
  group_prefix:
    description:
      - The beginning of the names of those groups, by default nothing for VMs and C(hypervisors_)
        for hypervisors, so that both can be in one inventory.
    type: str
  address_origins:
    description:
      - Who may have told the address that becomes C(ansible_host), the best first. V(agent) is
        the guest agent, V(lease) a DHCP lease of libvirt, V(config) the XML, V(arp) the ARP table
        of the hypervisor. With an empty list C(ansible_host) is not set.
      - Guests tell what they like. Where they are not to be trusted, leave out V(agent) and
        V(arp), or set O(address_networks).
    type: list
    elements: str
    choices:
      - agent
      - lease
      - config
      - arp
    default: [agent, lease, config, arp]
  address_families:
    description:
      - The families it may have, the best first. It counts before O(address_origins).
    type: list
    elements: str
    choices:
      - ipv4
      - ipv6
    default: [ipv4, ipv6]
  address_networks:
    description:
      - Networks that it must lie in, such as V(192.0.2.0/24), the best first. It counts before
        all else. Loopback, link-local and multicast addresses are never taken.
    type: list
    elements: str
    default: []
  address_exclude:
    description:
      - Networks that it must not lie in.
    type: list
    elements: str
    default: []
notes:
  - Texts in options may be templates and may be vaulted, but for those of O(compose), O(groups),
    O(keyed_groups) and O(hostnames), which are expressions.
  - Of variables, only those of the command line (C(-e)) are known to an inventory, so
    C(virtledger_database_url) counts if it is given there. A relative O(database_url_file) is
    looked for beside the file of the inventory.
  - With O(cache), what was read serves until O(cache_timeout), also while the database is down.
    Which cache is used depends on the database, without its password, and on the options about
    what is read.
seealso:
  - module: virtledger.libvirt.ledger_info
"""

EXAMPLES = r"""
# fleet.ledger.yml: every VM, grouped by everything
plugin: virtledger.libvirt.ledger

---
# web.ledger.yml: running Debian VMs on two networks, with the addresses of the management network
plugin: virtledger.libvirt.ledger
database_url: "{{ lookup('ansible.builtin.env', 'LEDGER_URL') }}"
states: [running]
os: ["debian*"]
networks: [lan, dmz]
names: ["web*", "!web-test*"]
address_networks: [192.0.2.0/24]
compose:
  ansible_user: "'root' if vm_os_name == 'debian' else 'admin'"
keyed_groups:
  - key: vm_labels.env
    prefix: env
groups:
  large: vm_memory_bytes >= 16 * 1024 ** 3

---
# hypervisors.ledger.yml: the hypervisors that were recorded in the last day, to record them again
plugin: virtledger.libvirt.ledger
subject: hypervisors
max_age: 24
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/virtledger
"""

import difflib
import hashlib
import json
import os
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import (
    chosen_database,
    plain,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.hosts import (
    Host,
    hosts_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.read import read
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._inventory.wanted import (
    Shown,
    shown,
    wanted,
)

Options = t.Dict[str, t.Any]

#: Options that Ansible's own classes work with.
_EXPRESSIONS = frozenset(("compose", "groups", "keyed_groups", "hostnames"))


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads the ledger; it never writes."""

    NAME = "virtledger.libvirt.ledger"

    def verify_file(self, path: str) -> bool:
        """Whether a file may be a configuration of this plugin."""
        is_readable: bool = super().verify_file(path)
        return is_readable and path.endswith(("ledger.yml", "ledger.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the hosts that a file describes to the inventory."""
        super().parse(inventory, loader, path, cache)
        self._groups: t.Dict[str, str] = {}
        given = self._read_config_data(path)
        self._refuse_unknown(given)
        try:
            options = self._options_of(given, path)
            how = shown(options, given)
            answer = self._answer(options, path, cache)
            for host in hosts_of(answer, how, options["subject"], self._hostname):
                self._add(host, how, options)
        except VirtledgerError as error:
            raise AnsibleParserError(str(error)) from None

    def _refuse_unknown(self, given: t.Iterable[str]) -> None:
        known = C.config.get_configuration_definitions("inventory", self._load_name)
        for name in given:
            if name not in known:
                alike = difflib.get_close_matches(str(name), known, 1)
                raise AnsibleParserError(
                    "There is no option {0!r} of virtledger.libvirt.ledger.{1}".format(
                        str(name), " Is it {0!r}?".format(alike[0]) if alike else ""
                    )
                )

    def _options_of(self, given: t.Mapping[str, t.Any], path: str) -> Options:
        """The options without templates, in Python's own types."""
        self.templar.available_variables = self._vars
        options = {
            name: value if name in _EXPRESSIONS else plain(self.templar.template(value))
            for name, value in self.get_options().items()
        }
        # as it is written: Ansible makes a path absolute before it is a template no more
        written = plain(self.templar.template(given.get("database_url_file")))
        if written:
            options["database_url_file"] = os.path.join(
                os.path.dirname(os.path.abspath(path)), os.path.expanduser(written)
            )
        return options

    def _answer(self, options: Options, path: str, cache: bool) -> t.Dict[str, t.Any]:
        """What the ledger has, or had when it was kept in the cache."""
        what = wanted(options)
        database = chosen_database(options, self._vars or {}, self.templar, self.loader)
        if not options["cache"]:
            return read(database, what)
        told = json.dumps([str(database), what], default=repr, sort_keys=True)
        digest = hashlib.sha256(told.encode()).hexdigest()[:32]
        # Not by the file's path: AWX has another one for each update.
        key = "{0}_{1}".format(self.NAME, digest)
        try:
            if cache:
                kept: t.Dict[str, t.Any] = self._cache[key]
                return kept
        except KeyError:
            pass
        self._cache[key] = answer = read(database, what)
        return answer

    def _hostname(self, variables: t.Dict[str, t.Any], expressions: t.Sequence[str]) -> str:
        """The first text that an expression gives; empty if none does."""
        for expression in expressions:
            try:
                name = self._compose(expression, variables)
            except AnsibleError as error:
                if self.get_option("strict"):
                    raise AnsibleParserError(
                        "Option 'hostnames': {0}: {1}".format(expression, error)
                    ) from None
                continue
            if isinstance(name, str) and name.strip():
                return name.strip()
        return ""

    def _add(self, host: Host, how: Shown, options: Options) -> None:
        """Add a host with its variables and groups."""
        name = self.inventory.add_host(host.name)
        # The inventory's own set_variable() goes through every value to note where it came from;
        # that would take three times as long as all the rest. Nothing is trusted either way.
        self.inventory.get_host(name).vars.update(host.variables)
        for group in [options["subject"], *host.groups]:
            self.inventory.add_child(self._group(group), name)
        strict = options["strict"]
        if options["compose"]:
            self._set_composite_vars(options["compose"], host.variables, name, strict)
        if options["groups"]:
            self._add_host_to_composed_groups(options["groups"], host.variables, name, strict)
        if options["keyed_groups"]:
            self._add_host_to_keyed_groups(options["keyed_groups"], host.variables, name, strict)

    def _group(self, words: str) -> str:
        """The group that is called so, as far as Ansible allows; made where there is none."""
        if words not in self._groups:
            self._groups[words] = self.inventory.add_group(self._sanitize_group_name(words))
        return self._groups[words]
