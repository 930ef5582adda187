"""What ``make matrix`` runs: controllers and hypervisors of several versions, each in its place.

A controller is a virtual environment. A hypervisor is an interpreter with libvirt's binding: of a
virtual environment, whose binding is built against this machine's libvirt, or of a Debian release in
a directory (`mmdebstrap`), with the libvirt of that release. Guests are those of libvirt's test
driver, so that no daemon is needed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / ".build" / "matrix"
MIRROR = os.environ.get("MATRIX_MIRROR", "http://deb.debian.org/debian")
#: Further options of mmdebstrap, for example for a mirror that is not kept up to date.
OPTIONS = shlex.split(os.environ.get("MATRIX_MMDEBSTRAP", ""))

_WRAPPER = """#!/bin/sh
# The Python of the Debian release in {root}, which sees this machine's files for temporary use.
exec unshare --mount sh -c '
  for name in dev proc sys tmp; do mount --rbind "/$name" "$0/$name"; done
  exec chroot "$0" /usr/bin/python3 "$@"' {root} "$@"
"""


class Unavailable(Exception):
    """What an environment needs is not to be had here; the message says what."""


class Controller(NamedTuple):
    """An environment with Ansible.

    :ivar core: the first version of the release; before the final one a candidate.
    :ivar is_recording: the tests of tables, recorder and queries are run, for its SQLAlchemy.
    """

    core: str
    python: str
    sqlalchemy: str
    is_recording: bool = False

    @property
    def folder(self) -> Path:
        release = ".".join(self.core.split(".")[:2])
        return PLACE / f"core-{release}-py{self.python}"

    @property
    def executable(self) -> Path:
        return self.folder / "bin" / "python"

    def make(self) -> None:
        """Make or complete it."""
        if not self.executable.exists():
            run(interpreter(self.python), "-m", "venv", str(self.folder))
        packages = [
            f"ansible-core~={self.core}",
            f"SQLAlchemy~={self.sqlalchemy}",
            *("pytest>=8", "hypothesis>=6.100", "libvirt-python"),
        ]
        requirements = ["-r", str(ROOT / "requirements.txt")]
        run(str(self.executable), "-m", "pip", "install", "-q", *packages, *requirements)


class Hypervisor(NamedTuple):
    """An interpreter with libvirt's binding.

    :ivar core: the release of ansible-core that looks at it.
    :ivar python: the version of a virtual environment's interpreter; empty of a Debian release.
    :ivar binding: what is installed there.
    """

    name: str
    core: str
    python: str = ""
    binding: str = ""

    @property
    def title(self) -> str:
        """For people."""
        return (
            f"virtual environment, Python {self.python}" if self.python else f"Debian {self.name}"
        )

    @property
    def executable(self) -> Path:
        if self.python:
            return PLACE / f"hypervisor-py{self.python}" / "bin" / "python"
        return PLACE / f"python-{self.name}"

    def make(self) -> None:
        """Make or complete it."""
        if not self.python:
            self._release()
            return
        if not self.executable.exists():
            run(interpreter(self.python), "-m", "venv", str(self.executable.parent.parent))
        packages = [self.binding, "lxml", "pytest>=8", "hypothesis>=6.100"]
        run(str(self.executable), "-m", "pip", "install", "-q", *packages)

    def _release(self) -> None:
        root = PLACE / "roots" / self.name
        if not (root / "usr" / "bin" / "python3").exists():
            if not shutil.which("mmdebstrap"):
                raise Unavailable("mmdebstrap is not installed")
            root.parent.mkdir(parents=True, exist_ok=True)
            # What a failed attempt has left is in the way of the next one.
            shutil.rmtree(root, ignore_errors=True)
            packages = "--include=python3,python3-libvirt,python3-lxml"
            command = ["mmdebstrap", "-q", "--variant=essential", packages, *OPTIONS]
            run(*command, self.name, str(root), MIRROR)
        self.executable.write_text(_WRAPPER.format(root=root))
        self.executable.chmod(0o755)


#: Both releases of SQLAlchemy, each with several of ansible-core.
CONTROLLERS = (
    Controller("2.19.0", "3.11", "2.0.0", is_recording=True),
    Controller("2.20.0", "3.12", "2.0.0"),
    Controller("2.20.0", "3.13", "2.1.0"),
    Controller("2.21.0", "3.12", "2.1.0"),
    Controller("2.21.0", "3.13", "2.1.0"),
    Controller("2.22.0rc1", "3.13", "2.1.0", is_recording=True),
)

#: Python 3.8 is the oldest that ansible-core 2.19 reaches; later ones reach 3.9 and newer.
HYPERVISORS = (
    Hypervisor("python3.8", "2.19.0", "3.8", "libvirt-python~=9.0.0"),
    Hypervisor("bullseye", "2.20.0"),
    Hypervisor("trixie", "2.21.0"),
    Hypervisor("sid", "2.22.0rc1"),
)


def interpreter(version: str) -> str:
    """Python of a version: on the path, or of pyenv.

    :raises Unavailable: there is none.
    """
    found = shutil.which(f"python{version}")
    if found and "shims" not in found:
        return found
    for folder in sorted(_pyenv(), reverse=True):
        if folder.name.startswith(f"{version}."):
            return str(folder / "bin" / "python")
    raise Unavailable(f"there is no Python {version}")


def _pyenv() -> Iterator[Path]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return (root / "versions").glob("3.*")


def run(*command: str, environment: dict[str, str] | None = None) -> str:
    """The output of a command.

    :raises Unavailable: it failed.
    """
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:4])} ...: {(done.stdout + done.stderr)[-4000:]}")
    return done.stdout.strip()


def asked(python: Path, *expressions: str) -> list[str]:
    """What an interpreter answers to expressions over ``platform``, ``libvirt`` and ``version``."""
    imports = (
        "import platform",
        "import libvirt",
        "try:",
        "    from importlib.metadata import version",
        "except ImportError:",
        "    version = None",
    )
    lines = [*imports, *(f"print({expression})" for expression in expressions)]
    return run(str(python), "-c", "\n".join(lines)).splitlines()
