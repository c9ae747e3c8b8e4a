"""Kalshi's public prices over loopback, as paper and shadow see them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.units import Lots, Ticks
from bot.venues.kalshi import life
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.market_data import Depth, MarketData, Print
from tests.bot.venues.kalshi.desk import until
from tests.bot.venues.kalshi.served import Exchange, served
from tests.bot.venues.simulators.kalshi.client import OTHER, StillClock
from tests.bot.venues.simulators.kalshi.table import GAME


@dataclass
class Heard:
    """A listener that keeps everything."""

    tops: list[Top] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    depths: list[Depth] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def on_top(self, top: Top, stamp: int) -> None:
        self.tops.append(top)

    def on_print(self, print_: Print) -> None:
        self.prints.append(print_)

    def on_depth(self, depth: Depth) -> None:
        self.depths.append(depth)

    def on_halted(self, market: str) -> None:
        self.words.append(f"halted {market}")

    def on_settled(self, market: str, payout: Ticks) -> None:
        self.words.append(f"settled {market} at {payout}")

    def on_relisted(self, market: str) -> None:
        self.words.append(f"relisted {market}")

    def on_lost(self, reason: str) -> None:
        self.words.append("lost")

    def on_back(self) -> None:
        self.words.append("back")


def prices_at(exchange: Exchange, clock: StillClock) -> KalshiPrices:
    return KalshiPrices(exchange.network(), exchange.simulation.key, [GAME, OTHER], clock)


def test_books_prints_and_depth_are_the_exchange_s() -> None:
    async def run() -> None:
        clock, heard = StillClock(), Heard()
        async with served(clock=clock) as exchange:
            data: MarketData = prices_at(exchange, clock)
            await data.open([GAME], heard)
            try:
                engine = exchange.simulation.engine
                book = engine.markets[GAME].book
                assert [(top.market, top.bid, top.ask) for top in heard.tops][-1] == (
                    GAME,
                    book.best("bid"),
                    book.best("ask"),
                )
                best = heard.tops[-1].ask
                assert best is not None
                engine.crowd(engine.markets[GAME], "bid", best, Lots(100))
                exchange.simulation.step()
                await until(lambda: heard.prints, "the trade is told")
                assert [(one.side, one.ticks, one.lots) for one in heard.prints] == [("bid", best, Lots(100))]
                levels = engine.markets[GAME].levels()
                seen = len(heard.depths)
                await until(lambda: len(heard.depths) > seen, "a snapshot comes by itself")
                depth = heard.depths[-1]
                shown = {("bid", *level) for level in depth.bids} | {("ask", *level) for level in depth.asks}
                assert shown == {(side, ticks, lots) for (side, ticks), lots in levels.items()}
                assert [ticks for ticks, _ in depth.bids] == sorted((t for t, _ in depth.bids), reverse=True)
                assert set(data.specs) == {GAME, OTHER}
            finally:
                await data.close()

    asyncio.run(run())


def test_a_market_that_closes_by_the_clock_loses_its_prices_and_then_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "STATUS_S", 0.1)

    async def run() -> None:
        clock, heard = StillClock(), Heard()
        async with served(clock=clock) as exchange:
            data = prices_at(exchange, clock)
            await data.open([GAME], heard)
            work = asyncio.create_task(data.run())
            try:
                assert heard.tops[-1].bid is not None
                market = exchange.simulation.engine.markets[GAME]
                clock.nanos = market.closes * 1_000_000
                await until(lambda: heard.tops[-1].bid is None, "no prices after the close")
                assert heard.words == [f"halted {GAME}"]
                market.status = "finalized"
                await until(lambda: f"settled {GAME} at 10000" in heard.words, "its payout is told")
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await data.close()

    asyncio.run(run())


def test_a_market_that_is_not_listed_cannot_start() -> None:
    async def run() -> None:
        clock = StillClock()
        async with served(clock=clock) as exchange:
            data = prices_at(exchange, clock)
            with pytest.raises(CannotStart, match="KXNOTHING-1"):
                await data.open(["KXNOTHING-1"], Heard())
            await data.close()

    asyncio.run(run())
