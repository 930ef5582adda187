# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether anything of a hypervisor changed that is not its domains."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping import MAPPING_VERSION
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping.hypervisor import (
    HYPERVISOR_FIELDS,
    NETWORK_FIELDS,
    POOL_FIELDS,
    VOLUME_FIELDS,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._stable import digest_of

Facts = t.Dict[str, t.Any]

_MOVING = frozenset(
    field.name
    for field in HYPERVISOR_FIELDS + NETWORK_FIELDS + POOL_FIELDS + VOLUME_FIELDS
    if field.moving
)


def inventory_digest(facts: Facts) -> t.Optional[str]:
    """SHA-256 over what an answer says besides its domains; null if it is not whole."""
    if facts["hypervisor"] is None or facts["networks"] is None or facts["storage_pools"] is None:
        return None
    pools = [
        {
            **_unmoving(pool),
            "volumes": [_unmoving(volume) for volume in pool["volumes"] or ()],
            "listed": pool["volumes"] is not None,
        }
        for pool in facts["storage_pools"]
    ]
    covered = [
        MAPPING_VERSION,
        _unmoving(facts["hypervisor"]),
        [_unmoving(network) for network in facts["networks"]],
        pools,
        sorted(name for name in facts["complete"] if name != "domains"),
    ]
    return digest_of(json.dumps(covered, sort_keys=True, separators=(",", ":")))


def _unmoving(facts: Facts) -> Facts:
    return {key: item for key, item in facts.items() if key not in _MOVING}
