"""Every file under plugins/ can be imported where only Ansible and the standard library are."""

from __future__ import annotations

import subprocess
import sys

from conftest import COLLECTIONS, ROOT

BLOCK = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("libvirt", "lxml", "sqlalchemy", "alembic", "psycopg", "pymysql", "xlsxwriter"):
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {collections!r})
import importlib
for name in {names!r}:
    importlib.import_module(name)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import resolve
try:
    resolve(None)
except Exception as error:
    print(error)
"""


def test_without_third_party_libraries() -> None:
    names = [
        ".".join(
            (
                "ansible_collections.virtledger.libvirt",
                *path.relative_to(ROOT).with_suffix("").parts,
            )
        )
        for path in sorted((ROOT / "plugins").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert len(names) > 50
    code = BLOCK.format(collections=str(COLLECTIONS), names=names)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "SQLAlchemy is not installed on the controller" in done.stdout
    assert "pip install 'SQLAlchemy>=2.0' alembic" in done.stdout
