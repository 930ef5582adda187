# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS to MariaDB and MySQL: the options of a URL, which are texts, as the driver takes them.

PyMySQL would take the text ``false`` for true, and forgets an authority that is named along with
other options. Whoever names any of these options gets a connection that is encrypted and whose
server is checked, by name and authority, unless they say otherwise.
"""

from __future__ import annotations

import ssl
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError

#: The options of a URL, as PyMySQL and SQLAlchemy call them.
OPTIONS = frozenset(
    (
        "ssl_ca",
        "ssl_capath",
        "ssl_cert",
        "ssl_key",
        "ssl_key_password",
        "ssl_cipher",
        "ssl_check_hostname",
        "ssl_verify_cert",
        "ssl_verify_identity",
        "ssl_disabled",
    )
)

_WORDS = {"true": True, "1": True, "yes": True, "on": True}
_WORDS.update({"false": False, "0": False, "no": False, "off": False})


def driver_options(query: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """What to connect with, by the options of a URL: nothing if it has none about TLS.

    :raises DatabaseError: a value is no truth value, or a file cannot be used.
    """
    given = {name: query[name] for name in OPTIONS & set(query)}
    if not given:
        return {}
    if _flag(given, "ssl_disabled", False):
        return {"ssl_disabled": True}
    return {"ssl": _context(given)}


def _context(given: t.Mapping[str, t.Any]) -> ssl.SSLContext:
    verified = _flag(given, "ssl_verify_cert", True)
    named = _flag(given, "ssl_verify_identity", _flag(given, "ssl_check_hostname", True))
    try:
        context = ssl.create_default_context(
            cafile=given.get("ssl_ca"), capath=given.get("ssl_capath")
        )
        # certificates that servers make for themselves are not strictly formed
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = verified and named
        context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
        if "ssl_cert" in given:
            # OpenSSL would ask at the terminal for a password that is missing
            context.load_cert_chain(
                given["ssl_cert"], given.get("ssl_key"), given.get("ssl_key_password", "")
            )
        if "ssl_cipher" in given:
            context.set_ciphers(given["ssl_cipher"])
    except (OSError, ValueError, TypeError) as error:
        raise DatabaseError(
            "TLS to the database is not possible with {0}: {1}.".format(
                ", ".join("{0}={1}".format(*item) for item in _shown(given)),
                getattr(error, "strerror", None) or error,
            ),
            "The files must be certificates and keys in PEM format that the user who runs Ansible "
            "can read.",
        ) from None
    return context


def _shown(given: t.Mapping[str, t.Any]) -> t.List[t.Tuple[str, t.Any]]:
    return sorted(
        (name, "***" if name == "ssl_key_password" else item) for name, item in given.items()
    )


def _flag(given: t.Mapping[str, t.Any], name: str, default: bool) -> bool:
    text = str(given.get(name, default)).lower()
    if text not in _WORDS:
        raise DatabaseError(
            "Option {0} of the database's URL is neither true nor false.".format(name)
        )
    return _WORDS[text]
