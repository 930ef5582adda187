# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to read: paths, folders and shell patterns to a list of regular files."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._display import shown
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError


class Choice(t.NamedTuple):
    """Which names inside folders and archives are read.

    A pattern without a slash is about the name alone, one with a slash about the whole path below
    the folder or in the archive. What is left out may also be a folder.
    """

    patterns: t.Sequence[str] = ("*.xml",)
    exclude: t.Sequence[str] = ()

    def takes(self, path: str) -> bool:
        """The file with this path is wanted."""
        name = path.rsplit("/", 1)[-1]
        return self.allows(path) and any(
            fnmatch.fnmatchcase(path if "/" in pattern else name, pattern)
            for pattern in self.patterns
        )

    def allows(self, path: str) -> bool:
        """Neither the path nor one of its parts is excluded."""
        parts = path.split("/")
        for pattern in self.exclude:
            if "/" in pattern:
                if fnmatch.fnmatchcase(path, pattern):
                    return False
            elif any(fnmatch.fnmatchcase(part, pattern) for part in parts):
                return False
        return True


class Finder:
    """Collects files, each one once even if several names or links lead to it.

    :ivar full: there are more files than wanted.
    :ivar problems: (path, message) of folders that cannot be listed.
    """

    def __init__(self, choice: Choice, recurse: bool, limit: int) -> None:
        self.problems: t.List[t.Tuple[str, str]] = []
        self.full = False
        self._choice = choice
        self._recurse = recurse
        self._limit = limit
        self._files: t.Dict[str, str] = {}
        self._folders: t.Set[t.Tuple[int, int]] = set()

    @property
    def identities(self) -> t.List[str]:
        """Each file that was found, by its path without links, in the order of the entries."""
        return list(self._files)

    def find(self, path: str) -> t.List[str]:
        """The files that one entry of ``paths`` names, see :attr:`identities`.

        :raises ArchiveError: the path is there, but neither a file nor a folder.
        """
        found: t.List[str] = []
        if "\0" in path:
            return found
        if os.path.lexists(path):
            self._take(path, found)
            return found
        # Not recursive: glob would follow every link to a folder, also those in a circle.
        for match in sorted(glob.glob(path)):
            if self._choice.allows(os.path.basename(match)):
                self._take(match, found)
        return found

    def path(self, identity: str) -> str:
        """The name by which a file is read."""
        return self._files[identity]

    def _take(self, path: str, found: t.List[str]) -> None:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            self._problem(path, error)
            return
        if stat.S_ISDIR(mode):
            self._folders.clear()
            self._walk(path, found)
        elif stat.S_ISREG(mode):
            self._add(path, found)
        else:
            raise ArchiveError("{0}: neither a file nor a folder.".format(shown(path)))

    def _walk(self, top: str, found: t.List[str]) -> None:
        """Depth first in the order of names; a folder that a link leads back to is read once."""
        waiting = [(top, "")]
        while waiting and not self.full:
            folder, relative = waiting.pop()
            entries = self._entries(folder)
            below = []
            for entry in entries:
                path = relative + entry.name
                if _is(entry.is_dir):
                    if self._recurse and self._choice.allows(path):
                        below.append((entry.path, path + "/"))
                elif _is(entry.is_file) and self._choice.takes(path):
                    self._add(entry.path, found)
            waiting.extend(reversed(below))

    def _entries(self, folder: str) -> t.List[t.Any]:
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in self._folders:
                return []
            self._folders.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._problem(folder, error)
            return []

    def _add(self, path: str, found: t.List[str]) -> None:
        identity = os.path.realpath(path)
        if identity not in self._files:
            if len(self._files) >= self._limit:
                self.full = True
                return
            self._files[identity] = path
        elif os.path.islink(self._files[identity]) and not os.path.islink(path):
            self._files[identity] = path
        found.append(identity)

    def _problem(self, path: str, error: Exception) -> None:
        text = getattr(error, "strerror", None) or str(error)
        self.problems.append((path, "{0}: cannot be read: {1}.".format(shown(path), text)))


def _is(question: t.Callable[[], bool]) -> bool:
    """A link in a circle is neither a file nor a folder, where some systems raise an error."""
    try:
        return question()
    except OSError:
        return False
