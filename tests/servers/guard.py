"""Runs one server as a child and ends it when the test session is over, however that ended.

    guard.py FOLDER SIGNAL COMMAND...

Prints the server's process id. A line on standard input starts the server again, after a test has
killed it. The end of standard input, or the death of the parent, ends the server with SIGNAL; then
FOLDER is removed. Only the standard library is used.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time

#: Seconds that a server has for its end before it is killed.
_GRACE = 10.0


def main(folder: str, end: int, command: list[str]) -> None:
    """Guard one server until nobody needs it."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = _started(command)
    while os.getppid() == parent:
        if not select.select([sys.stdin], [], [], 0.5)[0]:
            server.poll()
            continue
        if not sys.stdin.buffer.raw.read(1):  # type: ignore[union-attr]
            break
        _ended(server, signal.SIGKILL)
        server = _started(command)
    _ended(server, end)
    shutil.rmtree(folder, ignore_errors=True)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    with open("log", "ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_default_signals,
        )
    print(server.pid, flush=True)
    return server


def _default_signals() -> None:
    """The server ends by the signals that the guard ignores."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _ended(server: subprocess.Popen[bytes], end: int) -> None:
    if server.poll() is None:
        server.send_signal(end)
        try:
            server.wait(_GRACE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    # Helpers of the server that it has not ended itself share its session.
    for _ in range(50):
        try:
            os.killpg(server.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
