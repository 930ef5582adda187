# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytecode of this collection is kept, as Python keeps that of any package.

Ansible's loader of collections compiles every file anew in each process that imports it. For the
files behind an action that takes longer than all that they do when they are imported. So Python's
own loader gets those below ``plugin_utils`` and ``module_utils``. It reads the same files, and
keeps their bytecode beside them where it may (``PYTHONDONTWRITEBYTECODE`` and
``PYTHONPYCACHEPREFIX`` apply, a folder that cannot be written is no error).
"""

from __future__ import annotations

import importlib.machinery
import sys
import typing as t

_COLLECTION = "ansible_collections.virtledger.libvirt.plugins."
_PACKAGES = (_COLLECTION + "module_utils.", _COLLECTION + "plugin_utils.")


class _Finder:
    """Finds what is below the two packages, wherever Ansible has found the packages themselves."""

    def __init__(self) -> None:
        self._finders: t.Dict[str, importlib.machinery.FileFinder] = {}

    def find_spec(
        self, name: str, path: t.Optional[t.Sequence[str]] = None, target: t.Any = None
    ) -> t.Optional[importlib.machinery.ModuleSpec]:
        if not name.startswith(_PACKAGES):
            return None
        for folder in path or ():
            spec = self._finder(folder).find_spec(name, target)
            if spec is not None and spec.loader is not None:
                return spec
        return None

    def _finder(self, folder: str) -> importlib.machinery.FileFinder:
        if folder not in self._finders:
            details = (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES)
            self._finders[folder] = importlib.machinery.FileFinder(folder, details)
        return self._finders[folder]


def keep() -> None:
    """Keep the bytecode of what is imported from now on."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, t.cast(t.Any, _Finder()))
