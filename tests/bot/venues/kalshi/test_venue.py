"""What Kalshi does that no other venue does: lost answers, 404s, order groups, expiry, sequence gaps, pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import pytest

from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Back,
    Cancelled,
    CancelRefused,
    CancelRequest,
    Doubted,
    Gone,
    Lost,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Relisted,
    Resting,
    Trade,
)
from bot.market.units import Lots, Side, Ticks
from bot.venues.kalshi import feed, life
from bot.venues.kalshi.markets import Markets
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.signing import Key
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.faults import Fault
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript
from bot.venues.venue import Update, VenueUnreachable
from tests.bot.venues.kalshi.served import Exchange, served
from tests.bot.venues.simulators.kalshi.client import StillClock, order, pem
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


def test_a_lost_answer_is_made_good_by_sending_the_same_cloid_again() -> None:
    async def test(desk: Desk) -> None:
        desk.fault("unknown", "orders:create")
        result = await desk.place()
        assert isinstance(result, Accepted)
        assert [one.oid for one in await desk.venue.resting()] == [result.oid]

    at(test)


@pytest.mark.parametrize("fault", ["unavailable", "drop", "server_error"])
def test_whatever_is_lost_once_there_is_one_order(fault: str) -> None:
    async def test(desk: Desk) -> None:
        desk.fault(fault, "orders:create")
        assert isinstance(await desk.place(), Accepted)
        assert len(await desk.venue.resting()) == 1

    at(test)


def test_a_batch_whose_answer_was_lost_is_there_once() -> None:
    async def test(desk: Desk) -> None:
        desk.fault("unknown", "orders:batch_create")
        results = await desk.venue.place([new(1), new(2, 4_900)])
        assert [type(result) for result in results] == [Accepted, Accepted]
        assert len(await desk.venue.resting()) == 2

    at(test)


def test_an_order_that_may_still_come_is_not_given_up() -> None:
    async def test(desk: Desk) -> None:
        desk.fault("drop", "orders:create", count=2)
        assert isinstance(await desk.place(), NoAnswer)
        assert isinstance(await desk.venue.look_up(GAME, cloid(1)), NoAnswer)
        desk.clock.pass_by(31)
        assert await desk.venue.look_up(GAME, cloid(1)) == NeverSeen()

    at(test)


def test_a_404_is_no_cancel() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(price=5_500)
        desk.crowd("ask", 5_500, 1_000)
        assert isinstance(await desk.cancel(), CancelRefused)
        assert await desk.venue.look_up(GAME, cloid(1)) == Gone(Lots(1_000))
        assert sum(trade.lots for trade in desk.told(Trade)) == 1_000

    at(test)


def test_trades_before_a_cancel_are_told_before_its_answer() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(price=5_500)
        desk.fault("drop", "ws:fill", count=0)
        desk.crowd("ask", 5_500, 300)
        assert await desk.cancel() == Cancelled()
        assert [(trade.cloid, trade.lots) for trade in desk.told(Trade)] == [(cloid(1), 300)]
        assert await desk.venue.look_up(GAME, cloid(1)) == Gone(Lots(300))

    at(test)


def test_an_answer_about_another_order_is_not_believed() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        desk.fault("wrong_order")
        assert isinstance(await desk.cancel(), NoAnswer)

    at(test)


def test_a_read_that_lags_is_not_asked() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        desk.fault("stale_read", "orders:cancel")
        assert await desk.cancel() == Cancelled()
        assert await desk.venue.look_up(GAME, cloid(1)) == Gone(Lots(0))

    at(test)


def test_taken_and_cancelled_at_once_is_a_refusal() -> None:
    async def test(desk: Desk) -> None:
        desk.fault("accept_then_cancel")
        result = await desk.place(price=6_000)
        assert isinstance(result, Rejected)
        assert result.code == "E_POST_ONLY"
        assert await desk.venue.resting() == []

    at(test)


def test_orders_leave_tokens_to_cancels() -> None:
    async def test(desk: Desk) -> None:
        desk.clock.pass_by(1)  # the group of entries was not for nothing
        results = await desk.venue.place([new(number, 4_000 + 100 * number) for number in range(1, 13)])
        assert [type(result) for result in results] == [Accepted] * 8 + [Rejected] * 4
        assert {result.code for result in results if isinstance(result, Rejected)} == {"E_BUDGET"}
        ended = await desk.venue.cancel([CancelRequest(GAME, cloid(number)) for number in range(1, 9)])
        assert ended == [Cancelled()] * 8

    at(test)


def test_a_question_for_which_tokens_were_missing_is_asked_again() -> None:
    async def test(desk: Desk) -> None:
        desk.fault("too_many", "read", count=3)
        assert await desk.venue.positions() == []
        desk.fault("too_many", "read", count=4)
        with pytest.raises(VenueUnreachable, match="too many requests"):
            await desk.venue.positions()

    at(test)


def test_orders_sent_by_hand_are_left_alone_and_their_trades_count() -> None:
    async def test(desk: Desk) -> None:
        simulation = desk.exchange.simulation
        simulation._desk.create(simulation.account, msgspec.convert(order("0.55", "2"), Create))
        desk.crowd("ask", 5_500, 100)
        assert await desk.venue.resting() == []
        account = await desk.venue.account(0)
        assert [(trade.cloid, trade.lots) for trade in account.trades] == [("", 100)]
        assert [held.lots for held in account.positions] == [100]

    at(test)


def test_a_short_position_costs_what_its_trades_say() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(price=5_500, side="ask")
        desk.crowd("bid", 5_500, 400)
        (held,) = (await desk.venue.account(0)).positions
        assert (held.lots, held.cost) == (-400, -400 * 5_500)

    at(test)


def test_the_group_cancels_everything_at_once_and_takes_no_more_until_it_is_rearmed() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        await desk.venue.hold_entries(True)
        assert await desk.venue.resting() == []
        await until(lambda: desk.told(Doubted), "the order's end is told")
        refused = await desk.place(2)
        assert isinstance(refused, Rejected)
        assert refused.code == "E_GROUP"
        await desk.venue.hold_entries(False)
        assert isinstance(await desk.place(3), Accepted)

    at(test, group=500)


def test_too_much_matched_in_fifteen_seconds_ends_the_group() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, 5_500)
        await desk.place(2, 5_300)
        desk.crowd("ask", 5_500, 600)
        assert await desk.venue.resting() == []

    at(test, group=5)


def test_orders_live_as_long_as_the_bot_says_that_it_lives() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        for turn in range(3):
            desk.clock.pass_by(30)
            desk.exchange.simulation.step()
            desk.venue.alive(turn)
            until_s = desk.clock.now() // 1_000_000_000 + 55
            found = desk.exchange.simulation.account.resting()
            await until(lambda: found[0].expires >= until_s, "the order is kept alive")  # noqa: B023
        assert isinstance(await desk.venue.look_up(GAME, cloid(1)), Resting)
        desk.clock.pass_by(61)
        desk.exchange.simulation.step()
        assert await desk.venue.look_up(GAME, cloid(1)) == Gone(Lots(0))

    at(test)


def test_a_bot_that_hangs_keeps_nothing_alive() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        desk.venue.alive(7)
        desk.clock.pass_by(40)
        desk.venue.alive(7)
        desk.clock.pass_by(21)
        desk.exchange.simulation.step()
        assert await desk.venue.resting() == []

    at(test)


def test_no_price_is_told_from_a_book_that_missed_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "REFRESH_S", 3.0)

    async def test(desk: Desk) -> None:
        desk.fault("seq_gap")
        seen = len(desk.told(Top))
        await desk.place(1, 5_500)
        await desk.place(2, 5_400)
        await until(lambda: len(desk.told(Top)) > seen, "the book is whole again")
        best = desk.exchange.simulation.engine.markets[GAME].book.best
        assert {(top.bid, top.ask) for top in desk.told(Top)[seen:]} == {(best("bid"), best("ask"))}
        assert best("bid") == 5_500
        assert not desk.told(Lost)

    at(test)


def test_answers_to_commands_are_numbered_and_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "REFRESH_S", 0.05)
    missed = []
    monkeypatch.setattr(Markets, "missed", lambda self: missed.append(1))

    async def test(desk: Desk) -> None:
        (connection,) = desk.exchange.simulation._hub.connections
        (books,) = (one for one in connection.subscriptions.values() if one.channel == "orderbook_delta")
        await until(lambda: books.seq >= 7, "three snapshots were asked for, confirmed and told")
        assert missed == []

    at(test)


@pytest.mark.parametrize("fault", ["overflow", "disconnect"])
def test_a_stream_that_ends_is_opened_again(fault: str) -> None:
    async def test(desk: Desk) -> None:
        desk.fault(fault, "ws:orderbook_snapshot")
        await until(lambda: desk.told(Back), "connected again")
        assert len(desk.told(Lost)) == 1
        seen = len(desk.updates)
        await until(lambda: any(isinstance(one, Top) for one in desk.updates[seen:]), "prices again")

    at(test)


def test_a_paused_market_has_no_prices_until_it_is_active_again() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        desk.clock.pass_by(2)
        desk.exchange.simulation.step()
        await until(lambda: desk.top.bid is None, "no prices")
        await until(lambda: desk.told(Doubted), "its orders are cancelled")
        desk.clock.pass_by(2)
        desk.exchange.simulation.step()
        await until(lambda: desk.top.bid is not None, "prices again")

    at(test, Happening(1, "deactivate"), Happening(3, "activate"))


def test_a_pause_of_the_exchange_takes_all_prices_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "STATUS_S", 0.05)

    async def test(desk: Desk) -> None:
        desk.exchange.simulation.engine.trading_active = False
        await until(lambda: desk.top.bid is None, "no prices")
        result = await desk.place()
        assert isinstance(result, Rejected)
        assert result.code == "E_PAUSED"
        desk.exchange.simulation.engine.trading_active = True
        await until(lambda: desk.top.bid is not None, "prices again")

    at(test)


def test_a_market_that_opens_by_the_clock_gets_its_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "STATUS_S", 0.05)

    async def run() -> None:
        clock = StillClock()
        market = MarketScript(GAME, EVENT, SERIES, [(0, 0.55)], takers=0, noise_c=0, opens_s=60)
        script = Script([SeriesScript(SERIES)], [market])
        async with served(script=script, clock=clock) as exchange, desk_at(exchange, clock) as desk:
            assert desk.top.bid is None
            clock.pass_by(61)
            exchange.simulation.step()
            await until(lambda: desk.top.bid is not None, "prices")

    asyncio.run(run())


def test_prices_that_change_in_flight_are_taken_in() -> None:
    async def test(desk: Desk) -> None:
        assert not desk.venue.specs[GAME].legal(Ticks(5_010))
        desk.clock.pass_by(2)
        desk.exchange.simulation.step()
        await until(lambda: desk.venue.specs[GAME].legal(Ticks(5_010)), "the finer grid is known")
        assert isinstance(await desk.place(price=5_010), Accepted)
        assert desk.told(Relisted)[0] == Relisted(GAME)

    at(test, Happening(1, "structure", "deci_cent"))


def test_prices_that_changed_while_nobody_heard_are_told_after_the_gap() -> None:
    async def test(desk: Desk) -> None:
        desk.exchange.simulation.cut_all()
        desk.clock.pass_by(2)
        desk.exchange.simulation.step()
        await until(lambda: desk.told(Back), "connected again")
        await until(lambda: desk.told(Relisted) == [Relisted(GAME)], "told")
        assert desk.venue.specs[GAME].legal(Ticks(5_010))

    at(test, Happening(1, "structure", "deci_cent"))


def test_a_key_that_the_venue_does_not_know_cannot_start() -> None:
    async def run() -> None:
        async with served() as exchange:
            venue = exchange.venue(key=Key("11111111-5e11-4000-8000-000000000000", pem()))
            with pytest.raises(CannotStart, match="key"):
                await venue.open([GAME], lambda update: None)
            await venue.close()

    asyncio.run(run())


def test_a_market_that_is_not_listed_cannot_start() -> None:
    async def run() -> None:
        async with served() as exchange:
            venue = exchange.venue()
            with pytest.raises(CannotStart, match="KXNOTHING-1: not listed"):
                await venue.open(["KXNOTHING-1"], lambda update: None)
            await venue.close()

    asyncio.run(run())
