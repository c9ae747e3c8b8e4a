"""The eyes at Kalshi are proved first: each forbidden thing is done on purpose, and seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.clock import NANOS
from bot.events import QuotePlace
from bot.market.book import Top
from bot.market.contract import Contract
from bot.market.fees import schedule as fees
from bot.market.orders import Order, OrderState
from bot.market.reports import NewOrder, Trade
from bot.market.units import Lots, Side, Ticks
from bot.session import Params, Session
from bot.venues.kalshi.codec import Market, PriceRange
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.spec import spec_of
from bot.venues.simulators.kalshi.rules import Refused
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from tests.bot.schedules.kalshi.exchange import Watched
from tests.bot.schedules.kalshi.games import TICKERS
from tests.bot.schedules.kalshi.plans import PLACES, Schedule, draw
from tests.bot.virtual_time import EPOCH, VirtualClock, in_virtual_time

GAME, PAIR = TICKERS[:2]
EVENT, SERIES = "KXNHLGAME-26NOV21UTAVGK", "KXNHLGAME"
CLOIDS = [f"0x{number:032x}" for number in range(9)]
Wish = Callable[[], list[str]]


def quiet() -> Schedule:
    """Two markets of one game that stand still at 0.55."""
    markets = [MarketScript(name, EVENT, SERIES, [(0, 0.55)], takers=0, noise_c=0) for name in (GAME, PAIR)]
    games = Script([SeriesScript(SERIES)], markets)
    return Schedule(seed=1, markets=(GAME, PAIR), storm_s=30.0, games=games, event_cap=Decimal(15))


def place(exchange: Watched, price: str, count: str = "5.00", cloid: str = CLOIDS[1], ticker: str = GAME) -> None:
    wish = Create(ticker, "bid", count, price, "good_till_canceled", "taker_at_cross", cloid)
    with suppress(Refused):
        exchange.simulation._desk.create(exchange.account, wish)


def off_grid(exchange: Watched) -> None:
    place(exchange, "0.5050")


def no_whole_contract(exchange: Watched) -> None:
    place(exchange, "0.50", "1.50")


def two_on_a_side(exchange: Watched) -> None:
    place(exchange, "0.50")
    place(exchange, "0.49", cloid=CLOIDS[2])


def too_much(exchange: Watched) -> None:
    place(exchange, "0.50", "21.00")


def too_much_of_an_event(exchange: Watched) -> None:
    place(exchange, "0.50", "10.00")
    place(exchange, "0.50", "6.00", CLOIDS[2], PAIR)


def holds_too_much_of_an_event(exchange: Watched) -> None:
    place(exchange, "0.58", "10.00")
    place(exchange, "0.58", "6.00", CLOIDS[2], PAIR)


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        (off_grid, "off the grid: bid 5.00"),
        (no_whole_contract, "off the grid: bid 1.50"),
        (two_on_a_side, "2 orders rest on bid"),
        (too_much, "could come to 2100 lots, the limit is 2000"),
        (too_much_of_an_event, "could come to 1600 lots, its limit is 1500"),
        (holds_too_much_of_an_event, "1600 lots of KXNHLGAME-26NOV21UTAVGK are held, its limit is 1500"),
    ],
)
def test_what_is_forbidden_is_seen(wrong: Callable[[Watched], None], seen: str) -> None:
    async def work(clock: VirtualClock) -> list[str]:
        exchange = Watched(clock, quiet())
        exchange.watch()
        assert exchange.notes.violations == []
        wrong(exchange)
        exchange.watch()
        return exchange.notes.violations

    assert any(seen in violation for violation in in_virtual_time(work))


def test_what_is_allowed_is_not_seen() -> None:
    async def work(clock: VirtualClock) -> Watched:
        exchange = Watched(clock, quiet())
        place(exchange, "0.54", "15.00")
        weather = asyncio.create_task(exchange.run())
        await asyncio.sleep(30)
        weather.cancel()
        return exchange

    exchange = in_virtual_time(work)
    assert exchange.notes.violations == []
    assert exchange.ours() == [CLOIDS[1]]
    assert exchange.left_alone()


def test_an_order_by_hand_that_is_gone_is_missed() -> None:
    async def work(clock: VirtualClock) -> bool:
        exchange = Watched(clock, quiet())
        exchange.simulation._desk.cancel(exchange.account, exchange._by_hand.oid)
        return exchange.left_alone()

    assert not in_virtual_time(work)


def wish(
    side: Side,
    price: int,
    held: int = 0,
    lots: int = 500,
    tif: str = "Alo",
    ro: bool | None = None,
    left_s: int = 3_600,
    off: bool = False,
) -> Wish:
    """What is said of a session that wants an order sent, holding so many lots, with 0.54 and 0.56 to be had."""

    async def work(clock: VirtualClock) -> list[str]:
        exchange = Watched(clock, quiet())
        session = believing(exchange, held, left_s)
        if off:
            session.holders.add("ctl")
        order = NewOrder(GAME, side, Ticks(price), Lots(lots), CLOIDS[3], tif, ro=bool(held) if ro is None else ro)
        exchange.sends(session, order, EPOCH)
        return exchange.notes.violations

    return lambda: in_virtual_time(work)


def believing(exchange: Watched, held: int, left_s: int) -> Session:
    """A session that holds so much of the game, which starts in so many seconds."""
    starts = EPOCH + left_s * NANOS
    contract = Contract(EVENT, SERIES, fees("quadratic", Decimal(1)), starts, starts + 3_600 * NANOS)
    listed = Market(GAME, EVENT, "active", "", "", [PriceRange("0.0000", "1.0000", "0.0100")])
    spec = replace(spec_of(listed), contract=contract)
    session = Session(exchange.params(Params("00c0ffee", "test", {GAME: spec}, (GAME,))))
    session.tops[GAME] = Top(GAME, Ticks(5_400), Ticks(5_600), EPOCH)
    if held:
        side: Side = "bid" if held > 0 else "ask"
        session.positions.take(Trade("t", GAME, side, Ticks(4_800), Lots(abs(held)), CLOIDS[4], 0, EPOCH))
    return session


@pytest.mark.parametrize(
    ("seen", "wished"),
    [
        ("skew leak", wish("bid", 4_800, held=500)),
        ("skew leak", wish("ask", 6_500, held=-500)),
        ("ro is False", wish("ask", 6_500, held=500, ro=False)),
        ("more than is held leaves", wish("ask", 6_500, held=500, lots=600)),
        ("crosses 5600", wish("bid", 5_600, held=-500)),
        ("entry inside the gates", wish("bid", 4_900)),
        ("entry inside the gates", wish("ask", 6_400)),
        ("entry in the quiet", wish("bid", 4_800, left_s=4)),
        ("entry while quotes are off", wish("bid", 4_800, off=True)),
        ("no entry", wish("bid", 4_800, tif="Ioc")),
        ("", wish("bid", 4_800)),
        ("", wish("ask", 6_500)),
        ("", wish("ask", 5_300, held=500, tif="Ioc")),
        ("", wish("ask", 6_500, held=500, off=True)),
    ],
)
def test_wishes_that_break_the_strategy_are_seen(seen: str, wished: Wish) -> None:
    said = wished()
    assert any(line.startswith(seen) for line in said) if seen else said == []


def test_entries_that_stay_into_the_quiet_are_seen() -> None:
    async def work(clock: VirtualClock) -> list[list[str]]:
        exchange = Watched(clock, quiet())
        session = believing(exchange, 0, left_s=355)
        order = Order(CLOIDS[5], 5, GAME, "bid", Ticks(4_800), Lots(500), EPOCH, state=OrderState.WORKING)
        session.orders._keep(order)
        said = []
        for second in (54, 58):
            exchange.turns(session, EPOCH + second * NANOS)
            said.append(list(exchange.notes.violations))
        return said

    before, after = in_virtual_time(work)
    assert before == []
    assert after[0].startswith(f"an entry in {GAME} rests 3.0 s after the quiet began")


def test_a_take_profit_that_moves_alone_is_seen() -> None:
    async def work(clock: VirtualClock) -> list[str]:
        exchange = Watched(clock, quiet())
        session = believing(exchange, 500, left_s=60)
        for tp in (0.55, 0.55, 0.56, None):
            exchange.says(session, placed(tp))
        return exchange.notes.violations

    moved, without = in_virtual_time(work)
    assert moved == f"the take-profit of {GAME} moved from 0.55 to 0.56 at one average price"
    assert without.startswith("an order of a position without its take-profit")


def placed(tp: float | None) -> QuotePlace:
    sent = {"price": 0.55, "size": 5.0, "seq": 1, "cloid": CLOIDS[6], "tif": "Alo", "ro": True, "cancels_30": 0}
    return QuotePlace(market=GAME, state="SKEW_LONG", side="ask", vwap=0.48, tp=tp, **sent)


def test_the_same_number_draws_the_same_schedule() -> None:
    assert draw(11) == draw(11) != draw(12)
    schedules = [draw(seed) for seed in range(300)]
    assert {fault.fault for schedule in schedules for fault in schedule.faults} == set(PLACES)
    assert all(f.start_s + f.seconds <= one.storm_s + 1e-6 for one in schedules for f in one.faults)
    whats = {one.what for schedule in schedules for market in schedule.games.markets for one in market.happenings}
    assert whats == {"deactivate", "activate", "structure", "fees"}
    assert any(one.over_s > one.storm_s for one in schedules), "some games are paid out after the storm"
