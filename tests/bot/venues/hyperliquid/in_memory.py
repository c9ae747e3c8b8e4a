"""The way to a simulated Hyperliquid inside this process: the same Protocols as over a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from bot.venues.simulators.hyperliquid.simulation import Simulation
from bot.venues.transport import Answer, Unreachable
from tests.bot.venues import in_memory
from tests.bot.venues.in_memory import Hear, InMemorySocket, Lines, Weather, Wire

__all__ = ["InMemory", "Network", "Weather"]


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
    """One client's transport."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._network, self._simulation = network, network.simulation

    async def post(self, path: str, body: bytes) -> Answer:
        acts = path == "/exchange"
        ask = self._simulation.exchange if acts else self._simulation.info
        return await self._ask(path, lambda: ask(body), acts)

    async def connect(self) -> InMemorySocket:
        await self._alive()
        await asyncio.sleep(self._network.latency())
        if self._simulation.crowded:
            raise Unreachable("the exchange refused one more socket")
        return self._connected(self._answered)

    @asynccontextmanager
    async def _answered(self, wire: Wire) -> AsyncIterator[Hear]:
        async with self._simulation.connected(wire.transmit, wire.cut) as connection:
            yield lambda text: self._simulation.hear(connection, text)
