# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a report: which there are, whether they change, and how they are written."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import stat
import tempfile
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError

#: A job's event with a longer result may be emptied.
_DIFF_LENGTH = 40000

_OCTAL = re.compile("0?o?[0-7]{3,4}")


class File(t.NamedTuple):
    """A file to be.

    :ivar path: absolute.
    :ivar format: ``html``, ``xlsx``, ``csv`` or ``json``.
    :ivar is_told: ``--diff`` shows its lines.
    """

    path: str
    format: str
    content: bytes
    is_told: bool = False


class Written(t.NamedTuple):
    """What became of a file, or would.

    :ivar before: its content until now; None if it is new.
    :ivar mode_changed: its mode is another one now.
    """

    file: File
    before: t.Optional[bytes]
    mode_changed: bool

    @property
    def changed(self) -> bool:
        """Its content or mode differs."""
        return self.before != self.file.content or self.mode_changed

    def result(self) -> t.Dict[str, t.Any]:
        """The answer for the user."""
        return {
            "path": self.file.path,
            "format": self.file.format,
            "size": len(self.file.content),
            "changed": self.changed,
        }


def parse_mode(mode: t.Any) -> t.Optional[int]:
    """A file's mode, as of ``ansible.builtin.copy``: octal digits, or YAML's number.

    :raises VirtledgerError: it is no mode.
    """
    if mode is None:
        return None
    if isinstance(mode, int) and not isinstance(mode, bool) and 0 <= mode <= 0o7777:
        return mode
    if isinstance(mode, str) and _OCTAL.fullmatch(mode):
        return int(mode.replace("o", ""), 8)
    raise VirtledgerError(
        "Option 'mode' is {0!r}.".format(mode), "Give octal digits in quotes, such as '0640'."
    )


def write(file: File, mode: t.Optional[int], check: bool) -> Written:
    """Put a file in its place as a whole, unless it is there already.

    :param mode: None leaves that of a file that is there, and gives a new one that of the umask.
    :param check: write nothing.
    :raises VirtledgerError: it cannot be read or written.
    """
    path = os.path.realpath(file.path)
    try:
        before, old_mode = _present(path)
        mode_changed = old_mode is not None and mode is not None and old_mode != mode
        written = Written(file, before, mode_changed)
        if written.changed and not check:
            if before == file.content and mode is not None:
                os.chmod(path, mode)
            else:
                _replace(path, file.content, old_mode if mode is None else mode)
    except OSError as error:
        raise VirtledgerError(
            "The report {0} cannot be written: {1}.".format(file.path, error.strerror or error),
            "Name another place in option 'dest', or make this one writable for the user that "
            "runs Ansible.",
        ) from None
    return written


def _present(path: str) -> t.Tuple[t.Optional[bytes], t.Optional[int]]:
    """Content and mode of a file, None of one that is not there."""
    try:
        with open(path, "rb") as stream:
            return stream.read(), stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
    except FileNotFoundError:
        return None, None


def _replace(path: str, content: bytes, mode: t.Optional[int]) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".virtledger-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), _usual_mode() if mode is None else mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _usual_mode() -> int:
    """What the umask leaves of a new file's mode. It can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def differences(written: t.Sequence[Written]) -> t.Dict[str, str]:
    """What ``--diff`` shows: a line for each file that changes, and the lines of texts."""
    lines: t.List[str] = []
    for one in written:
        if one.changed:
            lines += _difference(one)
    text = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
    if len(text) > _DIFF_LENGTH:
        text = text[:_DIFF_LENGTH].rpartition("\n")[0] + "\n... and more\n"
    return {"prepared": text}


def _difference(one: Written) -> t.List[str]:
    path, size = one.file.path, len(one.file.content)
    if one.before is None:
        return ["{0}: new, {1:,} bytes".format(path, size)]
    if one.before == one.file.content:
        return ["{0}: another mode".format(path)]
    head = "{0}: {1:,} bytes before, {2:,} now".format(path, len(one.before), size)
    if not one.file.is_told:
        return [head]
    old, new = (
        data.decode("utf-8", "replace").splitlines() for data in (one.before, one.file.content)
    )
    return [head, *difflib.unified_diff(old, new, "before", "now", n=0, lineterm="")]
