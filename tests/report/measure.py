#!/usr/bin/env python3
"""What a report of a made-up fleet costs, and how soon its page is there.

Usage: tests/report/measure.py HOSTS VMS    VMS for each host
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import conftest  # noqa: F401
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.make import (
    FORMATS,
    Request,
    make,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import (
    Scope,
)
from benchmark.fleet import Fleet
from ledgers import Ledger
from report.browser import Browser, Page


def main(hosts: int, vms: int) -> None:
    """Print a line for each format, and one for the browser."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ledger = Ledger(place / "ledger.db")
        for host in Fleet(1).hosts(hosts, vms):
            ledger.record(host.facts(place), host.name)
        for name in FORMATS:
            begin = time.process_time()
            made = make(ledger.database, Request(Scope(), "Fleet", f"{folder}/out/", [name]))
            size = sum(len(one.file.content) for one in made.written)
            print(f"{name}: {time.process_time() - begin:.1f} s of CPU, {size / 1e6:.1f} MB")
        browser = Browser()
        print(f"open: {Page(browser).open(place / 'out' / 'report.html'):.2f} s")
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
