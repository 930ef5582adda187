# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a text is secret: finders, which take a text and give the spans to be replaced.

Where a value is named (``password=``, ``token=``), its name decides; a URL's password, a cephx
key and a private key are known by their form. What only refers to a secret is none: the name of
a secret object (``password-secret=sec0``), a UUID, a file, a user name.

A finder that is not sure takes more rather than less. All of them are linear in the text.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

Span = t.Tuple[int, int]
Spans = t.List[Span]
Finder = t.Callable[[str], Spans]

_SECRET_NAME = re.compile(
    r"(?i)passw|passphrase|passcode|secret|token|credential|cookie|authorization"
    r"|(?:api|access|private|secret|signing|encryption|master|session)[_.-]?key"
    r"|(?<!by)pass$|pwd$|rootpw$|(?:^|[._-])(?:pw|psk|otp)$"
)

#: Ends of names whose value is not the secret itself.
_ABOUT_A_SECRET = re.compile(
    r"(?i)(?:file|path|dir|timeout|id|ids|uuid|usage|type|name|user|format|length|tries|prompt"
    r"|url|uri|set_credential|set_credential_binary)$"
)

#: QEMU's options that name a secret object: password-secret, key-secret, cookie-secret.
_OBJECT_REFERENCE = re.compile(r"(?i)-secret$")

#: Values that are switches and no secrets: ``-vnc :0,password=on``.
_SWITCH = re.compile(r"(?i)(?:on|off|yes|no|true|false|none|null|[01])?\Z")

#: A signed URL's parameters beside those with a secret name.
_QUERY_NAME = re.compile(r"(?i)^(?:sig|signature|key|auth|code|hmac|x-(?:amz|goog)-signature)$")

_QUERY_PARAMETER = re.compile(r"(?<![^?&;])([^=&;?\s\"']+)=")
_QUERY_VALUE = re.compile(r"[^&\"]*")
_AUTHORITY = re.compile(r"//([^\s/\"]*)@")
_BEFORE_AT = re.compile(r"(?<![^\s/@])[^\s/@]+@")
_DRACUT_ISCSI = re.compile(r"(?<![\w/])iscsi:([^@]+)@")

#: Names before a value: in words, in free text, as options of commands.
_ASSIGNED = re.compile(r"(?<![\w.-])([\w.-]+)=")
_ASSIGNED_IN_TEXT = re.compile(r"(?<![\w.-])([\w.-]+)[\"']?[ \t]*[:=][ \t]*")
_FLAG = re.compile(r"(?<![\w.-])--?([\w.-]+)[ \t]+")

#: A value: quoted, or up to the next white space; in options, up to a comma.
_QUOTED = r"\"((?:[^\"\\]|\\.)*)\"?|'([^']*)'?"
_VALUE = re.compile(_QUOTED + r"|(\S+)")
_OPTION_VALUE = re.compile(_QUOTED + r"|([^\s,]+)")
_AUTHORIZATION = re.compile(r"(?i)authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?([^\s\"']+)")

#: QEMU's option syntax: the value goes to the next single comma, white space included.
_OPTION = re.compile(r"(?<![^,\s])([\w.:@-]+)=((?:[^,]|,,)*)")
_JSON_STRING = r"(?<!\\)(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')"
_JSON_MEMBER = re.compile(_JSON_STRING + r"\s*:\s*(?:" + _JSON_STRING + r"|([\w.+-]+))")
_SECRET_OBJECT = re.compile(r"(?<![\w-])secret(?![\w-])")
_CEPH_PSEUDO = re.compile(r":key=((?:[^:,\\\s]|\\.)+)")

#: One parameter of a kernel command line: blanks within double quotes belong to it.
_KERNEL_PARAMETER = re.compile(r"(?:[^\s\"]|\"[^\"]*\"?)+")
_LUKS_KEY = re.compile(r"(?:^|\.)luks\.key$")
_LUKS_KEY_PATH = re.compile(r"/|[0-9a-fA-F-]{36}=/")

#: What QEMU hands to the guest: the string of -fw_cfg, the fields of -smbios.
_GUEST_STRING = re.compile(
    r"(?<![^,\s])string=((?:[^,]|,,)+)|(?<!\S)type=[0-9]+,([\s\S]+)",
)

#: Known by their form: a cephx key, a private key, the key of a dm-crypt table.
_MATERIAL = re.compile(
    r"(?<![\w+/])(AQ[A-Za-z0-9+/]{36}==)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<!\w)crypt[ \t]+[\w:-]+[ \t]+([0-9a-fA-F]{16,})"
)


def is_secret_name(name: str, references: bool = False) -> bool:
    """Whether a value with this name is a secret.

    :param references: in QEMU's syntax, where a name in ``-secret`` refers to an object.
    """
    if not _SECRET_NAME.search(name) or _ABOUT_A_SECRET.search(name):
        return False
    return not (references and _OBJECT_REFERENCE.search(name))


def whole(text: str) -> Spans:
    """All of the text but for white space around it."""
    end = len(text.rstrip())
    start = len(text) - len(text.lstrip())
    return [(start, end)] if start < end else []


def credentials(text: str) -> Spans:
    """The passwords in the URLs of a text: ``https://user:HERE@host``, ``iscsi://user%HERE@host``.

    dracut's ``netroot=iscsi:user:HERE@server`` is one as well.
    """
    found = []
    for match in _AUTHORITY.finditer(text):
        separator = ":"
        if ":" not in match.group(1) and text.endswith("iscsi:", 0, match.start()):
            separator = "%"
        found.append((match, separator))
    for word in _BEFORE_AT.finditer(text):
        dracut = _DRACUT_ISCSI.search(text, *word.span())
        if dracut:
            found.append((dracut, ":"))
    spans = []
    for match, separator in found:
        user, _separator, password = match.group(1).partition(separator)
        if password:
            spans.append((match.start(1) + len(user) + 1, match.end(1)))
    return spans


def query(text: str) -> Spans:
    """The secret parameters of a URL's query: tokens, signatures, passwords."""
    spans = []
    taken = 0
    for match in _QUERY_PARAMETER.finditer(text):
        name = unquote(match.group(1))
        if match.end() >= taken and (is_secret_name(name) or _QUERY_NAME.match(name)):
            value = _QUERY_VALUE.match(text, match.end())
            taken = value.end() if value else taken
            spans.append((match.end(), taken))
    return spans


def location(text: str) -> Spans:
    """A disk's source or a file to boot: a path, a URL, or QEMU's ``json:{...}``."""
    spans = credentials(text) + _material(text)
    if "?" in text:
        mark = text.index("?") + 1
        spans += [(start + mark, end + mark) for start, end in query(text[mark:])]
    return spans + _json(text) if "{" in text else spans


def kernel_line(text: str) -> Spans:
    """A kernel command line."""
    spans = credentials(text) + _material(text) + _assigned(text, _ASSIGNED)
    for parameter in _KERNEL_PARAMETER.finditer(text):
        start, end = parameter.span()
        if text[start] == '"':
            start, end = start + 1, end - (text[end - 1] == '"')
        name, equals, value = text[start:end].partition("=")
        if not equals:
            continue
        start += len(name) + 1
        if name.startswith("systemd.set_credential"):
            credential, _colon, value = value.partition(":")
            start += len(credential) + 1
        elif not is_secret_name(name) and not (
            _LUKS_KEY.search(name) and not _LUKS_KEY_PATH.match(value)
        ):
            continue
        if len(value) > 1 and value.startswith('"') and value.endswith('"'):
            value, start = value[1:-1], start + 1
        if not _SWITCH.match(value):
            spans.append((start, start + len(value)))
    return spans


def argument(previous: str) -> Finder:
    """One argument of a hypervisor's command line, in QEMU's syntax.

    :param previous: the argument before: ``--password`` makes this one a secret, and
        ``-append`` a kernel command line.
    """
    if _announces(previous):
        return _unless_flag
    return _argument if previous.lstrip("-") != "append" else kernel_line


def word(previous: str) -> Finder:
    """One argument of the init process of a container.

    :param previous: the argument before, as for :func:`argument`.
    """
    return _unless_flag if _announces(previous) else _word


def environment(name: str) -> Finder:
    """The value of an environment variable."""
    return whole if is_secret_name(name) else shell


def option(name: str) -> Finder:
    """The value of a property of a QEMU object."""
    return whole if is_secret_name(name, references=True) else _argument


def shell(text: str) -> Spans:
    """Free text: assignments and options of commands, URLs, keys."""
    spans = credentials(text) + _material(text) + _json(text)
    spans += _assigned(text, _ASSIGNED_IN_TEXT, _VALUE) + _assigned(text, _FLAG, _VALUE)
    spans += [match.span(1) for match in _AUTHORIZATION.finditer(text)]
    if "?" in text:
        spans += query(text)
    return spans


def guest_strings(text: str) -> Spans:
    """What ``-fw_cfg`` and ``-smbios`` hand to the guest, which ``<sysinfo>`` does as well."""
    return [match.span(match.lastindex or 0) for match in _GUEST_STRING.finditer(text)]


def _announces(previous: str) -> bool:
    """``--password`` alone: the secret is the next argument."""
    return previous.startswith("-") and "=" not in previous and is_secret_name(previous)


def _unless_flag(text: str) -> Spans:
    return [] if text.startswith("-") else whole(text)


def _word(text: str) -> Spans:
    name, equals, value = text.partition("=")
    if equals and re.match(r"[\w.-]*\Z", name) and is_secret_name(name):
        return [] if _SWITCH.match(value) else [(len(name) + 1, len(text))]
    return shell(text)


def _argument(text: str) -> Spans:
    spans = credentials(text) + _material(text) + _json(text) + _options(text)
    spans += _assigned(text, _ASSIGNED, references=True)
    if "rbd:" in text:
        spans += [match.span(1) for match in _CEPH_PSEUDO.finditer(text)]
    if "?" in text:
        spans += query(text)
    return spans


def _material(text: str) -> Spans:
    return [match.span(match.lastindex or 0) for match in _MATERIAL.finditer(text)]


def _assigned(
    text: str,
    names: t.Pattern[str],
    values: t.Pattern[str] = _OPTION_VALUE,
    references: bool = False,
) -> Spans:
    """The values behind secret names."""
    spans = []
    taken = 0
    for match in names.finditer(text):
        if match.end() < taken or not is_secret_name(match.group(1), references):
            continue
        value = values.match(text, match.end())
        if value and not _SWITCH.match(value.group(value.lastindex or 0)):
            spans.append(value.span(value.lastindex or 0))
            taken = value.end()
    return spans


def _options(text: str) -> Spans:
    secret_object = _SECRET_OBJECT.search(text) is not None
    spans = []
    for match in _OPTION.finditer(text):
        name = match.group(1)
        secret = is_secret_name(name, references=True) or (secret_object and name == "data")
        if secret and not _SWITCH.match(match.group(2)):
            spans.append(match.span(2))
    return spans


def _json(text: str) -> Spans:
    """The secret members of objects in JSON, with single quotes as well, as QEMU reads it."""
    secret_object = _SECRET_OBJECT.search(text) is not None
    spans = []
    for match in _JSON_MEMBER.finditer(text):
        name = match.group(1) or match.group(2) or ""
        group = match.lastindex or 0
        secret = is_secret_name(name, references=True) or (secret_object and name == "data")
        if secret and not _SWITCH.match(match.group(group)):
            spans.append(match.span(group))
    return spans
