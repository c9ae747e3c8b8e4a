"""The simulated exchange on a port of this machine: HTTP, websockets, and the weather that blows meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import msgspec
from aiohttp import WSMsgType, web

from bot.clock import NANOS, Clock
from bot.errors import CannotStart
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators.hyperliquid import accounts, market
from bot.venues.simulators.hyperliquid.connection import SILENCE_S, Connection
from bot.venues.simulators.hyperliquid.engine import Engine
from bot.venues.simulators.hyperliquid.faults import Faults, Plan
from bot.venues.simulators.hyperliquid.gate import MALFORMED, Asked, Gate, Malformed
from bot.venues.simulators.hyperliquid.hub import CONNECTIONS, Hub
from bot.venues.simulators.hyperliquid.info import Info, Unknown
from bot.venues.simulators.hyperliquid.limits import Weight, weight_of_answer, weight_of_info
from bot.venues.simulators.hyperliquid.schedule import Funding, fire

STEP_S = 0.3
MILLIS = 1_000_000
HOST = "127.0.0.1"
GRACE_S = 0.2


class Simulator:
    """`open`, `run` until cancelled, `close`. With `speed` prices, funding and budgets go faster; the clock does not:
    nonces and deadlines are the client's own time."""

    def __init__(self, clock: Clock, seed: int = 0, speed: float = 1.0, plan: Plan | None = None) -> None:
        self._speed, self.silence_s = speed, SILENCE_S
        self.keys = accounts.seeded(seed)
        steady = _seconds(clock.steady)
        started = steady()
        self._faults = Faults(plan or Plan(), seed, lambda: steady() - started)
        agents = {Agent(key).address: k.account.address for k in self.keys for key in (k.agent_key, k.watchdog_key)}
        markets = market.universe(seed)
        self.engine = Engine(markets, (key.account for key in self.keys), lambda: clock.now() // MILLIS)
        self._gate, self._info = Gate(self.engine, agents, self._faults, speed), Info(self.engine, agents)
        self._hub = Hub(self.engine, self._info, self._posted, steady, speed)
        self._weight, self._funding = Weight(steady, speed), Funding(self.engine, speed)
        self.step()
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

    async def run(self) -> None:
        """Blow the weather until cancelled."""
        while True:
            await asyncio.sleep(STEP_S / self._speed)
            self.step()

    async def close(self) -> None:
        for connection in list(self._hub.connections):
            connection.cut()
        await self._runner.cleanup()

    def step(self) -> None:
        """One step of every market, then all that is due by the clock."""
        for one in self.engine.markets.values():
            if not one.listing.delisted:
                self.engine.blow(one)
        fire(self.engine)
        self._funding.pay()
        self._publish()
        self._hub.beat()

    def _publish(self) -> None:
        self._hub.publish(self.engine.take_news())

    async def _on_info(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            question = self._info.read(body)
        except Unknown:
            return web.Response(text=MALFORMED, status=422)
        place = f"info:{question.type}"
        if not self._weight.take(weight_of_info(question.type)) or self._faults.strikes("too_many", place):
            return web.Response(text="null", status=429, content_type="application/json")
        if self._faults.strikes("drop", place):
            return _hang_up(request)
        answer = self._info.answer(question)
        self._weight.add(weight_of_answer(question.type, answer))
        await self._linger(place)
        return _json(answer)

    async def _on_exchange(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            asked = self._gate.read(body)
        except Malformed:
            return web.Response(text=MALFORMED, status=422)
        place = asked.place
        if not self._weight.take(asked.weight) or self._faults.strikes("too_many", place):
            return web.Response(text="null", status=429, content_type="application/json")
        if self._faults.strikes("drop", place):
            return _hang_up(request)
        reply = self._taken(asked)
        if self._faults.strikes("unknown", place):
            return _hang_up(request)
        await self._linger(place)
        return _json(reply)

    def _taken(self, asked: Asked) -> object:
        """The reply to an action; what it set in motion is told at once, also where the reply is lost."""
        reply = self._gate.answer(asked)
        self._publish()
        self._hub.beat()
        return reply

    def _posted(self, kind: str, body: bytes) -> object:
        """The same over a socket; None where the line breaks."""
        try:
            if kind == "action":
                asked = self._gate.read(body)
                reply = None if self._faults.strikes("drop", asked.place) else self._taken(asked)
                lost = reply is None or self._faults.strikes("unknown", asked.place)
                return None if lost else {"type": "action", "payload": reply}
            question = self._info.read(body)
        except (Malformed, Unknown):
            return {"type": "error", "payload": MALFORMED}
        return {"type": "info", "payload": {"type": question.type, "data": self._info.answer(question)}}

    async def _on_ws(self, request: web.Request) -> web.StreamResponse:
        if len(self._hub.connections) >= CONNECTIONS:
            return web.Response(text="null", status=429, content_type="application/json")
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        connection = Connection(socket, lambda: _cut(request), self._faults, self.silence_s)
        async with self._connected(connection):
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hub.hear(connection, message.data)
        return socket

    @contextlib.asynccontextmanager
    async def _connected(self, connection: Connection) -> AsyncIterator[None]:
        writer = asyncio.create_task(connection.write())
        self._hub.connections.add(connection)
        try:
            yield
        finally:
            self._hub.connections.discard(connection)
            writer.cancel()
            await asyncio.wait([writer])

    async def _linger(self, place: str) -> None:
        late = self._faults.strikes("delay", place)
        if late is not None:
            await asyncio.sleep(late.delay_s)


def _seconds(nanos: Callable[[], int]) -> Callable[[], float]:
    return lambda: nanos() / NANOS


def _cut(request: web.Request) -> None:
    """End the connection as a broken line does."""
    if request.transport is not None:
        request.transport.abort()


def _hang_up(request: web.Request) -> web.Response:
    _cut(request)
    return web.Response()


def _json(body: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")
