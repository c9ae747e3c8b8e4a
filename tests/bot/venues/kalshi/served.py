"""The adapter against the simulated exchange over loopback: real HTTP, a real websocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock, HostClock
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH, Key
from bot.venues.kalshi.transport import ANSWER_S, HEARTBEAT_S
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.network import Network
from bot.venues.simulators.kalshi.faults import Fault, Plan
from bot.venues.simulators.kalshi.script import Script
from bot.venues.simulators.kalshi.server import Server
from bot.venues.simulators.kalshi.simulation import Simulation
from tests.bot.venues.simulators.kalshi.client import OTHER, SCRIPT, pem
from tests.bot.venues.simulators.kalshi.table import GAME


@dataclass(frozen=True, slots=True)
class Exchange:
    """A simulation on a port."""

    simulation: Simulation
    url: str

    def network(self) -> Network:
        ws_url = f"ws{self.url.removeprefix('http')}{WS_PATH}"
        return Network(f"{self.url}{REST_PREFIX}", ws_url, ANSWER_S, HEARTBEAT_S)

    def venue(
        self,
        clock: Clock | None = None,
        group: int = 10_000,
        key: Key | None = None,
        tickers: Sequence[str] = (GAME, OTHER),
    ) -> KalshiVenue:
        """A connection of its account."""
        return KalshiVenue(self.network(), key or self.simulation.key, tickers, clock or HostClock(), group)


@asynccontextmanager
async def served(
    *faults: Fault, script: Script = SCRIPT, seed: int = 3, speed: float = 1.0, clock: Clock | None = None
) -> AsyncIterator[Exchange]:
    """An exchange whose prices stand still until it is told to `step`."""
    simulation = Simulation(clock or HostClock(), seed, speed, plan=Plan(list(faults)), script=script, pem=pem())
    server = Server(simulation)
    url = await server.open(0)
    try:
        yield Exchange(simulation, url)
    finally:
        await server.close()
