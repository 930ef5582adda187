# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents in a file: itself, or the members of a tar archive, compressed or not.

Nothing is written to disk and no name in an archive is used as a file's name. What an archive
claims is not believed: sizes, headers, members and the unpacked total are bounded.
"""

from __future__ import annotations

import contextlib
import os
import tarfile
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_files import Choice
from ansible_collections.virtledger.libvirt.plugins.module_utils._archive_unpack import unpacked
from ansible_collections.virtledger.libvirt.plugins.module_utils._display import shown
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError
from ansible_collections.virtledger.libvirt.plugins.module_utils._xml import MAX_BYTES

#: Members of one archive that are looked at.
MAX_MEMBERS = 1000000

#: A file may unpack to this much and to so many times its own size. Archives of similar documents
#: shrink to less than a hundredth; only what is made to exhaust its reader goes far beyond.
UNPACKED_FLOOR = 1024 * 1024 * 1024
UNPACKED_TIMES = 200

#: Names, times and extended attributes of one member, which :mod:`tarfile` reads as a whole.
_HEADER_BYTES = 256 * 1024

#: Keywords that hold for all members that follow.
_MAX_GLOBAL_HEADERS = 1000

_BLOCK = tarfile.BLOCKSIZE
_SKIP = 1024 * 1024

_TOO_LARGE = "has more than the {0} bytes that one document may have".format(MAX_BYTES)


class Found(t.NamedTuple):
    """A document, or why there is none.

    :ivar member: its name in the archive; null where it is the file itself.
    :ivar stored: when it was modified by what the archive says, in seconds since 1970.
    :ivar modified: the same of the file itself.
    :ivar data: its bytes; null where there is a problem.
    :ivar problem: what is wrong, completing a sentence that begins with "The document".
    """

    member: t.Optional[str]
    stored: t.Any
    modified: float
    data: t.Optional[bytes]
    problem: str = ""


class _Stream:
    """Forward reading with limits, and as much of seeking as :mod:`tarfile` needs for that.

    :ivar last: what was read last.
    """

    def __init__(self, source: t.Any, seekable: bool, size: int) -> None:
        self.last = b""
        self._source = source
        self._seekable = seekable
        self._size = size
        self._ceiling = max(UNPACKED_FLOOR, UNPACKED_TIMES * size)
        self._position = 0
        self._pushed = b""
        self._allowed = 0

    def allow(self, count: int) -> None:
        """The bytes that may be read from here on."""
        self._allowed = count

    def peek(self, count: int) -> bytes:
        """The first bytes, which are read again afterwards."""
        self.allow(count)
        self._pushed = self.read(count)
        self._position = 0
        return self._pushed

    def tell(self) -> int:
        return self._position

    def read(self, count: int) -> bytes:
        """As many bytes as wanted, fewer at the end only.

        :raises ArchiveError: more than allowed.
        """
        if count < 0 or count > self._allowed:
            raise ArchiveError("an unreasonable header (at byte {0})".format(self._position))
        self._allowed -= count
        self.last = self._take(count)
        return self.last

    def _take(self, count: int) -> bytes:
        parts, missing = [self._pushed[:count]], count - len(self._pushed[:count])
        self._pushed = self._pushed[count:]
        while missing > 0:
            part = self._source.read(missing)
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        data = b"".join(parts)
        self._position += len(data)
        if not self._seekable and self._position > self._ceiling:
            raise ArchiveError(
                "{0} bytes unpack to more than {1}; unpack it and name the folder".format(
                    self._size, self._ceiling
                )
            )
        return data

    def seek(self, position: int) -> int:
        """Skip to a position further on; beyond the end nothing can be read."""
        if position < self._position:
            raise ArchiveError("a damaged header (at byte {0})".format(self._position))
        if self._seekable:
            self._pushed = self._pushed[position - self._position :]
            self._source.seek(position + len(self._pushed))
            self._position = position
            return position
        while self._position < position:
            if not self._take(min(_SKIP, position - self._position)):
                break
        return self._position

    def finish(self) -> None:
        """Read what follows an archive's end, so that a damaged compressed file shows."""
        for _number in range(16):
            if not self._take(_SKIP):
                return


def documents(path: str, choice: Choice) -> t.Iterator[Found]:
    """The documents in a file.

    :param choice: which members of a tar archive are documents.
    :raises ArchiveError: the file cannot be read any further. The text completes a sentence that
        begins with the file's name.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            reader = unpacked(file)
            stream = _Stream(reader or file, reader is None, status.st_size)
            if _is_tar(stream.peek(_BLOCK)):
                yield from _members(stream, choice, status.st_mtime)
            else:
                yield _whole(stream, status)
    except ArchiveError:
        raise
    except Exception as error:
        # Libraries of five formats meet hostile input here, each with exceptions of its own; none
        # of them may cost the other files.
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ArchiveError("cannot be read: {0}".format(shown(text.rstrip(".")))) from error


def _whole(stream: _Stream, status: os.stat_result) -> Found:
    stream.allow(MAX_BYTES + 1)
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return Found(None, None, status.st_mtime, None, _TOO_LARGE)
    return Found(None, None, status.st_mtime, data)


def _is_tar(block: bytes) -> bool:
    with contextlib.suppress(tarfile.TarError, ValueError):
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        return True
    return False


def _members(stream: _Stream, choice: Choice, modified: float) -> t.Iterator[Found]:
    stream.allow(_HEADER_BYTES)
    archive: t.Any = tarfile.TarFile(
        fileobj=t.cast(t.Any, stream), encoding="utf-8", errors="surrogateescape"
    )
    position = -1
    for _number in range(MAX_MEMBERS):
        stream.allow(_HEADER_BYTES)
        info = archive.next()
        # tarfile remembers every member for random access.
        archive.members = []
        if info is None:
            _check_end(stream)
            return
        damaged = info.size < 0 or info.offset <= position
        if damaged or len(archive.pax_headers) > _MAX_GLOBAL_HEADERS:
            raise ArchiveError("a damaged header (at byte {0})".format(info.offset))
        position = info.offset
        name = info.name[2:] if info.name.startswith("./") else info.name
        if choice.takes(name):
            yield from _member(archive, info, name, stream, modified)
    raise ArchiveError("more than {0} members; those after are not read".format(MAX_MEMBERS))


def _member(
    archive: tarfile.TarFile,
    info: tarfile.TarInfo,
    name: str,
    stream: _Stream,
    modified: float,
) -> t.Iterator[Found]:
    if info.islnk():
        problem = "is a hard link to {0} in the archive; unpack it and name the folder"
        yield Found(name, info.mtime, modified, None, problem.format(shown(info.linkname)))
    elif info.isreg() and info.size > MAX_BYTES:
        yield Found(name, info.mtime, modified, None, _TOO_LARGE)
    elif info.isreg():
        stream.allow(MAX_BYTES + _HEADER_BYTES)
        content = archive.extractfile(info)
        data = content.read(MAX_BYTES + 1) if content is not None else b""
        if len(data) < info.size:
            raise ArchiveError("it ends within {0}".format(shown(name)))
        yield Found(name, info.mtime, modified, data)


def _check_end(stream: _Stream) -> None:
    """tarfile takes any damaged header but the first one for the end."""
    last = stream.last
    if last.strip(b"\0") or 0 < len(last) < _BLOCK:
        raise ArchiveError("a damaged header (before byte {0})".format(stream.tell()))
    if not last:
        raise ArchiveError("it ends without the mark of an archive's end, as if cut off")
    stream.finish()
