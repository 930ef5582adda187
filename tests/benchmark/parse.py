"""Reading one domain: the facts against nothing but the parser, and against other ways to the same fields."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.virtledger.libvirt.plugins.module_utils import _xml
from ansible_collections.virtledger.libvirt.plugins.module_utils._digests import facts_digest
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import XmlError
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import domain_facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._plain import Plain, plain_text
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import source_digest
from benchmark.parse_domain import domain_xml
from benchmark.parse_find import planned_fields
from benchmark.tables import Table, at_most, duration
from lxml import etree

#: The families whose columns were planned first.
PLANNED = ("volume_attachments", "ports", "filesystems")

_PLANNED, _ALL = 2.5, 5.0
_ROUNDS, _TIMES = 15, 20
_FLOOR = "lxml.etree.fromstring"
_VIRTINST = Path("/usr/share/virt-manager/virtinst")

#: Run by the system's Python, whose virtinst it is: reads the same fields of the domain on stdin.
_VIRTINST_SCRIPT = """
import json, statistics, sys, time
sys.path.insert(0, "/usr/share/virt-manager")
from virtinst import Guest, VirtinstConnection
conn = VirtinstConnection("test:///default")
conn.open(None, None)
text = sys.stdin.read()
def read():
    guest = Guest(conn, parsexml=text)
    found = [guest.uuid, guest.name, guest.title, guest.memory, guest.currentMemory, guest.vcpus]
    for disk in guest.devices.disk:
        found += [disk.type, disk.device, disk.target, disk.bus, disk.read_only, disk.shareable]
        found += [disk.driver_name, disk.driver_type, disk.driver_cache, disk.driver_io]
        found += [disk.driver_discard, disk.serial, disk.wwn, disk.source.file, disk.source.dev]
        found += [disk.source.protocol, disk.source.name, disk.alias.name, disk.boot.order]
    for nic in guest.devices.interface:
        found += [nic.type, nic.macaddr, nic.model, nic.target_dev, nic.mtu_size, nic.link_state]
        found += [nic.network, nic.bridge, nic.source, nic.portgroup, nic.virtualport.type]
        found += [nic.trustGuestRxFilters, nic.filterref, nic.driver_name, nic.driver_queues]
        found += [nic.alias.name, nic.boot.order]
    return found
times = []
for _run in range(15):
    started = time.perf_counter()
    read()
    times.append(time.perf_counter() - started)
print(json.dumps(statistics.median(times)))
"""


def measure() -> Iterator[Table]:
    """A domain with 4 disks and 3 NICs; then the corpus, where there is one."""
    yield _one(domain_xml())
    folder = os.environ.get("VIRTLEDGER_CORPUS")
    if folder:
        yield _many(Path(folder) / "domains")


def _one(text: str) -> Table:
    table = Table(
        f"One domain of {len(text.encode()) / 1000:.1f} kB with 4 disks and 3 NICs",
        ("way", "time", "ratio", "target", "verdict"),
    )
    plain = plain_text(text)
    facts = domain_facts(plain, None)
    ways = _ways(text, plain)
    ways["of that, the digest of the facts"] = lambda: facts_digest(facts)
    ways["unchanged: secrets looked for, hashed, not parsed"] = lambda: source_digest(
        [plain_text(text).text, None], ("running", True, True), {}, []
    )
    ways["find() per field, planned columns"] = lambda: planned_fields(etree.fromstring(text))
    seconds = _medians(ways)
    for name, (took, ratio) in seconds.items():
        target = {_ROW_PLANNED: _PLANNED, _ROW_ALL: _ALL}.get(name)
        verdict = "" if target is None else at_most(ratio, target)
        table.add(name, duration(took), f"{ratio:.2f}", f"{target or ''}", verdict)
    if _VIRTINST.exists():
        took = _virtinst(text)
        ratio = took / seconds[_FLOOR][0]
        table.add("virtinst, its fields of them", duration(took), f"{ratio:.2f}", "", "")
    table.notes.append(
        f"Medians of {_ROUNDS} rounds with {_TIMES} documents each, all ways in turn; ratios are "
        "medians of those of one round. It is the processor's time, which what else the machine does "
        "disturbs less; the garbage collector is off within a round."
    )
    return table


_ROW_PLANNED = "facts, planned columns"
_ROW_ALL = "facts, every family"


def _ways(text: str, plain: Plain) -> dict[str, Callable[[], Any]]:
    """The floor, and the facts with and without the search for secrets before."""
    data = text.encode("utf-8")
    return {
        _FLOOR: lambda: etree.fromstring(data),
        _ROW_PLANNED: lambda: domain_facts(plain, None, families=PLANNED),
        _ROW_ALL: lambda: domain_facts(plain, None),
        "planned columns, secrets looked for": lambda: domain_facts(text, None, families=PLANNED),
        "every family, secrets looked for": lambda: domain_facts(text, None),
        "every family, the standard library's parser": lambda: domain_facts(
            plain, None, backend="stdlib"
        ),
    }


def _many(folder: Path) -> Table:
    """The median over files of each file's ratio."""
    ratios: dict[str, list[float]] = {}
    sizes = []
    for path in sorted(folder.iterdir()):
        try:
            text = _xml.decode(path.read_bytes())
            plain = plain_text(text)
            domain_facts(plain, None)
        except XmlError:
            continue
        sizes.append(len(text))
        for name, (_took, ratio) in _medians(_ways(text, plain), rounds=5, times=5).items():
            ratios.setdefault(name, []).append(ratio)
    table = Table(
        f"{len(sizes)} domains of other projects, of {statistics.median(sizes):,.0f} characters "
        "(median)",
        ("way", "ratio", "nine of ten below", "target", "verdict"),
    )
    for name, found in ratios.items():
        target = {_ROW_PLANNED: _PLANNED, _ROW_ALL: _ALL}.get(name)
        middle = statistics.median(found)
        verdict = "" if target is None else at_most(middle, target)
        most = statistics.quantiles(found, n=10)[-1]
        table.add(name, f"{middle:.2f}", f"{most:.2f}", f"{target or ''}", verdict)
    return table


def _medians(
    ways: dict[str, Callable[[], Any]], rounds: int = _ROUNDS, times: int = _TIMES
) -> dict[str, tuple[float, float]]:
    """Of each way the seconds of one document, and the ratio to the first way."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(rounds):
        gc.collect()
        gc.disable()
        for name, way in ways.items():
            # A hypervisor reads one domain after the other, so none but the first is read cold.
            way()
            started = time.process_time()
            for _time in range(times):
                way()
            seconds[name].append((time.process_time() - started) / times)
        gc.enable()
    floor = next(iter(seconds.values()))
    return {
        name: (
            statistics.median(found),
            statistics.median(one / other for one, other in zip(found, floor, strict=True)),
        )
        for name, found in seconds.items()
    }


def _virtinst(text: str) -> float:
    """The seconds that virt-manager's library takes, in a process of its own."""
    command = ["/usr/bin/python3", "-c", _VIRTINST_SCRIPT]
    answer = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return float(json.loads(answer.stdout))
