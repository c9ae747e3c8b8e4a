"""The adapter connected to the simulated Kalshi inside this process, in virtual time; and a crowd to trade with.

Time passes as fast as it can: an evening of hours takes the work that is in it. Prices move every half second of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.market.units import Lots, Side, Ticks
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.faults import Fault, Plan
from bot.venues.simulators.kalshi.script import Script
from bot.venues.simulators.kalshi.simulation import Simulation
from bot.venues.venue import Update
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.venues.simulators.kalshi.client import SCRIPT, pem
from tests.bot.virtual_time import VirtualClock, in_virtual_time

T = TypeVar("T")


def simulated(clock: VirtualClock, *faults: Fault, script: Script | None = None, seed: int = 3) -> Simulation:
    """An exchange on virtual time, with the one key of all tests; without a script it plays its own evening."""
    return Simulation(clock, seed, plan=Plan(list(faults)), script=script, pem=pem())


@dataclass
class Desk:
    """One venue of the exchange's account, and what it told."""

    clock: VirtualClock
    simulation: Simulation
    network: Network
    tickers: Sequence[str]
    group: int = 10_000
    updates: list[Update] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transport = InMemory(self.network)
        self.venue = KalshiVenue(self.transport, self.simulation.key, self.tickers, self.clock, self.group)

    def told(self, kind: type[T]) -> list[T]:
        return [update for update in self.updates if isinstance(update, kind)]

    def crowd(self, ticker: str, side: Side, ticks: int, lots: int) -> None:
        """Somebody trades up to a price; streams tell of it with the next answer or step."""
        engine = self.simulation.engine
        engine.crowd(engine.markets[ticker], side, Ticks(ticks), Lots(lots))


def at_exchange(
    work: Callable[[Desk], Awaitable[T]],
    *faults: Fault,
    script: Script | None = SCRIPT,
    seed: int = 3,
    group: int = 10_000,
) -> T:
    """Open a venue on all markets of the script, keep it and the exchange going beside `work`, and close it."""

    async def run(clock: VirtualClock) -> T:
        simulation = simulated(clock, *faults, script=script, seed=seed)
        desk = Desk(clock, simulation, Network(simulation), list(simulation.engine.markets), group)
        crowd = asyncio.create_task(simulation.run())
        await desk.venue.open(desk.tickers, desk.updates.append)
        keeping = asyncio.create_task(desk.venue.run())
        try:
            return await work(desk)
        finally:
            for task in (crowd, keeping):
                task.cancel()
            await asyncio.gather(crowd, keeping, return_exceptions=True)
            await desk.venue.close()
            await desk.network.close()

    return in_virtual_time(run)
