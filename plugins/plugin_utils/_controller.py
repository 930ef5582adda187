# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins of every kind on the controller share: plain values, and which database."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    FILE_VARIABLE,
    VARIABLE,
    Choice,
    Database,
    resolve,
)


def plain(value: t.Any) -> t.Any:
    """The same in Python's own types: Ansible's carry tags that database drivers do not know."""
    return json.loads(json.dumps(value))


def chosen_database(
    options: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any], templar: t.Any
) -> Database:
    """The database by option, variable, environment or default.

    :param options: ``database_url`` and ``database_url_file``.
    :raises DatabaseError: SQLAlchemy or a driver is missing, or the URL cannot be used.
    """

    def variable(name: str) -> t.Any:
        value = variables.get(name)
        return None if value is None else plain(templar.template(value))

    option = Choice(plain(options["database_url"]), plain(options["database_url_file"]))
    return resolve(option, Choice(variable(VARIABLE), variable(FILE_VARIABLE)))


def awx_user(variables: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """Who started the job in AWX; the process runs as somebody else there."""
    name = variables.get("awx_user_name")
    return plain(name) if isinstance(name, str) else None
