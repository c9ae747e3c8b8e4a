"""/healthz, /readyz and /metrics on loopback. It asks for facts at each request and judges none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from bot.errors import CannotStart

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Metric:
    """One Prometheus sample; `name` without the prefix mm_bot_, `labels` ready-made such as 'market="BTC"'."""

    name: str
    kind: str
    help: str
    value: float
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the answers come from. `reasons` is empty when ready."""

    health: Callable[[], dict[str, Any]]
    reasons: Callable[[], list[str]]
    metrics: Callable[[], list[Metric]]


class HealthServer:
    """The three pages."""

    def __init__(self, address: str, port: int, facts: Facts) -> None:
        self._address, self._port, self._facts = address, port, facts
        application = web.Application()
        application.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)

    async def open(self) -> None:
        """Raises CannotStart when the port is taken or the address is not of this host."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._address, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise CannotStart(
                f"cannot listen on {self._address}:{self._port} ({error.strerror or error}): "
                "find its owner with `ss -ltnp`, or set HEALTH_ADDRESS / HEALTH_PORT"
            ) from error

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        return _json(self._facts.health())

    async def _readyz(self, request: web.Request) -> web.Response:
        reasons = self._facts.reasons()
        return _json({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=exposition(self._facts.metrics()), content_type="text/plain", charset="utf-8")


def exposition(metrics: list[Metric]) -> str:
    """Prometheus text format; HELP and TYPE once a name."""
    lines, named = [], set()
    for metric in metrics:
        name = f"mm_bot_{metric.name}"
        if name not in named:
            named.add(name)
            lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.kind}"]
        labels = f"{{{metric.labels}}}" if metric.labels else ""
        lines.append(f"{name}{labels} {metric.value:.10g}")
    return "\n".join(lines) + "\n"


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type=JSON)
