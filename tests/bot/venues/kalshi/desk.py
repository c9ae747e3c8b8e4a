"""A desk of its own at a simulated exchange: the adapter, everything it said, and orders to send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bot.market.book import Top
from bot.market.reports import (
    CancelRequest,
    NewOrder,
)
from bot.market.units import Lots, Side, Ticks
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.faults import Fault
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript
from bot.venues.venue import Update
from tests.bot.venues.kalshi.served import Exchange, served
from tests.bot.venues.simulators.kalshi.client import StillClock
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES

T = TypeVar("T")


@dataclass
class Desk:
    """An open venue and the exchange behind it."""

    exchange: Exchange
    venue: KalshiVenue
    clock: StillClock
    updates: list[Update] = field(default_factory=list)

    def told(self, kind: type[T]) -> list[T]:
        return [update for update in self.updates if isinstance(update, kind)]

    @property
    def top(self) -> Top:
        return [top for top in self.told(Top) if top.market == GAME][-1]

    def fault(self, name: str, where: str = "", count: int = 1) -> None:
        self.exchange.simulation.faults.add(Fault(name, where, count=count))

    async def place(self, number: int = 1, price: int = 5_000, side: Side = "bid", lots: int = 1_000) -> object:
        (result,) = await self.venue.place([new(number, price, side, lots)])
        return result

    async def cancel(self, number: int = 1) -> object:
        (result,) = await self.venue.cancel([CancelRequest(GAME, cloid(number))])
        return result

    def crowd(self, side: Side, ticks: int, lots: int) -> None:
        """Somebody trades up to a price; streams tell of it with the next answer or step."""
        engine = self.exchange.simulation.engine
        engine.crowd(engine.markets[GAME], side, Ticks(ticks), Lots(lots))


def cloid(number: int) -> str:
    return f"0x{number:032x}"


def new(
    number: int, price: int = 5_000, side: Side = "bid", lots: int = 1_000, tif: str = "Alo", ro: bool = False
) -> NewOrder:
    return NewOrder(GAME, side, Ticks(price), Lots(lots), cloid(number), tif, ro)


async def until(true: Callable[[], object], what: str) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)
    assert true(), what


@asynccontextmanager
async def desk_at(exchange: Exchange, clock: StillClock, group: int = 10_000) -> AsyncIterator[Desk]:
    desk = Desk(exchange, exchange.venue(clock, group), clock)
    await desk.venue.open([GAME], desk.updates.append)
    work = asyncio.create_task(desk.venue.run())
    try:
        yield desk
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await desk.venue.close()


def at(test: Callable[[Desk], Awaitable[None]], *happenings: Happening, group: int = 10_000) -> None:
    market = MarketScript(GAME, EVENT, SERIES, [(0, 0.55)], takers=0, noise_c=0, happenings=list(happenings))

    async def run() -> None:
        clock = StillClock()
        script = Script([SeriesScript(SERIES)], [market])
        async with served(script=script, clock=clock) as exchange, desk_at(exchange, clock, group) as desk:
            await test(desk)

    asyncio.run(run())
