"""Chromium without a screen, driven by its own protocol: what the tests of the page need of it."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import websocket

#: Seconds that anything may take; a machine under load is slow.
PATIENCE = 60.0

#: By key, what the protocol wants to know of it.
_KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "ArrowUp": (38, ""),
    "ArrowDown": (40, ""),
}


class Browser:
    """A browser process with a profile of its own, and with no network to speak of."""

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="vl-browser-"))
        program = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
        self._process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-extensions",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={self._profile}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = itertools.count(1)
        self._socket = websocket.create_connection(self._address(), timeout=PATIENCE)
        self.events: list[dict[str, Any]] = []

    def _address(self) -> str:
        path = self._profile / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if path.exists() and len(path.read_text().splitlines()) == 2:
                port, name = path.read_text().splitlines()
                return f"ws://127.0.0.1:{port}{name}"
            assert self._process.poll() is None, "the browser has ended"
            time.sleep(0.05)
        raise TimeoutError("the browser does not answer")

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """A command, and the answer to it; what happens meanwhile is kept in ``events``."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            if "method" in answer:
                self.events.append(answer)

    def close(self) -> None:
        """End it and remove its profile."""
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)


class Page:
    """A page in a tab of its own."""

    def __init__(self, browser: Browser, width: int = 1280, height: int = 900) -> None:
        self._browser = browser
        self._target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        answer = browser.send("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session = answer["sessionId"]
        self._seen = len(browser.events)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.resize(width, height)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """A command for this page."""
        return self._browser.send(method, self._session, **params)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scheme(self, name: str) -> None:
        """What the system prefers: light or dark."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def open(self, path: Path, hash_: str = "") -> float:
        """Open a file; the seconds until its script is done and the page is drawn."""
        begin = time.monotonic()
        self.send("Page.navigate", url=path.as_uri() + hash_)
        self.wait("document.querySelector('html[data-ready]')")
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return time.monotonic() - begin

    def run(self, script: str) -> Any:
        """The value of an expression in the page, also of a promise."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.03)

    def go(self, hash_: str) -> None:
        """Follow a link within the page, and wait until its view is there."""
        before = self.run("Views.turn")
        self.run(f"void (location.hash = {json.dumps(hash_)})")
        self.wait(
            f"Views.turn > {before} && !document.querySelector('#view').hasAttribute('aria-busy')"
        )

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements."""
        found: list[str] = self.run(
            f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent.trim())"
        )
        return found

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key and let it go."""
        code, text = _KEYS.get(key, (ord(key.upper()[0]), key))
        given = {
            "key": key,
            "windowsVirtualKeyCode": code,
            "modifiers": 8 if shift else 0,
            **({"text": text} if text else {}),
        }
        self.send("Input.dispatchKeyEvent", type="keyDown", **given)
        self.send("Input.dispatchKeyEvent", type="keyUp", **given)

    def type(self, text: str) -> None:
        """Put in a text where the focus is."""
        self.send("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click into the middle of an element."""
        script = (
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            "one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        x, y = self.run(script)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def events(self, *methods: str) -> list[dict[str, Any]]:
        """What happened in this page so far."""
        self.run("0")
        return [
            event["params"]
            for event in self._browser.events[self._seen :]
            if event["method"] in methods and event.get("sessionId") == self._session
        ]

    def complaints(self) -> list[Any]:
        """Errors, and whatever else the page has written on its console."""
        return self.events("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")

    def forgive(self) -> None:
        """Forget what the page has complained of, which was meant so."""
        self.run("0")
        self._seen = len(self._browser.events)

    def requests(self) -> list[str]:
        """The addresses of all that was asked for."""
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]

    def picture(self, path: Path) -> None:
        """Write what is seen as a PNG file."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=False)["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.send("Target.closeTarget", targetId=self._target)
