"""Whatever two accounts do to each other, nothing is made or lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.units import SIDES
from bot.venues.hyperliquid.codec import Fill, PublicTrade
from bot.venues.simulators.hyperliquid.accounts import Account
from bot.venues.simulators.hyperliquid.engine import Told
from tests.bot.venues.simulators.hyperliquid.table import SOL, Table, wire

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
