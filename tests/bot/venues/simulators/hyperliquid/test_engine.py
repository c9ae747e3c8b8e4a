"""Matching, accounts and refusals, without a socket."""

from __future__ import annotations

import msgspec
import pytest

from bot.venues.hyperliquid.actions import OrderType, OrderWire, Trigger
from bot.venues.hyperliquid.codec import Status
from bot.venues.simulators.hyperliquid.accounts import HISTORY, MILLION
from tests.bot.venues.simulators.hyperliquid.table import SOL, Table, oid, wire


@pytest.mark.parametrize(
    ("order", "text", "status"),
    [
        (wire(True, "180.123", "1"), "Price must be divisible by tick size. asset=0", "tickRejected"),
        (wire(True, "180.1", "0.01"), "Order must have minimum value of $10. asset=0", "minTradeNtlRejected"),
        (wire(True, "180.1", "0.001"), "Order has invalid size.", "rejected"),
        (wire(True, "180.1", "0"), "Order has zero size.", "rejected"),
        (wire(True, "180.1", "-1"), "Order has invalid size.", "rejected"),
        (wire(True, "nan", "1"), "Order has invalid price.", "rejected"),
        (wire(True, "180", "30000"), "Order value too large. Max is $5000000.", "rejected"),
        (wire(True, "180", "20000"), "Insufficient margin to place order. asset=0", "perpMarginRejected"),
        (
            wire(True, "1", "20"),
            "Order price cannot be more than 95% away from the reference price",
            "oracleRejected",
        ),
        (
            wire(True, "180.1", "1", "Ioc"),
            "Order could not immediately match against any resting orders. asset=0",
            "iocCancelRejected",
        ),
        (wire(True, "180", "1", ro=True), "Reduce only order would increase position. asset=0", "reduceOnlyRejected"),
        (
            msgspec.structs.replace(wire(True, "180", "1"), t=OrderType(trigger=Trigger(True, "170", "sl"))),
            "Invalid TP/SL price. asset=0",
            "badTriggerPxRejected",
        ),
    ],
)
def test_a_refused_order_has_a_text_an_id_and_a_story(order: OrderWire, text: str, status: str) -> None:
    table = Table()
    assert table.engine.place(table.a, order) == Status(error=text)
    ((number, told),) = table.told(table.a)
    assert told == status
    assert number in table.a.history
    assert not table.a.open


def test_post_only_names_the_best_prices_without_zeros_at_the_end() -> None:
    table = Table()
    table.buy(table.b, "184.5", "1")
    table.sell(table.b, "185", "1")
    text = "Post only order would have immediately matched, bbo was 184.5@185. asset=0"
    assert table.buy(table.a, "185", "1", "Alo") == Status(error=text)
    assert table.told(table.a)[-1][1] == "badAloPxRejected"


def test_best_price_first_then_the_oldest() -> None:
    table = Table()
    second, third = oid(table.sell(table.b, "185.1", "1")), oid(table.sell(table.b, "185.1", "1"))
    first = oid(table.sell(table.b, "185", "1"))
    filled = table.buy(table.a, "186", "2.5").filled
    assert filled is not None
    assert (filled.totalSz, filled.avgPx) == ("2.5", "185.06")
    assert [fill.oid for fill in table.b.fills] == [first, second, third]
    assert table.b.open[third].told().sz == "0.5"


def test_the_rest_of_a_good_till_cancelled_order_rests() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    filled = table.buy(table.a, "185", "3").filled
    assert filled is not None
    assert filled.totalSz == "1.0"
    (order,) = table.a.open.values()
    assert (order.told().sz, order.told().origSz) == ("2.0", "3.0")


def test_the_rest_of_an_immediate_order_is_dropped() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    filled = table.buy(table.a, "185", "3", "Ioc").filled
    assert filled is not None
    assert filled.totalSz == "1.0"
    assert not table.a.open
    assert table.sol.book.best("bid") is None


def test_an_instant_fill_is_told_as_open_then_filled() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    filled = table.buy(table.a, "185", "1").filled
    assert filled is not None
    assert table.told(table.a) == [(filled.oid, "open"), (filled.oid, "filled")]


def test_who_meets_himself_loses_the_resting_order() -> None:
    table = Table()
    own = oid(table.sell(table.a, "185", "1"))
    table.sell(table.b, "185", "1")
    assert table.buy(table.a, "185", "1").filled is not None
    assert (own, "selfTradeCanceled") in table.told(table.a)
    assert table.a.held("SOL").lots == 100


def test_fees_direction_and_profit_of_a_round_trip() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    table.buy(table.a, "185", "1")
    table.buy(table.b, "186", "2")
    table.sell(table.a, "186", "2")
    opened, turned = table.a.fills
    assert (opened.dir, opened.crossed, opened.startPosition, opened.closedPnl) == ("Open Long", True, "0.0", "0.0")
    assert (turned.dir, turned.startPosition, turned.closedPnl) == ("Long > Short", "1.0", "1.0")
    assert (opened.fee, turned.fee) == ("0.08325", "0.1674")
    assert [fill.fee for fill in table.b.fills] == ["0.02775", "0.0558"]
    assert table.a.cash == 100_000 * MILLION - 185_000_000 + 372_000_000 - 83_250 - 167_400


def test_a_reduce_only_order_shrinks_to_the_position_and_ends_with_it() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    table.buy(table.a, "185", "1")
    own = oid(table.sell(table.a, "190", "5", ro=True))
    order = table.a.open[own].told()
    assert (order.sz, order.origSz, order.reduceOnly) == ("1.0", "5.0", True)
    table.buy(table.b, "186", "1")
    table.sell(table.a, "186", "1")
    assert table.told(table.a)[-1] == (own, "reduceOnlyCanceled")
    assert not table.a.open


def test_of_two_reduce_only_orders_the_older_gives_way() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    table.buy(table.a, "185", "1")
    old, new = (oid(table.sell(table.a, price, "1", ro=True)) for price in ("190", "191"))
    assert list(table.a.open) == [new]
    assert (old, "reduceOnlyCanceled") in table.told(table.a)


def test_modify_loses_the_old_order_even_where_the_new_one_is_refused() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    old = oid(table.buy(table.a, "180", "1", "Alo"))
    status = table.engine.modify(table.a, old, wire(True, "185", "1", "Alo"))
    text = "Post only order would have immediately matched, bbo was none@185. asset=0"
    assert status.error == f"Error placing new order during modify: {text}"
    assert not table.a.open
    assert table.engine.modify(table.a, old, wire(True, "180", "1")).error == "Cannot modify canceled or filled order"


def test_modify_keeps_the_order_that_an_illegal_one_would_replace() -> None:
    table = Table()
    old = oid(table.buy(table.a, "180", "1"))
    invalid = table.engine.modify(table.a, old, wire(True, "180.123", "1"))
    assert invalid.error == "Attempted to modify to invalid new order"
    assert list(table.a.open) == [old]


def test_the_client_order_id_goes_on_with_the_replacement() -> None:
    table = Table()
    cloid = "0x" + "ab" * 16
    old = oid(table.buy(table.a, "180", "1", cloid=cloid))
    new = oid(table.engine.modify(table.a, cloid.upper().replace("0X", "0x"), wire(True, "181", "1", cloid=cloid)))
    assert new > old
    assert table.engine.cancel(table.a, SOL, cloid) == "success"
    assert table.told(table.a) == [(old, "open"), (old, "canceled"), (new, "open"), (new, "canceled")]


def test_after_an_upgrade_only_post_only_orders_are_taken() -> None:
    table = Table()
    table.engine.post_only = True
    text = "Only post-only orders allowed immediately after a network upgrade"
    assert table.buy(table.a, "180", "1") == Status(error=text)
    assert oid(table.buy(table.a, "180", "1", "Alo"))


def test_old_orders_are_forgotten_and_fills_are_not() -> None:
    table = Table()
    table.sell(table.b, "185", "1")
    filled = table.buy(table.a, "185", "1").filled
    assert filled is not None
    for _ in range(HISTORY):
        table.engine.cancel(table.a, SOL, oid(table.buy(table.a, "180", "1")))
    assert filled.oid not in table.a.history
    assert [fill.oid for fill in table.a.fills] == [filled.oid]
