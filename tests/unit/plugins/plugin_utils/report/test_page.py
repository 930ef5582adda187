"""The page in a real browser: what people do with it, what it must never do, and how it looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report import webpage as pages
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.collect import (
    Report,
    collect,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.scope import Scope
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.sheets import (
    CHANGE,
    HEALTH,
    HOST,
    SHEETS,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.texts import visible
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.vm_sheets import (
    DISK,
    INFO,
    NETWORK,
)
from ansible_collections.virtledger.libvirt.plugins.plugin_utils._report.webpage import to_html
from ledgers import Ledger
from report.browser import Browser, Page
from report.made_up import EVIL, record

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"

#: Every view that there is.
VIEWS = ("#overview", "#map", *(f"#{sheet.slug}" for sheet in SHEETS))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Two hosts, with a finding about two VMs and a change."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    record(ledger)
    read = collect(ledger.database, Scope())
    uuids = {row[INFO.place("name")]: row[INFO.place("uuid")] for row in read.rows["vInfo"]}
    finding = dict.fromkeys((column.name for column in HEALTH.columns), None)
    finding.update(
        severity="critical",
        code="shared_disk",
        summary="Volume /images/shared.raw is written by web1 and web2",
        vms="web1, web2",
        hosts="hv1",
        explanation="Both write.",
        remedy="Stop one.",
        ignored=False,
        vm_uuids=f"{uuids['web1']} {uuids['web2']}",
    )
    read.rows["vHealth"].append(list(finding.values()))
    change = dict.fromkeys((column.name for column in CHANGE.columns), None)
    change.update(
        seen_at=read.as_of,
        host_id="hv1",
        vm_name="web1",
        change="changed",
        attribute="driver_cache",
        old_value="none",
        new_value="unsafe",
        vm_uuid=uuids["web1"],
    )
    read.rows["vChange"].append(list(change.values()))
    return read


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def path(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("page") / "report.html"
    written.write_bytes(to_html(report, "North & South"))
    return written


@pytest.fixture
def page(browser: Browser, path: Path) -> Iterator[Page]:
    """The page, freshly opened. It never complains and never asks for anything."""
    opened = Page(browser)
    opened.open(path)
    yield opened
    complaints, requests = opened.complaints(), set(opened.requests())
    opened.close()
    assert complaints == []
    assert {address.partition("#")[0] for address in requests} <= {path.as_uri()}


def uuid_of(report: Report, name: str) -> str:
    return next(
        str(row[INFO.place("uuid")])
        for row in report.rows["vInfo"]
        if row[INFO.place("name")] == name
    )


def names(page: Page) -> list[str]:
    return page.texts("#view tbody th")


def test_it_opens_with_an_overview(page: Page) -> None:
    assert page.run("document.title") == "North & South"
    cards = dict(zip(page.texts(".cards .label"), page.texts(".cards strong"), strict=True))
    assert cards == {
        "Hosts": "2",
        "VMs": "4",
        "vCPUs active": "1",
        "Memory active": "1.0 GiB",
        "Storage in pools": "0 B",
        "Findings": "1",
    }
    charts = page.texts("#start .chart caption")
    assert charts[:4] == [
        "VMs by state",
        "VMs by operating system",
        "Findings by severity",
        "VMs per host",
    ]
    assert "web1" in page.texts(".findings li a")
    assert page.texts(".looks a") == [
        "Volumes that more than one VM uses",
        "MAC addresses on more than one NIC",
        "CD-ROMs and floppies with a medium",
    ]


def test_every_view_is_there(page: Page) -> None:
    for view in (*VIEWS[1:], VIEWS[0]):
        page.go(view)
        assert page.run("document.activeElement.tagName") == "H1", view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(page: Page, report: Report, scheme: str) -> None:
    page.run(f"void (0, eval)({json.dumps(AXE.read_text())})")
    page.scheme(scheme)
    uuid = uuid_of(report, "web1")
    for view in ("#findings", f"#vm={uuid}", f"#map?focus=vm:{uuid}", "#overview"):
        page.go(view)
        found = page.run(
            "axe.run(document, {resultTypes: ['violations']}).then(one => one.violations"
            ".map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200)).slice(0, 3)]))"
        )
        assert found == [], view


def test_search_filter_sort_and_back(page: Page) -> None:
    page.go("#vms")
    assert names(page) == ["db1", "idle", "web1", "web2"]
    page.click("#search")
    page.type("WEB hv1")
    page.wait("document.querySelector('.count').textContent === '2 of 4 rows'")
    assert names(page) == ["web1", "web2"]
    page.click("[data-name=name]")
    page.click("[data-name=name]")
    assert names(page) == ["web2", "web1"]
    assert (
        page.run("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    )
    page.run(
        "(() => { const one = document.querySelector('#facet-state'); one.value = '=running'; one.dispatchEvent(new Event('change')); })()"
    )
    assert names(page) == ["web1"]
    assert page.run("location.hash") == "#vms?q=WEB%20hv1&sort=-name&f.state=running"
    page.run("history.back()")
    page.wait("document.querySelectorAll('#view tbody th').length === 2")
    assert page.run("document.querySelector('#facet-state').value") == "*"
    page.click("[aria-pressed]")
    assert "VM UUID" in page.texts("#view thead button")


def test_numbers_are_sorted_as_numbers_and_what_is_not_known_comes_last(page: Page) -> None:
    page.go("#vms?sort=-disk_bytes")
    assert names(page)[0] == "web1"
    sizes = page.run(
        "[...document.querySelectorAll('#view tbody tr')].map(one => one.children[7].textContent)"
    )
    assert sizes == ["2.0 GiB", "1.0 GiB", "\u2013", "\u2013"]


def test_an_address_opens_what_it_says(page: Page, path: Path, report: Report) -> None:
    page.send("Page.navigate", url="about:blank")
    page.open(path, "#disks?q=shared&f.target_bus=virtio&sort=-vm_name")
    assert names(page) == ["web2", "web1"]
    page.go(f"#vm={uuid_of(report, 'web1')}")
    parts = [text.rstrip("0123456789 ") for text in page.texts("#view h2")]
    assert parts == [
        "Findings",
        "The machine",
        "Disks",
        "CD-ROMs and floppies",
        "NICs",
        "File systems",
        "Controllers",
        "Graphical consoles",
        "Passed-through devices",
        "Other devices",
        "Changes",
    ]
    assert "Stop one." in page.texts("#view .remedy")
    assert page.run("document.title").startswith("web1 running")
    page.click("#view .lead a")
    page.wait(
        "location.hash === '#host=hv1' && document.querySelector('#view h1')?.textContent === 'hv1'"
    )
    page.run("history.back()")
    page.wait("document.querySelector('#view h1')?.textContent.startsWith('web1')")
    page.go("#vm=nonsense")
    assert page.texts("#view h1") == ["Not in this report"]
    page.go("#%E0%A4%A")
    assert page.texts("#view h1") == ["Not in this report"]


def test_find_anything_by_keyboard(page: Page) -> None:
    page.press("/")
    assert page.run("document.activeElement.id") == "find"
    page.type("52:54:00:00:00:03")
    page.wait("document.querySelectorAll('#found li').length === 1")
    assert page.texts("#found li") == ["vmdb1 with 52:54:00:00:00:03"]
    page.press("ArrowDown")
    assert (
        page.run("document.querySelector('#find').getAttribute('aria-activedescendant')")
        == "found-0"
    )
    page.press("Enter")
    page.wait("document.querySelector('#view h1')?.textContent.startsWith('db1')")
    page.press("/")
    page.type("nothing like it")
    page.wait("document.querySelector('#said').textContent === 'Nothing found'")
    page.press("Escape")


def test_everything_can_be_reached_with_the_tab_key(page: Page) -> None:
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.press("Enter")
    assert page.run("document.activeElement.id") == "main"
    page.go("#vms")
    seen = []
    for _turn in range(12):
        page.press("Tab")
        seen.append(
            page.run(
                "document.activeElement.id || document.activeElement.dataset.name || document.activeElement.textContent"
            )
        )
    assert seen[:2] == ["search", "facet-host_id"]
    assert {"All columns", "Reset", "name"} <= set(seen)


def test_themes(page: Page) -> None:
    paper = "getComputedStyle(document.body.parentNode).backgroundColor"
    page.scheme("light")
    light = page.run(paper)
    page.scheme("dark")
    dark = page.run(paper)
    assert light != dark
    page.click("#theme")
    assert page.run(paper) == light
    page.click("#theme")
    assert page.run(paper) == dark
    page.scheme("light")
    assert page.run(paper) == dark
    page.run("localStorage.clear()")


def test_the_picture(page: Page, report: Report) -> None:
    page.go("#map")
    boxes = page.run(
        "[...document.querySelectorAll('.node')].map(one => one.getAttribute('aria-label'))"
    )
    assert "host hv1, 3 VMs, 3 connections" in boxes
    assert "network lan, 3 NICs, 2 connections" in boxes
    page.run("document.querySelector('.kind-host').focus()")
    assert page.run("document.querySelectorAll('.edge.on').length") == 3
    page.press("Enter")
    page.wait("document.querySelectorAll('.node.kind-vm').length === 3")
    assert "volume shared.raw, 2 VMs, 2 connections" in page.run(
        "[...document.querySelectorAll('.node')].map(one => one.getAttribute('aria-label'))"
    )
    before = page.run("document.querySelector('.map').getAttribute('viewBox')")
    page.click("[aria-label='Zoom in']")
    page.run("document.querySelector('.map').focus()")
    page.press("ArrowDown")
    assert page.run("document.querySelector('.map').getAttribute('viewBox')") != before
    page.click("[aria-label='Fit to the width']")
    assert page.run("document.querySelector('.map').getAttribute('viewBox')") == before
    page.go(f"#map?focus=vm:{uuid_of(report, 'web1')}")
    assert page.texts(".node.center title") == ["vm web1, running, 5 connections"]
    for focus in ("volume:1", "network:lan", "store:pool default"):
        page.go("#map?focus=" + focus)
        assert page.run("document.querySelectorAll('.node.center').length") == 1, focus
    page.go("#map?focus=constructor:x")
    assert page.texts("#view h1") == ["Not in this report"]


def test_nothing_overflows_at_any_width(page: Page, report: Report) -> None:
    for width in (360, 700, 1000, 1600):
        page.resize(width, 800)
        for view in ("#overview", "#vms", "#findings", "#map", f"#vm={uuid_of(report, 'web1')}"):
            page.go("#hosts")
            page.go(view)
            wide = page.run("document.documentElement.scrollWidth")
            assert wide <= width, (view, width, wide)


def test_it_prints(page: Page) -> None:
    page.go("#vms")
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.run("getComputedStyle(document.querySelector('#nav')).display") == "none"
    assert page.pdf().startswith(b"%PDF")


def test_without_script_the_overview_is_there(browser: Browser, path: Path) -> None:
    opened = Page(browser)
    opened.send("Emulation.setScriptExecutionDisabled", value=True)
    opened.send("Page.navigate", url=path.as_uri())
    opened.wait("document.querySelector('.scope')")
    assert opened.texts(".cards strong")[:2] == ["2", "4"]
    assert "need JavaScript" in " ".join(opened.texts("noscript"))
    opened.close()


def test_harmful_names_are_only_texts(browser: Browser, report: Report, tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        name: [list(row) for row in found] for name, found in report.rows.items()
    }
    pattern = {name: rows[name][0] for name in ("vInfo", "vDisk", "vNetwork", "vHost", "vHealth")}
    for number, text in enumerate(EVIL):
        machine = list(pattern["vInfo"])
        machine[INFO.place("uuid")] = f"uuid-{number}"
        for name in ("name", "host_id", "state", "os", "title", "description"):
            machine[INFO.place(name)] = text
        rows["vInfo"].append(machine)
        for sheet, columns in (
            (DISK, ("source_ref", "target_dev")),
            (NETWORK, ("network_name", "mac_address")),
            (HOST, ("host_id", "last_outcome")),
            (HEALTH, ("summary", "severity", "code", "vms", "explanation")),
        ):
            row = list(pattern[sheet.name])
            for name in columns:
                row[sheet.place(name)] = text
            if sheet in (DISK, NETWORK):
                row[sheet.place("vm_uuid")] = f"uuid-{number}"
            if sheet is HEALTH:
                row[sheet.place("vm_uuids")] = f"uuid-{number}"
            rows[sheet.name].append(row)
    evil = report._replace(rows=rows, scope=Scope(host_id=EVIL[0], vm=EVIL[2]))
    written = tmp_path / "evil.html"
    written.write_bytes(to_html(evil, EVIL[0]))
    opened = Page(browser)
    opened.open(written)
    shown = "\n".join(opened.texts("#start"))
    assert visible(EVIL[0]) in shown
    views = [
        "#vms?size=500",
        "#disks?size=500",
        "#nics",
        "#hosts",
        "#findings",
        "#map",
        "#map?focus=network:__proto__",
    ]
    views += [f"#vm=uuid-{number}" for number in range(0, len(EVIL), 3)] + ["#host=__proto__"]
    for view in views:
        opened.go(view)
    opened.go("#vms?size=500")
    assert {" ".join(visible(text).split()) for text in EVIL} <= {
        " ".join(text.split()) for text in names(opened)
    }
    opened.go("#vms?f.host_id=__proto__")
    assert opened.texts(".count") == [f"1 of {len(rows['vInfo'])} rows"]
    opened.run("document.querySelector('#find').focus()")
    opened.type("onerror")
    opened.wait("document.querySelectorAll('#found li').length > 1")
    assert (
        opened.run(
            "window.evil === undefined && document.querySelectorAll('img, iframe, object').length"
        )
        == 0
    )
    assert opened.run(
        "[...document.querySelectorAll('[href]')].every(one => one.getAttribute('href').startsWith('#'))"
    )
    assert opened.complaints() == []
    opened.close()


def test_the_policy_allows_nothing_but_the_page_itself(page: Page) -> None:
    policy = page.run("document.querySelector('meta[http-equiv]').content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.evil = 1'}))"
    )
    assert page.run("window.evil === undefined")
    found = page.events("Log.entryAdded")
    assert any("Content Security Policy" in one["entry"]["text"] for one in found)
    page.forgive()


def test_two_pages_of_one_report_are_the_same(report: Report) -> None:
    assert to_html(report, "x") == to_html(report, "x")


def test_what_grows_without_end_is_cut_and_that_is_said(
    browser: Browser, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pages._ROWS, "vChange", 2)
    rows = {**report.rows, "vChange": report.rows["vChange"] * 5}
    rows["vInfo"] = [list(row) for row in rows["vInfo"]]
    rows["vInfo"][0][INFO.place("description")] = "x" * 50000
    written = tmp_path / "cut.html"
    written.write_bytes(to_html(report._replace(rows=rows), "x"))
    assert len(written.read_bytes()) < 200000
    opened = Page(browser)
    opened.open(written, "#changes")
    assert opened.texts(".note") == [
        f"The first 2 of {len(rows['vChange'])} rows. The other formats of the report have them all."
    ]
    opened.close()


def test_no_part_of_the_page_names_another_place() -> None:
    folder = Path(pages.__file__).parent / "page"
    for name in folder.iterdir():
        found = set(re.findall(r"\bhttps?://[^\"'\s)]+", name.read_text()))
        assert found <= {"http://www.w3.org/2000/svg"}, name
