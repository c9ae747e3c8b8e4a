"""The simulated exchange on a port of this machine: HTTP and websockets around it, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSMsgType, web

from bot.errors import CannotStart
from bot.venues.kalshi.signing import WS_PATH
from bot.venues.simulators.kalshi.simulation import HEARTBEAT_S, Request, Served, Simulation

HOST = "127.0.0.1"
GRACE_S = 0.2


class Server:
    """`open`, `run` until cancelled, `close`."""

    def __init__(self, simulation: Simulation, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.simulation, self._heartbeat_s = simulation, heartbeat_s
        application = web.Application()
        application.add_routes([web.get(WS_PATH, self._on_ws), web.route("*", "/{path:.*}", self._on_request)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE_S)

    async def open(self, port: int) -> str:
        """Listen on loopback; the address without a path. Raises CannotStart when the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            reason = f"cannot listen on {HOST}:{port} ({error.strerror or error}): choose another --port"
            raise CannotStart(reason) from error
        return f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def run(self) -> None:
        await self.simulation.run()

    async def close(self) -> None:
        self.simulation.cut_all()
        await self._runner.cleanup()

    async def _on_request(self, request: web.Request) -> web.StreamResponse:
        values = {name: request.query.getall(name) for name in request.query}
        asked = Request(
            request.method, request.path, dict(request.query), request.headers, await request.read(), values
        )
        served = await self.simulation.answer(asked)
        if served is None:
            _cut(request)
            return web.Response()
        return _written(served)

    async def _on_ws(self, request: web.Request) -> web.StreamResponse:
        account = self.simulation.welcome(request.headers)
        if isinstance(account, Served):
            return _written(account)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        async with self.simulation.connected(account, socket.send_str, lambda: _cut(request)) as connection:
            beat = asyncio.create_task(self._beat(socket))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.simulation.hear(connection, message.data)
            beat.cancel()
            await asyncio.wait([beat])
        return socket

    async def _beat(self, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(self._heartbeat_s)
                await socket.ping(b"heartbeat")


def _written(served: Served) -> web.Response:
    return web.Response(body=served.body, status=served.status, content_type="application/json")


def _cut(request: web.Request) -> None:
    """End the connection as a broken line does."""
    if request.transport is not None:
        request.transport.abort()
