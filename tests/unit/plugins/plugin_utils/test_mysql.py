"""No statement is one that MariaDB has and MySQL 8 has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import open_engine
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._filters import Filters
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._queries import ask
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._recorder.record import record
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._subjects import SUBJECTS
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views
from helpers import answer, domain, network, pool
from ledgers import Ledger
from sqlalchemy.dialects import mysql

#: What only MariaDB has: of its DDL, of its DML, of its functions.
_ONLY_MARIADB = re.compile(
    r"\bRETURNING\b|\bNEXT VALUE\b|\bSEQUENCE\b|IF NOT EXISTS.*ADD COLUMN|ADD COLUMN IF NOT"
    r"|\bINTERSECT ALL\b|\bEXCEPT ALL\b|_nopad_|\bJSON_DETAILED\b|\bPERIOD FOR\b",
    re.I,
)

_DISK = "<disk type='file'><source file='/images/{0}'/><target dev='vda' bus='virtio'/></disk>"


@pytest.fixture
def kind() -> str:
    """The server that is there."""
    return "mariadb"


@pytest.fixture
def said() -> Iterator[list[str]]:
    """Every statement meanwhile, as it would be said to MySQL 8."""
    dialect = mysql.dialect()
    dialect.server_version_info = (8, 0, 36)
    statements: list[str] = []

    def listen(_connection: Any, element: Any, *_more: Any) -> None:
        text = element if isinstance(element, str) else str(element.compile(dialect=dialect))
        statements.append(text)

    sa.event.listen(sa.Engine, "before_execute", listen)
    yield statements
    sa.event.remove(sa.Engine, "before_execute", listen)


def test_statements(ledger: Ledger, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # MySQL has no RETURNING, so the keys of new rows come back one by one.
    dialect = open_engine(ledger.database).dialect
    monkeypatch.setattr(dialect, "insert_executemany_returning_sort_by_parameter_order", False)
    facts = answer(
        domain(_DISK.format("a"), number=1),
        domain(_DISK.format("b"), "vm2", 2),
        networks=[network()],
        storage_pools=[pool(volumes=["a"])],
    )
    ledger.record(facts)
    ledger.record(answer(domain(_DISK.format("c"), number=1), networks=[], storage_pools=[]))
    ledger.record(answer(domain(_DISK.format("b"), "vm2", 2)), "hv2")
    record(ledger.database, "hv3", facts, renamed_from="hv1", check_mode=True)
    asked: dict[str, Any] = {"vm": "vm*", "host_id": "hv1"}
    asked.update(vlan=1, ip="192.0.2.*", pci="03:00.1", pool="default", metadata="a=b*")
    for subject, known in SUBJECTS.items():
        filters = {name: text for name, text in asked.items() if name in known.filters}
        ask(ledger.database, subject, Filters(**filters), 10)
    ask(ledger.database, "volumes", Filters(unused=True), 10)
    said.extend(view.sql(mysql.dialect()) for view in views())
    ledger.check()
    kinds = {text.split()[0].upper() for text in said}
    assert kinds >= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert [text for text in said if _ONLY_MARIADB.search(text)] == []
