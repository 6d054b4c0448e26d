"""Headless Chromium over its DevTools protocol (chromedevtools.github.io)."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync
    --remote-debugging-port=0 --remote-allow-origins=* --force-color-profile=srgb"""


def chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab. `requests` holds the address of everything it asked for."""

    def __init__(self, socket: Any) -> None:
        self.requests: list[str] = []
        self._socket = socket
        self._ids = count(1)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        number = next(self._ids)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while (message := json.loads(self._socket.recv())).get("id") != number:
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
        assert "error" not in message, message["error"]
        return message["result"]

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, script: str, seconds: float = 60) -> Any:
        """Return the expression's value as soon as it is true."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"not within {seconds} s: {script}"
            time.sleep(0.1)
        return value

    def picture(self, path: Path) -> None:
        """Write what is seen as a PNG file."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def open_page(url: str, width: int = 1000, height: int = 900) -> Iterator[Page]:
    """Open `url` in a fresh browser."""
    import websocket

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [*FLAGS.split(), f"--window-size={width},{height}"]
        browser = subprocess.Popen(
            [chromium(), *flags, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            socket = websocket.create_connection(_address(Path(profile)), timeout=60)
            page = Page(socket)
            page.call("Network.enable")
            page.call("Page.navigate", url=url)
            yield page
        finally:
            browser.terminate()
            with suppress(subprocess.TimeoutExpired):
                browser.wait(10)


def _address(profile: Path, seconds: float = 60) -> str:
    """Return the WebSocket address of the browser's only tab."""
    from urllib.request import urlopen

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, ValueError, StopIteration):
            port = (profile / "DevToolsActivePort").read_text().split("\n")[0]
            tabs = json.load(urlopen(f"http://127.0.0.1:{port}/json", timeout=10))
            tab = next(tab for tab in tabs if tab["type"] == "page")
            return tab["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise AssertionError(f"Chromium did not start within {seconds} s")
