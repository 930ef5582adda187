# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and the entry point that the gathering modules share."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.virtledger.libvirt.plugins.module_utils._connection import (
    HAS_LIBVIRT,
    LIBVIRT_IMPORT_ERROR,
    with_deadline,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import VirtledgerError
from ansible_collections.virtledger.libvirt.plugins.module_utils._hypervisor import (
    Request,
    gather,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import Packer

#: The distributions' own interpreters, for which they have the binding.
_INTERPRETERS = ("/usr/bin/python3", "/usr/libexec/platform-python")

#: Whether an interpreter will do.
_TRIAL = "import sys, libvirt; sys.exit(sys.version_info < (3, 8))"

#: No time limit is longer, in seconds; far larger numbers are too much for a clock.
_DAY = 86400


def require_connection_options(module: AnsibleModule, limits: t.Sequence[str]) -> None:
    """End the module where libvirt's binding is missing, or an option cannot mean anything.

    :param limits: the options that are time limits in seconds.
    """
    if not HAS_LIBVIRT:
        module.fail_json(
            msg="{0} {1}".format(
                missing_required_lib("libvirt", url="https://pypi.org/project/libvirt-python/"),
                _remedy(module),
            ),
            exception=LIBVIRT_IMPORT_ERROR,
        )
    for option in limits:
        # Written so that a number that is none fails as well.
        if not 0 < module.params[option] <= _DAY:
            module.fail_json(
                msg="Option {0!r} must be more than 0 and at most {1} seconds.".format(option, _DAY)
            )
    if not module.params["uri"].strip():
        module.fail_json(msg="Option 'uri' is empty; libvirt would choose a hypervisor by itself.")


def _remedy(module: AnsibleModule) -> str:
    """What to do about the binding that is missing.

    Ansible prefers a newer Python where a host has several, and a distribution has the binding for
    its own one. Starting again with that (``respawn_module``) hangs where the arguments are longer
    than a pipe takes.
    """
    for interpreter in _INTERPRETERS:
        if os.path.exists(interpreter):
            trial = module.run_command([interpreter, "-c", _TRIAL])
            if trial[0] == 0:
                return (
                    "{0} has it: set ansible_python_interpreter={0} for this host in the inventory."
                ).format(interpreter)
    return (
        "The distribution's package is python3-libvirt (SUSE: python3-libvirt-python); role "
        "virtledger.libvirt.hypervisor installs it."
    )


def run(module: AnsibleModule, request: Request) -> t.Dict[str, t.Any]:
    """What the hypervisor answers; on any error the module ends with a message."""
    require_connection_options(module, ("timeout", "address_timeout"))
    try:
        return with_deadline(
            lambda: gather(request),
            module.params["timeout"],
            "Reading {0}".format(request.uri),
        )
    except VirtledgerError as error:
        module.fail_json(msg=str(error))
        raise


def answer(
    module: AnsibleModule, result: t.Dict[str, t.Any], packer: t.Optional[Packer] = None
) -> None:
    """End the module with its result, each error and warning of a domain shown to the user.

    :param packer: has got the domains; the result is one text then.
    """
    for error in result["errors"]:
        module.warn(error["message"])
    odd = [
        (domain["name"], text) for domain in result["domains"] or () for text in domain["warnings"]
    ]
    for name, text in odd + (packer.warnings if packer else []):
        module.warn("Domain {0}: {1}".format(name, text))
    if packer:
        result = {"packed": packer.pack(result)}
    module.exit_json(changed=False, **result)
