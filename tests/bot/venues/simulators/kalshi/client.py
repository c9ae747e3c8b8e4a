"""A client of a simulated exchange in the same process: signed requests and sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import msgspec
import pytest

from bot.clock import HostClock
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH, Key, new_pem
from bot.venues.simulators.kalshi.faults import Fault, Plan
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from bot.venues.simulators.kalshi.server import Server
from bot.venues.simulators.kalshi.simulation import Request, Served, Simulation
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES

OTHER = f"{EVENT}-UTA"
ORDERS = "/portfolio/events/orders"
SCRIPT = Script(
    [SeriesScript(SERIES)],
    [MarketScript(ticker, EVENT, SERIES, [(0, price)], takers=0) for ticker, price in ((GAME, 0.55), (OTHER, 0.45))],
)


@cache
def pem() -> bytes:
    """One key for all tests of a process: they are slow to make."""
    return new_pem()


@dataclass(slots=True)
class StillClock:
    """A clock that moves when told to."""

    nanos: int = field(default_factory=HostClock().now)

    def now(self) -> int:
        return self.nanos

    def steady(self) -> int:
        return self.nanos

    def pass_by(self, seconds: float) -> None:
        self.nanos += int(seconds * 1_000_000_000)


class Client:
    """Asks a simulation without a server; with an account but where `headers` says otherwise."""

    def __init__(self, *faults: Fault, seed: int = 3) -> None:
        self.clock = StillClock()
        self.simulation = Simulation(self.clock, seed, plan=Plan(list(faults)), script=SCRIPT, pem=pem())
        self.key: Key = self.simulation.key
        self.account = self.simulation.account

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Status and body; None where the line breaks."""
        return asyncio.run(self.asked(method, path, body, headers))

    async def asked(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any] | None:
        full, _, query = f"{REST_PREFIX}{path}".partition("?")
        pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
        given = self.signed(method, full) if headers is None else headers
        many = {name: [value for other, value in pairs if other == name] for name, _ in pairs}
        request = Request(method, full, dict(pairs), given, msgspec.json.encode(body), many)
        served = await self.simulation.answer(request)
        return None if served is None else (served.status, _body(served))

    def signed(self, method: str, path: str, at_s: float = 0) -> dict[str, str]:
        return self.key.headers(self.clock.now() // 1_000_000 + int(at_s * 1_000), method, path)

    def create(self, price: str = "0.40", count: str = "10", side: str = "bid", **more: Any) -> Any:
        return self.ask("POST", ORDERS, order(price, count, side, **more))

    def get(self, path: str) -> Any:
        """The body of what must be an answer."""
        status, body = self.ask("GET", path)
        assert status == 200, body
        return body


def order(price: str = "0.40", count: str = "10", side: str = "bid", **more: Any) -> dict[str, Any]:
    given = {"time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross", **more}
    return {"ticker": GAME, "side": side, "count": count, "price": price, **given}


def _body(served: Served) -> Any:
    return msgspec.json.decode(served.body) if served.body else None


class Socket:
    """A websocket of the client's account."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def command(self, cmd: str, number: int = 1, **params: Any) -> None:
        await self.ws.send_json({"id": number, "cmd": cmd, "params": params})

    async def hear(self) -> Any:
        """The next frame; None once the socket is closed."""
        message = await self.ws.receive(timeout=5)
        return message.json() if message.type is aiohttp.WSMsgType.TEXT else None

    async def hear_of(self, kind: str) -> Any:
        while (frame := await self.hear()) is not None:
            if frame["type"] == kind:
                return frame
        pytest.fail(f"closed before a frame of {kind}")


@asynccontextmanager
async def socket(client: Client, url: str, headers: dict[str, str] | None = None) -> AsyncIterator[Socket]:
    given = client.signed("GET", WS_PATH) if headers is None else headers
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}{WS_PATH}", headers=given) as ws:
        yield Socket(ws)


def with_server(work: Callable[[Client, str], Awaitable[None]], *faults: Fault, heartbeat_s: float = 10.0) -> None:
    """Let `work` have a client, and the address of its simulation on a port."""

    async def run() -> None:
        client = Client(*faults)
        server = Server(client.simulation, heartbeat_s)
        url = await server.open(0)
        try:
            await work(client, url)
        finally:
            await server.close()

    asyncio.run(run())
