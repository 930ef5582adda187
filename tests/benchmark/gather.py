"""Gathering from a real libvirt daemon, against listing its domains and asking for their XML."""

from __future__ import annotations

from collections.abc import Iterator

import libvirt
from ansible_collections.virtledger.libvirt.plugins.module_utils._domains import Selection
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import Request, gather
from benchmark.fleet import Fleet
from benchmark.hypervisors import hypervisors
from benchmark.tables import Table, at_most, duration, median, paired, ratio, timed

SIZES = (100, 1000)
_TARGET = 1.3


def measure() -> Iterator[Table]:
    """All facts, and the answer where nothing has changed."""
    table = Table(
        "A real libvirt daemon, over its read-only socket, all subsets",
        ("domains", "", "ours", "per domain", "listing + XML", "ratio", "target", "verdict"),
    )
    with hypervisors(1) as (real,):
        for size in SIZES:
            real.define(Fleet().host(1, size))
            _measure(table, real.read_only_uri, size)
    table.notes.append(
        "'all facts': every domain parsed, with its XML for the archive, as at the first recording. "
        "'unchanged': all digests known, as at every further one. Connecting is in all of them."
    )
    yield table


def _measure(table: Table, uri: str, size: int) -> None:
    everything = Request(uri, selection=Selection(include_xml=True))
    facts = gather(everything)
    assert len(facts["domains"]) == size
    known = {domain["uuid"]: domain["source_digest"] for domain in facts["domains"]}
    unchanged = everything._replace(
        selection=everything.selection._replace(known=known),
        known_inventory=facts["inventory_digest"],
    )
    assert len(gather(unchanged)["unchanged"]) == size
    seconds = paired(
        {
            "floor": lambda: timed(lambda: _floor(uri)),
            "all facts": lambda: timed(lambda: gather(everything)),
            "unchanged": lambda: timed(lambda: gather(unchanged)),
        },
        7,
    )
    for what in ("all facts", "unchanged"):
        ours, floor = median(seconds[what]), median(seconds["floor"])
        factor = ratio(seconds[what], seconds["floor"])
        cells = (duration(ours), duration(ours / size), duration(floor), f"{factor:.2f}")
        table.add(f"{size:,}", what, *cells, f"<= {_TARGET:g}", at_most(factor, _TARGET))


def _floor(uri: str) -> int:
    """The least that tells what domains there are and how they are configured."""
    connection = libvirt.openReadOnly(uri)
    try:
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE
        return sum(len(domain.XMLDesc(flags)) for domain in connection.listAllDomains(0))
    finally:
        connection.close()
