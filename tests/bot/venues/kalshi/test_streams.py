"""Prices through the adapter: books with gaps, streams that end, pauses, and prices that change in flight."""

from __future__ import annotations

import asyncio

import pytest

from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Back,
    Doubted,
    Lost,
    Rejected,
    Relisted,
)
from bot.market.units import Ticks
from bot.venues.kalshi import feed, life
from bot.venues.kalshi.markets import Markets
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript
from tests.bot.venues.kalshi.desk import Desk, at, desk_at, until
from tests.bot.venues.kalshi.served import served
from tests.bot.venues.simulators.kalshi.client import StillClock
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES


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
