# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address that Ansible reaches a VM at, of all that are recorded of it."""

from __future__ import annotations

import functools
import ipaddress
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError

#: Who told an address, in the order that counts by default.
ORIGINS = ("agent", "lease", "config", "arp")

FAMILIES = ("ipv4", "ipv6")

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


class Preference(t.NamedTuple):
    """Which address is chosen.

    :ivar origins: who may have told it, the best first.
    :ivar families: ``ipv4``, ``ipv6``, the best first.
    :ivar networks: if there are any, it lies in one of them; the best first.
    :ivar excluded: it lies in none of them.
    """

    origins: t.Tuple[str, ...] = ORIGINS
    families: t.Tuple[str, ...] = FAMILIES
    networks: t.Tuple[Network, ...] = ()
    excluded: t.Tuple[Network, ...] = ()


def networks_of(option: str, texts: t.Iterable[str]) -> t.Tuple[Network, ...]:
    """Networks as ``192.0.2.0/24``.

    :raises VirtledgerError: a text is none.
    """
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise VirtledgerError(
                "Option {0!r} has {1!r}, which is no network.".format(option, text),
                "It takes networks such as 192.0.2.0/24 and 2001:db8::/32.",
            ) from None
    return tuple(found)


def chosen(addresses: t.Iterable[t.Mapping[str, t.Any]], preference: Preference) -> t.Optional[str]:
    """The best of the addresses, in the order of networks, families, origins and NICs.

    What is returned is the address as Python writes it, never a text of the guest.
    """
    best: t.Optional[t.Tuple[t.Tuple[int, int, int], str]] = None
    for told in addresses:
        address = _usable(told.get("address"))
        if address is None:
            continue
        rank = _rank(address, str(told.get("origin")), preference)
        if rank is not None and (best is None or rank < best[0]):
            best = rank, str(address)
    return best[1] if best else None


def _rank(
    address: Address, origin: str, preference: Preference
) -> t.Optional[t.Tuple[int, int, int]]:
    """The lower the better; none of an address that must not be chosen."""
    family = "ipv{0}".format(address.version)
    if family not in preference.families or origin not in preference.origins:
        return None
    if any(address in network for network in preference.excluded):
        return None
    within = [n for n, network in enumerate(preference.networks) if address in network]
    if preference.networks and not within:
        return None
    return (
        within[0] if within else 0,
        preference.families.index(family),
        preference.origins.index(origin),
    )


@functools.lru_cache(maxsize=65536)
def _usable(text: t.Any) -> t.Optional[Address]:
    """An address that another machine can reach."""
    try:
        address = ipaddress.ip_address(text if isinstance(text, str) else "")
    except ValueError:
        return None
    if "%" in str(address) or (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or str(address) == "255.255.255.255"
    ):
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return _usable(str(mapped)) if mapped else address
