# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts handed to the recorder in Python's own types, whatever they came in."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.virtledger.libvirt.plugins.module_utils._errors import FactsError
from ansible_collections.virtledger.libvirt.plugins.module_utils._packing import unpack

_REMEDY = (
    "Hand on the whole result of virtledger.libvirt.hypervisor_info, domain_info or archive_info "
    "in option 'facts', unchanged."
)

#: What is used of a module's result.
_RECORDED = (
    "failed",
    "msg",
    "mapping_version",
    "hypervisor",
    "domains",
    "networks",
    "storage_pools",
    "errors",
    "complete",
    "seconds",
    "counts",
    "asked_at",
    "unchanged",
    "inventory_digest",
)


def wrong(host_id: str, place: str, problem: str) -> FactsError:
    """The error for facts that are not what a module returns."""
    return FactsError("Host {0}: {1}: {2}.".format(host_id, place, problem), _REMEDY)


def plain_facts(facts: t.Any, host_id: str) -> t.Any:
    """A copy of what is recorded in Python's own types, without texts that no database can hold.

    Ansible adds more to a module's result, among that its warnings as objects of its own.
    """
    text = facts.get("packed") if isinstance(facts, dict) else None
    if isinstance(text, str):
        try:
            text = unpack(text)
        except FactsError as error:
            raise wrong(host_id, "packed", str(error).rstrip(".")) from error
    else:
        if isinstance(facts, dict):
            facts = {name: facts[name] for name in _RECORDED if name in facts}
        try:
            text = json.dumps(facts)
        except (TypeError, ValueError) as error:
            raise wrong(host_id, "facts", "no plain data: {0}".format(error)) from error
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise wrong(host_id, "packed", "no JSON") from error
    # Only a text with such an escape can hold one of them; then it is worth while to look.
    if "\\ud" in text or "\\u0000" in text:
        place = _unstorable(plain, "facts")
        if place:
            raise wrong(host_id, place, "a text with a NUL or half of a surrogate pair")
    return plain


def _unstorable(value: t.Any, place: str) -> str:
    """The place of the first text that cannot be stored, empty if there is none."""
    if isinstance(value, str):
        return place if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value) else ""
    items: t.Iterable[t.Tuple[t.Any, t.Any]] = ()
    if isinstance(value, dict):
        items = value.items()
        if any(_unstorable(key, place) for key in value):
            return place
    elif isinstance(value, list):
        items = enumerate(value)
    found = (_unstorable(item, "{0}[{1}]".format(place, key)) for key, item in items)
    return next((below for below in found if below), "")
