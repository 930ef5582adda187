"""The event source against real libvirt daemons, run as ansible-rulebook runs it."""

from __future__ import annotations

import asyncio
import os
import runpy
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import yaml
from ansible_collections.virtledger.libvirt.tests.lab.guests import Guest, Nic
from ansible_collections.virtledger.libvirt.tests.lab.lab import Hypervisor, Lab, wait_until
from conftest import ROOT

HYPERVISORS = 2
SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "libvirt_events.py"
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "record_on_change.yml"
QUICK = {"debounce": 0.1, "retry_delay": 0.1, "retry_delay_max": 0.4, "keepalive": 1}

Event = dict[str, Any]


def source() -> Callable[[Any, dict[str, Any]], Awaitable[None]]:
    """The source's entry point; each call loads the file anew, as ansible-rulebook does."""
    main: Callable[[Any, dict[str, Any]], Awaitable[None]] = runpy.run_path(str(SOURCE))["main"]
    return main


class Emitted:
    """A queue that keeps what was put into it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def put(self, event: Event) -> None:
        self.events.append(event)

    def count(self, host: str, kind: str, event: str) -> int:
        found = [
            item["count"]
            for item in self.events
            if (item["host"], item["kind"], item["event"]) == (host, kind, event)
        ]
        return sum(found)

    async def wait_for(self, host: str, kind: str, event: str, count: int = 1) -> Event:
        """The last event of this sort, once there are so many."""
        latest = time.monotonic() + 30
        while self.count(host, kind, event) < count:
            assert time.monotonic() < latest, (host, kind, event, self.events)
            await asyncio.sleep(0.05)
        return next(
            item
            for item in reversed(self.events)
            if (item["host"], item["kind"], item["event"]) == (host, kind, event)
        )


def watched(
    scene: Callable[[Emitted], Awaitable[None]], **options: Any
) -> tuple[list[Event], float]:
    """Run a source while a scene is played; all events, and how many seconds its end took."""

    async def play() -> tuple[list[Event], float]:
        emitted = Emitted()
        task = asyncio.ensure_future(source()(emitted, {**QUICK, **options}))
        try:
            await scene(emitted)
            assert not task.done(), task
        finally:
            began = time.monotonic()
            task.cancel()
            done, _pending = await asyncio.wait([task], timeout=20)
        assert done
        assert task.cancelled()
        return emitted.events, time.monotonic() - began

    return asyncio.run(play())


def open_files() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


def settled_files() -> int:
    """How many, once none was closed for a second.

    libvirt closes a connection's files in its event loop, a moment after the connection's end.
    """
    files, now = -1, open_files()
    while files != now:
        files = now
        time.sleep(1)
        now = open_files()
    return now


def uris(*hypervisors: Hypervisor) -> dict[str, str]:
    return {hypervisor.name: hypervisor.read_only_uri for hypervisor in hypervisors}


def test_lifecycle_and_devices(lab: Lab) -> None:
    first, second = lab.hypervisor(1), lab.hypervisor(2)

    async def scene(emitted: Emitted) -> None:
        run = asyncio.to_thread
        for hypervisor in (first, second):
            await emitted.wait_for(hypervisor.name, "connection", "connected")
        await run(first.define, Guest("web", nics=[Nic("52:54:00:00:00:01", "user")]).xml())
        defined = await emitted.wait_for("hv1", "lifecycle", "defined")
        assert (defined["name"], defined["detail"], defined["count"]) == ("web", "added", 1)
        assert defined["meta"] == {"hosts": "hv1"}
        assert defined["uuid"] in await run(first.virsh, "domuuid", "web")
        await run(first.start, "web")
        started = await emitted.wait_for("hv1", "lifecycle", "started")
        assert started["detail"] == "booted"
        nic = "<interface type='user'><mac address='52:54:00:00:00:02'/><model type='virtio'/></interface>"
        await run(first.attach, "web", nic, "--live")
        assert (await emitted.wait_for("hv1", "device", "added"))["device"] == "net1"
        await run(first.destroy, "web")
        assert (await emitted.wait_for("hv1", "lifecycle", "stopped"))["detail"] == "destroyed"
        await run(first.undefine, "web")
        await emitted.wait_for("hv1", "lifecycle", "undefined")
        network = "<network><name>lan</name><bridge name='virbr7'/></network>"
        await run(first.add_network, network, False)
        assert (await emitted.wait_for("hv1", "network", "defined"))["name"] == "lan"
        pool = "<pool type='dir'><name>p</name><target><path>/srv/p</path></target></pool>"
        await run(first.add_pool, pool)
        assert (await emitted.wait_for("hv1", "storage_pool", "started"))["name"] == "p"

    events, _seconds = watched(scene, uris=uris(first, second))
    assert {event["host"] for event in events if event["kind"] != "connection"} == {"hv1"}


def test_a_daemon_that_restarts_is_connected_again(lab: Lab) -> None:
    hypervisor = lab.hypervisor(1)
    restart = "rm -f /run/libvirtd.pid; libvirtd --daemon --listen"

    async def scene(emitted: Emitted) -> None:
        await emitted.wait_for("hv1", "connection", "connected")
        await asyncio.to_thread(hypervisor.run, "pkill", "-9", "-x", "libvirtd")
        await emitted.wait_for("hv1", "connection", "disconnected")
        await emitted.wait_for("hv1", "connection", "unreachable")
        await asyncio.sleep(1)
        assert emitted.count("hv1", "connection", "unreachable") == 1
        await asyncio.to_thread(hypervisor.sh, restart)
        await emitted.wait_for("hv1", "connection", "connected", 2)
        await asyncio.to_thread(hypervisor.define, Guest("again").xml())
        await emitted.wait_for("hv1", "lifecycle", "defined")
        await asyncio.to_thread(hypervisor.undefine, "again")

    watched(scene, uris=uris(hypervisor))


def test_a_host_that_dies_does_not_hold_up_the_others(lab: Lab) -> None:
    """One loses its power and one stops to answer, which only the signs of life tell."""
    first, second = lab.hypervisor(1), lab.hypervisor(2)
    hosts = {**uris(first, second), "hv9": "qemu+unix:///system?socket=/nowhere"}

    async def scene(emitted: Emitted) -> None:
        await emitted.wait_for("hv9", "connection", "unreachable")
        for hypervisor in (first, second):
            await emitted.wait_for(hypervisor.name, "connection", "connected")
        await asyncio.to_thread(second.kill)
        await emitted.wait_for("hv2", "connection", "disconnected")
        await asyncio.to_thread(first.define, Guest("alive").xml())
        await emitted.wait_for("hv1", "lifecycle", "defined")
        await asyncio.to_thread(first.undefine, "alive")
        await asyncio.to_thread(second.power_on)
        await emitted.wait_for("hv2", "connection", "connected", 2)
        await asyncio.to_thread(first.sh, "pkill -STOP -x libvirtd")
        try:
            ended = await emitted.wait_for("hv1", "connection", "disconnected")
            assert ended["detail"] == "keepalive"
            await emitted.wait_for("hv1", "connection", "unreachable")
        finally:
            await asyncio.to_thread(first.sh, "pkill -CONT -x libvirtd")
        await emitted.wait_for("hv1", "connection", "connected", 2)

    watched(scene, uris=hosts, connect_timeout=1)


def test_the_end_is_quick_and_leaves_nothing_open(lab: Lab) -> None:
    hypervisor = lab.hypervisor(1)

    async def scene(emitted: Emitted) -> None:
        await emitted.wait_for("hv1", "connection", "connected")

    # The first round starts libvirt's event loop, which stays.
    watched(scene, uris=uris(hypervisor))
    before = settled_files()
    for _round in range(3):
        _events, seconds = watched(scene, uris=uris(hypervisor))
        assert seconds < 5
    wait_until(lambda: open_files() <= before, "the files of closed connections are closed")


def test_the_end_does_not_wait_for_a_daemon_that_hangs(lab: Lab) -> None:
    hypervisor = lab.hypervisor(1)

    async def scene(_emitted: Emitted) -> None:
        await asyncio.sleep(0.5)

    hypervisor.sh("pkill -STOP -x libvirtd")
    try:
        events, seconds = watched(scene, uris=uris(hypervisor), connect_timeout=0.2)
    finally:
        hypervisor.sh("pkill -CONT -x libvirtd")
    assert seconds < 5
    assert [event["detail"] for event in events] == ["no answer in 0.2 s"]


def test_equal_events_are_one(lab: Lab) -> None:
    hypervisor = lab.hypervisor(1)
    connection = hypervisor.connect()
    guest = Guest("churn", uuid="aaaaaaaa-0000-4000-8000-000000000077")

    def churn() -> None:
        for _number in range(5):
            connection.defineXML(guest.xml()).undefine()

    async def scene(emitted: Emitted) -> None:
        await emitted.wait_for("hv1", "connection", "connected")
        await asyncio.to_thread(churn)
        await emitted.wait_for("hv1", "lifecycle", "undefined", 5)

    try:
        events, _seconds = watched(
            scene, uris=uris(hypervisor), debounce=0.7, kinds=["connection", "lifecycle"]
        )
    finally:
        connection.close()
    told = [(event["event"], event["count"]) for event in events if event["name"] == "churn"]
    assert told == [("defined", 5), ("undefined", 5)]


def test_without_debounce_every_event_is_told(lab: Lab) -> None:
    hypervisor = lab.hypervisor(1)

    async def scene(emitted: Emitted) -> None:
        await emitted.wait_for("hv1", "connection", "connected")
        for number in range(1, 4):
            await asyncio.to_thread(hypervisor.define, Guest("one").xml())
            await asyncio.to_thread(hypervisor.undefine, "one")
            await emitted.wait_for("hv1", "lifecycle", "undefined", number)

    events, _seconds = watched(
        scene, uris=uris(hypervisor), debounce=0, kinds=["lifecycle", "connection"]
    )
    assert [event["event"] for event in events[1:]] == ["defined", "undefined"] * 3


def test_hosts_are_named_by_their_uris() -> None:
    hosts = runpy.run_path(str(SOURCE))["checked"](
        {"uris": ["qemu+ssh://ops@hv1.example.com/system", "qemu:///system"]}
    ).hosts
    assert list(hosts) == ["hv1.example.com", "localhost"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "'uris' is required"),
        ({"uris": []}, "'uris' is required"),
        ({"uris": "qemu:///system"}, "'uris' is required"),
        (
            {"uris": {"hv1": "hv1.example.com"}},
            "'hv1.example.com' for hv1, which is no libvirt URI",
        ),
        ({"uris": ["qemu://a/system", "test://a/x"]}, "several URIs of a: give a dictionary"),
        ({"uris": ["qemu:///system"], "kind": []}, "has no option kind; there are uris, kinds"),
        ({"uris": ["qemu:///system"], "kinds": ["moon"]}, "'kinds' takes a list of connection"),
        ({"uris": ["qemu:///system"], "debounce": "x"}, "'debounce' is a number from 0 to 86400"),
        ({"uris": ["qemu:///system"], "keepalive": 0}, "'keepalive' is a number from 1 to 86400"),
    ],
)
def test_wrong_options(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        asyncio.run(source()(Emitted(), args))  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_passwords_of_uris_are_not_told() -> None:
    async def scene(emitted: Emitted) -> None:
        event = await emitted.wait_for("h", "connection", "unreachable")
        assert event["uri"] == "qemu+tcp://u@127.0.0.1:1/system"

    watched(scene, uris={"h": "qemu+tcp://u:s3cret@127.0.0.1:1/system"})


def test_the_rulebook_names_what_there_is() -> None:
    (ruleset,) = yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))
    (entry,) = ruleset["sources"]
    name = f"virtledger.libvirt.{SOURCE.stem}"
    runpy.run_path(str(SOURCE))["checked"]({**entry[name], "uris": {"hv1": "qemu:///system"}})
    (rule,) = ruleset["rules"]
    playbook = rule["action"]["run_playbook"]["name"].rpartition(".")[2]
    assert (ROOT / "playbooks" / f"{playbook}.yml").exists()
