"""A real headless Chromium that opens a page and tells what a reader would meet: complaints, requests, a picture.

It is driven over its DevTools socket on loopback and ends with the `with` block; tests skip where none is installed.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class View:
    """How a page is looked at: the window in CSS pixels, and what the reader's system prefers."""

    name: str
    width: int
    height: int
    dark: bool = False


@dataclass(slots=True)
class Seen:
    """What the page did and looked like: `found` is what the script answered, `picture` a PNG of the whole page."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    found: Any = None
    picture: bytes = b""


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """The address of the DevTools of a Chromium whose profile is below `folder`; skips where there is none."""
    program = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("needs a Chromium: apt-get install chromium-headless-shell fonts-dejavu-core")
    profile = [f"--user-data-dir={folder}", "--remote-debugging-port=0"]
    options = ["--headless", "--hide-scrollbars", "--disable-gpu", "--no-first-run", *profile]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # A test run that is killed takes its browser with it; Debian's command is a script that starts the browser beside
    # itself, so at the end the whole group is told.
    command = ["setpriv", "--pdeathsig", "TERM", program, *options, "about:blank"]
    with subprocess.Popen(command, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
        try:
            yield _address(folder / "DevToolsActivePort", process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _address(file: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"Chromium ended at once with {process.returncode}")
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError(f"Chromium did not open its DevTools in {_PATIENCE} s")


def look(address: str, url: str, view: View, script: str) -> Seen:
    """Opens the URL in a fresh tab, runs the script in it, and takes a picture."""
    return asyncio.run(asyncio.wait_for(_look(address, url, view, script), _PATIENCE))


async def _look(address: str, url: str, view: View, script: str) -> Seen:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, max_msg_size=0, autoclose=True) as socket,
    ):
        tab = _Tab(socket)
        target = await tab.call("Target.createTarget", url="about:blank")
        tab.session = (await tab.call("Target.attachToTarget", targetId=target["targetId"], flatten=True))["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await tab.call(f"{domain}.enable")
        size = {"width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": view.width < 600}
        await tab.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if view.dark else "light"}
        await tab.call("Emulation.setEmulatedMedia", features=[scheme])
        await tab.call("Page.navigate", url=url)
        await tab.event("Page.loadEventFired")
        asked = await tab.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in asked:
            raise AssertionError(f"the script failed: {asked['exceptionDetails']}")
        tab.seen.found = asked["result"].get("value")
        shot = await tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        tab.seen.picture = base64.b64decode(shot["data"])
        return tab.seen


class _Tab:
    """Commands and their answers on one socket; what the page says in between is kept in `seen`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.session, self.seen = socket, "", Seen()
        self._ids, self._heard = count(1), set[str]()

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        to = {"sessionId": self.session} if self.session else {}
        await self.socket.send_json({"id": number, "method": method, "params": params, **to})
        while (message := await self._next()).get("id") != number:
            pass
        if "error" in message:
            raise AssertionError(f"{method}: {message['error']}")
        return dict(message["result"])

    async def event(self, method: str) -> None:
        while method not in self._heard:
            await self._next()

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json()
        method, params = message.get("method", ""), message.get("params", {})
        self._heard.add(method)
        match method:
            case "Network.requestWillBeSent":
                self.seen.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.seen.complaints.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
                self.seen.complaints.append(str(params["args"]))
            case "Log.entryAdded":
                self.seen.complaints.append(str(params["entry"]))
        return message
