"""Real libvirt daemons with so many defined domains of the made-up fleet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from benchmark import fleet_xml
from benchmark.fleet import Host
from lab.lab import Lab


class Hypervisor:
    """A libvirtd of the lab.

    :ivar uri: for a client on this machine.
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self.uri: str = opened.uri
        self.read_only_uri: str = opened.read_only_uri

    def define(self, host: Host) -> None:
        """Define the domains of a host that are not defined yet."""
        connection = self._opened.connect()
        try:
            there = {domain.name() for domain in connection.listAllDomains(0)}
            for machine in host.machines:
                if machine.name not in there:
                    connection.defineXML(fleet_xml.domain(machine, "qemu"))
        finally:
            connection.close()


@contextlib.contextmanager
def hypervisors(count: int) -> Iterator[list[Hypervisor]]:
    """So many daemons, gone at the end; needs root."""
    with Lab() as lab:
        yield [Hypervisor(opened) for opened in lab.up(count)]
