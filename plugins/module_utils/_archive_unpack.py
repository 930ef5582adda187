# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed files, unpacked piece by piece: no more memory than what is asked for.

The kind is told by the first bytes, not by the name. Python's own readers put no limit on the
memory that an xz file asks for, and each library for zstd has one of its own.
"""

from __future__ import annotations

import bz2
import importlib
import io
import lzma
import typing as t
import zlib

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import ArchiveError

_CHUNK = 64 * 1024

#: `xz -9` needs 65 MiB to unpack, its largest setting 1.5 GiB.
_XZ_MEMORY = 128 * 1024 * 1024

#: Libraries for zstd with an interface like that of :mod:`lzma`, the standard library's first.
_ZSTD_MODULES = ("compression.zstd", "backports.zstd", "pyzstd")

_ZSTD_REMEDY = (
    "Install a zstd library for the Python that runs the module: zstandard, pyzstd or "
    "backports.zstd (packages python3-zstandard and so on; Python 3.14 has its own)."
)


class _Gunzip:
    """zlib's decompressor with the interface of those of bz2 and lzma."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class Unpacked(io.RawIOBase):
    """The content of a compressed file, whose parts (members, streams, frames) follow each other.

    :param new: makes a decompressor like those of bz2 and lzma.
    """

    def __init__(self, packed: t.BinaryIO, new: t.Callable[[], t.Any]) -> None:
        self._packed = packed
        self._new = new
        self._decoder = new()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, which must be more than 0; none at the end.

        :raises EOFError: the file ends too early.
        """
        while True:
            feed = b""
            if self._decoder.eof:
                feed = self._next_part()
                if not feed:
                    return b""
                self._decoder = self._new()
            elif self._decoder.needs_input:
                feed = self._packed.read(_CHUNK)
                if not feed:
                    raise EOFError("the compressed data ends too early")
            data = self._decoder.decompress(feed, size)
            if data:
                return bytes(data)

    def _next_part(self) -> bytes:
        """What follows a part; tapes and xz pad with zeros."""
        rest = bytes(self._decoder.unused_data).lstrip(b"\0")
        while not rest:
            chunk = self._packed.read(_CHUNK)
            if not chunk:
                return b""
            rest = chunk.lstrip(b"\0")
        return rest


def _xz() -> t.Any:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)


def _zstd(packed: t.BinaryIO) -> t.Any:
    for name in _ZSTD_MODULES:
        try:
            return Unpacked(packed, importlib.import_module(name).ZstdDecompressor)
        except ImportError:
            continue
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError as error:
        raise ArchiveError(
            "Compressed with zstd, which this Python lacks.", _ZSTD_REMEDY
        ) from error
    return zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)


_KINDS: t.Tuple[t.Tuple[bytes, t.Callable[[t.BinaryIO], t.Any]], ...] = (
    (b"\x1f\x8b", lambda packed: Unpacked(packed, _Gunzip)),
    (b"BZh", lambda packed: Unpacked(packed, bz2.BZ2Decompressor)),
    (b"\xfd7zXZ\x00", lambda packed: Unpacked(packed, _xz)),
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"\x50\x2a\x4d\x18", _zstd),  # pzstd's first frame
)


def unpacked(file: t.BinaryIO) -> t.Any:
    """A reader of what a compressed file holds, null if it is not a compressed one.

    :param file: at its beginning, where it still is afterwards if the answer is null.
    :raises ArchiveError: nothing here can unpack it.
    """
    head = file.read(8)
    file.seek(0)
    for magic, opener in _KINDS:
        if head.startswith(magic):
            return opener(file)
    return None
