"""Orders through the adapter: lost answers, batches, 404s, trades before cancels, tokens, what was sent by hand."""

from __future__ import annotations

import msgspec
import pytest

from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    CancelRequest,
    Gone,
    NeverSeen,
    NoAnswer,
    Rejected,
    Trade,
)
from bot.market.units import Lots
from bot.venues.kalshi.orders import Create
from bot.venues.venue import VenueUnreachable
from tests.bot.venues.kalshi.desk import Desk, at, cloid, new
from tests.bot.venues.simulators.kalshi.client import order
from tests.bot.venues.simulators.kalshi.table import GAME


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
