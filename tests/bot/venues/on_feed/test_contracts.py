"""Event contracts on paper: their fees, orders that take what is shown, exits, halts and payouts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import pytest

from bot.market.contract import Contract
from bot.market.fees import FeeSchedule
from bot.market.price_ranges import PriceRanges, Range
from bot.market.reports import (
    Accepted,
    Doubted,
    Gone,
    NeverSeen,
    NewOrder,
    Rejected,
    SendResult,
    Settled,
    Settlement,
    Trade,
)
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.venues.kalshi.spec import LOT, TICK
from bot.venues.market_data import Depth, Listener
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.venue import Update
from tests.bot.fakes import FakeClock
from tests.bot.venues.on_feed.feed import ScriptedData, best, sold

T = TypeVar("T")
GAME = "GAME-AB-A"
FEES = FeeSchedule(taker=Fraction(7, 100), maker=Fraction(175, 10_000))
SPEC = Spec(
    GAME,
    0,
    TICK,
    LOT,
    min_notional=TICK * 0,
    grid=PriceRanges((Range(0, 10_000, 100),)),
    lot_step=100,
    contract=Contract("GAME-AB", "GAME", FEES, None, 10**18),
)
BIDS, ASKS = ((5_900, 200), (5_800, 300), (5_700, 500)), ((6_100, 200), (6_200, 300), (6_300, 500))


def book(listener: Listener) -> None:
    """0.59 at 0.61, a cent a level, 2, 3 and 5 contracts."""
    listener.on_top(best(5_900, 6_100, 200, 200, GAME), 1)
    bids, asks = (tuple((Ticks(ticks), Lots(lots)) for ticks, lots in rows) for rows in (BIDS, ASKS))
    listener.on_depth(Depth(GAME, bids, asks, 1))


@dataclass
class Desk:
    """A paper account of contracts and the feed it listens to."""

    folder: Path
    specs: Mapping[str, Spec] = field(default_factory=lambda: {GAME: SPEC})
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[Update] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = ScriptedData(self.specs)
        self.data.beginning = book
        self.venue = PaperOnFeed(self.data, self.folder / "paper.sqlite", self.clock, latency_s=0)

    def heard(self, kind: type[T]) -> list[T]:
        return [update for update in self.told if isinstance(update, kind)]

    async def place(
        self, number: int, side: Side, ticks: int, lots: int, tif: str = "Ioc", ro: bool = False
    ) -> SendResult:
        order = NewOrder(GAME, side, Ticks(ticks), Lots(lots), f"0x{number}", tif, ro)
        (result,) = await self.venue.place([order])
        return result


def at_desk(folder: Path, test: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        desk = Desk(folder)
        await desk.venue.open([GAME], desk.told.append)
        await test(desk)
        await desk.venue.close()

    asyncio.run(run())


def test_a_take_goes_through_what_is_shown_up_to_its_limit_and_never_rests(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        assert isinstance(await desk.place(1, "bid", 6_200, 900), Accepted)
        assert [(trade.ticks, trade.lots) for trade in desk.heard(Trade)] == [(6_100, 200), (6_200, 300)]
        assert await desk.venue.look_up(GAME, "0x1") == Gone(Lots(500))
        assert await desk.venue.resting() == []

    at_desk(tmp_path, test)


def test_what_was_taken_is_not_there_twice_and_a_take_of_nothing_is_refused(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 6_100, 200)
        refused = await desk.place(2, "bid", 6_100, 200)
        assert isinstance(refused, Rejected)
        assert refused.code == "E_NO_MATCH"
        assert await desk.venue.look_up(GAME, "0x2") == NeverSeen()

    at_desk(tmp_path, test)


@pytest.mark.parametrize(
    ("lots", "fees"),
    [
        # ceil to 0.0001 of 0.07 x C x 0.61 x 0.39 is 0.0167 for one contract; a balance of whole cents makes it 0.02
        (100, [20_000]),
        # 200 at 0.61 and 300 at 0.62: 0.0334 and 0.0495, each rounded up to a cent with its price
        (500, [40_000, 50_000]),
    ],
)
def test_a_taker_pays_the_schedule_of_the_contract(lots: int, fees: list[int], tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 6_200, lots)
        assert [trade.fee for trade in desk.heard(Trade)] == fees
        assert (await desk.venue.account(0)).maker_fee_ppm == 0

    at_desk(tmp_path, test)


def test_a_maker_pays_its_own_rate_and_gets_a_cent_of_rounding_back(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 6_000, 400, "Alo")
        for stamp in (2, 3, 4, 5):
            desk.data.listener.on_print(replace(sold(6_000, 100, stamp, tid=str(stamp)), market=GAME))
        fees = [trade.fee for trade in desk.heard(Trade)]
        # 0.0042 each, as 0.01: 0.0058 too much are kept of each, and a cent comes back once they are more than a cent
        assert fees == [10_000, 0, 10_000, 0]

    at_desk(tmp_path, test)


def test_fees_that_change_are_charged_from_then_on(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        assert SPEC.contract is not None
        free = replace(SPEC.contract, fees=FeeSchedule(Fraction(0), Fraction(0)))
        desk.data.specs = {GAME: replace(SPEC, contract=free)}
        await desk.venue.read_specs()
        await desk.place(1, "bid", 6_100, 200)
        assert [trade.fee for trade in desk.heard(Trade)] == [0]

    at_desk(tmp_path, test)


@pytest.mark.parametrize(("held", "sent", "filled"), [(200, 500, 200), (200, 100, 100), (500, 500, 500)])
def test_an_exit_takes_no_more_than_is_held(held: int, sent: int, filled: int, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 6_300, held)
        assert isinstance(await desk.place(2, "ask", 5_700, sent, ro=True), Accepted)
        assert await desk.venue.look_up(GAME, "0x2") == Gone(Lots(filled))
        assert sum(one.lots for one in await desk.venue.positions()) == held - filled

    at_desk(tmp_path, test)


@pytest.mark.parametrize("held", [0, 200])
def test_an_exit_that_would_add_is_refused(held: int, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        if held:
            await desk.place(1, "bid", 6_300, held)
        refused = await desk.place(2, "bid", 6_300, 100, ro=True)
        assert isinstance(refused, Rejected)
        assert refused.code == "E_REDUCE_ONLY"

    at_desk(tmp_path, test)


def test_a_take_profit_rests_like_any_order(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 6_100, 200)
        assert isinstance(await desk.place(2, "ask", 6_800, 200, "Alo", ro=True), Accepted)
        await desk.venue.hold_entries(True)
        assert [one.cloid for one in await desk.venue.resting()] == ["0x2"]

    at_desk(tmp_path, test)


def test_a_halt_takes_off_what_rests_and_says_so(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, "bid", 5_800, 200, "Alo")
        desk.data.listener.on_halted(GAME)
        assert [update.cloid for update in desk.heard(Doubted)] == ["0x1"]
        assert await desk.venue.look_up(GAME, "0x1") == Gone(Lots(0))
        desk.data.listener.on_print(replace(sold(5_000, 900, 9), market=GAME))
        assert desk.heard(Trade) == []

    at_desk(tmp_path, test)


@pytest.mark.parametrize(("side", "price"), [("bid", 6_100), ("ask", 5_900)])
def test_a_payout_closes_what_is_held_once_and_outlives_us(side: Side, price: int, tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, side, price, 200)
        desk.clock.advance(5_000_000_000)
        for _ in range(2):
            desk.data.listener.on_settled(GAME, Ticks(10_000))
        assert desk.heard(Settled) == [Settled(GAME)] * 2
        paid = Settlement(GAME, Ticks(10_000), desk.clock.now())
        account = await desk.venue.account(0)
        assert (account.positions, account.settlements) == ([], [paid])
        assert (await desk.venue.account(paid.at + 1)).settlements == []

    at_desk(tmp_path, test)

    async def again(desk: Desk) -> None:
        account = await desk.venue.account(0)
        assert (account.positions, [one.ticks for one in account.settlements]) == ([], [10_000])

    at_desk(tmp_path, again)


def test_a_market_that_pays_while_nothing_is_held_leaves_no_trace(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        desk.data.listener.on_settled(GAME, Ticks(0))
        assert (await desk.venue.account(0)).settlements == []

    at_desk(tmp_path, test)


def test_a_shadow_has_nothing_to_leave_and_loses_its_orders_to_a_halt() -> None:
    async def run() -> None:
        data, told = ScriptedData({GAME: SPEC}), list[Update]()
        data.beginning = book
        venue = ShadowVenue(data)
        await venue.open([GAME], told.append)
        order = NewOrder(GAME, "ask", Ticks(5_900), Lots(100), "0x1", "Ioc", ro=True)
        (refused,) = await venue.place([order])
        assert isinstance(refused, Rejected)
        assert refused.code == "E_REDUCE_ONLY"
        await venue.place([NewOrder(GAME, "bid", Ticks(5_800), Lots(100), "0x2")])
        data.listener.on_settled(GAME, Ticks(10_000))
        assert [type(update) for update in told[1:]] == [Doubted, Settled]
        assert await venue.resting() == []
        assert (await venue.account(0)).maker_fee_ppm == 0

    asyncio.run(run())
