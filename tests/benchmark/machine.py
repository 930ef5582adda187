"""What the numbers were measured with: the machine without its name, and the versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

import libvirt

_PACKAGES = ("ansible-core", "SQLAlchemy", "psycopg", "PyMySQL", "lxml")


def description() -> str:
    """The machine and the versions, in a sentence each."""
    processor = _value(Path("/proc/cpuinfo"), "model name") or platform.machine()
    memory = int((_value(Path("/proc/meminfo"), "MemTotal") or "0").split()[0]) / 2**20
    version = libvirt.getVersion()
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES]
    versions.append(f"libvirt {version // 10**6}.{version // 1000 % 1000}.{version % 1000}")
    return f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB. {', '.join(versions)}."


def _value(path: Path, key: str) -> str:
    if not path.exists():
        return ""
    lines = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for name, _colon, value in lines if name.strip() == key), "")
