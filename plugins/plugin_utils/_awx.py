# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX tells a job about itself: extra variables that begin with ``awx_`` and ``tower_``.

AWX gives each of them under both names; one of the two can be switched off.
"""

from __future__ import annotations

import typing as t

_PREFIXES = ("awx_", "tower_")


def job_variable(variables: t.Mapping[str, t.Any], name: str) -> t.Optional[str]:
    """What AWX tells under a name such as ``user_name``, as a plain text; null outside of AWX."""
    for prefix in _PREFIXES:
        value = variables.get(prefix + name)
        if isinstance(value, (str, int)) and str(value):
            return str(value)
    return None


def is_slice(variables: t.Mapping[str, t.Any]) -> bool:
    """Whether the job is one slice of a sliced one.

    AWX starts the slices as nodes of a workflow job, which has the name of the job template itself.
    It tells neither their number nor which of them a job is.
    """
    if job_variable(variables, "job_launch_type") != "workflow":
        return False
    name = job_variable(variables, "job_template_name")
    return name is not None and name == job_variable(variables, "workflow_job_name")
