# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All views. A further one is added here, with a new revision of the schema."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views import (
    fleet,
    history,
    machines,
    network,
    storage,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._views.view import View


@functools.lru_cache(maxsize=None)
def views() -> t.Tuple[View, ...]:
    """Every view of the current revision, in the order of the documentation."""
    return (
        machines.vms(),
        storage.disks(),
        network.nics(),
        storage.filesystems(),
        machines.devices(),
        storage.all_volumes(),
        storage.volume_users(),
        storage.pools(),
        network.all_networks(),
        network.vlans(),
        fleet.all_hosts(),
        machines.configurations(),
        fleet.runs(),
        history.all_changes(),
        history.all_findings(),
    )
