# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source ``libvirt_events``: what happens on hypervisors, for ansible-rulebook.

ansible-rulebook runs this file by itself, so it imports nothing of the collection. libvirt's calls
block and its callbacks come from its own thread: each hypervisor has a thread for its calls, and
callbacks only hand their event over to asyncio.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import random
import re
import threading
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

try:
    import libvirt
except ImportError:
    libvirt = None

DOCUMENTATION = r"""
short_description: What happens on libvirt hypervisors
description:
  - Connects to libvirt on any number of hypervisors, read-only, and emits an event when something
    happens to a domain, a device, a network or a storage pool there.
  - A hypervisor that goes away is tried again, ever more slowly; the others are not affected. What
    happened in between is not told, so each connection is an event of its own (C(kind) is
    C(connection)) upon which the hypervisor should be recorded.
  - Every event has C(host), C(uri), C(kind), C(event), C(detail), C(name), C(uuid), C(device),
    C(count) and C(time), and names the host in C(meta.hosts), to which ansible-rulebook limits the
    playbook that it runs. What an event does not have is null.
options:
  uris:
    description:
      - The hypervisors, as a dictionary of their names in the inventory and libvirt's connection
        URIs, or as a list of URIs, whose host is then the name (V(localhost) where it has none).
    type: raw
    required: true
  kinds:
    description: Which kinds of events are emitted.
    type: list
    elements: str
    choices: [connection, lifecycle, device, fault, network, storage_pool]
    default: [connection, lifecycle, device, fault, network, storage_pool]
  debounce:
    description:
      - Seconds for which a hypervisor must be quiet before its events are emitted, at most ten
        times that after the first. Equal ones are emitted once, with their number in C(count), in
        the order in which each happened last. With V(0) every event is emitted at once.
    type: float
    default: 1
  retry_delay:
    description: Seconds until a hypervisor is tried again; doubled each time.
    type: float
    default: 1
  retry_delay_max:
    description: The most seconds between two tries.
    type: float
    default: 60
  connect_timeout:
    description: Seconds after which a hypervisor that does not answer is told to be unreachable.
    type: float
    default: 30
  keepalive:
    description:
      - Seconds between two signs of life; a hypervisor that leaves out three of them is gone.
    type: int
    default: 5
"""

EXAMPLES = r"""
- virtledger.libvirt.libvirt_events:
    uris:
      hv1.example.com: qemu+ssh://ops@hv1.example.com/system
      hv2.example.com: qemu+ssh://ops@hv2.example.com/system
    kinds: [connection, lifecycle, device]
"""

Event = Dict[str, Any]
Handler = Callable[..., None]

LOGGER = logging.getLogger(__name__)

KINDS = ("connection", "lifecycle", "device", "fault", "network", "storage_pool")
#: Numeric options: default and the least value.
NUMBERS: Dict[str, Tuple[float, float]] = {
    "debounce": (1.0, 0.0),
    "retry_delay": (1.0, 0.01),
    "retry_delay_max": (60.0, 0.01),
    "connect_timeout": (30.0, 0.01),
    "keepalive": (5.0, 1.0),
}
#: What ansible-rulebook may add to the options.
IGNORED = ("eda_feedback_queue",)

_LOOP_THREAD = "libvirt-events"
#: Seconds that closing all connections may take at the end.
_CLOSING = 5.0
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")


class Options(NamedTuple):
    """The options of the source, checked."""

    hosts: Dict[str, str]
    kinds: List[str]
    debounce: float
    retry_delay: float
    retry_delay_max: float
    connect_timeout: float
    keepalive: float


def checked(args: Dict[str, Any]) -> Options:
    """The options.

    :raises ValueError: with a message that says what is wrong.
    """
    known = ("uris", "kinds", *NUMBERS, *IGNORED)
    unknown = sorted(set(args) - set(known))
    if unknown:
        raise ValueError(
            f"libvirt_events has no option {', '.join(unknown)}; there are {', '.join(known[:-1])}."
        )
    kinds = args.get("kinds", list(KINDS))
    wrong = sorted(set(kinds) - set(KINDS)) if isinstance(kinds, list) else [kinds]
    if wrong or not kinds:
        raise ValueError(f"Option 'kinds' takes a list of {', '.join(KINDS)}, not {wrong}.")
    return Options(_hosts(args.get("uris")), kinds, *(_number(args, name) for name in NUMBERS))


def _number(args: Dict[str, Any], name: str) -> float:
    default, least = NUMBERS[name]
    value = args.get(name, default)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = least - 1
    if isinstance(value, bool) or not least <= number <= 86400:
        raise ValueError(f"Option {name!r} is a number from {least:g} to 86400, not {value!r}.")
    return number


def _hosts(uris: Any) -> Dict[str, str]:
    """URIs by the names of their hosts."""
    if isinstance(uris, list) and all(isinstance(uri, str) for uri in uris):
        named = [(urlsplit(uri).hostname or "localhost", uri) for uri in uris]
        twice = sorted({name for name, _uri in named if [n for n, _u in named].count(name) > 1})
        if twice:
            raise ValueError(
                f"Option 'uris' has several URIs of {', '.join(twice)}: give a dictionary instead, "
                "with a name for each."
            )
        uris = dict(named)
    if not isinstance(uris, dict) or not uris:
        raise ValueError(
            "Option 'uris' is required: a dictionary of the hypervisors' names and URIs, or a list "
            "of URIs such as qemu+ssh://ops@hv1.example.com/system."
        )
    for name, uri in uris.items():
        if not isinstance(uri, str) or not urlsplit(uri).scheme:
            raise ValueError(f"Option 'uris' has {uri!r} for {name}, which is no libvirt URI.")
    return {str(name): uri for name, uri in uris.items()}


async def main(queue: Any, args: Dict[str, Any]) -> None:
    """Put events into the queue until the source is cancelled.

    :param queue: of ansible-rulebook.
    :param args: the options.
    """
    options = checked(args)
    if libvirt is None:
        raise RuntimeError(
            "libvirt's Python binding is missing where ansible-rulebook runs: install "
            "python3-libvirt of the distribution, or libvirt-python from PyPI."
        )
    _start_event_loop()
    watches = [Watch(queue, host, uri, options) for host, uri in options.hosts.items()]
    tasks = [asyncio.create_task(watch.run()) for watch in watches]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _in_thread(_wait_for, [thread for watch in watches for thread in watch.closing])


def _wait_for(threads: List[threading.Thread]) -> None:
    latest = time.monotonic() + _CLOSING
    for thread in threads:
        thread.join(max(0.0, latest - time.monotonic()))


def _start_event_loop() -> None:
    """Start the thread that runs libvirt's callbacks; there can be only one in a process.

    It is recognised by its name, since ansible-rulebook loads this file anew for every source.
    """
    if any(thread.name == _LOOP_THREAD for thread in threading.enumerate()):
        return
    libvirt.virEventRegisterDefaultImpl()
    # Errors reach the caller as exceptions; libvirt would print them besides.
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    threading.Thread(target=_turn, name=_LOOP_THREAD, daemon=True).start()


def _turn() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except libvirt.libvirtError:
            LOGGER.exception("libvirt's event loop failed in one turn")


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a call that may block for ever, in a thread that nothing waits for at exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: Optional[BaseException]) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result, failure = None, None
        try:
            result = function(*arguments)
        except libvirt.libvirtError as error:
            failure = error
        # The loop may be closed meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, daemon=True).start()
    return await future


class Watch:
    """One hypervisor: its connection, and the events that were not emitted yet.

    :ivar closing: what closes former connections.
    """

    def __init__(self, queue: Any, host: str, uri: str, options: Options) -> None:
        self._queue = queue
        self._host = host
        self.uri = uri
        self.options = options
        self._loop = asyncio.get_running_loop()
        self._pending: Dict[Tuple[Any, ...], Event] = {}
        self._some = asyncio.Event()
        self._last = 0.0
        self._is_away = False
        self.closing: List[threading.Thread] = []

    async def run(self) -> None:
        """Connect, again and again, and emit; ends by cancellation only."""
        emitting = asyncio.create_task(self._emit())
        delay = self.options.retry_delay
        try:
            while True:
                if await self._connected():
                    delay = self.options.retry_delay
                # Not all at the same moment, after a switch has failed.
                await asyncio.sleep(delay * random.uniform(0.75, 1.25))
                delay = min(2 * delay, self.options.retry_delay_max)
        finally:
            emitting.cancel()

    async def _connected(self) -> bool:
        """One connection, from its beginning to its end; whether there was one."""
        connection = Connection(self)
        opening = asyncio.create_task(_in_thread(connection.open))
        try:
            try:
                seconds = self.options.connect_timeout
                done, _pending = await asyncio.wait([opening], timeout=seconds)
                if not done:
                    self._unreachable(f"no answer in {seconds:g} s")
                await opening
            except libvirt.libvirtError as error:
                self._unreachable(str(error))
                return False
            self._is_away = False
            self.tell("connection", "connected")
            reason = await connection.ended
            self.tell("connection", "disconnected", detail=reason)
            return True
        finally:
            opening.cancel()
            self.closing = [*filter(threading.Thread.is_alive, self.closing), connection.abandon()]

    def _unreachable(self, reason: str) -> None:
        """Tell once that the hypervisor cannot be reached; tries go on."""
        LOGGER.info("%s cannot be reached: %s", self._host, reason)
        if not self._is_away:
            self.tell("connection", "unreachable", detail=reason)
        self._is_away = True

    def tell(
        self,
        kind: str,
        event: str,
        thing: Any = None,
        device: Optional[str] = None,
        detail: Optional[str] = None,
    ) -> None:
        """Note an event; to be called in asyncio's thread.

        :param thing: the name and UUID of the domain, network or pool.
        """
        if kind not in self.options.kinds:
            return
        name, uuid = thing or (None, None)
        key = (kind, event, detail, uuid, device)
        # What happened last comes last, so that the order tells the state.
        count = self._pending.pop(key, {"count": 0})["count"] + 1
        self._pending[key] = {
            "host": self._host,
            "uri": _PASSWORD.sub(r"\1@", self.uri),
            "kind": kind,
            "event": event,
            "detail": detail,
            "name": name,
            "uuid": uuid,
            "device": device,
            "count": count,
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "meta": {"hosts": self._host},
        }
        self._last = self._loop.time()
        self._some.set()

    def call_soon(self, function: Handler, *arguments: Any) -> None:
        """Call a function in asyncio's thread; nothing happens once the source has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    async def _emit(self) -> None:
        while True:
            await self._some.wait()
            await self._quiet()
            pending, self._pending = self._pending, {}
            self._some.clear()
            for event in pending.values():
                await self._queue.put(event)

    async def _quiet(self) -> None:
        """Wait until nothing has happened for a while, but not for ever."""
        debounce = self.options.debounce
        latest = self._loop.time() + 10 * debounce
        while True:
            now = self._loop.time()
            left = min(self._last + debounce, latest) - now
            if left <= 0:
                return
            await asyncio.sleep(left)


class Connection:
    """A connection to libvirt with its callbacks.

    :ivar ended: why it ended, when it has.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._is_abandoned = False
        self._connection: Any = None
        self._undo: List[Tuple[Callable[[int], Any], int]] = []
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def open(self) -> None:
        """Connect and register the callbacks; blocks.

        :raises libvirt.libvirtError: libvirt does not answer, or does not know its own events.
        """
        connection = libvirt.openReadOnly(self._watch.uri)
        with self._lock:
            self._connection = connection
            try:
                connection.registerCloseCallback(self._closed, None)
                # Drivers without a daemon, such as test, have nothing to keep alive.
                with contextlib.suppress(libvirt.libvirtError):
                    connection.setKeepAlive(int(self._watch.options.keepalive), 3)
                self._register(connection)
            except libvirt.libvirtError:
                self._close()
                raise
            if self._is_abandoned:
                self._close()

    def abandon(self) -> threading.Thread:
        """Close the connection, now or when it is open, in a thread that may be waited for."""
        self._is_abandoned = True
        thread = threading.Thread(target=self._close_when_open, daemon=True)
        thread.start()
        return thread

    def _close_when_open(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        # Callbacks hold on to the connection. Of one that is lost, nothing can be undone any more.
        for undo, number in self._undo:
            with contextlib.suppress(libvirt.libvirtError):
                undo(number)
        self._undo = []
        with contextlib.suppress(libvirt.libvirtError):
            connection.unregisterCloseCallback()
        with contextlib.suppress(libvirt.libvirtError):
            connection.close()

    def _closed(self, _connection: Any, reason: int, _opaque: Any) -> None:
        self._watch.call_soon(self._end, _word("VIR_CONNECT_CLOSE_REASON_", reason))

    def _end(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_result(reason)

    def _register(self, connection: Any) -> None:
        """Ask for every event of the kinds that are wanted, as far as this libvirt has them."""
        asked = 0
        refused: Optional[BaseException] = None
        for kind, what, name, handler in self._handlers():
            number = getattr(libvirt, name, None)
            if kind not in self._watch.options.kinds or number is None:
                continue
            try:
                register = getattr(connection, what + "EventRegisterAny")
                identity = register(None, number, handler, None)
            except libvirt.libvirtError as error:
                refused = error
                continue
            asked += 1
            self._undo.append((getattr(connection, what + "EventDeregisterAny"), identity))
        if not asked and refused:
            raise refused

    def _handlers(self) -> List[Tuple[str, str, str, Handler]]:
        """Kind, family of libvirt's calls, name of libvirt's event, and what takes it."""
        domain = "VIR_DOMAIN_EVENT_ID_"
        return [
            ("lifecycle", "domain", domain + "LIFECYCLE", self._lifecycle),
            ("lifecycle", "domain", domain + "REBOOT", self._rebooted),
            ("device", "domain", domain + "DEVICE_ADDED", self._device("added")),
            ("device", "domain", domain + "DEVICE_REMOVED", self._device("removed")),
            ("device", "domain", domain + "DEVICE_REMOVAL_FAILED", self._device("removal_failed")),
            ("device", "domain", domain + "DISK_CHANGE", self._medium),
            ("device", "domain", domain + "BLOCK_JOB_2", self._block_job),
            ("fault", "domain", domain + "WATCHDOG", self._watchdog),
            ("fault", "domain", domain + "IO_ERROR_REASON", self._io_error),
            ("network", "network", "VIR_NETWORK_EVENT_ID_LIFECYCLE", self._network),
            ("storage_pool", "storagePool", "VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE", self._pool),
            ("storage_pool", "storagePool", "VIR_STORAGE_POOL_EVENT_ID_REFRESH", self._refreshed),
        ]

    def _tell(self, kind: str, event: str, thing: Any, *more: Any) -> None:
        self._watch.call_soon(
            self._watch.tell, kind, event, (thing.name(), thing.UUIDString()), *more
        )

    def _lifecycle(self, _connection: Any, domain: Any, event: int, detail: int, _o: Any) -> None:
        word = _word("VIR_DOMAIN_EVENT_", event, single=True)
        reason = _word(f"VIR_DOMAIN_EVENT_{word.upper()}_", detail)
        self._tell("lifecycle", word, domain, None, reason)

    def _rebooted(self, _connection: Any, domain: Any, _o: Any) -> None:
        self._tell("lifecycle", "rebooted", domain)

    def _device(self, event: str) -> Handler:
        def take(_connection: Any, domain: Any, alias: str, _o: Any) -> None:
            self._tell("device", event, domain, alias)

        return take

    def _medium(
        self, _c: Any, domain: Any, _old: str, new: Optional[str], alias: str, _r: int, _o: Any
    ) -> None:
        self._tell("device", "medium_inserted" if new else "medium_ejected", domain, alias)

    def _block_job(
        self, _connection: Any, domain: Any, disk: str, _type: int, status: int, _o: Any
    ) -> None:
        detail = _word("VIR_DOMAIN_BLOCK_JOB_", status, single=True)
        self._tell("device", "block_job", domain, disk, detail)

    def _watchdog(self, _connection: Any, domain: Any, action: int, _o: Any) -> None:
        self._tell("fault", "watchdog", domain, None, _word("VIR_DOMAIN_EVENT_WATCHDOG_", action))

    def _io_error(
        self, _c: Any, domain: Any, _path: str, alias: str, _action: int, reason: str, _o: Any
    ) -> None:
        self._tell("fault", "io_error", domain, alias, reason or None)

    def _network(self, _connection: Any, network: Any, event: int, _detail: int, _o: Any) -> None:
        self._tell("network", _word("VIR_NETWORK_EVENT_", event, single=True), network)

    def _pool(self, _connection: Any, pool: Any, event: int, _detail: int, _o: Any) -> None:
        self._tell("storage_pool", _word("VIR_STORAGE_POOL_EVENT_", event, single=True), pool)

    def _refreshed(self, _connection: Any, pool: Any, _o: Any) -> None:
        self._tell("storage_pool", "refreshed", pool)


def _word(prefix: str, number: int, single: bool = False) -> str:
    """libvirt's word for a number; ``unknown_7`` for one that is newer than its binding.

    :param single: where longer constants begin with the prefix as well.
    """
    for name in sorted(vars(libvirt)):
        word = name[len(prefix) :]
        is_candidate = name.startswith(prefix) and not (single and "_" in word)
        if is_candidate and getattr(libvirt, name) == number:
            return word.lower()
    return f"unknown_{number}"
