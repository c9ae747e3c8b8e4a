"""Matching, accounts and refusals, without a socket: two accounts and no crowd, so that every trade is ours."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.units import SIDES
from bot.venues.hyperliquid.actions import Limit, OrderType, OrderWire, Tif, Trigger
from bot.venues.hyperliquid.codec import Fill, OrderUpdate, PublicTrade, Status
from bot.venues.simulators.hyperliquid import market
from bot.venues.simulators.hyperliquid.accounts import HISTORY, MILLION, Account
from bot.venues.simulators.hyperliquid.engine import Engine, Told
from bot.venues.simulators.hyperliquid.schedule import Funding, fire, set_schedule

SOL = 0
NOW = 1_795_000_000_000


class Table:
    """An exchange with two accounts, a and b."""

    def __init__(self) -> None:
        self.now = NOW
        self.a, self.b = Account("0xa"), Account("0xb")
        self.engine = Engine(market.universe(3), (self.a, self.b), lambda: self.now)
        self.sol = self.engine.markets["SOL"]

    def buy(self, account: Account, price: str, size: str, tif: Tif = "Gtc", **more: Any) -> Status:
        return self.engine.place(account, wire(True, price, size, tif, **more))

    def sell(self, account: Account, price: str, size: str, tif: Tif = "Gtc", **more: Any) -> Status:
        return self.engine.place(account, wire(False, price, size, tif, **more))

    def told(self, account: Account) -> list[tuple[int, str]]:
        """Updates of an account's orders, and forget all news."""
        news = [item for item in self.engine.take_news() if isinstance(item, Told) and item.address == account.address]
        return [(item.what.order.oid, item.what.status) for item in news if isinstance(item.what, OrderUpdate)]


def wire(buy: bool, price: str, size: str, tif: Tif = "Gtc", ro: bool = False, cloid: str = "") -> OrderWire:
    made = OrderWire(SOL, buy, price, size, ro, OrderType(Limit(tif)))
    return msgspec.structs.replace(made, c=cloid) if cloid else made


def oid(status: Status) -> int:
    assert status.resting is not None, status
    return status.resting.oid


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


def test_a_scheduled_cancel_takes_everything_when_its_time_comes() -> None:
    table = Table()
    table.a.volume = 2_000_000 * MILLION
    table.buy(table.a, "180", "1")
    assert set_schedule(table.a, NOW + 4_999, NOW) is not None
    assert set_schedule(table.a, NOW + 5_000, NOW) is None
    table.now += 4_999
    fire(table.engine)
    assert len(table.a.open) == 1
    table.now += 1
    fire(table.engine)
    assert not table.a.open
    assert table.told(table.a)[-1][1] == "scheduledCancel"


def test_a_scheduled_cancel_triggers_ten_times_a_day() -> None:
    table = Table()
    table.a.volume = 2_000_000 * MILLION
    for _ in range(10):
        assert set_schedule(table.a, table.now + 5_000, table.now) is None
        table.now += 5_000
        fire(table.engine)
    assert set_schedule(table.a, table.now + 5_000, table.now) is not None
    assert set_schedule(table.a, table.now + 86_400_000, table.now + 86_400_000 - 5_000) is None


def test_longs_pay_shorts_on_the_hour() -> None:
    table = Table()
    funding = Funding(table.engine, 1.0)
    table.sell(table.b, "185", "1")
    table.buy(table.a, "185", "1")
    before = table.a.cash, table.b.cash
    table.now += 3_600_000
    funding.pay()
    funding.pay()
    paid = before[0] - table.a.cash
    assert paid == round(100 * table.sol.oracle * 0.0000125)
    assert table.b.cash - before[1] == paid


ORDERS = st.tuples(
    st.sampled_from("ab"),
    st.booleans(),
    st.sampled_from(("184", "184.5", "185", "185.5", "186")),
    st.sampled_from(("0.1", "1", "2.5")),
    st.sampled_from(("Alo", "Gtc", "Ioc")),
    st.booleans(),
)
STEPS = st.one_of(ORDERS, st.tuples(st.sampled_from("ab"), st.integers(0, 5)))


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_nothing_is_made_or_lost(steps: list[tuple[Any, ...]]) -> None:
    """Positions of both sides cancel out, books never cross, what is listed as open is what stands in the book."""
    table = Table()
    for name, *rest in steps:
        account: Account = getattr(table, name)
        if len(rest) == 1:
            for order in list(account.open.values())[rest[0] : rest[0] + 1]:
                table.engine.cancel(account, SOL, order.standing.oid)
        else:
            buy, price, size, tif, ro = rest
            table.engine.place(account, wire(buy, price, size, tif, ro))
        check(table)


def check(table: Table) -> None:
    book, accounts = table.sol.book, (table.a, table.b)
    bid, ask = book.best("bid"), book.best("ask")
    assert bid is None or ask is None or bid < ask
    assert sum(account.held("SOL").lots for account in accounts) == 0
    listed = sum(order.standing.lots for account in accounts for order in account.open.values())
    assert listed == sum(lots for side in SIDES for _, lots, _ in book.levels(side, 99))
    news = table.engine.take_news()
    fills = sum(isinstance(item, Told) and isinstance(item.what, Fill) for item in news)
    assert fills == 2 * sum(isinstance(item, PublicTrade) for item in news)
    for account in accounts:
        held = account.held("SOL").lots
        resting = sum(order.standing.lots for order in account.open.values() if order.ro)
        assert resting <= abs(held)
