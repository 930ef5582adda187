# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's search for cycles of garbage, put off while there are many objects and no cycles.

Facts are hundreds of thousands of dictionaries, lists and texts; so are the syntax trees of a
module's files, which Ansible looks through to pack them, and what SQLAlchemy and the tables are
made of. To find out again and again whether some of them refer to each other takes an eighth of
the time of a recording and of the imports, and more of that packing.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import typing as t

#: After how many new objects, and how often in all older ones: so many objects are some 20 MB.
_THRESHOLDS = (50000, 20, 100)


class _Collector:
    """Python's collector, as it was before the first of those who are working now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._working = 0
        self._before = gc.get_threshold()

    def slow_down(self) -> None:
        """Somebody begins to work."""
        with self._lock:
            self._working += 1
            if self._working == 1:
                self._before = gc.get_threshold()
                gc.freeze()
                gc.set_threshold(*_THRESHOLDS)

    def go_on(self) -> None:
        """Somebody has ended; after the last one it is as before."""
        with self._lock:
            self._working -= 1
            if not self._working:
                gc.set_threshold(*self._before)
                gc.unfreeze()


_COLLECTOR = _Collector()


@contextlib.contextmanager
def seldom_collected() -> t.Iterator[None]:
    """Look for cycles seldom, and never among what was there before; also a decorator.

    It may be entered again within itself, and in several threads at once.
    """
    _COLLECTOR.slow_down()
    try:
        yield
    finally:
        _COLLECTOR.go_on()
