"""The contract of the views: which columns they had when, in tests/fixtures/views.json.

Views are for other programs: a column that was there stays, with its name, its place and its kind.
After columns were added at the end, and the revision of the schema was raised:
`.venv/bin/python tests/contract.py --write`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATH = ROOT / "tests" / "fixtures" / "views.json"


def declared() -> dict[str, Any]:
    """What the declarations say now."""
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._revision import LATEST
    from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.views import views
    from sqlalchemy.dialects import postgresql

    texts = "\n".join(view.sql(postgresql.dialect()) for view in views())
    return {
        "revision": LATEST,
        "definitions": hashlib.sha256(texts.encode()).hexdigest(),
        "views": {
            view.name: {column.name: column.kind for column in view.columns} for view in views()
        },
    }


def agreed() -> dict[str, Any]:
    """What was promised."""
    contract: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return contract


def broken(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Which promises are not kept."""
    problems = []
    for view, columns in before["views"].items():
        found = now["views"].get(view)
        if found is None:
            problems.append(f"{view} is not there any more")
        elif list(found.items())[: len(columns)] != list(columns.items()):
            problems.append(f"{view} has lost, moved or changed columns")
    if now["definitions"] != before["definitions"] and now["revision"] <= before["revision"]:
        problems.append("a view has changed, but the revision of the schema has not")
    return problems


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".build" / "collections"))
    current = declared()
    if PATH.exists() and broken(agreed(), current):
        sys.exit("\n".join(broken(agreed(), current)))
    if "--write" in sys.argv:
        PATH.write_text(json.dumps(current, indent=1) + "\n", encoding="utf-8")
