"""A running embedded store for a test, in this process, and what a test Alertmanager heard."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from firedrill.logql.rules import read_rules
from firedrill.logql.syntax import SECOND
from firedrill.rules.ruler import Ruler
from firedrill.rules.ruler_state import StateFile
from firedrill.service.alertmanager import Notifier
from firedrill.service.server import Server
from firedrill.store.embedded import Embedded
from tests.firedrill.store.logs import GIVEN


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until(true: Callable[[], Any], seconds: float = 15, what: str = "") -> Any:
    """The first true value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return value


@contextmanager
def serving(application: web.Application) -> Iterator[str]:
    """An application on a loopback port of its own thread; gives its URL."""
    started, port = threading.Event(), free_port()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(application, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(10)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@contextmanager
def store_at(
    folder: Path, rules: str = "", alertmanager: str = "", state: Path | None = None
) -> Iterator[tuple[str, Server]]:
    """A store over the folder's *.jsonl, with its rules evaluated every half second."""
    store = Embedded((f"{folder}/*.jsonl",), GIVEN, follow=True)
    groups, problems = read_rules(rules, "rules.yaml") if rules else ([], [])
    assert not problems
    notifier = Notifier(alertmanager, "") if alertmanager else None
    server = Server(store, Ruler(groups, store, SECOND // 2, GIVEN), notifier)
    if state:
        server.state = StateFile(state)
        assert server.state.load(server.ruler, time.time_ns()) == ""
    application = server.application()
    application.cleanup_ctx.append(_watched(server))
    with serving(application) as url:
        yield url, server
    server.close()


def _watched(server: Server) -> Callable[[web.Application], Any]:
    async def watched(_: web.Application) -> Any:
        task = asyncio.create_task(server.watch()) if server.ruler.groups else None
        yield
        if task:
            task.cancel()
            await asyncio.wait([task])

    return watched


@dataclass
class FakeAlertmanager:
    """Takes alerts as Alertmanager does, or refuses them while `status` is not 200."""

    status: int = 200
    posts: list[list[dict[str, Any]]] = field(default_factory=list)

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.post("/api/v2/alerts", self._take)])
        return app

    async def _take(self, request: web.Request) -> web.Response:
        if self.status == 200:
            self.posts.append(await request.json())
        return web.Response(status=self.status, text="no")

    def heard(self, alertname: str) -> list[dict[str, Any]]:
        return [alert for post in self.posts for alert in post if alert["labels"]["alertname"] == alertname]


def get(url: str, data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def get_data(url: str) -> Any:
    status, text = get(url)
    assert status == 200, text
    answer = json.loads(text)
    assert answer["status"] == "success"
    return answer["data"]
