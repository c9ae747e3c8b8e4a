"""A desk's own tick and lot: legal at the venue whatever is asked for."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.grid import UniformGrid
from bot.market.overrides import Override, apply
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.market.units import SIDES, Lots, Side, Ticks
from bot.venues.hyperliquid.spec import spec_of, wire_of
from tests.bot.builders import SOL

VENUE = spec_of("SOL", 5, 2)
asked_ticks = st.integers(1, 10**8).map(lambda count: Decimal(count).scaleb(-7))
asked_lots = st.integers(1, 10**6).map(lambda count: Decimal(count).scaleb(-5))


def text(spec: Spec, side: Side, price: str) -> str:
    """The wire string of a wish."""
    ticks = Decimal(price) / spec.tick
    whole = int(ticks) if side == "bid" or ticks % 1 == 0 else int(ticks) + 1
    return wire_of(2).price(spec.toward_safety(side, whole))


@pytest.mark.parametrize(
    ("wish", "bid", "ask"),
    [
        ("99.9994", "99.99", "100"),
        ("99.991", "99.99", "100"),
        ("100.011", "100.01", "100.02"),
        ("184.937", "184.93", "184.94"),
        ("999.999", "999.99", "1000"),
        ("1000.03", "1000", "1000.1"),
        ("1234.56", "1234.5", "1234.6"),
    ],
    ids=lambda value: str(value),
)
def test_the_seed_s_tick_of_sol_below_100_up_to_1000_and_above(wish: str, bid: str, ask: str) -> None:
    spec = apply(VENUE, Override(tick=Decimal("0.01"))).spec
    assert (text(spec, "bid", wish), text(spec, "ask", wish)) == (bid, ask)


def test_the_seed_s_tick_neither_crosses_nor_yields_more_than_a_step_in_any_band() -> None:
    spec, chance = apply(VENUE, Override(tick=Decimal("0.01"))).spec, random.Random(5)
    for _ in range(100_000):
        wish = int(10 ** chance.uniform(5, 8))
        best = spec.grid.ceil(max(wish + round(chance.gauss(0, 2_000)), 1))
        side: Side = chance.choice(SIDES)
        found = spec.maker_price(side, wish, best)
        assert VENUE.legal(found), found
        assert found % 100 == 0
        wide = 10_000 if found > 100_000_000 else 1_000 if found > 10_000_000 else 100
        if side == "bid":
            assert min(wish, best - 1) - wide < found <= min(wish, best - 1)
        else:
            assert max(wish, best + 1) <= found < max(wish, best + 1) + wide


@settings(max_examples=1500)
@given(asked_ticks, st.integers(1, 10**8), st.sampled_from(SIDES))
def test_a_price_is_always_legal_at_the_venue_and_on_a_coarser_ask(asked: Decimal, wish: int, side: Side) -> None:
    spec = apply(VENUE, Override(tick=asked)).spec
    found = spec.toward_safety(side, wish)
    assert found <= wish if side == "bid" else found >= wish
    if found:
        assert VENUE.legal(found)
        assert asked <= VENUE.tick or (found * VENUE.tick) % asked == 0


@settings(max_examples=500)
@given(asked_lots, st.decimals(0, 10_000, places=6))
def test_a_size_is_always_legal_at_the_venue_and_on_a_coarser_ask(asked: Decimal, size: Decimal) -> None:
    spec = apply(VENUE, Override(lot=asked)).spec
    lots = spec.whole_lots(size)
    assert lots * spec.lot <= size
    assert asked <= VENUE.lot or (lots * spec.lot) % asked == 0


def test_units_stay_the_venue_s() -> None:
    done = apply(VENUE, Override(Decimal("0.05"), Decimal("0.25"))).spec
    assert (done.tick, done.lot, done.unit_value) == (VENUE.tick, VENUE.lot, VENUE.unit_value)
    assert done.lots(Decimal("0.01")) == 1, "what the venue says is read in its own lots"


def test_an_order_of_odd_lots_is_not_sent() -> None:
    spec = apply(SOL, Override(lot=Decimal("0.1"))).spec
    assert spec.worth_sending(Ticks(18_500), Lots(20))
    assert not spec.worth_sending(Ticks(18_500), Lots(21))
    assert [spec.sendable(lots) for lots in (-5, 0, 9, 10, 29)] == [0, 0, 0, 10, 20]


@pytest.mark.parametrize(
    ("asked", "tick", "lot"),
    [
        (Override(), "0.0001", "0.01"),
        (Override(tick=Decimal("0.00003")), "0.0001", "0.01"),
        (Override(tick=Decimal("0.01")), "0.01", "0.01"),
        (Override(tick=Decimal("0.00015")), "0.0003", "0.01"),
        (Override(lot=Decimal("0.001")), "0.0001", "0.01"),
        (Override(lot=Decimal("0.5")), "0.0001", "0.5"),
        (Override(lot=Decimal("0.015")), "0.0001", "0.03"),
    ],
    ids=str,
)
def test_the_coarser_of_both_is_in_effect(asked: Override, tick: str, lot: str) -> None:
    done = apply(VENUE, asked)
    assert (done.tick, done.lot) == (Decimal(tick), Decimal(lot))
    assert (done.venue_tick, done.venue_lot) == (VENUE.tick, VENUE.lot)


def test_on_a_uniform_grid_both_steps_count() -> None:
    coarse = Spec("X", 1, Decimal("0.01"), Decimal(1), grid=UniformGrid(25))
    assert apply(coarse, Override(tick=Decimal("0.10"))).spec.grid == UniformGrid(50)


def test_listed_ranges_stay_as_they_are() -> None:
    cents = Spec("X", 1, Decimal("0.0001"), Decimal(1), grid=PriceRanges((Range(0, 10_000, 100),)))
    assert apply(cents, Override(tick=Decimal("0.05"))).spec == cents
