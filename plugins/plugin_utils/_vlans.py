# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VLANs a NIC is in: its own tags, else those of its port group, else those of its network.

That is the order in which libvirt takes them. NICs on a bridge of the host are only told by their
own tags; what the bridge does with them libvirt does not say.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._json_sql import (
    after,
    as_text,
    before,
    has,
    position,
    quoted,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import (
    networks,
    port_bindings,
    ports,
    virtual_machines,
)

#: Before each tag's number, and behind it.
_TAG, _TAG_END = '"id":', ","

#: VLANs go up to 4094; what is longer is none, and does not fit into a number for certain.
_DIGITS = 5

#: A recursive query ends there on MariaDB (1000 by default) and is an error on MySQL.
_MOST: t.Any = sa.literal_column("900")

_ONE: t.Any = sa.literal_column("1")


@functools.lru_cache(maxsize=1)
def _groups() -> t.Any:
    """The port groups of networks, as a subquery: ``network_id``, ``name``, ``tags``.

    The name is as JSON has it; a default group is there once more with an empty one. There are far
    fewer groups than NICs, so their texts are taken apart here, once for each.
    """
    text = as_text(networks.c.port_groups_json)
    first = (
        sa.select(
            networks.c.id.label("network_id"),
            after(text, '[{"name":').label("rest"),
            _counter(),
        )
        .where(networks.c.deleted_at.is_(None), has(text, _TAG))
        .cte("port_group_texts", recursive=True)
    )
    mark = ',{"name":'
    rest = after(first.c.rest, mark)
    following = sa.select(first.c.network_id, rest, first.c.number + _ONE).where(
        has(first.c.rest, mark), first.c.number < _MOST
    )
    each = first.union_all(following)
    name = before(each.c.rest, ',"is_default":')
    tags = before(after(each.c.rest, '"vlan_tags":'), ',"virtual_port":')
    named = sa.select(each.c.network_id, name.label("name"), tags.label("tags"))
    is_default = position(after(each.c.rest, ',"is_default":'), "true,") == _ONE
    by_default = sa.select(
        each.c.network_id, sa.literal_column("''", sa.Text()).label("name"), tags.label("tags")
    ).where(is_default)
    both = named.union_all(by_default).subquery("port_group_names")
    return (
        sa.select(both.c.network_id, both.c.name, sa.func.min(both.c.tags).label("tags"))
        .group_by(both.c.network_id, both.c.name)
        .subquery("port_groups")
    )


def _counter() -> t.Any:
    """How often a recursive query has gone on."""
    return sa.literal_column("1", sa.Integer()).label("number")


def _with_network(groups: t.Any) -> t.Any:
    """NICs of VMs with the libvirt network that each names, and with its port group there."""
    vm = virtual_machines
    known = sa.and_(
        networks.c.id == port_bindings.c.network_id,
        networks.c.deleted_at.is_(None),
        ports.c.network_name.isnot(None),
    )
    name = sa.func.coalesce(quoted(ports.c.port_group), sa.literal_column("''", sa.Text()))
    return (
        ports.join(vm, vm.c.uuid == ports.c.vm_uuid)
        .outerjoin(
            port_bindings,
            sa.and_(port_bindings.c.port_id == ports.c.id, port_bindings.c.deleted_at.is_(None)),
        )
        .outerjoin(networks, known)
        .outerjoin(groups, sa.and_(groups.c.network_id == networks.c.id, groups.c.name == name))
    )


def tagged_ports() -> t.Any:
    """The living NICs that are in VLANs, as a subquery.

    Its columns: ``port_id``; ``tags``, the JSON text of its VLANs; ``origin``, who has them:
    ``nic``, ``port_group`` or ``network``; ``vlan_id``, the first of them.
    """
    groups = _groups()
    ways = (
        ("nic", as_text(ports.c.vlan_tags_json)),
        ("port_group", groups.c.tags),
        ("network", as_text(networks.c.vlan_tags_json)),
    )
    tags = sa.case(*((has(text, _TAG), text) for _name, text in ways))
    origin = sa.case(*((has(text, _TAG), sa.literal(name, sa.String())) for name, text in ways))
    chosen = (
        sa.select(ports.c.id.label("port_id"), tags.label("tags"), origin.label("origin"))
        .select_from(_with_network(groups))
        .where(
            ports.c.deleted_at.is_(None),
            virtual_machines.c.deleted_at.is_(None),
            sa.or_(*(has(text, _TAG) for _name, text in ways)),
        )
        .subquery("chosen")
    )
    return sa.select(
        chosen.c.port_id,
        chosen.c.tags,
        chosen.c.origin,
        _first_tag(chosen.c.tags).label("vlan_id"),
    ).subquery("tagged")


def _first_tag(tags: t.Any) -> t.Any:
    """The number of the first tag in a JSON text; null where it is none.

    A number that libvirt would refuse is in the facts as the text that it was.
    """
    number = before(after(tags, _TAG), _TAG_END)
    is_number = ~has(number, '"') & (number != "null") & (sa.func.length(number) <= _DIGITS)
    return sa.case((is_number, sa.cast(number, sa.BigInteger())))


def _mark(number: int) -> str:
    return "{0}{1}{2}".format(_TAG, number, _TAG_END)


def in_vlan(number: int) -> t.Any:
    """A NIC in a VLAN."""
    tagged = tagged_ports()
    found = sa.select(tagged.c.port_id).where(has(tagged.c.tags, _mark(number)))
    return ports.c.id.in_(found)


def carries_vlan(number: int) -> t.Any:
    """A network with a VLAN, of its own or of a port group."""
    mark = _mark(number)
    return sa.or_(
        has(as_text(networks.c.vlan_tags_json), mark),
        has(as_text(networks.c.port_groups_json), mark),
    )


@functools.lru_cache(maxsize=1)
def every_tag() -> t.Any:
    """Each tag of each living NIC, as a subquery: ``port_id``, ``vlan_id``, ``origin``."""
    tagged = tagged_ports()
    first = sa.select(
        tagged.c.port_id,
        sa.cast(tagged.c.origin, sa.String(16)).label("origin"),
        tagged.c.tags.label("rest"),
        _counter(),
    ).cte("vlan_tags", recursive=True)
    rest = after(first.c.rest, _TAG)
    following = sa.select(first.c.port_id, first.c.origin, rest, first.c.number + _ONE).where(
        has(rest, _TAG), first.c.number < _MOST
    )
    tags = first.union_all(following)
    return sa.select(
        tags.c.port_id, _first_tag(tags.c.rest).label("vlan_id"), tags.c.origin
    ).subquery("each_tag")
