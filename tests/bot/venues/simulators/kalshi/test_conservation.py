"""Whatever two accounts do to each other, no money is made or lost, and books agree with what is listed."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.units import SIDES
from bot.venues.kalshi.orders import Amend
from bot.venues.simulators.kalshi.accounts import DEPOSIT
from bot.venues.simulators.kalshi.engine import Filled, LevelChange, Traded
from bot.venues.simulators.kalshi.rules import Refused
from tests.bot.venues.simulators.kalshi.table import GAME, Table, wish

PRICE = st.sampled_from(("0.47", "0.48", "0.49", "0.50", "0.515"))
COUNT = st.sampled_from(("1", "3", "10", "40"))
ORDERS = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from(("bid", "ask")),
    PRICE,
    COUNT,
    st.sampled_from(("good_till_canceled", "immediate_or_cancel", "fill_or_kill")),
    st.booleans(),
    st.sampled_from(("taker_at_cross", "maker")),
)
CANCELS = st.tuples(st.just("cancel"), st.sampled_from("ab"), st.integers(0, 5))
AMENDS = st.tuples(st.just("amend"), st.sampled_from("ab"), st.integers(0, 5), PRICE, COUNT)
RESULTS = st.sampled_from([{"result": "yes"}, {"result": "no"}, {"result": "scalar", "value": 0.37}])


def play(table: Table, step: tuple[Any, ...]) -> None:
    match step:
        case ("cancel", name, number):
            account = getattr(table, name)
            for order in account.resting()[number : number + 1]:
                table.desk.cancel(account, order.oid)
        case ("amend", name, number, price, count):
            account = getattr(table, name)
            for order in account.resting()[number : number + 1]:
                table.desk.amend(account, order.oid, Amend(GAME, order.side, price, count))
        case (name, side, price, count, tif, post_only, stp):
            more = {"time_in_force": tif, "post_only": post_only, "self_trade_prevention_type": stp}
            table.desk.create(getattr(table, name), wish(side, price, count, **more))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(ORDERS, CANCELS, AMENDS), max_size=40), RESULTS, st.sampled_from([DEPOSIT, 12_000_000]))
def test_no_money_is_made_or_lost(steps: list[tuple[Any, ...]], result: dict[str, Any], cash: int) -> None:
    table = Table("quadratic_with_maker_fees", **result)
    table.a.cash = table.b.cash = cash
    seen: dict[Any, int] = {}
    for step in steps:
        with contextlib.suppress(Refused):
            play(table, step)
        check(table, seen, cash)
    for second in (1_000, 1_010, 1_020):
        table.at(second)
    fees = sum(account.books[GAME].fees for account in (table.a, table.b) if GAME in account.books)
    assert table.a.cash + table.b.cash + fees == 2 * cash
    realized = sum(account.books[GAME].realized for account in (table.a, table.b) if GAME in account.books)
    assert abs(realized) <= len(steps), "what one makes the other loses, but for a rounded millionth each"


def check(table: Table, seen: dict[Any, int], cash: int) -> None:
    book, accounts = table.game.book, (table.a, table.b)
    bid, ask = book.best("bid"), book.best("ask")
    assert bid is None or ask is None or bid < ask
    assert sum(account.held(GAME).lots for account in accounts) == 0
    listed = sum(order.left for account in accounts for order in account.resting())
    assert listed == sum(lots for side in SIDES for _, lots, _ in book.levels(side, 99))
    news = table.engine.take_news()
    assert sum(isinstance(item, Filled) for item in news) == 2 * sum(isinstance(item, Traded) for item in news)
    for item in news:
        if isinstance(item, LevelChange):
            level = item.side, item.ticks
            seen[level] = seen.get(level, 0) + item.change
    assert {level: lots for level, lots in seen.items() if lots} == table.game.levels(), "changes add up to the book"
    pairs = max(table.a.held(GAME).lots, table.b.held(GAME).lots) * 10_000
    fees = sum(account.books[GAME].fees for account in accounts if GAME in account.books)
    assert table.a.cash + table.b.cash + pairs + fees == 2 * cash
    for account in accounts:
        assert account.cash >= 0
        for order in account.orders.values():
            assert order.filled + order.left <= order.total
            assert order.booked is (order.status == "resting")
