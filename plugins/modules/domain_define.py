#!/usr/bin/python

# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_define
short_description: Define libvirt domains from XML
version_added: 0.1.0
author:
  - The virtledger contributors (@virtledger)
description:
  - Defines domains on a hypervisor from their XML. M(virtledger.libvirt.restore) uses it.
  - All domains are looked at first. Where one of them is running on the host, is defined there
    otherwise, or has the name of another domain, none is defined.
  - One that is there exactly as it is ordered, running or not, stays as it is.
  - One domain that libvirt refuses does not keep the others from being defined.
options:
  uri:
    description:
      - libvirt's connection URI. The connection has write access.
    type: str
    default: qemu:///system
  timeout:
    description:
      - Seconds after which the module gives up, at most a day.
    type: float
    default: 120.0
  domains:
    description:
      - The domains.
    type: list
    elements: dict
    required: true
    suboptions:
      xml:
        description:
          - The domain's XML, as the lookup P(virtledger.libvirt.domain_xml#lookup) returns it.
          - It may hold secrets, so it is not logged.
        type: str
        required: true
      autostart:
        description:
          - Start the domain with the hypervisor.
        type: bool
        default: false
  replace:
    description:
      - Define a domain again that is defined on the host and does not run.
    type: bool
    default: false
  start:
    description:
      - Start the domains that were defined.
    type: bool
    default: false
requirements:
  - Python 3.8 or later on the hypervisor
  - libvirt's Python binding (C(python3-libvirt), on SUSE C(python3-libvirt-python))
attributes:
  check_mode:
    support: full
    description: Looks at everything, and defines and starts nothing.
  diff_mode:
    support: full
    description: Shows the definitions, without secrets.
"""

EXAMPLES = r"""
- name: Define a VM of another host
  virtledger.libvirt.domain_define:
    domains:
      - xml: "{{ lookup('virtledger.libvirt.domain_xml', 'hv1.example.com/web1') }}"
"""

RETURN = r"""
domains:
  description: What became of each domain.
  returned: success or failure
  type: list
  elements: dict
  contains:
    name:
      description: Name of the domain.
      returned: always
      type: str
    uuid:
      description: Its UUID.
      returned: always
      type: str
    status:
      description:
        - V(defined), V(redefined), V(unchanged) (it is there as ordered), V(refused), V(failed)
          (libvirt refused it) or V(skipped), because another one was refused.
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
"""

import difflib
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import with_deadline
from ansible_collections.virtledger.libvirt.plugins.module_utils._define import (
    Order,
    Policy,
    define,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.module_utils._module import (
    require_connection_options,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._options import DEFINING_OPTIONS


def _difference(domain: t.Dict[str, t.Any]) -> str:
    """The definition before and after, as the lines that differ.

    Whole texts would be masked: the module's argument is not to be logged, and may be the same.
    """
    before, after = (domain.pop(name).splitlines() for name in ("before", "after"))
    names = ("{0} on the host".format(domain["name"]), "{0} as defined".format(domain["name"]))
    return "".join(line + "\n" for line in difflib.unified_diff(before, after, *names, lineterm=""))


def main() -> None:
    module = AnsibleModule(argument_spec=DEFINING_OPTIONS, supports_check_mode=True)
    params = module.params
    require_connection_options(module, ("timeout",))
    orders = [Order(domain["xml"], domain["autostart"]) for domain in params["domains"]]
    policy = Policy(params["replace"], params["start"], module.check_mode)
    try:
        domains, warnings = with_deadline(
            lambda: define(params["uri"], orders, policy),
            params["timeout"],
            "Defining domains on {0}".format(params["uri"]),
        )
    except VirtledgerError as error:
        module.fail_json(msg=str(error))
    for warning in warnings:
        module.warn(warning)
    diff = "".join(_difference(domain) for domain in domains)
    changed = any(
        domain["status"] in ("defined", "redefined") or domain["started"] for domain in domains
    )
    bad = [domain for domain in domains if domain["status"] in ("refused", "failed")]
    result = {"changed": changed, "domains": domains}
    if module._diff:
        result["diff"] = {"prepared": diff}
    if bad:
        words = "; ".join("{0[name]} {0[status]}: {0[message]}".format(one) for one in bad)
        module.fail_json(msg="Not all domains are defined: {0}.".format(words), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
