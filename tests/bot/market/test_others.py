"""What is left of the best prices when ours are taken out."""

from __future__ import annotations

import pytest

from bot.market.book import Top
from bot.market.orders import Order
from bot.market.others import Others
from bot.market.units import Lots, Side, Ticks


def top(bid: int | None, bid_lots: int, ask: int | None = 110, ask_lots: int = 7) -> Top:
    prices = [None if price is None else Ticks(price) for price in (bid, ask)]
    return Top("SOL", *prices, at=1, bid_lots=Lots(bid_lots), ask_lots=Lots(ask_lots))


def ours(ticks: int, lots: int, side: Side = "bid") -> Order:
    return Order("0x1", 1, "SOL", side, Ticks(ticks), Lots(lots), sent_at=0)


@pytest.mark.parametrize(
    ("before", "now", "orders", "found"),
    [
        pytest.param(None, top(100, 50), [], top(100, 50), id="nothing of ours"),
        pytest.param(None, top(100, 50), [ours(99, 10)], top(100, 50), id="ours stands behind"),
        pytest.param(None, top(100, 50), [ours(100, 10)], top(100, 40), id="ours stands among others"),
        pytest.param(None, top(100, 50), [ours(100, 10), ours(100, 5)], top(100, 35), id="two of ours"),
        pytest.param(None, top(100, 50), [ours(100, 10, "ask")], top(100, 50), id="the other side"),
        pytest.param(None, top(100, 50, 110, 7), [ours(110, 3, "ask")], top(100, 50, 110, 4), id="an ask of ours"),
        pytest.param(top(98, 20), top(100, 10), [ours(100, 10)], top(98, 20), id="alone: who was seen behind"),
        pytest.param(top(98, 20), top(100, 8), [ours(100, 10)], top(98, 20), id="alone, and half filled meanwhile"),
        pytest.param(
            top(100, 20), top(100, 10), [ours(100, 10)], top(100, 0), id="others at our price left: size unknown"
        ),
        pytest.param(top(103, 20), top(100, 10), [ours(100, 10)], top(100, 0), id="who stood in front has left"),
        pytest.param(None, top(100, 10), [ours(100, 10)], top(100, 0), id="alone, and nobody was ever seen"),
        pytest.param(top(98, 20), top(None, 0), [], top(None, 0), id="an empty side"),
        pytest.param(top(98, 20), top(100, 0), [ours(100, 10)], top(100, 0), id="a feed without sizes cannot be told"),
    ],
)
def test_best_prices_of_everybody_else(before: Top | None, now: Top, orders: list[Order], found: Top) -> None:
    subject = Others()
    if before is not None:
        assert subject.seen(before, []) == before
    assert subject.seen(now, orders) == found
