"""What becomes of orders when streams are late, lost or contradict answers: no trade is missed, none invented."""

from __future__ import annotations

import asyncio

import pytest

from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    CancelRequest,
    Cure,
    Doubted,
    Gone,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Replacement,
    Resting,
)
from bot.market.units import Lots, Ticks
from bot.venues.records import KEPT, MAY_REST, Records
from bot.venues.simulators.hyperliquid.faults import Fault
from tests.bot.venues.hyperliquid.at_exchange import MARKET, A, B, C, Desk, at_exchange

LATE = Fault("delay", where="ws:userFills", delay_s=3)
LOST_FILLS = Fault("drop", where="ws:userFills", after=1)
LOST_UPDATES = Fault("drop", where="ws:orderUpdates")


@pytest.mark.parametrize("faults", [(), (LATE,), (LOST_FILLS,), (LOST_UPDATES,), (LOST_FILLS, LOST_UPDATES)])
def test_a_cancel_is_answered_after_the_trades_before_it(faults: tuple[Fault, ...]) -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        assert isinstance(await desk.place(order), Accepted)
        desk.hit(order, 120)
        assert await desk.cancel(A) == Cancelled()
        assert [(trade.lots, trade.cloid) for trade in desk.trades] == [(120, A)]
        await asyncio.sleep(10)
        assert len(desk.trades) == 1, "told once, whichever way it came"
        assert await desk.look_up(A) == Gone(Lots(120))

    at_exchange(work, *faults)


@pytest.mark.parametrize("faults", [(), (LATE,), (LOST_FILLS,)])
def test_a_replacement_is_answered_after_the_trades_before_it(faults: tuple[Fault, ...]) -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, 120)
        (result,) = await desk.venue.replace([Replacement(MARKET, A, desk.inside("bid", B))])
        assert result.cancel == Cancelled()
        assert isinstance(result.send, Accepted)
        assert sum(trade.lots for trade in desk.trades) == 120

    at_exchange(work, *faults)


def test_a_modify_that_is_refused_leaves_the_old_order_to_a_question() -> None:
    async def work(desk: Desk) -> None:
        await desk.place(desk.inside("bid", A))
        crossing = desk.inside("ask", B)
        (result,) = await desk.venue.replace([Replacement(MARKET, A, desk.inside("bid", C, lots=1))])
        assert isinstance(result.cancel, CancelRefused)
        assert isinstance(result.send, Rejected)
        assert result.send.code == "E_MODIFY"
        assert isinstance(await desk.look_up(A), Resting)
        worse = Ticks(crossing.ticks * 2)
        wanted = desk.inside("bid", C)
        (result,) = await desk.venue.replace(
            [Replacement(MARKET, A, type(wanted)(MARKET, "bid", worse, wanted.lots, C))]
        )
        assert isinstance(result.send, Rejected)
        assert result.send.cure in (Cure.REQUOTE, Cure.SHRINK)
        assert await desk.look_up(C) == NeverSeen()

    at_exchange(work)


def test_a_replacement_of_an_order_that_was_filled_is_not_refused_for_itself() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, order.lots)
        (result,) = await desk.venue.replace([Replacement(MARKET, A, desk.inside("bid", B))])
        assert isinstance(result.cancel, CancelRefused)
        assert isinstance(result.send, Rejected)
        assert (result.send.code, result.send.cure) == ("E_NO_SUCH_ORDER", Cure.LOOK_UP)
        assert await desk.look_up(A) == Gone(order.lots)
        assert await desk.look_up(B) == NeverSeen()

    at_exchange(work)


def test_one_status_for_two_orders_is_an_answer_for_neither() -> None:
    async def work(desk: Desk) -> None:
        results = await desk.venue.place([desk.inside("bid", A), desk.inside("ask", B, away=1_000)])
        assert [type(result) for result in results] == [NoAnswer, NoAnswer]
        assert isinstance(await desk.look_up(A), Resting)
        assert isinstance(await desk.look_up(B), Resting)

    at_exchange(work, Fault("collapsed"))


def test_what_was_too_much_was_not_taken_and_the_next_waits() -> None:
    async def work(desk: Desk) -> None:
        for _ in range(2):
            result = await desk.place(desk.inside("bid", A))
            assert isinstance(result, Rejected)
            assert (result.code, result.cure) == ("E_BUDGET", Cure.WAIT)
        assert desk.simulation.faults.struck()["too_many"] == 1, "the second was not sent"
        assert not desk.account.open
        await asyncio.sleep(11)
        assert isinstance(await desk.place(desk.inside("bid", B)), Accepted)

    at_exchange(work, Fault("too_many", where="exchange", count=1))


def test_a_cancel_goes_out_when_orders_must_wait() -> None:
    async def work(desk: Desk) -> None:
        await desk.place(desk.inside("bid", A))
        desk.simulation.faults.add(Fault("too_many", where="exchange:order", count=1))
        assert isinstance(await desk.place(desk.inside("ask", B, away=1_000)), Rejected)
        assert await desk.cancel(A) == Cancelled()

    at_exchange(work)


def test_where_no_new_order_may_go_out_a_replacement_takes_the_old_one_off() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, 120)
        desk.simulation.faults.add(Fault("too_many", where="exchange:order", count=1))
        await desk.place(desk.inside("ask", B, away=1_000))
        (result,) = await desk.venue.replace([Replacement(MARKET, A, desk.inside("bid", C))])
        assert result.cancel == Cancelled()
        assert isinstance(result.send, Rejected)
        assert (result.send.code, result.send.cure) == ("E_BUDGET", Cure.WAIT)
        assert sum(trade.lots for trade in desk.trades) == 120
        assert not desk.account.open

    at_exchange(work)


def test_a_lost_answer_is_no_answer_and_the_order_is_found() -> None:
    async def work(desk: Desk) -> None:
        assert isinstance(await desk.place(desk.inside("bid", A)), NoAnswer)
        assert isinstance(await desk.look_up(A), Resting)
        assert isinstance(await desk.place(desk.inside("ask", B, away=1_000)), NoAnswer)
        assert await desk.look_up(B) == NeverSeen()

    at_exchange(work, Fault("unknown", count=1), Fault("drop", where="exchange:order", after=1, count=1))


def test_a_request_that_is_too_late_is_refused() -> None:
    async def work(desk: Desk) -> None:
        desk.network.weather = type(desk.network.weather)(slow_s=(6, 6), slow_chance=1)
        result = await desk.place(desk.inside("bid", A))
        assert isinstance(result, Rejected)
        assert result.code == "E_EXPIRED"
        assert not desk.account.open

    at_exchange(work)


def test_an_end_that_nobody_asked_for_is_a_doubt() -> None:
    async def work(desk: Desk) -> None:
        await desk.place(desk.inside("bid", A))
        desk.simulation.engine.end_all(desk.account, "scheduledCancel")
        desk.publish()
        await asyncio.sleep(1)
        (doubt,) = desk.told(Doubted)
        assert isinstance(doubt, Doubted)
        assert doubt.cloid == A
        assert "scheduledCancel" in doubt.reason
        assert await desk.look_up(A) == Gone(Lots(0))

    at_exchange(work)


def test_an_end_that_was_asked_for_is_none() -> None:
    async def work(desk: Desk) -> None:
        await desk.place(desk.inside("bid", A))
        await desk.venue.replace([Replacement(MARKET, A, desk.inside("bid", B))])
        await desk.cancel(B)
        order = desk.inside("bid", C)
        await desk.place(order)
        desk.hit(order, order.lots)
        await asyncio.sleep(10)
        assert not desk.told(Doubted)
        assert await desk.look_up(C) == Gone(order.lots)

    at_exchange(work)


def test_a_filled_order_whose_trades_do_not_come_is_doubted_and_asking_brings_them() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, order.lots)
        await asyncio.sleep(5)
        assert [type(update) for update in desk.told(Doubted)] == [Doubted]
        assert not desk.trades
        assert await desk.look_up(A) == Gone(order.lots)
        assert [trade.lots for trade in desk.trades] == [order.lots]

    at_exchange(work, LOST_FILLS)


def test_what_the_venue_forgot_is_found_in_its_book_or_its_trades() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.account.history.clear()
        assert isinstance(await desk.look_up(A), Resting)
        desk.hit(order, order.lots)
        desk.account.history.clear()
        assert await desk.look_up(A) == Gone(order.lots)
        assert await desk.look_up(B) == NeverSeen()

    at_exchange(work)


def test_orders_sent_by_hand_are_left_alone_and_their_trades_count() -> None:
    async def work(desk: Desk) -> None:
        best = desk.inside("bid", A)
        oid = desk.by_hand(best.ticks)
        assert await desk.venue.resting() == []
        desk.hit(best, 100)
        await asyncio.sleep(1)
        account = await desk.venue.account(0)
        assert account.resting == []
        assert [(trade.cloid, trade.lots) for trade in account.trades] == [("", 100)]
        assert [trade.tid for trade in desk.trades] == [trade.tid for trade in account.trades]
        assert [(held.market, held.lots) for held in account.positions] == [(MARKET, 100)]
        assert oid in desk.account.open

    at_exchange(work)


def test_an_order_of_an_earlier_run_is_cancelled_without_waiting_for_its_old_trades() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, 100)
        await asyncio.sleep(60)
        later = Desk(desk.clock, desk.simulation, desk.network)
        await later.open()
        account = await later.venue.account(desk.clock.now())
        assert [(resting.cloid, resting.lots) for resting in account.resting] == [(A, 200)]
        assert account.trades == []
        began = desk.clock.steady()
        (result,) = await later.venue.cancel([CancelRequest(MARKET, A)])
        assert result == Cancelled()
        assert desk.clock.steady() - began < 700_000_000, "the stream told of the end, nothing had to be asked"
        assert later.trades == []
        await later.venue.close()

    at_exchange(work)


def test_what_a_reduce_only_order_lost_by_shrinking_is_not_taken_for_trades() -> None:
    async def work(desk: Desk) -> None:
        bid = desk.inside("bid", A, lots=100)
        await desk.place(bid)
        desk.hit(bid, 100)
        ask = desk.inside("ask", B)
        await desk.place(NewOrder(MARKET, "ask", ask.ticks, ask.lots, B, ro=True))
        (resting,) = (await desk.venue.account(0)).resting
        assert (resting.cloid, resting.lots) == (B, 100)
        assert await desk.look_up(B) == resting
        assert await desk.cancel(B) == Cancelled()
        assert await desk.look_up(B) == Gone(Lots(0))
        assert [trade.cloid for trade in desk.trades] == [A]

    at_exchange(work)


@pytest.mark.parametrize("delay_ms", range(0, 360, 20))
def test_an_account_is_read_as_of_one_moment_though_it_trades_meanwhile(delay_ms: int) -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        asyncio.get_running_loop().call_later(delay_ms / 1000, desk.hit, order, 120)
        account = await desk.venue.account(0)
        held = sum(position.lots for position in account.positions)
        assert held == sum(trade.lots for trade in account.trades)
        assert [resting.lots for resting in account.resting] == [order.lots - held]

    at_exchange(work)


def test_an_order_that_outlives_thousands_of_others_is_cancelled_after_its_trades_too() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        await asyncio.sleep(1)
        records = desk.venue._at.trading._records
        for number in range(KEPT):
            records.sent(f"0x{number:032x}", Lots(1), desk.clock.now())
        desk.hit(order, 120)
        assert await desk.cancel(A) == Cancelled()
        assert [(trade.lots, trade.cloid) for trade in desk.trades] == [(120, A)]

    at_exchange(work, LATE)


def test_records_stay_bounded_also_where_no_end_is_told() -> None:
    records = Records()
    for number in range(KEPT + 2 * MAY_REST):
        cloid = f"0x{number:032x}"
        records.sent(cloid, Lots(1), 0)
        records.found(cloid, Lots(1), Lots(0), number + 1, 0)
    assert len(records._orders) == KEPT
