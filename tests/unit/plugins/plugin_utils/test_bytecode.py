"""The bytecode of the collection's files is kept, and what is not needed is not imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import COLLECTIONS

#: As Ansible imports an action: by its own loader of collections.
ANSIBLE = """
import sys
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder([{collections!r}])._install()
from ansible_collections.virtledger.libvirt.plugins.action import sync
from ansible_collections.virtledger.libvirt.plugins.plugin_utils import _url
print(type(_url.__loader__).__name__, _url.__file__)
"""

MODULE = """
import sys
sys.path.insert(0, {collections!r})
from ansible_collections.virtledger.libvirt.plugins.modules import hypervisor_info
print("\\n".join(sys.modules))
"""


def run(code: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code.format(collections=str(COLLECTIONS))],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.splitlines()


def kept(folder: Path) -> set[str]:
    return {path.name.split(".")[0] for path in folder.rglob("*.pyc") if "virtledger" in str(path)}


def test_bytecode_is_kept_where_python_keeps_it(tmp_path: Path) -> None:
    places = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    loader, file = run(ANSIBLE, **places)[-1].split()
    assert loader == "SourceFileLoader"
    assert Path(file) == COLLECTIONS / (
        "ansible_collections/virtledger/libvirt/plugins/plugin_utils/_url.py"
    )
    found = kept(tmp_path)
    assert {"_url", "_tables", "record", "disk", "_errors"} <= found
    assert "sync" not in found, "actions themselves are loaded by Ansible"


def test_no_bytecode_where_the_user_wants_none(tmp_path: Path) -> None:
    places = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    assert run(ANSIBLE, **places)[-1].startswith("SourceFileLoader")
    assert not kept(tmp_path)


def test_a_place_that_takes_no_files_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    places = {"PYTHONPYCACHEPREFIX": str(blocked), "PYTHONDONTWRITEBYTECODE": ""}
    assert run(ANSIBLE, **places)[-1].startswith("SourceFileLoader")


def test_a_hypervisor_on_which_nothing_changed_imports_no_mapping_of_domains() -> None:
    imported = {name.rpartition(".")[2] for name in run(MODULE) if "virtledger" in name}
    assert {"_hypervisor", "_domains", "_stable"} <= imported
    assert imported.isdisjoint(
        {"_families", "disk", "_facts", "_digests", "_lxml", "_archive_dates"}
    )
