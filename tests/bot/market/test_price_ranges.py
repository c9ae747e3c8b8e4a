"""The grid of listed ranges, against a search through every price; and ranges that change while a market lives."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.grid import Grid
from bot.market.price_ranges import ImpossibleRanges, PriceRanges, Range
from bot.market.spec import Spec
from bot.market.units import SIDES, Side, Ticks

CENTS = PriceRanges((Range(0, 10_000, 100),))
TAPERED = PriceRanges((Range(0, 1_000, 10), Range(1_000, 9_000, 100), Range(9_000, 10_000, 10)))
EDGES = PriceRanges((Range(0, 100, 1), Range(100, 9_900, 10), Range(9_900, 10_000, 1)))
HALVES = PriceRanges((Range(0, 10_000, 50),))
GAP = PriceRanges((Range(0, 1_000, 100), Range(2_000, 10_000, 500)))
GRIDS = (CENTS, TAPERED, EDGES, HALVES, GAP)


def spec(grid: PriceRanges) -> Spec:
    return Spec("GAME", 0, tick=Decimal("0.0001"), lot=Decimal("0.01"), min_notional=Decimal(0), grid=grid)


def legal(grid: PriceRanges, ticks: int) -> bool:
    """The rule as the venue words it."""
    inside = 0 < ticks < 10_000
    return inside and any(r.start <= ticks <= r.end and (ticks - r.start) % r.step == 0 for r in grid.ranges)


@pytest.mark.parametrize(
    ("grid", "price", "low", "high"),
    [
        (CENTS, "0.5150", 5_100, 5_200),
        (CENTS, "0.0050", 0, 100),
        (CENTS, "0.9950", 9_900, 10_000),
        (TAPERED, "0.0995", 990, 1_000),
        (TAPERED, "0.1001", 1_000, 1_100),
        (TAPERED, "0.9001", 9_000, 9_010),
        (EDGES, "0.0099", 99, 99),
        (EDGES, "0.01005", 100, 110),
        (GAP, "0.15", 1_000, 2_000),
    ],
)
def test_the_nearest_prices(grid: PriceRanges, price: str, low: int, high: int) -> None:
    exact = Fraction(Decimal(price)) * 10_000
    assert (grid.floor(exact), grid.ceil(exact)) == (low, high)


@pytest.mark.parametrize(
    ("side", "best", "inside"),
    [("bid", 1_000, 990), ("ask", 1_000, 1_100), ("bid", 9_000, 8_900), ("ask", 9_000, 9_010), ("bid", 10, 0)],
)
def test_one_tick_inside_at_the_edge_of_a_range_takes_the_finer_side(side: Side, best: int, inside: int) -> None:
    assert spec(TAPERED).inside(side, Ticks(best)) == inside


@given(st.sampled_from(GRIDS), st.integers(-100, 10_100), st.integers(1, 999), st.sampled_from(SIDES))
def test_rounding_finds_what_trying_finds(grid: PriceRanges, ticks: int, part: int, side: Side) -> None:
    price = Fraction(ticks) + Fraction(1, part)
    if side == "bid":
        below = [at for at in range(1, 10_000) if at <= price and legal(grid, at)]
        assert grid.floor(price) == max(below, default=0)
    else:
        above = [at for at in range(1, 10_000) if at >= price and legal(grid, at)]
        assert grid.ceil(price) == min(above, default=10_000)


@given(st.sampled_from(GRIDS), st.integers(-5, 10_005))
def test_a_spec_knows_its_prices(grid: PriceRanges, ticks: int) -> None:
    assert spec(grid).legal(Ticks(ticks)) is legal(grid, ticks)


@given(st.sampled_from(GRIDS), st.sampled_from(GRIDS), st.integers(1, 9_999), st.integers(1, 9_500))
def test_after_a_change_of_structure_the_same_wish_is_legal_again(
    before: PriceRanges, after: PriceRanges, wish: int, near: int
) -> None:
    """The old price may be off the new grid; the wish rounded anew is not, and still does not cross."""
    best = before.ceil(near)
    for side in SIDES:
        price = spec(after).maker_price(side, spec(before).maker_price(side, wish, best), best)
        assert price in (0, 10_000) or legal(after, price)
        assert price < best if side == "bid" else price > best


def test_the_same_ranges_are_the_same_grid() -> None:
    assert PriceRanges((Range(0, 10_000, 100),)) == CENTS != HALVES
    assert msgspec.json.decode(msgspec.json.encode(TAPERED), type=Grid) == TAPERED, "a recorded spec reads back"
    assert str(TAPERED) == "steps of 10, 100 ticks in 3 ranges"


@pytest.mark.parametrize("ranges", [(), (Range(0, 0, 1),), (Range(0, 100, 0),), (Range(-100, 100, 10),)])
def test_ranges_without_a_price_are_refused(ranges: tuple[Range, ...]) -> None:
    with pytest.raises(ImpossibleRanges):
        PriceRanges(ranges)
