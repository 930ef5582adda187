"""A server process of its own for a test session: private files, a free port, a sure end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

GUARD = Path(__file__).resolve().parent / "guard.py"

#: Seconds that a server has to become ready.
START = 60.0

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/libexec"
_REMEDY = "run scripts/system-packages tests/servers/packages.txt --no-services"


class ServerError(RuntimeError):
    """A server cannot be started; the message holds its log."""


def free_port() -> int:
    """A port of the loopback device that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def program(name: str, folders: Sequence[str] = ()) -> str:
    """The path of a program, the newest of several versions.

    :param folders: patterns of directories that count before those of the system.
    """
    for pattern in folders:
        found = sorted(Path("/").glob(f"{pattern.lstrip('/')}/{name}"), key=_version)
        if found:
            return str(found[-1])
    path = shutil.which(name, path=_PATH)
    if path is None:
        raise ServerError(f"{name} is not installed: {_REMEDY}")
    return path


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parts if part.isdigit()]


def memory() -> str | None:
    """A file system in memory, where there is room; databases of tests need no disk."""
    path = "/dev/shm"
    with contextlib.suppress(OSError):
        if os.path.ismount(path) and shutil.disk_usage(path).free > 2 * 2**30:
            return path
    return None


class Account:
    """The user that servers of a kind run as: never root.

    :ivar name: the package's own user where the tests are root, else the user of the tests.
    """

    def __init__(self, name: str) -> None:
        self._switch = os.geteuid() == 0
        try:
            self._entry = pwd.getpwnam(name) if self._switch else pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ServerError(f"there is no user {name}: {_REMEDY}") from None
        self.name = self._entry.pw_name

    def folder(self, prefix: str, is_large: bool = False) -> Path:
        """A new directory that only this user, and root, can look into.

        :param is_large: on disk, for what may not fit into memory.
        """
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=None if is_large else memory()))
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make the user the owner of a file or directory."""
        if self._switch:
            os.chown(path, self._entry.pw_uid, self._entry.pw_gid)

    def command(self, folder: Path, arguments: Sequence[str], end: str = "KILL") -> list[str]:
        """A command that runs as the user and does not outlive the process that started it."""
        switch = ["--reuid", self.name, "--regid", self.name, "--clear-groups", "--no-new-privs"]
        return [
            "setpriv",
            *(switch if self._switch else []),
            *("--pdeathsig", end),
            *("env", "-i", f"PATH={_PATH}", "LANG=C.UTF-8", f"HOME={folder}"),
            *arguments,
        ]

    def run(self, folder: Path, *arguments: str, text: str = "") -> str:
        """Run a command to its end; what it prints."""
        done = subprocess.run(
            self.command(folder, arguments),
            cwd=folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{arguments[0]} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


class Process:
    """One running server below its guard.

    :ivar pid: the server's process id.
    """

    def __init__(
        self, folder: Path, command: Sequence[str], end: signal.Signals = signal.SIGTERM
    ) -> None:
        self._folder = folder
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(GUARD), str(folder), str(int(end)), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            start_new_session=True,
        )
        self.pid = self._read_pid()

    def _read_pid(self) -> int:
        assert self._guard.stdout is not None
        return int(self._guard.stdout.readline())

    @property
    def log(self) -> str:
        """The end of what the server printed."""
        path = self._folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        os.kill(self.pid, signal.SIGKILL)
        wait_until(lambda: not _is_running(self.pid), 10, "the server is still there")

    def again(self) -> None:
        """Start the server again, after a kill."""
        assert self._guard.stdin is not None
        self._guard.stdin.write(b"\n")
        self._guard.stdin.flush()
        self.pid = self._read_pid()

    def stop(self) -> None:
        """End the server and remove its files."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(60)

    def wait_ready(self, is_ready: Callable[[], bool]) -> None:
        """Wait until the server answers.

        :raises ServerError: it ended, or took too long; with its log.
        """

        def ready() -> bool:
            if not _is_running(self.pid):
                raise ServerError(f"the server ended:\n{self.log}")
            return is_ready()

        try:
            wait_until(ready, START, "the server is not ready")
        except TimeoutError as error:
            raise ServerError(f"{error}:\n{self.log}") from error


def _is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(is_so: Callable[[], bool], seconds: float, problem: str) -> None:
    """Wait for a condition.

    :raises TimeoutError: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(problem)
        time.sleep(0.05)
