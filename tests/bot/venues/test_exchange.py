"""The matching engine and its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.orders import Quote
from bot.market.reports import NewOrder
from bot.market.units import Lots, Side, Ticks, opposite
from bot.venues.hyperliquid.errors import classed
from bot.venues.simulators.exchange import Dealt, Exchange, Left, Refused, Rested
from bot.venues.simulators.matching import Book, Standing
from tests.bot.builders import SPECS, order


def quote(ticks: int, lots: int) -> Quote:
    return Quote(Ticks(ticks), Lots(lots))


def crowded() -> Exchange:
    """SOL with a crowd at 100.00 and 100.02, 500 lots each."""
    exchange = Exchange(SPECS)
    exchange.crowd_moves("SOL", [("bid", quote(10_000, 500)), ("ask", quote(10_002, 500))])
    return exchange


@pytest.mark.parametrize(
    ("new", "text", "code"),
    [
        (order("bid", 9_990, 0), "Order has invalid size. asset=5", "E_LOT"),
        (order("bid", 9_990, 1), "Order must have minimum value of $10. asset=5", "E_MIN_VALUE"),
        (order("bid", 0, 100), "Price must be divisible by tick size. asset=5", "E_TICK"),
        (
            order("bid", 10_002, 100),
            "Post only order would have immediately matched, bbo was 100.0@100.02. asset=5",
            "E_POST_ONLY",
        ),
        (
            order("ask", 10_000, 100),
            "Post only order would have immediately matched, bbo was 100.0@100.02. asset=5",
            "E_POST_ONLY",
        ),
        (order("bid", 26, 100, market="COARSE"), "Price must be divisible by tick size. asset=9", "E_TICK"),
    ],
)
def test_refusals_in_the_venues_words(new: NewOrder, text: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        crowded().place("ours", new)
    assert str(refusal.value) == text
    assert classed(text).code == code


def test_price_then_time() -> None:
    book = Book()
    for cloid, ticks in (("first", 100), ("worse", 99), ("second", 100)):
        book.add(Standing("x", cloid, 0, "bid", Ticks(ticks), Lots(5)))
    matches = book.take(Standing("y", "taker", 0, "ask", Ticks(99), Lots(12)))
    dealt = [(match.standing.cloid, match.ticks, match.lots) for match in matches]
    assert dealt == [("first", 100, 5), ("second", 100, 5), ("worse", 99, 2)]
    assert book.best("bid") == 99


def test_a_maker_is_filled_at_its_own_price_and_pays_the_makers_fee() -> None:
    exchange = crowded()
    _, changes = exchange.place("ours", order("bid", 10_001, 300))
    assert [type(change) for change in changes] == [Rested]
    (deal,) = exchange.crowd_takes("SOL", "ask", quote(9_000, 200))
    assert isinstance(deal, Dealt)
    assert (deal.side, deal.ticks, deal.lots, deal.left) == ("bid", 10_001, 200, 100)
    assert deal.fee == round(100.01 * 2 * 0.00015 * 1e6)


def test_a_taker_sweeps_pays_more_and_leaves_nothing_behind() -> None:
    exchange = crowded()
    _, changes = exchange.place("ours", order("bid", 10_005, 600, tif="Ioc"))
    (deal,) = changes
    assert isinstance(deal, Dealt)
    assert (deal.ticks, deal.lots, deal.left, deal.fee) == (10_002, 500, 100, round(100.02 * 5 * 0.00045 * 1e6))
    assert exchange.best("SOL") == (10_000, None)


def test_the_crowd_deals_with_us_when_its_price_moves_through_ours() -> None:
    exchange = crowded()
    exchange.place("ours", order("ask", 10_010, 100))
    changes = exchange.crowd_moves("SOL", [("bid", quote(10_012, 500)), ("ask", quote(10_014, 500))])
    assert [(c.ticks, c.lots, c.left) for c in changes if isinstance(c, Dealt)] == [(10_010, 100, 0)]
    assert exchange.best("SOL") == (10_012, 10_014)


def test_cancel_once() -> None:
    exchange = crowded()
    exchange.place("ours", order("bid", 9_990, 100, cloid="0xa"))
    assert exchange.cancel("SOL", "0xa") == [Left("SOL", "0xa")]
    with pytest.raises(Refused, match="never placed, already canceled, or filled"):
        exchange.cancel("SOL", "0xa")


orders = st.lists(
    st.tuples(st.sampled_from(["bid", "ask"]), st.integers(9_950, 10_050), st.integers(1, 400)), min_size=1, max_size=60
)


@given(orders)
def test_nothing_is_made_or_lost_and_the_book_is_never_crossed(placed: list[tuple[Side, int, int]]) -> None:
    book, rested, traded = Book(), 0, 0
    for number, (side, ticks, lots) in enumerate(placed):
        taker = Standing("x", str(number), number, side, Ticks(ticks), Lots(lots))
        matches = book.take(taker)
        dealt = sum(match.lots for match in matches)
        assert dealt + taker.lots == lots
        assert all(match.ticks <= ticks if side == "bid" else match.ticks >= ticks for match in matches)
        traded += dealt
        rested += taker.lots - dealt
        if taker.lots:
            assert not book.would_match(side, Ticks(ticks))
            book.add(taker)
        best_bid, best_ask = book.best("bid"), book.best("ask")
        assert best_bid is None or best_ask is None or best_bid < best_ask
    swept: list[int] = []
    for side, worst in (("bid", Ticks(1)), ("ask", Ticks(10**9))):
        taker = Standing("y", "sweep", 0, opposite(side), worst, Lots(10**9))  # type: ignore[arg-type]
        swept.append(sum(match.lots for match in book.take(taker)))
    assert sum(swept) == rested
