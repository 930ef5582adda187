# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about NICs."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    in_order,
    of_vm,
    of_vms,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    CRITICAL,
    INFO,
    WARNING,
    Found,
    Rule,
    names,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.segments import (
    OWN_BRIDGES,
    Segments,
    tags_of,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.plan import load
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import ports

_LIVE = (
    ports.c.deleted_at.is_(None),
    ports.c.in_live.is_(True),
    ports.c.mac_address.is_not(None),
)

_PLACE = (
    ports.c.vm_uuid,
    ports.c.mac_address,
    ports.c.source_type,
    ports.c.source_ref,
    ports.c.network_name,
    ports.c.bridge_name,
    ports.c.port_group,
    ports.c.vlan_tags_json,
)


def _same_macs(reading: Reading) -> t.Iterator[Found]:
    # A database that does not know its tables well joins a table with itself row by row.
    users: t.Dict[str, t.Set[str]] = {}
    running = sa.select(ports.c.vm_uuid, ports.c.mac_address).where(*_LIVE)
    for machine, row in reading.devices(running):
        if machine.is_active:
            users.setdefault(row["mac_address"], set()).add(machine.domain_uuid)
    # A VM that runs twice is a finding of its own.
    repeated = [mac for mac, uuids in users.items() if len(uuids) > 1]
    rows = load(reading.connection, sa.select(*_PLACE).where(*_LIVE), ports.c.mac_address, repeated)
    for (mac, segment), machines in _together(reading, rows).items():
        if len({machine.domain_uuid for machine in machines}) > 1:
            told = names(map(str, in_order(machines)))
            text = "MAC address {0} is in use by {1} in one network: {2}".format(mac, told, segment)
            details = {"mac_address": mac, "segment": segment}
            yield of_vms(machines, ports, mac, text, details, mac, segment)


def _together(
    reading: Reading, rows: t.Iterable[Row]
) -> t.Dict[t.Tuple[str, str], t.Collection[Machine]]:
    """The running VMs with one MAC address in one network."""
    segments = Segments(reading)
    users: t.Dict[t.Tuple[str, str], t.Dict[str, Machine]] = {}
    for row in rows:
        machine = reading.machines.get(row["vm_uuid"])
        if machine is not None and machine.is_active:
            for segment in sorted(segments.of(machine.host_id, row)):
                users.setdefault((row["mac_address"], segment), {})[machine.uuid] = machine
    return {key: machines.values() for key, machines in users.items()}


def _of_nic(machine: Machine, row: Row, text: str, **details: t.Any) -> Found:
    name = row["mac_address"] or "?"
    told = ", NIC {0} {1}".format(name, text)
    return of_vm(machine, ports, name, told, details, name, row["source_ref"] or "")


def _link_down(reading: Reading) -> t.Iterator[Found]:
    query = sa.select(ports.c.vm_uuid, ports.c.mac_address, ports.c.source_ref)
    query = query.where(ports.c.deleted_at.is_(None), ports.c.link_state == "down")
    for machine, row in reading.devices(query):
        yield _of_nic(machine, row, "has its link down", source=row["source_ref"])


def _not_carried(reading: Reading) -> t.Iterator[Found]:
    query = sa.select(*_PLACE).where(
        ports.c.deleted_at.is_(None),
        ports.c.vlan_tags_json.is_not(None),
        ports.c.network_name.is_not(None),
    )
    for machine, row in reading.devices(query):
        network = reading.networks.get((machine.host_id, row["network_name"]))
        wanted = tags_of(row["vlan_tags_json"])
        carried = None if network is None else _carried(network)
        if carried is None:
            continue
        missing = sorted(set(wanted) - carried)
        if missing:
            text = "has VLAN {0}, which network {1} does not carry (it has {2})".format(
                names(map(str, missing)),
                row["network_name"],
                names(map(str, sorted(carried))) if carried else "none",
            )
            details = {"network": row["network_name"], "tags": wanted, "carried": sorted(carried)}
            yield _of_nic(machine, row, text, **details)


def _carried(network: Row) -> t.Optional[t.Set[int]]:
    """The VLANs that a network has, its port groups among it; null if that is not known."""
    virtual_port = network["virtual_port_json"]
    if network["mode"] in OWN_BRIDGES and not virtual_port:
        return set()
    tags = set(tags_of(network["vlan_tags_json"]))
    groups = network["port_groups_json"]
    for group in groups if isinstance(groups, list) else ():
        tags.update(tags_of(group.get("vlan_tags")))
    return tags or None


RULES = (
    Rule(
        "duplicate_mac",
        CRITICAL,
        "A MAC address is in use twice in one network",
        "NICs of two running VMs have one MAC address and are in one layer-2 network. That is: "
        "on one network that libvirt makes itself (NAT, routed, open, isolated), on one host; or "
        "with the same VLAN tag, anywhere; or without a tag on bridges or devices of one name, "
        "on any host. Two NICs of one VM (teaming) are none. Switches send what is for one VM to "
        "the other.",
        "Give one of the VMs another MAC address. A clone gets one if it is made by virt-clone.",
        _same_macs,
    ),
    Rule(
        "link_down",
        INFO,
        "A NIC has its link down",
        "The definition or the running VM has link state 'down', as if the cable were pulled.",
        "If that is not wanted: virsh domif-setlink VM MAC up, with --config too.",
        _link_down,
    ),
    Rule(
        "vlan_not_carried",
        WARNING,
        "A NIC has a VLAN that its network does not carry",
        "A NIC sets VLAN tags that neither its libvirt network nor one of the network's port "
        "groups has; or any tag on a network whose bridge libvirt makes itself, which carries "
        "none. Networks that say nothing of VLANs are not told, since what their bridge carries "
        "is not known.",
        "Choose a port group that has the VLAN, add the tag to the network, or correct the NIC.",
        _not_carried,
    ),
)
