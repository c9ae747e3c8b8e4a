"""The simulated exchange on a port of this machine: HTTP and websockets around it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import WSMsgType, web

from bot.clock import Clock
from bot.errors import CannotStart
from bot.venues.simulators.hyperliquid.faults import Plan
from bot.venues.simulators.hyperliquid.simulation import TOO_MANY, Served, Simulation
from bot.venues.simulators.tape import Tape

HOST = "127.0.0.1"
GRACE_S = 0.2


class Simulator(Simulation):
    """`open`, `run` until cancelled, `close`."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        speed: float = 1.0,
        plan: Plan | None = None,
        tapes: Mapping[str, Tape] | None = None,
    ) -> None:
        super().__init__(clock, seed, speed, plan, tapes)
        application = web.Application()
        routes = [
            web.post("/info", self._on_info),
            web.post("/exchange", self._on_exchange),
            web.get("/ws", self._on_ws),
        ]
        application.add_routes(routes)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE_S)

    async def open(self, port: int) -> str:
        """Listen on loopback; the address of the API. Raises CannotStart when the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            reason = f"cannot listen on {HOST}:{port} ({error.strerror or error}): choose another --port"
            raise CannotStart(reason) from error
        return f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        self.cut_all()
        await self._runner.cleanup()

    async def _on_info(self, request: web.Request) -> web.StreamResponse:
        return _answered(request, await self.info(await request.read()))

    async def _on_exchange(self, request: web.Request) -> web.StreamResponse:
        return _answered(request, await self.exchange(await request.read()))

    async def _on_ws(self, request: web.Request) -> web.StreamResponse:
        if self.crowded:
            return _written(TOO_MANY)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        async with self.connected(socket.send_str, lambda: _cut(request)) as connection:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.hear(connection, message.data)
        return socket


def _answered(request: web.Request, served: Served | None) -> web.StreamResponse:
    if served is None:
        _cut(request)
        return web.Response()
    return _written(served)


def _written(served: Served) -> web.Response:
    kind = "application/json" if served.json else "text/plain"
    return web.Response(body=served.body, status=served.status, content_type=kind, charset="utf-8")


def _cut(request: web.Request) -> None:
    """End the connection as a broken line does."""
    if request.transport is not None:
        request.transport.abort()
