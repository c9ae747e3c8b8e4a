"""Orders that leave a position at Kalshi: outside the group of entries, before them, and never more than is held."""

from __future__ import annotations

import pytest

from bot.market.reports import Accepted, Cancelled, CancelRequest, Doubted, Gone, NewOrder, Rejected, Trade
from bot.market.units import Lots, Side
from bot.venues.kalshi.listings import create
from tests.bot.venues.kalshi.desk import Desk, at, cloid, new
from tests.bot.venues.simulators.kalshi.table import GAME


@pytest.mark.parametrize(
    ("tif", "ro", "group", "reduces", "rests"),
    [
        ("Alo", False, "g", False, True),
        ("Alo", True, None, False, True),
        ("Ioc", False, "g", False, False),
        ("Ioc", True, None, True, False),
    ],
)
def test_what_is_sent(tif: str, ro: bool, group: str | None, reduces: bool, rests: bool) -> None:
    wish = create(new(1, tif=tif, ro=ro), 7, "g")
    assert (wish.order_group_id or None, wish.reduce_only is True, wish.expiration_time == 7) == (group, reduces, rests)
    assert (wish.post_only is True) == rests


def test_a_take_profit_rests_while_entries_are_held_and_after_the_group_was_hit() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, 5_500)
        desk.crowd("ask", 5_500, 1_000)
        results = await desk.venue.place([new(2, 5_300), new(3, 7_000, "ask", ro=True)])
        assert [type(one) for one in results] == [Accepted, Accepted]
        await desk.venue.hold_entries(True)
        assert [one.cloid for one in await desk.venue.resting()] == [cloid(3)]
        refused, taken = await desk.venue.place([new(4, 5_300), new(5, 6_900, "ask", ro=True)])
        assert isinstance(refused, Rejected)
        assert refused.code == "E_GROUP"
        assert isinstance(taken, Accepted)

    at(test)


def test_a_group_that_is_held_twice_or_reset_unheld_stays_what_was_said_last() -> None:
    async def test(desk: Desk) -> None:
        for off in (False, True, True, False):
            await desk.venue.hold_entries(off)
        assert isinstance(await desk.place(), Accepted)

    at(test)


def test_too_much_matched_holds_entries_until_they_are_let_go() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, 5_500)
        desk.crowd("ask", 5_500, 600)
        refused = await desk.place(2)
        assert isinstance(refused, Rejected)
        assert refused.code == "E_GROUP"
        await desk.venue.hold_entries(False)
        assert isinstance(await desk.place(3), Accepted)

    at(test, group=5)


@pytest.mark.parametrize(("held", "sent", "filled"), [("bid", 600, 600), ("bid", 5_000, 1_000), ("ask", 5_000, 1_000)])
def test_an_exit_takes_no_more_than_is_held(held: Side, sent: int, filled: int) -> None:
    async def test(desk: Desk) -> None:
        out: Side = "ask" if held == "bid" else "bid"
        await desk.place(1, 5_500, held)
        desk.crowd(out, 5_500, 1_000)
        eager = 4_000 if held == "bid" else 7_000
        (result,) = await desk.venue.place([new(2, eager, out, sent, "Ioc", ro=True)])
        assert isinstance(result, Accepted)
        assert sum(trade.lots for trade in desk.told(Trade) if trade.cloid == cloid(2)) == filled
        assert await desk.venue.look_up(GAME, cloid(2)) == Gone(Lots(filled))
        assert sum(abs(one.lots) for one in await desk.venue.positions()) == 1_000 - filled

    at(test)


def test_a_take_that_got_less_than_it_wanted_is_over_and_nobody_need_be_asked() -> None:
    async def test(desk: Desk) -> None:
        desk.crowd("bid", 9_900, 100_000)  # nothing is left to buy
        await desk.place(1, 6_000, "ask", 300)
        (result,) = await desk.venue.place([new(2, 9_900, lots=1_000, tif="Ioc")])
        assert isinstance(result, Rejected), "our own order is not taken"
        await desk.cancel()
        desk.exchange.simulation.step()
        top = desk.exchange.simulation.engine.markets[GAME].book.best("ask")
        assert top is not None
        (result,) = await desk.venue.place([new(3, top, lots=100_000, tif="Ioc")])
        assert isinstance(result, Accepted)
        got = sum(trade.lots for trade in desk.told(Trade) if trade.cloid == cloid(3))
        assert 0 < got < 100_000
        desk.fault("unavailable", "read", count=0)
        assert await desk.venue.look_up(GAME, cloid(3)) == Gone(Lots(got))
        assert [one for one in desk.told(Doubted) if one.cloid == cloid(3)] == []

    at(test)


def test_an_exit_of_nothing_is_refused() -> None:
    async def test(desk: Desk) -> None:
        (result,) = await desk.venue.place([new(1, 4_000, "ask", tif="Ioc", ro=True)])
        assert isinstance(result, Rejected)
        assert result.code == "E_REDUCE_ONLY"

    at(test)


def test_exits_need_no_tokens_that_entries_would_leave_to_cancels() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, 5_500, lots=2_000)
        desk.crowd("ask", 5_500, 2_000)
        wanted: list[NewOrder] = [new(number, 4_000 + 100 * number) for number in range(2, 10)]
        wanted += [new(20, 8_000, "ask", ro=True), new(21, 8_100, "ask", ro=True)]
        results = await desk.venue.place(wanted)
        assert [type(one) for one in results[-2:]] == [Accepted, Accepted]
        refused = [one for one in results[:-2] if isinstance(one, Rejected)]
        assert {one.code for one in refused} == {"E_BUDGET"}
        ended = await desk.venue.cancel([CancelRequest(GAME, cloid(number)) for number in (20, 21)])
        assert ended == [Cancelled(), Cancelled()]

    at(test)
