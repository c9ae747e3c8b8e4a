"""How an order that leaves a position lives: what is done about what rests, what was sent, and what it comes to."""

from __future__ import annotations

import pytest

from bot.execution.order_manager import NO_ROOM, Cancel, Change, OrderManager, Params, Place, Step
from bot.market.orders import OrderState, Quote
from bot.market.reports import (
    Accepted,
    Cancelled,
    Cure,
    Gone,
    Lookup,
    NeverSeen,
    NoAnswer,
    Rejected,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import Lots, Side, Ticks
from tests.bot.builders import RUN, SECOND

ENTRY = Quote(Ticks(6_500), Lots(1_000))
PROFIT = Quote(Ticks(5_500), Lots(1_000), ro=True)
OTHER = Quote(Ticks(5_100), Lots(1_000), ro=True)
TAKE = Quote(Ticks(5_000), Lots(1_000), "Ioc", ro=True)
ROOM: dict[Side, Lots] = {"bid": Lots(2_000), "ask": Lots(2_000)}


def plan(orders: OrderManager, wish: Quote | None, now: int = 0, room: object = ROOM) -> list[Step]:
    return orders.plan("GAME", {"bid": None, "ask": wish}, "requote", now, room, "SKEW_LONG")  # type: ignore[arg-type]


def resting(quote: Quote) -> OrderManager:
    orders = OrderManager(RUN, Params())
    (step,) = plan(orders, quote)
    assert isinstance(step, Place)
    orders.on_send(step.order.cloid, Accepted("1"), 0)
    return orders


@pytest.mark.parametrize(
    ("rests", "wish", "done"),
    [
        pytest.param(None, PROFIT, [Place], id="nothing rests: the take-profit goes out"),
        pytest.param(None, TAKE, [Place], id="nothing rests: it is taken"),
        pytest.param(PROFIT, PROFIT, [], id="it is as wanted"),
        pytest.param(PROFIT, OTHER, [Cancel], id="a moved exit: off first"),
        pytest.param(PROFIT, TAKE, [Cancel], id="a take: what rests goes off first"),
        pytest.param(PROFIT, None, [Cancel], id="nothing is to leave"),
        pytest.param(ENTRY, PROFIT, [Cancel], id="an entry rests where the exit is to go"),
        pytest.param(ENTRY, Quote(ENTRY.ticks, ENTRY.lots, ro=True), [Cancel], id="the same price, as an exit"),
        pytest.param(PROFIT, Quote(PROFIT.ticks, PROFIT.lots), [Cancel], id="the same price, as an entry"),
        pytest.param(ENTRY, Quote(Ticks(6_600), Lots(1_000)), [Change], id="entries change in one request"),
    ],
)
def test_what_is_done_about_what_rests(rests: Quote | None, wish: Quote | None, done: list[type]) -> None:
    orders = OrderManager(RUN, Params()) if rests is None else resting(rests)
    assert [type(step) for step in plan(orders, wish)] == done


def test_an_order_says_what_it_is_for_and_in_which_state_it_was_sent() -> None:
    for wish in (PROFIT, TAKE, ENTRY):
        (order,) = resting(wish).open("GAME", "ask")
        assert (order.resting, order.sent_in) == (wish, "SKEW_LONG")


def test_an_entry_that_stands_back_for_a_while_does_not_do_so_for_an_exit() -> None:
    for wish in (PROFIT, TAKE):
        orders = OrderManager(RUN, Params(advance_after=5 * SECOND))
        (step,) = plan(orders, ENTRY)
        assert isinstance(step, Place)
        orders.on_send(step.order.cloid, Accepted("1"), 0)
        assert plan(orders, Quote(Ticks(6_400), Lots(1_000)), SECOND) == []
        assert [type(step) for step in plan(orders, wish, SECOND)] == [Cancel]


def test_an_exit_is_never_changed_in_one_request_whatever_room_there_is() -> None:
    for wish in (OTHER, TAKE):
        assert [type(step) for step in plan(resting(PROFIT), wish, room=ROOM)] == [Cancel]
        assert [type(step) for step in plan(resting(PROFIT), wish, room=NO_ROOM)] == [Cancel]


@pytest.mark.parametrize(
    ("answer", "state", "asks"),
    [
        pytest.param(Accepted("1"), OrderState.UNKNOWN, True, id="accepted: asked for at once, it never rests"),
        pytest.param(NoAnswer("lost"), OrderState.UNKNOWN, False, id="no answer: asked for soon"),
        pytest.param(Rejected("E_NO_MATCH", "nothing"), OrderState.REJECTED, False, id="nothing to take"),
        pytest.param(Rejected("E_REDUCE_ONLY", "no", Cure.SHRINK), OrderState.REJECTED, False, id="refused"),
    ],
)
def test_what_an_answer_makes_of_an_order_that_takes(answer: SendResult, state: OrderState, asks: bool) -> None:
    orders = OrderManager(RUN, Params())
    (step,) = plan(orders, TAKE)
    assert isinstance(step, Place)
    order = orders.on_send(step.order.cloid, answer, 0)
    assert order.state is state
    assert bool(orders.to_ask(0)) is asks
    assert orders.working("GAME", "ask") is None


@pytest.mark.parametrize(
    ("found", "filled", "state", "blocks"),
    [
        pytest.param(Gone(Lots(1_000)), 1_000, OrderState.FILLED, False, id="all of it, and told"),
        pytest.param(Gone(Lots(400)), 400, OrderState.CANCELLED, False, id="part of it, and told"),
        pytest.param(Gone(Lots(400)), 0, OrderState.UNKNOWN, True, id="part of it, not told yet"),
        pytest.param(Gone(Lots(0)), 0, OrderState.CANCELLED, True, id="nothing: the next one waits a moment"),
        pytest.param(NoAnswer("lost"), 0, OrderState.UNKNOWN, True, id="no answer"),
        pytest.param(NeverSeen(), 0, OrderState.UNKNOWN, True, id="never seen: it was taken once"),
    ],
)
def test_what_asking_makes_of_it(found: Lookup, filled: int, state: OrderState, blocks: bool) -> None:
    orders = OrderManager(RUN, Params())
    (step,) = plan(orders, TAKE)
    assert isinstance(step, Place)
    cloid = step.order.cloid
    if filled:
        orders.on_trade(Trade("1", "GAME", "ask", TAKE.ticks, Lots(filled), cloid, 0, 0), 0)
    orders.on_send(cloid, Accepted("1"), 0)
    orders.to_ask(0)
    assert orders.on_lookup(cloid, found, 0).state is state
    assert (plan(orders, TAKE) == []) is blocks


def test_one_that_takes_and_rests_all_the_same_is_taken_off() -> None:
    orders = OrderManager(RUN, Params())
    (step,) = plan(orders, TAKE)
    assert isinstance(step, Place)
    order = orders.on_send(step.order.cloid, Accepted("1"), 0)
    orders.to_ask(0)
    orders.on_lookup(order.cloid, Resting("GAME", "ask", TAKE.ticks, Lots(600), order.cloid, "1"), 0)
    assert [type(step) for step in plan(orders, PROFIT)] == [Cancel]
    orders.on_cancel(order.cloid, Cancelled(), 0)
    assert [type(step) for step in plan(orders, PROFIT)] == [Place]


def test_a_refused_entry_does_not_keep_an_exit_waiting_nor_the_other_way_round() -> None:
    for first, then in ((ENTRY, PROFIT), (PROFIT, ENTRY)):
        orders = OrderManager(RUN, Params())
        (step,) = plan(orders, first)
        assert isinstance(step, Place)
        orders.on_send(step.order.cloid, Rejected("E_PAUSED", "paused", Cure.WAIT), 0)
        assert plan(orders, first) == []
        assert [type(step) for step in plan(orders, then)] == [Place]
        assert plan(orders, then, SECOND) == []
