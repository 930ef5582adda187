# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins of every kind on the controller share: plain values, and which database."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._database import (
    VARIABLE,
    Database,
    resolve,
)


def plain(value: t.Any) -> t.Any:
    """The same in Python's own types: Ansible's carry tags that database drivers do not know."""
    return json.loads(json.dumps(value))


def chosen_database(
    option: t.Optional[str], variables: t.Mapping[str, t.Any], templar: t.Any
) -> Database:
    """The database by option, variable, environment or default.

    :raises DatabaseError: SQLAlchemy or a driver is missing, or the URL cannot be used.
    """
    variable = variables.get(VARIABLE)
    if variable is not None:
        variable = plain(templar.template(variable))
    return resolve(plain(option), variable)
