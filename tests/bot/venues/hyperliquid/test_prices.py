"""Public prices alone: what a listener hears of books and prints, in the venue's own time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.units import Lots, Ticks
from bot.venues.hyperliquid.codec import Bbo, L2Book, Level
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.markets import Markets
from bot.venues.hyperliquid.prices import HyperliquidPrices
from bot.venues.hyperliquid.spec import spec_of, wire_of
from bot.venues.market_data import Depth, Print
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.simulation import Simulation
from tests.bot.fakes import FakeClock
from tests.bot.venues.hyperliquid.at_exchange import weather
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.virtual_time import VirtualClock, in_virtual_time

MARKETS = ["SOL", "BTC"]


@dataclass
class Heard:
    """A listener that writes everything down; `news` in order."""

    tops: list[tuple[Top, int]] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    depths: list[Depth] = field(default_factory=list)
    news: list[str] = field(default_factory=list)

    def on_top(self, top: Top, stamp: int) -> None:
        self.tops.append((top, stamp))

    def on_print(self, print_: Print) -> None:
        self.prints.append(print_)

    def on_depth(self, depth: Depth) -> None:
        self.depths.append(depth)

    def on_halted(self, market: str) -> None:
        raise AssertionError(f"perpetuals go on: {market}")

    def on_settled(self, market: str, payout: Ticks) -> None:
        raise AssertionError(f"perpetuals pay nothing: {market}")

    def on_relisted(self, market: str) -> None:
        raise AssertionError(f"nobody says that: {market}")

    def on_lost(self, reason: str) -> None:
        self.news.append(f"lost: {reason}")

    def on_back(self) -> None:
        self.news.append("back")


def listening(work: Callable[[Simulation, HyperliquidPrices, Heard], Awaitable[None]], *faults: Fault) -> None:
    async def run(clock: VirtualClock) -> None:
        simulation = Simulation(clock, seed=5, plan=Plan(list(faults)))
        network = Network(simulation)
        prices, heard = HyperliquidPrices(InMemory(network), clock), Heard()
        await prices.open(MARKETS, heard)
        try:
            await work(simulation, prices, heard)
        finally:
            await prices.close()
            await network.close()

    in_virtual_time(run)


def test_open_tells_each_market_and_the_weather_tells_more() -> None:
    async def work(simulation: Simulation, prices: HyperliquidPrices, heard: Heard) -> None:
        assert {top.market for top, _ in heard.tops} == set(MARKETS)
        assert {"SOL", "BTC", "kPEPE"} <= set(prices.specs)
        await weather(simulation, 60)
        assert heard.news == []
        for market in MARKETS:
            stamps = [stamp for top, stamp in heard.tops if top.market == market]
            assert stamps == sorted(stamps)
            assert len(stamps) > 100
        assert all(top.bid_lots > 0 and top.ask_lots > 0 for top, _ in heard.tops)
        assert len(heard.prints) == len({told.tid for told in heard.prints}) > 5
        assert all(depth.bids[0][0] < depth.asks[0][0] for depth in heard.depths)

    listening(work)


def test_a_print_is_told_once_also_when_it_is_repeated_after_a_gap() -> None:
    async def work(simulation: Simulation, prices: HyperliquidPrices, heard: Heard) -> None:
        await weather(simulation, 30)
        simulation.cut_all()
        await weather(simulation, 30)
        assert len(heard.prints) == len({told.tid for told in heard.prints})
        lost, back = heard.news
        assert lost.startswith("lost: ")
        assert back == "back"

    listening(work, Fault("duplicate", where="ws:trades"))


def test_an_unlisted_market_is_refused_and_specs_are_asked_anew() -> None:
    async def run(clock: VirtualClock) -> None:
        network = Network(Simulation(clock, seed=5))
        prices = HyperliquidPrices(InMemory(network), clock)
        assert await prices.read_specs() == prices.specs
        with pytest.raises(CannotStart, match="did you mean kPEPE"):
            await prices.open(["KPEPE"], Heard())
        await prices.close()
        await network.close()

    in_virtual_time(run)


def test_closing_ends_the_work() -> None:
    async def work(simulation: Simulation, prices: HyperliquidPrices, heard: Heard) -> None:
        running = asyncio.create_task(prices.run())
        await asyncio.sleep(0)
        await prices.close()
        assert (await asyncio.gather(running, return_exceptions=True))[0] is not None
        heard.tops.clear()
        await weather(simulation, 5)
        assert not heard.tops

    listening(work)


def level(price: str) -> Level:
    return Level(price, "1.0", 1)


def books(*frames: Bbo | L2Book) -> list[tuple[Ticks | None, Ticks | None]]:
    """Best prices that were told for these frames of one market."""
    heard = Heard()
    markets = Markets({"SOL": Listing(spec_of("SOL", 0, 2), wire_of(2))}, ["SOL"], FakeClock(), heard)
    for frame in frames:
        markets.heard(frame)
    return [(top.bid, top.ask) for top, _ in heard.tops]


def test_an_older_snapshot_never_replaces_younger_best_prices() -> None:
    younger = Bbo("SOL", 20, (level("185.01"), level("185.02")))
    older = L2Book("SOL", 10, ([level("184.0")], [level("184.5")]))
    later = L2Book("SOL", 30, ([level("186.0")], []))
    assert books(younger, older, later) == [(1_850_100, 1_850_200), (1_860_000, None)]
    assert books(younger, Bbo("SOL", 19, (None, None))) == [(1_850_100, 1_850_200)]


def test_sizes_stand_beside_their_prices() -> None:
    heard = Heard()
    markets = Markets({"SOL": Listing(spec_of("SOL", 0, 2), wire_of(2))}, ["SOL"], FakeClock(), heard)
    markets.heard(Bbo("SOL", 20, (Level("185.01", "3.5", 2), None)))
    assert heard.tops == [(Top("SOL", Ticks(1_850_100), None, FakeClock().now(), Lots(350)), 20_000_000)]


def test_what_was_shown_before_a_gap_is_no_news_after_it() -> None:
    """A venue whose feed stands still shows the same picture to each new connection: nobody may quote on that."""
    heard = Heard()
    markets = Markets({"SOL": Listing(spec_of("SOL", 0, 2), wire_of(2))}, ["SOL"], FakeClock(), heard)
    frozen = L2Book("SOL", 1_000, ([Level("184.9", "2.5", 1)], [Level("185.1", "3", 1)]))
    markets.heard(frozen)
    assert len(heard.tops) == 1
    markets.forget()
    markets.begin()
    markets.heard(frozen)
    assert len(heard.tops) == 1, "as old as it was"
    markets.heard(L2Book("SOL", 1_001, frozen.levels))
    assert len(heard.tops) == 2


def test_a_picture_that_is_told_again_does_not_grow_young() -> None:
    heard = Heard()
    markets = Markets({"SOL": Listing(spec_of("SOL", 0, 2), wire_of(2))}, ["SOL"], FakeClock(), heard)
    best = (Level("184.9", "2.5", 1), Level("185.1", "3", 1))
    for _ in range(3):
        markets.heard(Bbo("SOL", 1_000, best))
    assert len(heard.tops) == 1
