# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's search for cycles of garbage, put off while there are many objects and no cycles.

Facts are hundreds of thousands of dictionaries, lists and texts; so are the syntax trees of a
module's files, which Ansible looks through to pack them. To find out again and again whether some
of them refer to each other takes an eighth of the time of a recording, and more of that packing.
"""

from __future__ import annotations

import contextlib
import gc
import typing as t

#: After how many new objects, and how often in all older ones: so many objects are some 20 MB.
_THRESHOLDS = (50000, 20, 100)


@contextlib.contextmanager
def seldom_collected() -> t.Iterator[None]:
    """Look for cycles seldom, and never among what was there before; also a decorator."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
