"""What is not needed is not imported."""

from __future__ import annotations

import subprocess
import sys

from conftest import COLLECTIONS

MODULE = """
import sys
sys.path.insert(0, {collections!r})
from ansible_collections.virtledger.libvirt.plugins.modules import hypervisor_info
print("\\n".join(sys.modules))
"""


def test_a_hypervisor_on_which_nothing_changed_imports_no_mapping_of_domains() -> None:
    code = MODULE.format(collections=str(COLLECTIONS))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {
        name.rpartition(".")[2] for name in done.stdout.splitlines() if "virtledger" in name
    }
    assert {"_hypervisor", "_domains", "_stable", "_plain"} <= imported
    assert imported.isdisjoint(
        {"_families", "disk", "_facts", "_digests", "_lxml", "_archive_dates"}
    )
    # Most documents have no secret, either.
    assert imported.isdisjoint({"_redact", "_raw_xml", "_places", "_secrets"})
