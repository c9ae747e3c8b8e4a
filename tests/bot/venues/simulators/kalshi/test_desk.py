"""Orders at the simulated exchange: what is taken, what is refused, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from bot.market.units import Lots
from bot.venues.kalshi.codec import PriceRange
from bot.venues.kalshi.orders import Amend, Decrease
from bot.venues.simulators.kalshi.rules import Refused
from tests.bot.venues.simulators.kalshi.table import GAME, START, Table, said, wish


def refusal(act: Callable[[], Any]) -> tuple[int, str, str]:
    with pytest.raises(Refused) as caught:
        act()
    return said(caught.value)


def counts(order: Any) -> tuple[str, str]:
    return order.fill_count, order.remaining_count


def test_an_order_rests_and_a_better_one_takes_it_at_its_price() -> None:
    table = Table()
    resting = table.buy(table.a, "0.48", client_order_id="a1")
    assert counts(resting) == ("0.00", "10.00")
    taken = table.sell(table.b, "0.4700", "4")
    assert counts(taken) == ("4.00", "0.00")
    assert (taken.average_fill_price, taken.average_fee_paid) == ("0.4800", "0.017500")
    assert (table.held(table.a), table.held(table.b)) == (4, -4)
    assert table.told(table.a) == [
        (resting.order_id, "resting"),
        (resting.order_id, "fill"),
        (resting.order_id, "resting"),
    ]


def test_buying_what_was_sold_closes_pairs_and_a_pair_is_a_dollar() -> None:
    table = Table()
    table.buy(table.a, "0.48")
    table.sell(table.b, "0.48")
    assert (table.a.cash, table.b.cash) == (10_000_000_000 - 4_800_000, 10_000_000_000 - 5_200_000 - 180_000)
    table.sell(table.a, "0.55")
    table.buy(table.b, "0.55")
    assert (table.held(table.a), table.held(table.b)) == (0, 0)
    assert table.a.cash == 10_000_000_000 + 700_000, "seven cents on ten contracts, and makers pay nothing here"
    assert table.a.books[GAME].realized == 700_000
    assert table.b.books[GAME].realized == -700_000


def test_makers_pay_where_the_series_says_so() -> None:
    table = Table("quadratic_with_maker_fees")
    table.buy(table.a, "0.50", "100")
    table.sell(table.b, "0.50", "100")
    assert (table.a.books[GAME].fees, table.b.books[GAME].fees) == (440_000, 1_750_000)


@pytest.mark.parametrize(
    ("price", "count", "expected"),
    [
        ("0.5150", "10", (400, "invalid_price", "")),
        ("0", "10", (400, "invalid_price", "")),
        ("1.00", "10", (400, "invalid_price", "")),
        ("half", "10", (400, "invalid_price", "")),
        ("0.51", "0", (400, "invalid_order", "invalid count")),
        ("0.51", "1.50", (400, "invalid_order", "invalid count")),
        ("0.51", "1.505", (400, "bad_request", "invalid count '1.505'")),
    ],
)
def test_numbers_that_are_refused(price: str, count: str, expected: tuple[int, str, str]) -> None:
    table = Table()
    assert refusal(lambda: table.buy(table.a, price, count)) == expected


def test_a_fraction_of_a_contract_needs_a_market_that_has_them() -> None:
    table = Table(fractional=True)
    assert counts(table.buy(table.a, "0.51", "1.50")) == ("0.00", "1.50")


def test_a_structure_s_name_does_not_matter() -> None:
    table = Table(ranges=[PriceRange("0", "0.5", "0.05"), PriceRange("0.5", "1", "0.001")])
    assert counts(table.buy(table.a, "0.515")) == ("0.00", "10.00")
    assert refusal(lambda: table.buy(table.a, "0.48")) == (400, "invalid_price", "")


def test_a_post_only_order_that_would_cross_does_not_exist_and_its_id_stays_free() -> None:
    table = Table()
    table.buy(table.a, "0.48")
    crossing: dict[str, Any] = {"post_only": True, "client_order_id": "b1"}
    assert refusal(lambda: table.sell(table.b, "0.48", **crossing)) == (400, "invalid_order", "post only cross")
    assert table.b.orders == {}
    assert counts(table.sell(table.b, "0.49", **crossing)) == ("0.00", "10.00")


def test_it_used_to_be_taken_and_cancelled() -> None:
    table = Table()
    table.buy(table.a, "0.48")
    table.desk.later = True
    order = table.sell(table.b, "0.48", post_only=True, client_order_id="b1")
    assert counts(order) == ("0.00", "0.00")
    assert table.b.orders[order.order_id].status == "canceled"
    assert (table.held(table.a), "b1" in table.b.used) == (0, True)


def test_a_client_order_id_is_used_up_for_good() -> None:
    table = Table()
    first = table.buy(table.a, "0.48", client_order_id="one")
    table.desk.cancel(table.a, first.order_id)
    assert refusal(lambda: table.buy(table.a, "0.47", client_order_id="one")) == (409, "order_already_exists", "")
    assert counts(table.buy(table.b, "0.47", client_order_id="one")) == ("0.00", "10.00"), "of one account"


def test_one_404_for_cancelled_executed_and_unknown() -> None:
    table = Table()
    cancelled, executed = table.buy(table.a, "0.40"), table.buy(table.a, "0.48")
    assert table.desk.cancel(table.a, cancelled.order_id).reduced_by == "10.00"
    table.sell(table.b, "0.48")
    bodies = []
    for oid in (cancelled.order_id, executed.order_id, "nobody's"):
        with pytest.raises(Refused) as caught:
            table.desk.cancel(table.a, oid)
        bodies.append((caught.value.status, caught.value.body))
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0][0] == 404


@pytest.mark.parametrize(
    ("tif", "count", "expected"),
    [
        ("immediate_or_cancel", "4", ("4.00", "0.00")),
        ("immediate_or_cancel", "15", ("10.00", "0.00")),
        ("fill_or_kill", "10", ("10.00", "0.00")),
    ],
)
def test_what_does_not_rest(tif: str, count: str, expected: tuple[str, str]) -> None:
    table = Table()
    table.buy(table.a, "0.48", "6")
    table.buy(table.a, "0.47", "4")
    order = table.sell(table.b, "0.47", count, time_in_force=tif)
    assert counts(order) == expected
    assert table.b.resting() == []


def test_a_fill_or_kill_order_that_cannot_fill_changes_nothing() -> None:
    table = Table()
    table.buy(table.a, "0.48", "6")
    status, _, _ = refusal(lambda: table.sell(table.b, "0.48", "7", time_in_force="fill_or_kill"))
    assert (status, table.held(table.a)) == (409, 0)


def test_nothing_to_match_ends_at_once_and_is_no_error() -> None:
    table = Table()
    order = table.sell(table.b, "0.48", time_in_force="immediate_or_cancel")
    assert counts(order) == ("0.00", "0.00")
    assert table.b.orders[order.order_id].status == "canceled"


def test_who_meets_himself() -> None:
    table = Table()
    own = table.buy(table.a, "0.48")
    taker = table.sell(table.a, "0.48")
    assert counts(taker) == ("0.00", "0.00")
    assert table.a.orders[own.order_id].status == "resting"
    table.buy(table.b, "0.48")
    maker = table.sell(table.a, "0.48", self_trade_prevention_type="maker")
    assert counts(maker) == ("10.00", "0.00")
    assert table.a.orders[own.order_id].status == "canceled"


@pytest.mark.parametrize(
    ("more", "details"),
    [
        ({"reduce_only": True}, "reduce_only needs immediate_or_cancel"),
        (
            {"expiration_time": START // 1_000 + 60, "time_in_force": "immediate_or_cancel"},
            "expiration_time needs good_till_canceled",
        ),
        ({"post_only": True, "time_in_force": "fill_or_kill"}, "post_only needs good_till_canceled"),
    ],
)
def test_fields_that_do_not_go_together(more: dict[str, Any], details: str) -> None:
    table = Table()
    assert refusal(lambda: table.buy(table.a, "0.48", **more)) == (400, "bad_request", details)


def test_reduce_only_shrinks_to_the_position() -> None:
    table = Table()
    table.buy(table.a, "0.48", "4")
    table.sell(table.b, "0.48", "4")
    table.buy(table.b, "0.50")
    only: dict[str, Any] = {"reduce_only": True, "time_in_force": "immediate_or_cancel"}
    assert counts(table.sell(table.a, "0.50", "10", **only)) == ("4.00", "0.00")
    status, code, _ = refusal(lambda: table.sell(table.a, "0.50", "10", **only))
    assert (status, code) == (400, "invalid_order")


def test_cash_binds_what_rests() -> None:
    table = Table()
    table.a.cash = 10_000_000
    table.buy(table.a, "0.50", "10", post_only=True)
    assert refusal(lambda: table.buy(table.a, "0.49", "10"))[1] == "insufficient_balance", "the fee does not fit"
    table.buy(table.a, "0.49", "9")
    assert refusal(lambda: table.sell(table.a, "0.90", "6"))[1] == "insufficient_balance", "NO at ten cents"
    table.sell(table.b, "0.49", "19")
    assert table.held(table.a) == 19
    assert counts(table.sell(table.a, "0.90", "19")) == ("0.00", "19.00"), "closing needs nothing"


def test_an_order_expires() -> None:
    table = Table()
    order = table.buy(table.a, "0.48", expiration_time=START // 1_000 + 30)
    table.at(29)
    assert table.a.orders[order.order_id].status == "resting"
    table.at(30)
    assert table.a.orders[order.order_id].status == "canceled"
    late = refusal(lambda: table.buy(table.a, "0.48", expiration_time=START // 1_000))
    assert late == (400, "invalid_order", "expiration_time is in the past")


@pytest.mark.parametrize(
    ("price", "count", "ahead", "left"),
    [("0.48", "6", 5, 6), ("0.48", "10", 5, 10), ("0.48", "12", 8, 12), ("0.47", "10", 13, 10)],
)
def test_amending_keeps_the_place_unless_price_or_more_size(price: str, count: str, ahead: int, left: int) -> None:
    table = Table()
    table.buy(table.b, "0.48", "5")
    mine = table.buy(table.a, "0.48", "10")
    table.buy(table.b, "0.48", "3")
    table.buy(table.b, "0.47", "5")
    table.desk.amend(table.a, mine.order_id, Amend(GAME, "bid", price, count))
    order = table.a.orders[mine.order_id]
    assert order.left == left * 100
    assert table.game.book.ahead(order.standing) == ahead * 100


def test_amending_counts_what_is_filled() -> None:
    table = Table()
    mine = table.buy(table.a, "0.48", "10", client_order_id="old")
    table.sell(table.b, "0.48", "4")
    amended = table.desk.amend(
        table.a, mine.order_id, Amend(GAME, "bid", "0.48", "7", updated_client_order_id="new", expiration_time=0)
    )
    assert (amended.fill_count, amended.remaining_count, amended.client_order_id) == ("4.00", "3.00", "new")
    too_few = refusal(lambda: table.desk.amend(table.a, mine.order_id, Amend(GAME, "bid", "0.48", "4")))
    assert too_few[2] == "count is not above what is filled"
    assert refusal(lambda: table.buy(table.a, "0.40", client_order_id="old"))[0] == 409


def test_an_amended_order_may_trade() -> None:
    table = Table()
    table.sell(table.b, "0.50", "4")
    mine = table.buy(table.a, "0.48", "10")
    table.desk.amend(table.a, mine.order_id, Amend(GAME, "bid", "0.50", "10"))
    assert table.held(table.a) == 4
    assert table.a.orders[mine.order_id].left == 600


def test_an_amendment_needs_its_fee_as_well() -> None:
    table = Table()
    table.a.cash = 5_000_000
    mine = table.buy(table.a, "0.48", "10")
    wish = Amend(GAME, "bid", "0.49", "10")
    assert refusal(lambda: table.desk.amend(table.a, mine.order_id, wish))[1] == "insufficient_balance"
    table.a.cash += 75_000
    table.desk.amend(table.a, mine.order_id, wish)


def test_an_amendment_is_refused_as_a_new_order_would_be() -> None:
    table = Table()
    table.a.cash = 5_000_000
    table.sell(table.b, "0.50", "4")
    mine = table.buy(table.a, "0.48", "10", post_only=True)
    for price, count, said_ in (("0.50", "10", "post only cross"), ("0.49", "20", ""), ("0.485", "10", "")):
        found = refusal(partial(table.desk.amend, table.a, mine.order_id, Amend(GAME, "bid", price, count)))
        assert found[2] == said_
    assert table.a.orders[mine.order_id].left == 1_000
    table.desk.amend(table.a, mine.order_id, Amend(GAME, "bid", "0.40", "12"))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (Decrease(reduce_by="3"), 700),
        (Decrease(reduce_to="3"), 300),
        (Decrease(reduce_to="0"), 0),
        (Decrease(reduce_by="30"), 0),
        (Decrease(reduce_to="30"), 1_000),
    ],
)
def test_decreasing(given: Decrease, left: int) -> None:
    table = Table()
    mine = table.buy(table.a, "0.48", "10")
    table.desk.decrease(table.a, mine.order_id, given)
    order = table.a.orders[mine.order_id]
    assert order.left == left
    assert order.status == ("resting" if left else "canceled")


@pytest.mark.parametrize("given", [Decrease(), Decrease(reduce_by="1", reduce_to="1")])
def test_decreasing_wants_exactly_one_number(given: Decrease) -> None:
    table = Table()
    mine = table.buy(table.a, "0.48", "10")
    assert refusal(lambda: table.desk.decrease(table.a, mine.order_id, given))[1] == "bad_request"


def test_a_group_that_matches_too_much_is_cancelled_and_takes_no_more() -> None:
    table = Table()
    group = table.desk.new_group(table.a, Lots(1_000)).gid
    first = table.buy(table.a, "0.48", "6", order_group_id=group)
    second = table.buy(table.a, "0.47", "6", order_group_id=group)
    other = table.buy(table.a, "0.46", "6")
    table.sell(table.b, "0.48", "6")
    table.at(14)
    table.sell(table.b, "0.47", "4")
    statuses = [table.a.orders[one.order_id].status for one in (first, second, other)]
    assert statuses == ["executed", "canceled", "resting"]
    assert refusal(lambda: table.buy(table.a, "0.40", order_group_id=group))[2] == "order group is triggered"


def test_matches_of_a_group_are_forgotten_after_fifteen_seconds() -> None:
    table = Table()
    group = table.desk.new_group(table.a, Lots(1_000)).gid
    table.buy(table.a, "0.48", "20", order_group_id=group)
    for second in (0, 15, 30):
        table.at(second)
        table.sell(table.b, "0.48", "6")
    assert not table.a.groups[group].triggered


def test_a_taker_of_a_triggered_group_does_not_rest() -> None:
    table = Table()
    group = table.desk.new_group(table.a, Lots(500)).gid
    table.sell(table.b, "0.48", "6")
    taker = table.buy(table.a, "0.48", "10", order_group_id=group)
    assert counts(taker) == ("6.00", "0.00")
    assert table.a.resting() == []


def test_triggering_a_group_is_a_kill_switch() -> None:
    table = Table()
    group = table.desk.new_group(table.a, Lots(10_000)).gid
    for price in ("0.48", "0.47", "0.46"):
        table.buy(table.a, price, order_group_id=group)
    table.desk.trigger(table.a, group)
    assert table.a.resting() == []
    assert refusal(lambda: table.desk.trigger(table.a, "nobody's"))[0] == 404


def test_an_unknown_market_is_not_there() -> None:
    table = Table()
    elsewhere = msgspec.structs.replace(wish("bid", "0.48"), ticker="NOWHERE")
    assert refusal(lambda: table.desk.create(table.a, elsewhere))[0] == 404
