"""Small fleets in which something is wrong, made of the facts of small XML."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Status, domain_facts
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import transact
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.reading import Reading
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import Found
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rules import BY_CODE
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._types import UTC
from helpers import UUID, Facts, domain_xml
from ledgers import Ledger

LIVE = "<domain type='kvm' id='3'>"


def disk(source: str, target: str = "vda", more: str = "", kind: str = "disk") -> str:
    """A disk on a file, or a block device."""
    by = "dev" if source.startswith("/dev/") else "file"
    type_ = "block" if by == "dev" else "file"
    return (
        f"<disk type='{type_}' device='{kind}'><source {by}='{source}'/>"
        f"<target dev='{target}'/>{more}</disk>"
    )


def nic(mac: str, network: str = "lan", more: str = "") -> str:
    """A NIC on a libvirt network; the last digits of its address are enough."""
    return (
        f"<interface type='network'><mac address='52:54:00:00:00:{mac}'/>"
        f"<source network='{network}'/>{more}</interface>"
    )


def bridged(mac: str, bridge: str = "br0", more: str = "") -> str:
    """A NIC on a bridge of the host."""
    return (
        f"<interface type='bridge'><mac address='52:54:00:00:00:{mac}'/>"
        f"<source bridge='{bridge}'/>{more}</interface>"
    )


def vlan(*tags: int) -> str:
    """The VLAN element with these tags."""
    return "<vlan>{}</vlan>".format("".join(f"<tag id='{tag}'/>" for tag in tags))


def vm(
    devices: str = "",
    number: int = 1,
    live: str | None = None,
    running: bool = True,
    more: str = "",
    live_more: str | None = None,
    persistent: bool = True,
    autostart: bool = False,
) -> Facts:
    """A VM whose definition has these devices.

    :param live: those of the running domain, if they are others.
    :param more: elements of the domain beside its devices; ``live_more`` likewise.
    """
    config = domain_xml(devices, f"vm{number}", number, more)
    text = domain_xml(
        devices if live is None else live,
        f"vm{number}",
        number,
        more if live_more is None else live_more,
    )
    status = Status("running" if running else "shutoff", persistent, autostart)
    return domain_facts(
        text.replace("<domain type='kvm'>", LIVE) if running else None,
        config if persistent else None,
        status=status,
        snapshots=[],
    )


def twin(number: int, of: int, **options: Any) -> Facts:
    """A VM with the domain UUID of another one."""
    facts = vm(number=number, **options)
    facts["uuid"] = UUID.format(of)
    return facts


def found(
    ledger: Ledger, code: str, later: datetime.timedelta = datetime.timedelta(0), **limits: float
) -> list[Found]:
    """What one rule finds.

    :param later: how much later than now.
    :param limits: thresholds.
    """
    now = datetime.datetime.now(UTC) + later

    def work(connection: Any) -> list[Found]:
        return list(BY_CODE[code].find(Reading(connection, now, limits)))

    return transact(ledger.database, work, readonly=True)
