# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about consoles that everybody on the network can reach."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import (
    CHANNEL,
    CONSOLE,
    PARALLEL,
    SERIAL,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import (
    Machine,
    Reading,
    Row,
    of_vm,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    WARNING,
    Found,
    Rule,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._sqlalchemy import sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._tables import metadata

#: How all addresses of a host are written.
_ALL = frozenset(("0.0.0.0", "::", "[::]", "*"))

_GRAPHICS = "consoles"

#: Protocols of a character device that have TLS.
_ENCRYPTED = frozenset(("tls", "telnets"))


def _exposed(reading: Reading) -> t.Iterator[Found]:
    yield from _graphical(reading)
    for family in (SERIAL, PARALLEL, CONSOLE, CHANNEL):
        yield from _textual(reading, family)


def _graphical(reading: Reading) -> t.Iterator[Found]:
    table = metadata.tables[_GRAPHICS]
    query = sa.select(
        table.c.vm_uuid,
        table.c.type,
        table.c.listen_address,
        table.c.listens_json,
        table.c.port,
        table.c.tls_port,
        table.c.autoport,
        table.c.password_valid_to,
        table.c.unmapped_json,
    ).where(table.c.deleted_at.is_(None), table.c.type.in_(("vnc", "spice")))
    for machine, row in reading.devices(query):
        unmapped = row["unmapped_json"] or {}
        has_password = "@passwd" in unmapped or row["password_valid_to"] is not None
        addresses = {row["listen_address"]} | {
            listen.get("@address") for listen in row["listens_json"] or ()
        }
        open_to_all = sorted(_ALL & addresses)
        if open_to_all and not has_password and not _is_tls_only(row, unmapped):
            yield _of_console(machine, table, row["type"], open_to_all[0], row["port"])


def _is_tls_only(row: Row, unmapped: t.Mapping[str, t.Any]) -> bool:
    """SPICE alone says so in the XML."""
    if row["type"] != "spice":
        return False
    plain = row["autoport"] or (row["port"] or -1) > 0
    return unmapped.get("@defaultMode") == "secure" or (bool(row["tls_port"]) and not plain)


def _textual(reading: Reading, family: t.Any) -> t.Iterator[Found]:
    """Character devices that listen on a TCP port."""
    link = metadata.tables[family.table]
    device = metadata.tables[family.fact]
    source: t.Any = link
    if family.split:
        source = link.join(device, device.c.id == link.c[family.link])
    query = (
        sa.select(
            link.c.vm_uuid,
            device.c.source_host,
            device.c.source_service,
            device.c.protocol_type,
            device.c.config_json,
        )
        .select_from(source)
        .where(
            link.c.deleted_at.is_(None),
            device.c.type == "tcp",
            device.c.source_mode == "bind",
            device.c.source_host.in_(sorted(_ALL)),
        )
    )
    if family is CONSOLE:
        query = query.where(sa.func.coalesce(device.c.mirrors_serial, sa.false()) == sa.false())
    for machine, row in reading.devices(query):
        has_tls = (row["config_json"] or {}).get("@tls") == "yes"
        if not has_tls and row["protocol_type"] not in _ENCRYPTED:
            service = row["source_service"]
            yield _of_console(machine, link, family.name, row["source_host"], service)


def _of_console(machine: Machine, table: t.Any, kind: str, address: str, port: t.Any) -> Found:
    text = ", console {0} listens on {1} without TLS or password".format(kind, address)
    details = {"address": address, "port": port}
    # libvirt chooses the port of a graphical one at each start.
    place = "" if table.name == _GRAPHICS else str(port)
    return of_vm(machine, table, kind, text, details, kind, address, place)


RULES = (
    Rule(
        "console_exposed",
        WARNING,
        "A console is open to the network",
        "VNC or SPICE listens on all addresses of the host and has neither a password nor, as "
        "SPICE can say, TLS only; or a serial port, console or channel listens there for TCP "
        "without TLS. Who reaches the host is at the VM's keyboard. What stands in qemu.conf "
        "(vnc_tls, vnc_sasl, vnc_password) is not known to the ledger.",
        "Let it listen on 127.0.0.1 and come through SSH, as virt-viewer does; else set a "
        "password and TLS. If qemu.conf sees to that, ignore the finding.",
        _exposed,
    ),
)
