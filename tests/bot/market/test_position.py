"""What a fill does to a holding and to its average price."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.position import Holding
from bot.market.units import Lots, Side, Ticks

fills = st.lists(st.tuples(st.sampled_from(["bid", "ask"]), st.integers(1, 10**6), st.integers(1, 10**4)), max_size=30)


@pytest.mark.parametrize(
    ("lots", "cost", "side", "ticks", "size", "expected", "state"),
    [
        (0, 0, "bid", 100, 5, (5, 500), "SKEW_LONG"),
        (0, 0, "ask", 100, 5, (-5, -500), "SKEW_SHORT"),
        (5, 500, "bid", 110, 5, (10, 1050), "SKEW_LONG"),
        (5, 500, "ask", 120, 2, (3, 300), "SKEW_LONG"),
        (5, 500, "ask", 120, 5, (0, 0), "FLAT"),
        (5, 500, "ask", 120, 8, (-3, -360), "SKEW_SHORT"),
        (-5, -500, "bid", 90, 2, (-3, -300), "SKEW_SHORT"),
        (-5, -500, "bid", 90, 7, (2, 180), "SKEW_LONG"),
    ],
)
def test_after_a_fill(
    lots: int, cost: int, side: Side, ticks: int, size: int, expected: tuple[int, int], state: str
) -> None:
    held = Holding(Lots(lots), cost).after(side, Ticks(ticks), Lots(size))
    assert (held.lots, held.cost) == expected
    assert held.state == state


@given(fills)
def test_the_average_stays_within_the_prices_paid(made: list[tuple[Side, int, int]]) -> None:
    held = Holding()
    for side, ticks, lots in made:
        held = held.after(side, Ticks(ticks), Lots(lots))
    assert held.lots == sum(lots if side == "bid" else -lots for side, _, lots in made)
    assert (held.vwap is None) == (held.lots == 0)
    if held.vwap is not None:
        paid = [ticks for _, ticks, _ in made]
        assert min(paid) <= held.vwap <= max(paid)
        assert abs(held.cost - held.vwap * held.lots) <= Fraction(1, 2)


@given(fills, st.integers(1, 10**4))
def test_what_leaves_a_position_does_not_move_its_average_price(made: list[tuple[Side, int, int]], part: int) -> None:
    held = Holding()
    for side, ticks, lots in made:
        held = held.after(side, Ticks(ticks), Lots(lots))
    if abs(held.lots) > part:
        left = held.after("ask" if held.lots > 0 else "bid", Ticks(7), Lots(part))
        assert left.vwap == held.vwap
