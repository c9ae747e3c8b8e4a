"""What every venue must do, whatever wire it speaks. A venue joins by a way to open it, in VENUES."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from bot.clock import HostClock
from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    CancelRequest,
    CancelResult,
    Gone,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import Lots, Side, Ticks
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.paper import PaperVenue
from bot.venues.simulators.hyperliquid.faults import Fault
from bot.venues.simulators.kalshi.faults import Fault as KalshiFault
from bot.venues.venue import Update, Venue
from tests.bot.venues.hyperliquid.served import served, venue_at
from tests.bot.venues.kalshi.served import served as kalshi_served
from tests.bot.venues.on_feed.feed import ScriptedData
from tests.bot.venues.simulators.kalshi.table import GAME

A, B, C, D = (f"0x{letter * 32}" for letter in "abcd")


@dataclass
class Desk:
    """A venue that is open, what it told us, and how to make it lose the next answer.

    Orders are worth `value` USD; distances are `stretch` times as long; what is too small is refused as `too_small`.
    """

    venue: Venue
    lose_answer: Callable[[], None]
    updates: list[Update] = field(default_factory=list)
    market: str = "SOL"
    value: int = 500
    stretch: int = 1
    too_small: str = "E_MIN_VALUE"

    @property
    def top(self) -> Top:
        return [update for update in self.updates if isinstance(update, Top) and update.market == self.market][-1]

    @property
    def trades(self) -> list[Trade]:
        return [update for update in self.updates if isinstance(update, Trade)]

    def order(self, side: Side, off_bps: int, cloid: str, tif: str = "Alo") -> NewOrder:
        """About `value` USD, `off_bps` of the mid away from it on its own side; negative crosses."""
        mid = self.top.mid
        assert mid is not None
        spec = self.venue.specs[self.market]
        away = mid * off_bps * self.stretch / 10_000
        ticks = spec.toward_safety(side, mid - away if side == "bid" else mid + away)
        lots = spec.sendable(int(Fraction(self.value) / (ticks * Fraction(spec.unit_value))))
        return NewOrder(self.market, side, ticks, lots, cloid, tif)

    async def place(self, order: NewOrder) -> SendResult:
        (result,) = await self.venue.place([order])
        return result

    async def cancel(self, cloid: str) -> CancelResult:
        (result,) = await self.venue.cancel([CancelRequest(self.market, cloid)])
        return result


Connect = Callable[[], Desk]
Exchange = Callable[[Path], AbstractAsyncContextManager[Connect]]


@asynccontextmanager
async def paper(folder: Path) -> AsyncIterator[Connect]:
    def connect() -> Desk:
        venue = PaperVenue(folder / "paper-exchange.sqlite", 7, HostClock())
        return Desk(venue, lambda: venue.faults.request("no_answer", 1, 0))

    yield connect


@asynccontextmanager
async def hyperliquid(folder: Path) -> AsyncIterator[Connect]:
    async with served() as (simulator, url):

        def connect() -> Desk:
            return Desk(venue_at(simulator, url), lambda: simulator.faults.add(Fault("unknown", count=1)))

        yield connect


@asynccontextmanager
async def paper_on_a_feed(folder: Path) -> AsyncIterator[Connect]:
    def connect() -> Desk:
        venue = PaperOnFeed(ScriptedData(), folder / "paper-on-feed.sqlite", HostClock(), latency_s=0)
        return Desk(venue, lambda: venue.faults.request("no_answer", 1, 0))

    yield connect


@asynccontextmanager
async def kalshi(folder: Path) -> AsyncIterator[Connect]:
    async with kalshi_served() as exchange:

        def lose_answer() -> None:
            # It is sent once more under its cloid, so two answers must be lost.
            exchange.simulation.faults.add(KalshiFault("unknown", "orders", count=2))

        def connect() -> Desk:
            return Desk(exchange.venue(), lose_answer, market=GAME, value=5, stretch=10, too_small="E_LOT")

        yield connect


@asynccontextmanager
async def paper_on_kalshi(folder: Path) -> AsyncIterator[Connect]:
    async with kalshi_served() as exchange:

        def connect() -> Desk:
            prices = KalshiPrices(exchange.network(), exchange.simulation.key, [GAME], HostClock())
            venue = PaperOnFeed(prices, folder / "paper-on-kalshi.sqlite", HostClock(), latency_s=0)
            lose = partial(venue.faults.request, "no_answer", 1, 0)
            return Desk(venue, lose, market=GAME, value=5, stretch=10, too_small="E_LOT")

        yield connect


VENUES: dict[str, Exchange] = {
    "paper": paper,
    "hyperliquid": hyperliquid,
    "paper on a feed": paper_on_a_feed,
    "kalshi": kalshi,
    "paper on kalshi": paper_on_kalshi,
}


@pytest.fixture(params=VENUES)
def opener(request: pytest.FixtureRequest) -> Exchange:
    return VENUES[request.param]


@asynccontextmanager
async def opened(connect: Connect) -> AsyncIterator[Desk]:
    desk = connect()
    await desk.venue.open([desk.market], desk.updates.append)
    try:
        yield desk
    finally:
        await desk.venue.close()


def at(opener: Exchange, folder: Path, test: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opener(folder) as connect, opened(connect) as desk:
            await test(desk)

    asyncio.run(run())


def test_open_gives_a_price_of_each_market_asked_for(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        assert {update.market for update in desk.updates if isinstance(update, Top)} == {desk.market}
        assert desk.top.mid is not None

    at(opener, tmp_path, test)


def test_an_order_rests_until_it_is_cancelled_once(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        order = desk.order("bid", 50, A)
        result = await desk.place(order)
        assert isinstance(result, Accepted)
        resting = Resting(desk.market, "bid", order.ticks, order.lots, A, result.oid)
        assert await desk.venue.resting() == [resting]
        assert await desk.venue.look_up(desk.market, A) == resting
        assert await desk.cancel(A) == Cancelled()
        assert isinstance(await desk.cancel(A), CancelRefused)
        assert await desk.venue.look_up(desk.market, A) == Gone(Lots(0))
        assert await desk.venue.resting() == []

    at(opener, tmp_path, test)


def test_what_it_refuses_does_not_exist(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        good = desk.order("bid", 50, A)
        refused = {
            "E_POST_ONLY": desk.order("bid", -50, B),
            desk.too_small: NewOrder(desk.market, "bid", good.ticks, Lots(1), C),
            "E_TICK": NewOrder(desk.market, "bid", Ticks(0), good.lots, D),
        }
        for code, order in refused.items():
            result = await desk.place(order)
            assert isinstance(result, Rejected)
            assert result.code == code
            assert await desk.venue.look_up(desk.market, order.cloid) == NeverSeen()

    at(opener, tmp_path, test)


def test_a_cloid_is_taken_once(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        order = desk.order("bid", 50, A)
        assert isinstance(await desk.place(order), Accepted)
        again = await desk.place(order)
        assert isinstance(again, Rejected)
        assert again.code == "E_DUPLICATE"
        assert len(await desk.venue.resting()) == 1

    at(opener, tmp_path, test)


def test_a_batch_has_a_result_for_each_in_order(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        wanted = [desk.order("bid", 50, A), desk.order("ask", -50, B), desk.order("ask", 50, C)]
        assert [type(result) for result in await desk.venue.place(wanted)] == [Accepted, Rejected, Accepted]
        asked = [CancelRequest(desk.market, cloid) for cloid in (B, C, A)]
        assert [type(r) for r in await desk.venue.cancel(asked)] == [CancelRefused, Cancelled, Cancelled]
        assert await desk.venue.resting() == []

    at(opener, tmp_path, test)


def test_a_replacement_is_one_order_gone_and_another_there(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(desk.order("bid", 50, A))
        moved = desk.order("bid", 60, B)
        (result,) = await desk.venue.replace([Replacement(desk.market, A, moved)])
        assert isinstance(result, Replaced)
        assert result.cancel == Cancelled()
        assert isinstance(result.send, Accepted)
        assert [(r.cloid, r.ticks) for r in await desk.venue.resting()] == [(B, moved.ticks)]
        assert await desk.venue.look_up(desk.market, A) == Gone(Lots(0))

    at(opener, tmp_path, test)


def test_what_is_gone_cannot_be_replaced(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(desk.order("bid", 50, A))
        await desk.cancel(A)
        (result,) = await desk.venue.replace([Replacement(desk.market, A, desk.order("bid", 60, B))])
        assert isinstance(result.cancel, CancelRefused)
        assert isinstance(result.send, Rejected)
        assert await desk.venue.look_up(desk.market, B) == NeverSeen()
        assert await desk.venue.resting() == []

    at(opener, tmp_path, test)


def test_specs_asked_anew_are_those_it_opened_with(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        assert await desk.venue.read_specs() == desk.venue.specs

    at(opener, tmp_path, test)


def test_after_a_lost_answer_the_order_is_found_under_its_cloid(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        desk.lose_answer()
        assert isinstance(await desk.place(desk.order("ask", 50, A)), NoAnswer)
        found = await desk.venue.look_up(desk.market, A)
        assert isinstance(found, Resting)
        assert await desk.cancel(A) == Cancelled()

    at(opener, tmp_path, test)


def test_trades_are_told_before_the_answer_and_agree_with_the_account(opener: Exchange, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        order = desk.order("bid", -30, A, tif="Ioc")
        assert isinstance(await desk.place(order), Accepted)
        told = desk.trades
        assert told
        assert all(t.side == "bid" and t.ticks <= order.ticks and t.fee > 0 and t.cloid == A for t in told)
        assert len({t.tid for t in told}) == len(told)
        bought = sum(t.lots for t in told)
        account = await desk.venue.account(0)
        assert account.since == 0
        assert account.trades == told
        assert [(p.market, p.lots, p.cost) for p in account.positions] == [
            (desk.market, bought, sum(t.lots * t.ticks for t in told))
        ]
        assert await desk.venue.look_up(desk.market, A) == Gone(Lots(bought))
        assert await desk.venue.positions() == account.positions
        assert (await desk.venue.account(told[-1].at + 1)).trades == []

    at(opener, tmp_path, test)


def test_the_venue_keeps_our_orders_and_position_when_we_die(opener: Exchange, tmp_path: Path) -> None:
    async def run() -> None:
        async with opener(tmp_path) as connect, opened(connect) as desk:
            await desk.place(desk.order("bid", -30, A, tif="Ioc"))
            await desk.place(desk.order("bid", 300, B))
            before = await desk.venue.account(0)
            # A second connection while the first was never closed: as after kill -9.
            async with opened(connect) as again:
                assert await again.venue.account(0) == before
                assert await again.cancel(B) == Cancelled()
                assert isinstance(await again.place(again.order("bid", 300, C)), Accepted)
                oids = [resting.oid for resting in before.resting + await again.venue.resting()]
                assert len(set(oids)) == len(oids)

    asyncio.run(run())
