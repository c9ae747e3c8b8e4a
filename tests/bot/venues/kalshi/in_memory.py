"""The way to a simulated Kalshi inside this process: the same Protocols as over a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from urllib.parse import parse_qs

from bot.venues.kalshi.signing import REST_PREFIX
from bot.venues.kalshi.transport import ANSWER_S
from bot.venues.simulators.kalshi.accounts import Account
from bot.venues.simulators.kalshi.simulation import Request, Served, Simulation
from bot.venues.transport import Answer, Unreachable
from tests.bot.venues import in_memory
from tests.bot.venues.in_memory import Hear, InMemorySocket, Lines, Weather, Wire

ACTS, ASKS = "/act", "/ask"
"""Paths as the weather knows them: requests that change something, and questions; sockets are /ws."""


class Network(Lines):
    """One for an exchange, whoever connects."""

    def __init__(
        self,
        simulation: Simulation,
        chance: Random | None = None,
        weather: Weather | None = None,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(chance or Random(7), weather or Weather(), watch)
        self.simulation = simulation


class InMemory(in_memory.Client):
    """One client's transport. As over a network, an answer is waited for `answer_s`."""

    def __init__(self, network: Network, answer_s: float = ANSWER_S) -> None:
        super().__init__(network)
        self._network, self._simulation, self._answer_s = network, network.simulation, answer_s

    async def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        bare, _, query = f"{REST_PREFIX}{path}".partition("?")
        values = parse_qs(query)
        asked = Request(method, bare, {name: given[0] for name, given in values.items()}, headers, body, values)
        acts = method != "GET"
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._ask(ACTS if acts else ASKS, lambda: self._simulation.answer(asked), acts)
        except TimeoutError as error:
            await self._alive()
            raise Unreachable(f"{path}: no answer in time") from error

    async def connect(self, headers: Mapping[str, str]) -> InMemorySocket:
        await self._alive()
        await asyncio.sleep(self._network.latency())
        account = self._simulation.welcome(headers)
        if isinstance(account, Served):
            raise Unreachable(f"the socket was refused with HTTP {account.status}")
        return self._connected(lambda wire: self._answered(account, wire))

    @asynccontextmanager
    async def _answered(self, account: Account, wire: Wire) -> AsyncIterator[Hear]:
        async with self._simulation.connected(account, wire.transmit, wire.cut) as connection:
            yield lambda text: self._simulation.hear(connection, text)
