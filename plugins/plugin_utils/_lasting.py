# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the SQLite file that nobody named outlives the play.

In a container without a volume it does not, and the slices of a job of AWX would have one each.
Both would look like success: every run records everything, and none of it is there afterwards.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import DatabaseError
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._awx import (
    is_slice,
    job_variable,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._url import (
    ENVIRONMENT,
    FILE_ENVIRONMENT,
    Database,
)

#: Podman puts this file into every container.
_PODMAN = "run/.containerenv"

#: Docker puts this one, which is also left in machines that were made from an image.
_DOCKER = ".dockerenv"

#: Others are known by a variable.
_VARIABLES = ("KUBERNETES_SERVICE_HOST", "container")

#: What the root of a container is, and other file systems that end with it.
_LAYERS = frozenset(("overlay", "aufs", "fuse.fuse-overlayfs"))
_FLEETING = _LAYERS | frozenset(("tmpfs", "ramfs"))

#: Where Ansible Runner mounts the folder of one job, which is removed after it.
_JOB_FOLDER = "/runner"

#: Where Ansible Runner tells a play to leave its events.
_RUNNER = "AWX_ISOLATED_DATA_DIR"

#: Containers to develop in: they stay until somebody makes them anew.
_WORKPLACES = (
    "REMOTE_CONTAINERS",
    "CODESPACES",
    "DEVCONTAINER",
    "TOOLBOX_PATH",
    "DISTROBOX_ENTER_PATH",
)

_REMEDY = (
    "Name a database: in AWX by a credential that sets {0} or {1} (docs/awx/README.md), elsewhere "
    "by one of these environment variables or option 'database_url'.".format(
        ENVIRONMENT, FILE_ENVIRONMENT
    )
)


class Mount(t.NamedTuple):
    """A mounted file system.

    :ivar point: where.
    :ivar kind: its type, such as ``ext4``.
    """

    point: str
    kind: str


def require_lasting(
    database: Database,
    variables: t.Mapping[str, t.Any],
    environ: t.Optional[t.Mapping[str, str]] = None,
    root: str = "/",
) -> None:
    """Refuse the SQLite file of the user where it is lost with the play; named ones are as meant.

    :param variables: of the play; AWX tells there what it started.
    :param root: where the marks of a container are looked for.
    :raises DatabaseError: it would not last.
    """
    if not database.is_default:
        return
    environ = os.environ if environ is None else environ
    if is_slice(variables):
        raise DatabaseError(
            "No database is named, and this job is one slice of {0!r} in AWX: each slice would "
            "have an SQLite ledger of its own at {1}.".format(
                job_variable(variables, "job_template_name"), database.path
            ),
            _REMEDY,
        )
    mounts = _mounts(root)
    if not _is_container(environ, root, mounts):
        return
    is_job = _is_job(variables, environ)
    if _is_mounted(database.path, mounts, is_job) or (not is_job and _is_meant(database, environ)):
        return
    folder = os.path.dirname(database.path)
    raise DatabaseError(
        "No database is named, and the SQLite ledger would be {0}, inside of a container: it would "
        "be lost with it, and all that is recorded with it.".format(database.path),
        "{0} Or mount a directory that stays at {1}. In a container that is kept, name the "
        "file: sqlite:///{2}.".format(_REMEDY, folder, database.path),
    )


def _is_job(variables: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool:
    """Whether the container was made for one job, by AWX, Ansible Runner or Navigator."""
    where = environ.get(_RUNNER, "")
    return where.startswith(_JOB_FOLDER + "/") or job_variable(variables, "job_id") is not None


def _is_meant(database: Database, environ: t.Mapping[str, str]) -> bool:
    """Whether the container seems to be kept: the file is there from an earlier run, its place was
    chosen, or people work in it."""
    chosen = any(environ.get(name) for name in ("XDG_DATA_HOME", *_WORKPLACES))
    return chosen or os.path.exists(database.path)


def _is_container(environ: t.Mapping[str, str], root: str, mounts: t.Sequence[Mount]) -> bool:
    if os.path.exists(os.path.join(root, _PODMAN)):
        return True
    is_layered = any(mount.point == "/" and mount.kind in _LAYERS for mount in mounts)
    is_marked = os.path.exists(os.path.join(root, _DOCKER))
    return is_layered and (is_marked or any(environ.get(name) for name in _VARIABLES))


def _is_mounted(path: str, mounts: t.Sequence[Mount], is_job: bool) -> bool:
    """Whether a file is on a file system that was mounted into the container, and stays."""
    real = os.path.realpath(path)
    found = Mount("/", "")
    for mount in mounts:
        if _is_below(real, mount.point) and len(mount.point) >= len(found.point):
            found = mount
    if found.point == "/" or found.kind in _FLEETING:
        return False
    return not (is_job and _is_below(found.point, _JOB_FOLDER))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _mounts(root: str) -> t.List[Mount]:
    """The mounted file systems, the later of two at one place being the one on top; none where the
    system does not tell."""
    try:
        with open(os.path.join(root, "proc/self/mountinfo"), encoding="utf-8") as opened:
            lines = opened.read().splitlines()
    except (OSError, ValueError):
        return []
    mounts = []
    for line in lines:
        fields, dash, rest = line.partition(" - ")
        parts = fields.split(" ")
        if dash and len(parts) > 4:
            point = re.sub(r"\\(\d{3})", lambda match: chr(int(match.group(1), 8)), parts[4])
            mounts.append(Mount(point, rest.split(" ")[0]))
    return mounts
