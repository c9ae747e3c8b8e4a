"""The grid of significant figures: the venue's own vectors, and every property against the rule written naively."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.grid import SignificantFigures, coarsened
from bot.market.units import SIDES, Side, Ticks
from bot.venues.hyperliquid.spec import spec_of, wire_of

SZ_DECIMALS = st.integers(0, 5)

# price, szDecimals, floor, ceil, next below, next above; "" where the sheet has none.
VECTORS = """
10000      4 10000    10000    9999.9   10001
10000.4    4 10000    10001    10000    10001
9999.95    4 9999.9   10000    9999.9   10000
100000     5 100000   100000   99999    100001
100000.7   5 100000   100001   100000   100001
123456.7   5 123456   123457   123456   123457
99999.5    5 99999    100000   99999    100000
1          0 1        1        0.99999  1.0001
0.99999    0 0.99999  0.99999  0.99998  1
0.1        0 0.1      0.1      0.099999 0.10001
0.0044105  0 0.00441  0.004411 0.00441  0.004411
0.001      0 0.001    0.001    0.000999 0.001001
2080.25    4 2080.2   2080.3   2080.2   2080.3
100        2 100      100      99.999   100.01
99.9994    2 99.999   100      99.999   100
1000       3 1000     1000     999.99   1000.1
"""


def _legal(price: Decimal, sz_decimals: int) -> bool:
    """The rule as the venue words it."""
    if price <= 0:
        return False
    plain = price.normalize()
    _, digits, exponent = plain.as_tuple()
    assert isinstance(exponent, int)
    return plain == plain.to_integral_value() or (len(digits) <= 5 and -exponent <= 6 - sz_decimals)


def _price(ticks: int, sz_decimals: int) -> Decimal:
    return ticks * Decimal(1).scaleb(sz_decimals - 6)


def _nearest(ticks: Fraction, sz_decimals: int, side: Side) -> int:
    """The nearest legal price by trying one after the other."""
    at = ticks.__floor__() if side == "bid" else max(ticks.__ceil__(), 1)
    while at > 0 and not _legal(_price(at, sz_decimals), sz_decimals):
        at += -1 if side == "bid" else 1
    return at


@pytest.mark.parametrize("row", VECTORS.strip().splitlines())
def test_the_sheet_s_vectors(row: str) -> None:
    price, sz, *expected = row.split()
    spec, wire = spec_of("X", 0, int(sz)), wire_of(int(sz))
    exact = Fraction(Decimal(price)) / Fraction(spec.tick)
    low, high = spec.grid.floor(exact), spec.grid.ceil(exact)
    below = spec.grid.floor(exact.__ceil__() - 1)
    above = spec.grid.ceil(exact.__floor__() + 1)
    assert [wire.price(ticks) for ticks in (low, high, below, above)] == expected


@given(st.integers(1, 10**7), st.integers(1, 10**5), SZ_DECIMALS, st.sampled_from(SIDES))
@settings(max_examples=2000)
def test_rounding_finds_what_trying_finds(ticks: int, part: int, sz_decimals: int, side: Side) -> None:
    grid, price = SignificantFigures(10 ** (6 - sz_decimals)), Fraction(ticks) + Fraction(1, part)
    found = grid.floor(price) if side == "bid" else grid.ceil(price)
    assert found == _nearest(price, sz_decimals, side)


@given(st.integers(1, 10**8), st.integers(2, 400), SZ_DECIMALS, st.sampled_from(SIDES))
@settings(max_examples=2000)
def test_an_override_never_makes_a_price_illegal(ticks: int, step: int, sz_decimals: int, side: Side) -> None:
    grid = coarsened(SignificantFigures(10 ** (6 - sz_decimals)), Fraction(step))
    found = grid.floor(ticks) if side == "bid" else grid.ceil(ticks)
    assert found <= ticks if side == "bid" else found >= ticks
    assert found % step == 0
    assert found == 0 or _legal(_price(found, sz_decimals), sz_decimals)


@pytest.mark.parametrize(
    ("near", "floor", "ceil"),
    [("99.9994", "99.99", "100"), ("184.937", "184.93", "184.94"), ("1000.03", "1000", "1000.1")],
)
def test_the_seed_s_override_of_sol_in_its_three_bands(near: str, floor: str, ceil: str) -> None:
    spec, wire = spec_of("SOL", 5, 2, tick=Decimal("0.01")), wire_of(2)
    exact = Fraction(Decimal(near)) / Fraction(spec.tick)
    assert (wire.price(spec.grid.floor(exact)), wire.price(spec.grid.ceil(exact))) == (floor, ceil)


def test_an_override_finer_than_the_grid_changes_nothing() -> None:
    assert spec_of("SOL", 5, 2, tick=Decimal("0.00001")).grid == spec_of("SOL", 5, 2).grid


@given(st.integers(2, 10**7), st.integers(0, 10**7), SZ_DECIMALS, st.sampled_from(SIDES))
@settings(max_examples=2000)
def test_a_maker_s_price_neither_crosses_nor_goes_further_than_it_must(
    best: int, wish: int, sz_decimals: int, side: Side
) -> None:
    spec = spec_of("X", 0, sz_decimals)
    grid = spec.grid
    opposite = grid.ceil(best)
    found = spec.maker_price(side, Fraction(wish), opposite)
    if side == "bid":
        assert found < opposite
        assert found == min(grid.floor(wish), grid.floor(opposite - 1))
    else:
        assert found > opposite
        assert found == max(grid.ceil(wish), grid.ceil(opposite + 1))
    assert found == 0 or spec.legal(Ticks(found))


@pytest.mark.parametrize(
    ("count", "decimals", "text"),
    [(12340, 4, "1.234"), (50000, 4, "5"), (7, 4, "0.0007"), (0, 3, "0"), (120, 0, "120"), (-1500, 3, "-1.5")],
)
def test_the_wire_has_no_zero_at_the_end(count: int, decimals: int, text: str) -> None:
    assert wire_of(6 - decimals).price(Ticks(count)) == text
