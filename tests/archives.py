"""Archives for tests, written byte by byte where no tool would write them so."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import COLLECTIONS

#: 2026-01-31T12:00:00Z
NOON = 1769860800

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def member(name: str, data: bytes = b"", mtime: float = NOON, **more: Any) -> bytes:
    """One member of a tar archive, with any attribute of its header as wanted."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), mtime
    for key, value in more.items():
        setattr(info, key, value)
    padding = b"\0" * (-len(data) % 512)
    return info.tobuf(tarfile.PAX_FORMAT) + data + padding


def tar(*members: bytes) -> bytes:
    """An archive with its end mark."""
    return b"".join(members) + b"\0" * 1024


def zstd(data: bytes) -> bytes:
    """The data in one zstd frame."""
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def _writer(kind: str, target: io.BytesIO) -> Any:
    if kind == "zst":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(target, closefd=False)
    if kind == "xz":
        return lzma.LZMAFile(target, "w", preset=0)
    if kind == "bz2":
        return bz2.BZ2File(target, "w", compresslevel=1)
    return gzip.GzipFile(fileobj=target, mode="w", compresslevel=1)


def bomb(size: int, kind: str) -> bytes:
    """So many zeros, packed without ever being in memory."""
    target = io.BytesIO()
    with _writer(kind, target) as stream:
        for _number in range(size // 2**20):
            stream.write(b"\0" * 2**20)
    return target.getvalue()


_MEASURE = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.virtledger.libvirt.plugins.module_utils import _archive
started = time.monotonic()
found = _archive.read(_archive.Request(sys.argv[2:]))
seconds = time.monotonic() - started
json.dumps(found)
# The kernel's other number, ru_maxrss, includes what the parent had when it forked.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1024
print(json.dumps([found["counts"], [e["message"] for e in found["errors"]], seconds, peak]))
"""


def measured(*paths: Path) -> tuple[dict[str, int], list[str], float, float]:
    """Read archives in a process of its own: counts, errors, seconds and peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(COLLECTIONS), *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    counts, errors, seconds, peak = json.loads(done.stdout)
    return counts, errors, seconds, peak
