# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archived domain XML to facts: what ``archive_info`` returns. No libvirt is needed."""

from __future__ import annotations

import hashlib
import time
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils import _archive_dates
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_dates import Dating
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_documents import (
    Reading,
    Wanted,
    read_document,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import (
    Choice,
    Finder,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_members import (
    Found,
    documents,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import error_entry
from ansible_collections.virtledger.libvirt.plugins.module_utils._display import plain, shown
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import (
    ArchiveError,
    XmlError,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._facts import Facts
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION

#: Bytes of different documents in one answer, which needs many times as much memory.
MAX_TOTAL_BYTES = 256 * 1024 * 1024


class Request(t.NamedTuple):
    """What to read.

    :ivar paths: files, folders and shell patterns.
    :ivar limit: the documents, and files, after which reading ends.
    """

    paths: t.Sequence[str]
    choice: Choice = Choice()
    recurse: bool = True
    dating: Dating = Dating()
    wanted: Wanted = Wanted()
    limit: int = 100000


class _Full(Exception):
    """A limit is reached; the message says which."""


def read(request: Request) -> Facts:
    """The answer of ``archive_info``: documents and problems in a fixed order."""
    return _Archive(request).answer()


class _Archive:
    """One request being answered."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._domains: t.List[Facts] = []
        self._errors: t.List[Facts] = []
        self._documents = 0
        self._refused = 0
        self._files = 0
        self._bytes = 0
        self._seen: t.Dict[bytes, t.Union[Reading, str]] = {}

    def answer(self) -> Facts:
        started = time.monotonic()
        finder = Finder(self._request.choice, self._request.recurse, self._request.limit)
        entries = [(path, self._find(finder, path)) for path in self._request.paths]
        for path, message in finder.problems:
            self._error("folder", path, message)
        listed = time.monotonic()
        counts = self._read(finder)
        if finder.full:
            self._error("limit", None, self._limit_message("files"))
        return {
            "domains": sorted(self._domains, key=_order),
            "errors": self._errors,
            "counts": {
                "documents": self._documents,
                "domains": len(self._domains),
                "refused": self._refused,
                "files": self._files,
            },
            # An entry that was not read to its end, or not at all, may still have matched.
            "not_found": [
                plain(path)
                for path, files in entries
                if files is not None and not any(counts.get(file, 1) for file in files)
            ],
            "complete": [],
            "mapping_version": MAPPING_VERSION,
            "seconds": {
                "find": round(listed - started, 3),
                "read": round(time.monotonic() - listed, 3),
            },
        }

    def _find(self, finder: Finder, path: str) -> t.Optional[t.List[str]]:
        """The files of one entry; null where that is an error already told."""
        told = len(finder.problems)
        try:
            files = finder.find(path)
        except ArchiveError as error:
            self._error("file", path, error.message)
            return None
        return files if files or len(finder.problems) == told else None

    def _read(self, finder: Finder) -> t.Dict[str, int]:
        """Read all files; the number of documents and problems in each."""
        counts: t.Dict[str, int] = {}
        try:
            for identity in finder.identities:
                before = self._documents + len(self._errors)
                self._read_file(finder.path(identity))
                counts[identity] = self._documents + len(self._errors) - before
        except _Full as error:
            self._error("limit", None, str(error))
        return counts

    def _read_file(self, path: str) -> None:
        self._files += 1
        try:
            for found in documents(path, self._request.choice):
                self._read_document(path, found)
        except ArchiveError as error:
            message = "{0}: {1}. {2}".format(shown(path), error.message.rstrip("."), error.remedy)
            self._error("archive", path, message.rstrip())

    def _read_document(self, path: str, found: Found) -> None:
        key = self._admitted(found)
        self._documents += 1
        name = path if found.member is None else "{0}:{1}".format(path, found.member)
        try:
            reading = self._reading(found, key)
            date, dated_by = self._date(path, found, reading)
        except XmlError as error:
            self._refused += 1
            self._error("document", name, "{0}: {1}".format(shown(name), shown(error.message)))
            return
        archived = {
            "path": plain(path),
            "member": None if found.member is None else plain(found.member),
            "root": reading.root,
            "dated_at": date,
            "dated_by": dated_by,
        }
        self._domains.append(dict(reading.facts, archived=archived))

    def _admitted(self, found: Found) -> bytes:
        """What tells equal documents; raises :class:`_Full` if a further one is too much."""
        if self._documents >= self._request.limit:
            raise _Full(self._limit_message("documents"))
        if found.data is None:
            return b""
        key = hashlib.sha256(found.data).digest()
        if key not in self._seen:
            self._bytes += len(found.data)
        if self._bytes > MAX_TOTAL_BYTES:
            raise _Full(
                "The documents have more than {0} bytes together; those after are not read. "
                "Read them in parts, by 'paths', 'patterns' or 'exclude'.".format(MAX_TOTAL_BYTES)
            )
        return key

    def _reading(self, found: Found, key: bytes) -> Reading:
        """The document, read, or refused, once however often an archive has it."""
        if found.data is None:
            raise XmlError("The document {0}.".format(found.problem))
        reading = self._seen.get(key)
        if reading is None:
            try:
                reading = read_document(found.data, self._request.wanted)
            except XmlError as error:
                reading = error.message
            self._seen[key] = reading
        if isinstance(reading, str):
            raise XmlError(reading)
        return reading

    def _date(self, path: str, found: Found, reading: Reading) -> t.Tuple[str, str]:
        """When the document was as it is, and what says so."""
        dating = self._request.dating
        if dating.by == "auto" and reading.created is not None:
            return _archive_dates.text(reading.created), "snapshot"
        if dating.reads_names:
            date = dating.in_name([name for name in (found.member, path) if name])
            if date is not None:
                return _archive_dates.text(date), "name"
            if dating.by == "name":
                raise XmlError("The document is not dated: no date in its name.")
        for source, seconds in (("tar", found.stored), ("modified", found.modified)):
            date = _archive_dates.from_seconds(seconds)
            if date is not None:
                return _archive_dates.text(date), source
        raise XmlError("The document is not dated: no time of modification.")

    def _limit_message(self, what: str) -> str:
        return (
            "There are more than {0} {1}; those after are not read. Raise option 'limit', or read "
            "them in parts, by 'paths', 'patterns' or 'exclude'.".format(self._request.limit, what)
        )

    def _error(self, kind: str, name: t.Optional[str], message: str) -> None:
        self._errors.append(error_entry(kind, None if name is None else plain(name), message))


def _order(domain: Facts) -> t.Tuple[str, str, str]:
    archived = domain["archived"]
    return archived["dated_at"], archived["path"], archived["member"] or ""
