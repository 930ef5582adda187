# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of guests that are not in their XML: DHCP leases, guest agents, ARP tables."""

from __future__ import annotations

import functools
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import (
    connection,
    error_entry,
    error_message,
    is_unsupported,
    libvirt,
    with_deadline,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import LibvirtError

Facts = t.Dict[str, t.Any]
Book = t.Dict[str, t.List[Facts]]

_FAMILY = {0: "ipv4", 1: "ipv6"}


def add_leases(conn: t.Any, book: Book, errors: t.List[Facts]) -> None:
    """The DHCP leases of every active network: one call per network, none per domain."""
    for network in conn.listAllNetworks(libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE):
        try:
            leases = network.DHCPLeases()
        except libvirt.libvirtError as error:
            if not is_unsupported(error):
                errors.append(_error(network.name(), "DHCP leases", error))
            continue
        for lease in sorted(leases, key=lambda lease: (lease["type"], lease["ipaddr"])):
            _add(book, lease["mac"], lease["ipaddr"], lease["type"], lease["prefix"], "lease")


def add_told_addresses(
    uri: str, sources: t.Sequence[str], seconds: float, book: Book, errors: t.List[Facts]
) -> None:
    """What guest agents and the host's ARP table tell of the running domains.

    An agent that does not answer holds its domain's call up; the calls end together after
    ``seconds``, and the domain that was not reached in time is named. A domain that has no agent
    configured is no error.
    """
    deadline = time.monotonic() + seconds
    for origin in sources:
        try:
            with connection(uri, writable=origin == "agent") as conn:
                if not _ask_all(conn, origin, deadline, book, errors):
                    return
        except LibvirtError as error:
            message = "No {0} addresses: {1}".format(origin, error)
            errors.append(error_entry("addresses", None, message))


def _ask_all(conn: t.Any, origin: str, deadline: float, book: Book, errors: t.List[Facts]) -> bool:
    """Ask for the addresses of each running domain; false when the time is up."""
    source = {
        "agent": libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
        "arp": libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
    }[origin]
    domains = conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING)
    for domain in sorted(domains, key=lambda domain: domain.name()):
        what = "Asking domain {0} for its addresses ({1})".format(domain.name(), origin)
        left = max(0.0, deadline - time.monotonic())
        try:
            told = with_deadline(
                functools.partial(domain.interfaceAddresses, source), left, what, "address_timeout"
            )
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED:
                errors.append(_error(domain.name(), origin + " addresses", error))
        except LibvirtError as error:
            errors.append(error_entry("addresses", domain.name(), str(error)))
            return False
        else:
            _add_interfaces(book, told, origin)
    return True


def _add_interfaces(book: Book, told: t.Optional[t.Dict[str, t.Any]], origin: str) -> None:
    for interface in (told or {}).values():
        mac = interface.get("hwaddr")
        for address in interface.get("addrs") or ():
            if mac:
                _add(book, mac, address["addr"], address["type"], address["prefix"], origin)


def _add(book: Book, mac: str, address: str, family: int, prefix: int, origin: str) -> None:
    known = book.setdefault(mac.lower(), [])
    if address not in (item["address"] for item in known):
        known.append(
            {
                "address": address,
                "family": _FAMILY.get(family),
                "prefix": prefix,
                "origin": origin,
            }
        )


def _error(name: str, what: str, error: t.Any) -> Facts:
    message = "{0}: no {1}: {2}".format(name, what, error_message(error))
    return error_entry("addresses", name, message, code=error.get_error_code())
