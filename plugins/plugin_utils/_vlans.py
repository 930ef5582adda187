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
    constant,
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
_MOST_TAGS = 900


def _with_network() -> t.Any:
    """NICs of VMs with the libvirt network that each names, if there is one."""
    vm = virtual_machines
    binding = ports.join(vm, vm.c.uuid == ports.c.vm_uuid).outerjoin(
        port_bindings,
        sa.and_(port_bindings.c.port_id == ports.c.id, port_bindings.c.deleted_at.is_(None)),
    )
    return binding.outerjoin(
        networks,
        sa.and_(
            networks.c.id == port_bindings.c.network_id,
            networks.c.deleted_at.is_(None),
            ports.c.network_name.isnot(None),
        ),
    )


def _start_of_group(groups: t.Any) -> t.Any:
    """Where the port group of a NIC is, the default one if it names none; 0 if there is none."""
    named = constant('{"name":').concat(quoted(ports.c.port_group))
    named = named.concat(constant(',"is_default":'))
    return sa.case(
        (ports.c.port_group.is_(None), position(groups, '"is_default":true,')),
        else_=position(groups, named),
    )


def _told() -> t.Any:
    """What there is to know of each NIC: its own tags, its network's, and the groups of that."""
    groups = as_text(networks.c.port_groups_json)
    columns = {
        "port_id": ports.c.id,
        "own": as_text(ports.c.vlan_tags_json),
        "network": as_text(networks.c.vlan_tags_json),
        "group_list": groups,
    }
    told = [column.label(name) for name, column in columns.items()]
    return (
        sa.select(*told, _start_of_group(groups).label("start"))
        .select_from(_with_network())
        .where(
            ports.c.deleted_at.is_(None),
            virtual_machines.c.deleted_at.is_(None),
            sa.or_(*(has(columns[name], _TAG) for name in ("own", "network", "group_list"))),
        )
        .subquery("told")
    )


def _with_group() -> t.Any:
    """The same with the tags of its port group."""
    told = _told()
    at = sa.case(
        (told.c.start > 0, sa.func.substr(told.c.group_list, told.c.start, type_=sa.Text()))
    )
    found = sa.select(told.c.port_id, told.c.own, told.c.network, at.label("rest")).subquery(
        "found"
    )
    group = before(after(found.c.rest, '"vlan_tags":'), ',"virtual_port":')
    return sa.select(
        found.c.port_id, found.c.own, found.c.network, group.label("of_group")
    ).subquery("grouped")


def tagged_ports() -> t.Any:
    """The living NICs that are in VLANs, as a subquery.

    Its columns: ``port_id``; ``tags``, the JSON text of its VLANs; ``origin``, who has them:
    ``nic``, ``port_group`` or ``network``; ``vlan_id``, the first of them.
    """
    known = _with_group()
    ways = (("nic", known.c.own), ("port_group", known.c.of_group), ("network", known.c.network))
    tags = sa.case(*((has(column, _TAG), column) for _name, column in ways))
    origin = sa.case(*((has(column, _TAG), sa.literal(name, sa.String())) for name, column in ways))
    chosen = sa.select(known.c.port_id, tags.label("tags"), origin.label("origin")).subquery(
        "chosen"
    )
    return (
        sa.select(
            chosen.c.port_id,
            chosen.c.tags,
            chosen.c.origin,
            _first_tag(chosen.c.tags).label("vlan_id"),
        )
        .where(chosen.c.tags.isnot(None))
        .subquery("tagged")
    )


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
        sa.literal_column("1", sa.Integer()).label("number"),
    ).cte("vlan_tags", recursive=True)
    rest = after(first.c.rest, _TAG)
    following = sa.select(
        first.c.port_id, first.c.origin, rest, first.c.number + sa.literal_column("1")
    ).where(has(rest, _TAG), first.c.number < sa.literal_column(str(_MOST_TAGS)))
    tags = first.union_all(following)
    return sa.select(
        tags.c.port_id, _first_tag(tags.c.rest).label("vlan_id"), tags.c.origin
    ).subquery("each_tag")
