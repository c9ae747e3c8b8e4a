"""Where a sandbox host's Alertmanager posts: a webhook of the test's own, which notes when each alarm arrived."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Inbox:
    """What has arrived; times are unix seconds."""

    def __init__(self) -> None:
        self._arrived: list[tuple[float, dict[str, Any]]] = []

    def take(self, notification: dict[str, Any]) -> None:
        self._arrived += [(time.time(), alert) for alert in notification["alerts"]]

    def heard(self, name: str, **labels: str) -> float:
        """When an alert of that name and labels first rang; 0.0 while it did not."""
        wanted = {"alertname": name, **labels}.items()
        return next(
            (at for at, alert in self._arrived if alert["status"] == "firing" and wanted <= alert["labels"].items()),
            0.0,
        )


@contextmanager
def listening(address: str, port: int) -> Iterator[Inbox]:
    """An inbox at http://address:port/ until the block ends."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            inbox.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Its log is the inbox."""

    with ThreadingHTTPServer((address, port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield inbox
        finally:
            server.shutdown()
