"""From wanted quotes to orders, and what each answer does to them."""

from __future__ import annotations

import pytest

from bot.execution.order_manager import Cancel, Change, OrderManager, Params, Place
from bot.execution.own_orders import seq_of
from bot.market.orders import ImpossibleOrder, Order, OrderState, Quote
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    Gone,
    NeverSeen,
    NoAnswer,
    Rejected,
    Replaced,
    Resting,
)
from bot.market.units import Lots, Side, Ticks
from tests.bot.builders import RUN, SECOND, trade

BID = Quote(Ticks(9_990), Lots(100))
ASK = Quote(Ticks(10_010), Lots(100))
REFUSAL = Rejected("E_MARGIN", "Insufficient margin")
BID_ONLY: dict[Side, Quote | None] = {"bid": BID, "ask": None}
NOTHING: dict[Side, Quote | None] = {"bid": None, "ask": None}


def manager() -> OrderManager:
    return OrderManager(RUN, Params())


def placed(orders: OrderManager, now: int = 0) -> Order:
    (step,) = orders.plan("SOL", BID_ONLY, "requote", now)
    assert isinstance(step, Place)
    return step.order


def working(orders: OrderManager) -> Order:
    order = placed(orders)
    return orders.on_send(order.cloid, Accepted("7"), 0)


def unknown(orders: OrderManager) -> Order:
    order = placed(orders)
    return orders.on_send(order.cloid, NoAnswer("lost"), 0)


def test_places_what_is_wanted_and_rests_not() -> None:
    steps = manager().plan("SOL", {"bid": BID, "ask": ASK}, "requote", 5)
    assert [(s.order.side, s.order.ticks, s.order.lots, s.order.seq, s.order.cloid) for s in steps] == [
        ("bid", 9_990, 100, 1, f"0x{RUN}000000000000000000000001"),
        ("ask", 10_010, 100, 2, f"0x{RUN}000000000000000000000002"),
    ]
    assert len(steps[0].order.cloid) == 34


@pytest.mark.parametrize("state", [OrderState.PENDING, OrderState.CANCELLING, OrderState.UNKNOWN])
def test_an_order_without_its_answer_blocks_its_side(state: OrderState) -> None:
    orders = manager()
    order = placed(orders) if state is OrderState.PENDING else working(orders)
    order.state = state
    assert orders.plan("SOL", BID_ONLY, "requote", 0) == []


def test_a_quote_that_rests_as_wanted_is_left_alone() -> None:
    orders = manager()
    working(orders)
    assert orders.plan("SOL", BID_ONLY, "requote", 0) == []


def test_a_quote_is_cancelled_first_and_replaced_after_the_answer() -> None:
    orders = manager()
    order = working(orders)
    moved: dict[Side, Quote | None] = {"bid": Quote(Ticks(9_980), Lots(100)), "ask": None}
    assert orders.plan("SOL", moved, "requote", SECOND) == [Cancel(order, "requote")]
    assert orders.plan("SOL", moved, "requote", SECOND) == []
    orders.on_cancel(order.cloid, Cancelled(), 2 * SECOND)
    (step,) = orders.plan("SOL", moved, "requote", 2 * SECOND)
    assert isinstance(step, Place)
    assert step.order.ticks == 9_980


def test_rejections_make_a_side_rest_longer_each_time() -> None:
    orders, now, rests = manager(), 0, []
    for _ in range(7):
        order = placed(orders, now)
        orders.on_send(order.cloid, REFUSAL, now)
        began = now
        while not orders.plan("SOL", NOTHING, "requote", now) and not _would_place(orders, now):
            now += SECOND // 10
        rests.append((now - began) / SECOND)
    assert rests == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def _would_place(orders: OrderManager, now: int) -> bool:
    return now >= orders._rest_until["SOL", "bid", False]


def test_an_acceptance_ends_the_penalty() -> None:
    orders = manager()
    for now in (0, SECOND):
        orders.on_send(placed(orders, now).cloid, REFUSAL, now)
    accepted = placed(orders, 10 * SECOND)
    orders.on_send(accepted.cloid, Accepted("1"), 10 * SECOND)
    orders.on_trade(trade("1", "bid", 9_990, 100, accepted.cloid), 10 * SECOND)
    orders.on_send(placed(orders, 11 * SECOND).cloid, REFUSAL, 11 * SECOND)
    assert placed(orders, 11 * SECOND + SECOND // 2).state is OrderState.PENDING


def test_an_unknown_order_is_asked_for_once_a_second_and_never_sent_again() -> None:
    orders = manager()
    order = unknown(orders)
    assert orders.to_ask(SECOND - 1) == []
    assert orders.to_ask(SECOND) == [order]
    assert orders.to_ask(5 * SECOND) == [], "an answer is outstanding"
    orders.on_lookup(order.cloid, NoAnswer("still nothing"), 5 * SECOND)
    assert orders.to_ask(6 * SECOND) == [order]
    assert orders.plan("SOL", BID_ONLY, "requote", 6 * SECOND) == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Resting("SOL", "bid", Ticks(9_990), Lots(100), "", "7"), OrderState.WORKING),
        (Gone(Lots(0)), OrderState.CANCELLED),
        (Gone(Lots(100)), OrderState.UNKNOWN),
        (NeverSeen(), OrderState.REJECTED),
        (NoAnswer("again"), OrderState.UNKNOWN),
    ],
)
def test_what_a_look_up_settles(answer: Resting | Gone | NeverSeen | NoAnswer, state: OrderState) -> None:
    orders = manager()
    order = unknown(orders)
    orders.to_ask(7 * SECOND)
    orders.on_lookup(order.cloid, answer, 7 * SECOND)
    assert order.state is state


def test_that_the_venue_never_saw_an_order_is_believed_once_it_cannot_arrive_any_more() -> None:
    orders = manager()
    order = unknown(orders)
    for now in range(1, 7):
        assert orders.to_ask(now * SECOND) == [order]
        orders.on_lookup(order.cloid, NeverSeen(), now * SECOND)
        assert order.state is OrderState.UNKNOWN
        assert orders.plan("SOL", BID_ONLY, "requote", now * SECOND) == []
    assert orders.to_ask(7 * SECOND) == [order]
    orders.on_lookup(order.cloid, NeverSeen(), 7 * SECOND)
    assert order.state is OrderState.REJECTED


def test_a_side_stays_blocked_until_the_trades_of_a_gone_order_arrived() -> None:
    orders = manager()
    order = unknown(orders)
    orders.to_ask(SECOND)
    orders.on_lookup(order.cloid, Gone(Lots(100)), SECOND)
    assert orders.plan("SOL", BID_ONLY, "requote", SECOND) == []
    orders.on_trade(trade("1", "bid", 9_990, 100, order.cloid), SECOND)
    assert len(orders.plan("SOL", BID_ONLY, "requote", SECOND)) == 1


def test_a_refused_cancel_is_asked_about_at_once() -> None:
    orders = manager()
    order = working(orders)
    orders.plan("SOL", NOTHING, "kill", 0)
    orders.on_cancel(order.cloid, CancelRefused("Order was never placed, already canceled, or filled."), 0)
    assert orders.to_ask(0) == [order]


def test_an_orphan_is_cancelled_whatever_is_wanted() -> None:
    orders = manager()
    left = Resting("SOL", "bid", BID.ticks, BID.lots, "0xdeadbeef" + "0" * 22 + "2a", "9")
    orphan = orders.adopt(left, 0)
    assert orders.plan("SOL", BID_ONLY, "requote", 0) == [Cancel(orphan, "orphan")]
    assert orphan.seq == 42


def test_a_trade_of_a_forgotten_order_is_no_error_but_one_of_a_refused_order_is() -> None:
    orders = manager()
    assert orders.on_trade(trade("1", "bid", 1, 1, "0xgone"), 0) is None
    order = placed(orders)
    orders.on_send(order.cloid, REFUSAL, 0)
    with pytest.raises(ImpossibleOrder):
        orders.on_trade(trade("2", "bid", 9_990, 100, order.cloid), 0)


def test_ended_orders_are_forgotten_after_a_minute() -> None:
    orders = manager()
    order = placed(orders)
    orders.on_send(order.cloid, REFUSAL, SECOND)
    orders.forget(61 * SECOND)
    assert orders.known(order.cloid) is order
    orders.forget(61 * SECOND + 1)
    with pytest.raises(KeyError):
        orders.known(order.cloid)


def test_cancels_are_counted_over_thirty_seconds() -> None:
    orders = manager()
    working(orders)
    orders.plan("SOL", NOTHING, "kill", SECOND)
    assert orders.cancels_in_window("SOL", 31 * SECOND - 1) == 1
    assert orders.cancels_in_window("SOL", 31 * SECOND) == 0


@pytest.mark.parametrize(("cloid", "seq"), [(f"0x{RUN}{7:024x}", 7), ("0x7", 0), ("", 0), ("0x" + "g" * 32, 0)])
def test_seq_of(cloid: str, seq: int) -> None:
    assert seq_of(cloid) == seq


def test_an_order_that_ended_is_open_no_more_and_still_known() -> None:
    orders = manager()
    first = working(orders)
    orders.plan("SOL", NOTHING, "requote", 1)
    orders.on_cancel(first.cloid, Cancelled(), 1)
    second = placed(orders, now=2)
    assert [list(orders.open(*where)) for where in ((), ("SOL",), ("SOL", "bid"))] == [[second]] * 3
    assert list(orders.open("SOL", "ask")) == []
    assert orders.known(first.cloid) is first
    orders.on_trade(trade("1", "bid", 9_990, 100, first.cloid), 3)  # it overtook the cancel's answer
    assert list(orders.open()) == [second]


def test_what_still_rests_does_not_keep_younger_orders_from_being_forgotten() -> None:
    orders = manager()
    oldest = working(orders)
    sent = []
    for second in range(1, 5):
        (step,) = orders.plan("COARSE", {"bid": BID, "ask": None}, "requote", second * 20 * SECOND)
        assert isinstance(step, Place)
        sent.append(orders.on_send(step.order.cloid, REFUSAL, second * 20 * SECOND))
    orders.forget(101 * SECOND)
    assert orders.known(oldest.cloid) is oldest
    with pytest.raises(KeyError):
        orders.known(sent[0].cloid)
    with pytest.raises(KeyError):
        orders.known(sent[1].cloid)
    assert [orders.known(order.cloid) for order in sent[2:]] == sent[2:]


ROOM: dict[Side, Lots] = {"bid": Lots(200), "ask": Lots(200)}
MOVED: dict[Side, Quote | None] = {"bid": Quote(Ticks(9_980), Lots(100)), "ask": None}


def test_a_quote_is_changed_in_one_request_where_both_orders_may_fill() -> None:
    orders = manager()
    old = working(orders)
    (step,) = orders.plan("SOL", MOVED, "requote", SECOND, ROOM)
    assert isinstance(step, Change)
    assert (step.old, step.reason, step.order.ticks, step.order.seq) == (old, "requote", 9_980, 2)
    assert (old.state, step.order.state) == (OrderState.CANCELLING, OrderState.PENDING)
    assert orders.cancels_in_window("SOL", SECOND) == 1
    assert orders.plan("SOL", MOVED, "requote", SECOND, ROOM) == []


@pytest.mark.parametrize(
    ("room", "filled", "changed"), [(200, 0, True), (199, 0, False), (160, 40, True), (159, 40, False)]
)
def test_a_change_counts_what_is_left_of_the_old_order_and_all_of_the_new(
    room: int, filled: int, changed: bool
) -> None:
    orders = manager()
    old = working(orders)
    if filled:
        orders.on_trade(trade("1", "bid", 9_990, filled, old.cloid), 0)
    (step,) = orders.plan("SOL", MOVED, "requote", SECOND, {"bid": Lots(room), "ask": Lots(0)})
    assert isinstance(step, Change if changed else Cancel)


def test_a_side_that_rests_after_a_refusal_is_not_changed_into_either() -> None:
    orders = manager()
    old = working(orders)
    (step,) = orders.plan("SOL", MOVED, "requote", 0, ROOM)
    assert isinstance(step, Change)
    orders.on_replaced(old.cloid, step.order.cloid, Replaced(CancelRefused("no"), REFUSAL), 0)
    assert orders.to_ask(0) == [old]
    orders.on_lookup(old.cloid, Resting("SOL", "bid", BID.ticks, BID.lots, old.cloid, "7"), 0)
    assert orders.plan("SOL", MOVED, "requote", SECOND // 4, ROOM) == [Cancel(old, "requote")]


def test_an_orphan_is_never_changed() -> None:
    orders = manager()
    orphan = orders.adopt(Resting("SOL", "bid", BID.ticks, BID.lots, "0xdeadbeef" + "0" * 24, "9"), 0)
    assert orders.plan("SOL", MOVED, "requote", 0, ROOM) == [Cancel(orphan, "orphan")]


def test_of_two_orders_on_a_side_one_stays_at_most() -> None:
    orders = manager()
    old = working(orders)
    (step,) = orders.plan("SOL", MOVED, "requote", 0, ROOM)
    assert isinstance(step, Change)
    orders.on_replaced(old.cloid, step.order.cloid, Replaced(NoAnswer("lost"), NoAnswer("lost")), 0)
    for order in orders.to_ask(SECOND):
        orders.on_lookup(order.cloid, Resting("SOL", "bid", order.ticks, order.lots, order.cloid, "7"), SECOND)
    assert orders.plan("SOL", MOVED, "requote", SECOND, ROOM) == [Cancel(old, "requote")]
    assert orders.plan("SOL", MOVED, "requote", SECOND, ROOM) == []


def test_a_side_on_hold_places_nothing_until_it_is_released() -> None:
    orders = manager()
    orders.hold("SOL", "bid", 0)
    assert orders.plan("SOL", BID_ONLY, "requote", 30 * SECOND) == []
    orders.release("SOL", "bid")
    assert len(orders.plan("SOL", BID_ONLY, "requote", 30 * SECOND)) == 1


def test_a_question_asked_too_early_proves_nothing_however_late_its_answer_comes() -> None:
    orders = manager()
    order = unknown(orders)
    orders.to_ask(5 * SECOND)
    orders.on_lookup(order.cloid, NeverSeen(), 60 * SECOND)
    assert order.state is OrderState.UNKNOWN
    orders.to_ask(61 * SECOND)
    orders.on_lookup(order.cloid, NeverSeen(), 61 * SECOND)
    assert order.state is OrderState.REJECTED


def test_while_trades_may_have_been_missed_no_order_counts_as_never_sent() -> None:
    orders = manager()
    order = unknown(orders)
    orders.to_ask(9 * SECOND)
    orders.on_lookup(order.cloid, NeverSeen(), 9 * SECOND, blind=True)
    assert order.state is OrderState.UNKNOWN


@pytest.mark.parametrize(
    ("ticks", "lots", "room", "after_s", "steps"),
    [
        (9_991, 100, 300, 4.9, 0),
        (9_991, 100, 300, 5.0, 1),
        (9_989, 100, 300, 0.1, 1),
        (9_991, 60, 60, 0.1, 1),
        (9_990, 60, 300, 0.1, 1),
    ],
    ids=["toward the market", "late enough", "away from it", "without the room", "another size"],
)
def test_an_order_moves_towards_the_market_in_its_own_time(
    ticks: int, lots: int, room: int, after_s: float, steps: int
) -> None:
    orders = OrderManager(RUN, Params(advance_after=5 * SECOND))
    working(orders)
    wanted: dict[Side, Quote | None] = {"bid": Quote(Ticks(ticks), Lots(lots)), "ask": None}
    held: dict[Side, Lots] = {"bid": Lots(room), "ask": Lots(room)}
    assert len(orders.plan("SOL", wanted, "requote", int(after_s * SECOND), held)) == steps
