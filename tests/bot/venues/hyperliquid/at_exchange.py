"""The adapter connected to the simulated exchange inside this process, in virtual time; and somebody to trade with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from bot.market.book import Top
from bot.market.reports import CancelRequest, CancelResult, Lookup, NewOrder, SendResult, Trade
from bot.market.units import Lots, Side, Ticks
from bot.venues.hyperliquid.actions import Limit, OrderType, OrderWire, Tif
from bot.venues.hyperliquid.venue import HyperliquidVenue
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.simulation import Simulation
from bot.venues.venue import Update
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.virtual_time import VirtualClock, in_virtual_time

MARKET = "SOL"
A, B, C = (f"0x{letter * 32}" for letter in "abc")
FAR = OrderType(Limit("Gtc"))


@dataclass
class Desk:
    """One venue of account `number`, what it told, and the exchange that it talks to."""

    clock: VirtualClock
    simulation: Simulation
    network: Network
    number: int = 0
    updates: list[Update] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = self.simulation.keys[self.number]
        self.account = self.keys.account
        transport = InMemory(self.network)
        self.venue = HyperliquidVenue(
            transport, self.keys.agent_key, self.account.address, self.clock, "testnet", self.said.append
        )

    async def open(self) -> None:
        await self.venue.open([MARKET], self.updates.append)

    def told(self, kind: type[Update]) -> list[Update]:
        return [update for update in self.updates if type(update) is kind]

    @property
    def trades(self) -> list[Trade]:
        return [update for update in self.updates if isinstance(update, Trade)]

    @property
    def top(self) -> Top:
        return [update for update in self.updates if isinstance(update, Top)][-1]

    def inside(self, side: Side, cloid: str, lots: int = 300, away: int = 0) -> NewOrder:
        """The best order on its side, so the first to trade; or `away` ticks behind that."""
        market = self.simulation.engine.markets[MARKET]
        best = {half: market.book.best(half) for half in ("bid", "ask")}
        ask, bid = best["ask"], best["bid"]
        assert ask is not None
        assert bid is not None
        ticks = market.spec.inside(side, ask if side == "bid" else bid)
        return NewOrder(MARKET, side, Ticks(ticks - away if side == "bid" else ticks + away), Lots(lots), cloid)

    async def place(self, order: NewOrder) -> SendResult:
        (result,) = await self.venue.place([order])
        return result

    async def cancel(self, cloid: str) -> CancelResult:
        (result,) = await self.venue.cancel([CancelRequest(MARKET, cloid)])
        return result

    async def look_up(self, cloid: str) -> Lookup:
        return await self.venue.look_up(MARKET, cloid)

    def hit(self, order: NewOrder, lots: int) -> None:
        """Somebody takes so much of an order of ours, and the exchange tells of it."""
        self.act(2 - self.number, "ask" if order.side == "bid" else "bid", order.ticks, lots, "Ioc")

    def by_hand(self, ticks: Ticks, lots: int = 300) -> int:
        """A human's bid in our account; its order id."""
        self.act(self.number, "bid", ticks, lots, "Gtc")
        return max(self.account.open)

    def act(self, number: int, side: Side, ticks: Ticks, lots: int, tif: Tif) -> None:
        """An order of one of the accounts, straight at the exchange."""
        market = self.simulation.engine.markets[MARKET]
        price, size = market.bare(ticks), market.size(lots)
        order = OrderWire(market.asset, side == "bid", price, size, False, OrderType(Limit(tif)))
        status = self.simulation.engine.place(self.simulation.keys[number].account, order)
        assert status.error is None, status
        self.publish()

    def publish(self) -> None:
        """Let the exchange tell what happened."""
        self.simulation._publish()


def at_exchange(work: Callable[[Desk], Awaitable[None]], *faults: Fault, number: int = 0, open_it: bool = True) -> None:
    """`work` gets an open desk at an exchange whose prices stand still, unless it runs the simulation."""

    async def run(clock: VirtualClock) -> None:
        simulation = Simulation(clock, seed=5, plan=Plan(list(faults)))
        desk = Desk(clock, simulation, Network(simulation), number)
        try:
            if open_it:
                await desk.open()
            await work(desk)
        finally:
            await desk.venue.close()
            await desk.network.close()

    in_virtual_time(run)


async def weather(simulation: Simulation, seconds: float) -> None:
    """Let the exchange live so long."""
    task = asyncio.create_task(simulation.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def kinds(updates: list[Update]) -> Iterator[str]:
    """Names of what was told, prices left out."""
    return (type(update).__name__ for update in updates if not isinstance(update, Top))
