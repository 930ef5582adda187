# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that asks a hypervisor."""

    DOCUMENTATION = r"""
options:
  uri:
    description:
      - libvirt's connection URI, for example V(qemu:///system), V(xen:///system), V(lxc:///system),
        V(qemu+ssh://root@hv1/system) or V(test:///default).
    type: str
    default: qemu:///system
  timeout:
    description:
      - Seconds after which the module gives up, for example because the daemon does not answer; at
        most a day.
    type: float
    default: 120.0
  addresses:
    description:
      - Further sources of the guests' IP addresses, besides the XML and the DHCP leases of
        libvirt's own networks.
      - V(agent) asks the QEMU guest agent of each running domain and V(arp) the host's ARP table.
      - Both cost a call per running domain, and an agent may keep it waiting.
      - libvirt lets only a connection with write access ask guest agents, so for V(agent), and for
        nothing else, a second connection with write access is opened.
    type: list
    elements: str
    choices: [agent, arp]
    default: []
  address_timeout:
    description:
      - Seconds that the sources in O(addresses) may take together.
    type: float
    default: 10.0
requirements:
  - Python 3.8 or later on the hypervisor
  - libvirt's Python binding (C(python3-libvirt), on SUSE C(python3-libvirt-python))
  - lxml (optional; the standard library's parser gives the same facts, more slowly)
"""

    REDACTION = r"""
options:
  redact:
    description:
      - What to remove from the answer, besides the secrets that always are. "(redacted)" stands
        for each value before anything is returned, recorded or logged, and C(redacted) of a domain
        lists the places.
      - Always removed are passwords of graphics, HTTP cookies, and the passwords, tokens and keys
        in URLs of disks, in C(qemu:commandline), C(xen:commandline) and C(bhyve:commandline) with
        their environment, in the kernel's command line, in the arguments and environment of a
        container, and in comments. What only refers to a secret stays, such as the UUID of a
        libvirt secret, the path of a key file or a user name.
      - The others are a choice, because mostly no secrets are in there, but what people look for.
      - V(sysinfo) stands for all texts of C(sysinfo), such as serial numbers, OEM strings and
        C(fwcfg) (Ignition, cloud-init), and for what QEMU's C(-smbios) and C(-fw_cfg) hand to the
        guest.
      - V(metadata) stands for all texts and attributes below C(metadata), V(description) for title
        and description, V(launch_security) for the session, certificate, identity and host data of
        confidential computing.
      - A choice holds from then on, it does not change what was recorded before.
    type: list
    elements: str
    choices: [sysinfo, metadata, description, launch_security]
    default: []
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Returns in check mode what it returns without it, since it changes nothing.
  diff_mode:
    support: N/A
    description: Returns nothing to compare, since it changes nothing.
"""
