# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts of the ledger Ansible may show as they are.

To Ansible every text of an inventory plugin is untrusted: it is never a template. In the output of
``ansible-inventory`` such a text stands in a wrapping, ``{"__ansible_unsafe": "running"}``, which
AWX stores as it is, and then finds no text where it looks for one. So texts that can do nothing,
even where a play evaluates them a second time, are handed over without it: those in which nothing
calls, filters, indexes or quotes. All others stay untrusted.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible.template import trust_as_template

_HARMLESS = re.compile(r"[\w.:/@+-]+")


def as_shown(value: t.Any) -> t.Any:
    """The same value, its harmless texts without a wrapping."""
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, dict):
        return {key: as_shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_shown(item) for item in value]
    return value


@functools.lru_cache(maxsize=65536)
def _shown(text: str) -> str:
    return trust_as_template(text) if _HARMLESS.fullmatch(text) else text
