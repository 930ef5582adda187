"""What plugins on the controller share."""

from __future__ import annotations

from typing import Any

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._controller import told
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import Filters, ask
from helpers import answer, domain
from ledgers import Ledger


def keys(value: Any) -> list[type]:
    """The types of all keys."""
    if isinstance(value, dict):
        return [type(key) for key in value] + [t for item in value.values() for t in keys(item)]
    return [t for item in value for t in keys(item)] if isinstance(value, list) else []


def test_results_have_keys_of_pythons_own_type(ledger: Ledger) -> None:
    disk = "<disk type='file'><source file='/a'/><target dev='vda'/></disk>"
    recorded = ledger.record(answer(domain(disk)))
    rows = ask(ledger.database, "volume_attachments", Filters(), 10)[0]
    assert len(rows) == 1
    for result in (recorded, rows):
        assert {*keys(result)} != {str}, "there would be nothing to convert"
        assert {*keys(told(result))} == {str}
        assert told(result) == result
