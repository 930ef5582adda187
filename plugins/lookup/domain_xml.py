# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup ``domain_xml``: domain XML from the ledger."""

from __future__ import annotations

DOCUMENTATION = r"""
name: domain_xml
short_description: Domain XML of VMs from the ledger
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Returns the domain XML of recorded VMs, also while their hypervisor is off or gone.
  - A VM whose rows nobody has changed comes back as libvirt printed it, with every element, comment
    and name space. Where a column of the VM or of one of its devices was changed in the database,
    exactly that attribute or element is changed; where a device's row was deleted or added, that
    device is removed or added.
  - A changed value that libvirt would refuse fails the lookup, naming VM, device and column.
  - Secrets are not in the ledger. Where one was removed the XML has C((redacted)), and a warning
    names the place.
extends_documentation_fragment:
  - virtledger.libvirt.database
options:
  _terms:
    description:
      - The VMs, each by its UUID in the ledger, its domain UUID, or as C(host_id/name).
    required: true
    type: list
    elements: str
  kind:
    description:
      - V(config) is the persistent definition, which libvirt can define again. V(live) is the
        running domain. V(auto) is the definition, or the running domain of a transient VM.
    type: str
    choices: [auto, config, live]
    default: auto
  at:
    description:
      - A time such as V(2026-01-31T12:00:00Z), an age such as V(2d), or a digest or at least 8
        characters of it, for the configuration that the VM had then. Columns are of today, so they
        are not laid over it.
      - Fails where M(virtledger.libvirt.retention) may have removed what the VM was then.
    type: str
  columns:
    description:
      - Lay changed columns over the archived XML. With V(false) the archived text is returned.
    type: bool
    default: true
seealso:
  - module: virtledger.libvirt.ledger_info
"""

EXAMPLES = r"""
- name: Show a VM's definition
  ansible.builtin.debug:
    msg: "{{ lookup('virtledger.libvirt.domain_xml', 'hv1.example.com/web1') }}"

- name: Write what it was on Tuesday
  ansible.builtin.copy:
    content: "{{ lookup('virtledger.libvirt.domain_xml', uuid, at='2026-01-27T08:00:00Z') }}"
    dest: /root/web1.xml
    mode: "0600"
"""

RETURN = r"""
_raw:
  description: The XML of each VM, in the order of the terms.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import (
    chosen_database,
    plain,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._regenerate.regenerate import (
    Regenerated,
    Wanted,
    regenerate_all,
)


class LookupModule(LookupBase):
    """Reads the ledger; it never writes."""

    def run(
        self,
        terms: t.List[t.Any],
        variables: t.Optional[t.Dict[str, t.Any]] = None,
        **kwargs: t.Any,
    ) -> t.List[str]:
        """The XML of each VM."""
        self.set_options(var_options=variables, direct=kwargs)
        wanted = Wanted(
            self.get_option("kind"),
            plain(self.get_option("at")) or "",
            self.get_option("columns"),
        )
        names = [str(term) for item in plain(terms) for term in _listed(item)]
        try:
            options = {
                name: self.get_option(name) for name in ("database_url", "database_url_file")
            }
            database = chosen_database(options, variables or {}, self._templar, self._loader)
            found = regenerate_all(database, names, wanted)
        except VirtledgerError as error:
            raise AnsibleError("domain_xml: {0}".format(error)) from None
        for one in found:
            _warn(one)
        return [one.text for one in found]


def _listed(item: t.Any) -> t.List[t.Any]:
    return item if isinstance(item, list) else [item]


def _warn(one: Regenerated) -> None:
    display = Display()
    for warning in one.warnings:
        display.warning(warning)
    if one.secrets:
        display.warning(
            "VM {0}: secrets must be supplied at {1}.".format(
                one.vm["name"] or one.vm["uuid"], ", ".join(one.secrets)
            )
        )
