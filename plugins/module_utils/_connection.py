# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to libvirt: opened read-only, with errors that say what to do."""

from __future__ import annotations

import contextlib
import threading
import traceback
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import LibvirtError

try:
    import libvirt

    HAS_LIBVIRT = True
    LIBVIRT_IMPORT_ERROR: t.Optional[str] = None
except ImportError:
    libvirt = None
    HAS_LIBVIRT = False
    LIBVIRT_IMPORT_ERROR = traceback.format_exc()

T = t.TypeVar("T")

_REMEDY_DAEMON = (
    "Check that libvirtd or virtqemud runs on the host, that its read-only socket exists, and "
    "that option 'uri' names the right hypervisor."
)
_REMEDY_ACCESS = (
    "Let the login user use libvirt's read-only socket (group libvirt, or auth_unix_ro and "
    "polkit), or run with become."
)
_REMEDY_WRITE = (
    "This needs write access: let the login user use libvirt's own socket, not only the read-only "
    "one (group libvirt, or auth_unix_rw and polkit), or run with become."
)
_REMEDY_URI = (
    "Option 'uri' takes a libvirt connection URI such as qemu:///system, xen:///system, "
    "lxc:///system or qemu+ssh://user@host/system."
)
_REMEDY_PACKAGE = (
    "Install libvirt's Python binding for the interpreter that runs the module: "
    "package python3-libvirt (Debian, Ubuntu, RHEL, Fedora), python3-libvirt-python (SUSE) "
    "or libvirt-python from PyPI."
)


@contextlib.contextmanager
def connection(uri: str, writable: bool = False) -> t.Iterator[t.Any]:
    """A read-only connection, closed at the end.

    :param writable: with write access, which libvirt wants for questions to guest agents.
    :raises LibvirtError: the binding is missing, or the connection fails.
    """
    if not HAS_LIBVIRT:
        raise LibvirtError("libvirt's Python binding is not installed.", _REMEDY_PACKAGE)
    # Errors are raised as exceptions; by default the binding prints them to stderr as well.
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        opened = libvirt.open(uri) if writable else libvirt.openReadOnly(uri)
    except libvirt.libvirtError as error:
        raise _connection_error(uri, error, writable) from error
    try:
        yield opened
    finally:
        with contextlib.suppress(libvirt.libvirtError):
            opened.close()


def _connection_error(uri: str, error: t.Any, writable: bool) -> LibvirtError:
    message = error_message(error)
    lowered = message.lower()
    denied = (libvirt.VIR_ERR_AUTH_FAILED, libvirt.VIR_ERR_AUTH_UNAVAILABLE)
    if error.get_error_code() in denied or "permission denied" in lowered or "polkit" in lowered:
        remedy = _REMEDY_WRITE if writable else _REMEDY_ACCESS
        return LibvirtError("Access to {0} is denied: {1}.".format(uri, message), remedy)
    bad = (
        libvirt.VIR_ERR_INVALID_ARG,
        libvirt.VIR_ERR_NO_CONNECT,
        libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
        libvirt.VIR_ERR_XML_ERROR,
    )
    if error.get_error_code() in bad or "uri" in lowered:
        return LibvirtError(
            "libvirt cannot use the URI {0!r}: {1}.".format(uri, message), _REMEDY_URI
        )
    return LibvirtError("No connection to {0}: {1}.".format(uri, message), _REMEDY_DAEMON)


def error_message(error: t.Any) -> str:
    """libvirt's message in one line without the final full stop."""
    text = error.get_error_message() if hasattr(error, "get_error_message") else None
    return " ".join(str(text or error).split()).rstrip(".")


def error_entry(
    kind: str,
    name: t.Optional[str],
    message: str,
    uuid: t.Optional[str] = None,
    code: t.Optional[int] = None,
    vanished: bool = False,
) -> t.Dict[str, t.Any]:
    """An entry of the ``errors`` that the gathering modules return."""
    return {
        "object": kind,
        "name": name,
        "uuid": uuid,
        "code": code,
        "vanished": vanished,
        "message": message,
    }


def is_unsupported(error: t.Any) -> bool:
    """The hypervisor's driver does not have this call."""
    return bool(error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT)


def with_deadline(work: t.Callable[[], T], seconds: float, what: str, option: str = "timeout") -> T:
    """The result of ``work``, which may hang in libvirt's C code, within a time limit.

    A call that waits for a stopped daemon cannot be interrupted; it is left behind in a thread
    that ends with the process.

    :param what: what took too long, the beginning of the message.
    :param option: the option that the limit comes from.
    :raises LibvirtError: no result after ``seconds``.
    """
    outcome: t.Dict[str, t.Any] = {}

    def run() -> None:
        try:
            outcome["result"] = work()
        except Exception as error:  # handed on to the caller's thread
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise LibvirtError(
            "{0} did not finish within {1:g} seconds.".format(what, seconds),
            "Check that it answers on the host (virsh list), or raise option {0!r}.".format(option),
        )
    if "error" in outcome:
        raise outcome["error"]
    return t.cast(T, outcome["result"])
