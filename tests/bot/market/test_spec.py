"""Grids and conversions: rounding has a side and never goes against us."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.grid import UniformGrid
from bot.market.spec import OffGrid
from bot.market.units import SIDES, Lots, Side, Ticks
from tests.bot.builders import COARSE, SOL

prices = st.fractions(min_value=0, max_value=10**7)
steps = st.integers(1, 500)


@given(prices, steps)
def test_floor_is_the_highest_legal_price_at_or_below(price: Fraction, step: int) -> None:
    ticks = UniformGrid(step).floor(price)
    assert ticks % step == 0
    assert ticks <= price < ticks + step


@given(prices, steps)
def test_ceil_is_the_lowest_legal_positive_price_at_or_above(price: Fraction, step: int) -> None:
    ticks = UniformGrid(step).ceil(price)
    assert ticks > 0
    assert ticks % step == 0
    assert price <= ticks
    assert ticks - step < price or ticks == step


@given(prices, st.sampled_from(SIDES))
def test_rounding_never_goes_against_us(price: Fraction, side: Side) -> None:
    ticks = COARSE.toward_safety(side, price)
    assert ticks <= price if side == "bid" else ticks >= price


@given(st.integers(1, 10**6), st.sampled_from(SIDES))
def test_inside_never_reaches_the_opposite_best(best: int, side: Side) -> None:
    ticks = COARSE.inside(side, Ticks(best))
    assert ticks < best if side == "bid" else ticks > best
    assert ticks == 0 or COARSE.legal(ticks)


def test_the_edge_converts_exactly_or_not_at_all() -> None:
    assert SOL.ticks(Decimal("184.93")) == 18493
    assert SOL.lots(Decimal("2.7")) == 270
    assert SOL.whole_lots(Decimal("2.709")) == 270
    with pytest.raises(OffGrid, match=r"SOL: price 184\.935 is no multiple of 0\.01"):
        SOL.ticks(Decimal("184.935"))
    with pytest.raises(OffGrid, match="size"):
        SOL.lots(Decimal("0.001"))


@given(st.integers(1, 10**9))
def test_there_and_back(ticks: int) -> None:
    assert SOL.ticks(Decimal(repr(SOL.price(Ticks(ticks))))) == ticks


@pytest.mark.parametrize(("ticks", "lots", "taken"), [(10_000, 10, True), (10_000, 9, False), (10_000, 0, False)])
def test_small_orders_are_not_worth_sending(ticks: int, lots: int, taken: bool) -> None:
    assert SOL.worth_sending(Ticks(ticks), Lots(lots)) is taken


@pytest.mark.parametrize(("ticks", "legal"), [(0, False), (24, False), (25, True), (50, True), (-25, False)])
def test_legal(ticks: int, legal: bool) -> None:
    assert COARSE.legal(Ticks(ticks)) is legal
