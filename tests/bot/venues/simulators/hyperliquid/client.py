"""A client of a simulator in the same process: requests, signed actions, sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from bot.clock import HostClock
from bot.venues.hyperliquid.actions import Action, Envelope, Limit, OrderType, OrderWire, PlaceOrders
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.server import Simulator

SOL = 0
CUT = (aiohttp.ClientConnectionError, aiohttp.ServerDisconnectedError)


class Client:
    """One session with the simulator, and its main account."""

    def __init__(self, simulator: Simulator, url: str, session: aiohttp.ClientSession) -> None:
        self.simulator, self.url, self.session = simulator, url, session
        self.keys = simulator.keys[0]
        self.user = self.keys.account.address
        self._agent = Agent(self.keys.agent_key)
        self._nonce = HostClock().now() // 1_000_000

    async def info(self, **question: object) -> Any:
        return await self._post("/info", question)

    async def act(self, action: Action) -> Any:
        return await self._post("/exchange", self.envelope(action))

    def envelope(self, action: Action) -> Envelope:
        self._nonce += 1
        return Envelope(action, self._nonce, self._agent.sign(action, self._nonce, "testnet"))

    async def _post(self, path: str, body: object) -> Any:
        async with self.session.post(f"{self.url}{path}", data=msgspec.json.encode(body)) as answer:
            return answer.status if answer.status != 200 else await answer.json()

    @asynccontextmanager
    async def socket(self, **subscription: object) -> AsyncIterator[Socket]:
        async with self.session.ws_connect(f"{self.url}/ws") as ws:
            socket = Socket(ws)
            if subscription:
                await socket.send(method="subscribe", subscription=subscription)
            yield socket


class Socket:
    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def send(self, **message: object) -> None:
        await self._ws.send_json(message)

    async def say(self, text: str) -> None:
        await self._ws.send_str(text)

    async def hear(self) -> Any:
        """The next frame; None once the socket is closed."""
        message = await self._ws.receive(timeout=5)
        return message.json() if message.type is aiohttp.WSMsgType.TEXT else None

    async def hear_of(self, channel: str) -> Any:
        while (frame := await self.hear()) is not None:
            if frame["channel"] == channel:
                return frame["data"]
        pytest.fail(f"closed before a frame of {channel}")


def with_client(work: Callable[[Client], Awaitable[None]], *faults: Fault) -> None:
    async def run() -> None:
        simulator = Simulator(HostClock(), seed=5, plan=Plan(list(faults)))
        url = await simulator.open(0)
        try:
            async with aiohttp.ClientSession() as session:
                await work(Client(simulator, url, session))
        finally:
            await simulator.close()

    asyncio.run(run())


def bids(number: int = 1, price: str = "150") -> PlaceOrders:
    return PlaceOrders([OrderWire(SOL, True, price, "1", False, OrderType(Limit("Gtc")))] * number)
