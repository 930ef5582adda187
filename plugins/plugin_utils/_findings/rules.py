# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules, and the thresholds that they have."""

from __future__ import annotations

import typing as t

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings import (
    consoles,
    disks,
    drift,
    hosts,
    machines,
    migration,
    nics,
    sharing,
    sources,
    storage,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._findings.rule import (
    Rule,
    Threshold,
)

#: Every rule, by theme.
RULES: t.Tuple[Rule, ...] = (
    *sharing.RULES,
    *nics.RULES,
    *machines.RULES,
    *drift.RULES,
    *disks.RULES,
    *sources.RULES,
    *storage.RULES,
    *consoles.RULES,
    *migration.RULES,
    *hosts.RULES,
)

BY_CODE: t.Dict[str, Rule] = {rule.code: rule for rule in RULES}

#: The numbers that can be set, by their name.
THRESHOLDS: t.Dict[str, Threshold] = {
    rule.threshold.name: rule.threshold for rule in RULES if rule.threshold is not None
}
