# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins of every kind on the controller share: plain values, and which database."""

from __future__ import annotations

import functools
import json
import os
import stat
import typing as t
import urllib.parse

from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._awx import job_variable
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._lasting import require_lasting
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    FILE_VARIABLE,
    VARIABLE,
    Choice,
    Database,
    loaded,
    resolve,
)

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # before ansible-core 2.22
    register_secrets = None


def plain(value: t.Any) -> t.Any:
    """The same in Python's own types: Ansible's carry tags that database drivers do not know."""
    return json.loads(json.dumps(value))


def told(result: t.Any) -> t.Any:
    """A result as Ansible takes it: SQLAlchemy's names of columns are of a type of its own.

    From ansible-core 2.22 on, keys of such a type lead to a warning.
    """
    if isinstance(result, dict):
        return {str(key): told(value) for key, value in result.items()}
    if isinstance(result, (list, tuple)):
        return [told(value) for value in result]
    return result


def chosen_database(
    options: t.Mapping[str, t.Any],
    variables: t.Mapping[str, t.Any],
    templar: t.Any,
    loader: t.Any,
) -> Database:
    """The database by option, variable, environment or default.

    :param options: ``database_url`` and ``database_url_file``.
    :param loader: Ansible's own, which finds files beside the playbook and opens vaulted ones.
    :raises DatabaseError: SQLAlchemy or a driver is missing, the URL cannot be used, or nobody
        named a database where the SQLite file of the user would not outlive the play.
    """

    def variable(name: str) -> t.Any:
        value = variables.get(name)
        return None if value is None else plain(templar.template(value))

    option = Choice(plain(options["database_url"]), plain(options["database_url_file"]))
    by_variable = Choice(variable(VARIABLE), variable(FILE_VARIABLE))
    database = resolve(option, by_variable, load=functools.partial(_loaded, loader))
    _have_masked(database)
    require_lasting(database, variables)
    return database


def _have_masked(database: Database) -> None:
    """Have Ansible mask the database's password in all that is printed, where it can.

    It does so by itself for options only, not for what comes from the environment or a file.
    """
    if register_secrets is not None:
        for secret in database.secrets:
            register_secrets((secret, urllib.parse.quote(secret, safe=" +")))


def awx_user(variables: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """Who started the job in AWX; the process runs as somebody else there."""
    return job_variable(variables, "user_name")


def _loaded(loader: t.Any, path: str) -> str:
    """The text of a file with a URL, decrypted if it is vaulted.

    :raises DatabaseError: it is vaulted, and there is no password that opens it.
    :raises OSError: it cannot be read.
    """
    where = loader.path_dwim(path)
    if not os.path.isfile(where) or not os.access(where, os.R_OK):
        return loaded(where)
    try:
        real = loader.get_real_file(where)
    except AnsibleError as error:
        raise DatabaseError(
            "File {0}, which should hold the database's URL, cannot be decrypted: {1}".format(
                where, error
            ),
            "Give the password of the vault that it belongs to.",
        ) from None
    try:
        text = loaded(real)
    finally:
        loader.cleanup_tmp_file(real)
    if real == where and "@" in text and os.stat(where).st_mode & stat.S_IROTH:
        Display().warning(
            "File {0} has a database's URL with its password, and everybody on this machine can "
            "read it: chmod o-rwx.".format(where)
        )
    return text
