"""Every cell of the table, both ways, and what a fill is called."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.position import State
from bot.market.units import SIDES, Lots, Side, Ticks, sign
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.states import MAY_QUOTE, TABLE, ImpossibleState, Input, step, what_a_fill_does

STATES: tuple[State, ...] = get_args(State)
LEGAL = """
FLAT        opened long    SKEW_LONG
FLAT        opened short   SKEW_SHORT
FLAT        settled        FLAT
SKEW_LONG   added          SKEW_LONG
SKEW_LONG   reduced        SKEW_LONG
SKEW_LONG   closed         FLAT
SKEW_LONG   turned         SKEW_SHORT
SKEW_LONG   settled        FLAT
SKEW_SHORT  added          SKEW_SHORT
SKEW_SHORT  reduced        SKEW_SHORT
SKEW_SHORT  closed         FLAT
SKEW_SHORT  turned         SKEW_LONG
SKEW_SHORT  settled        FLAT
"""
CELLS = {
    (state, " ".join(event)): after for state, *event, after in (row.split() for row in LEGAL.strip().splitlines())
}


@pytest.mark.parametrize(("state", "event"), [*product(STATES, Input)])
def test_every_cell(state: State, event: Input) -> None:
    expected = CELLS.get((state, event.value))
    if expected is None:
        with pytest.raises(ImpossibleState, match=f"{state} cannot be {event}"):
            step(state, event)
    else:
        assert step(state, event) == expected


def test_the_table_has_no_cell_more() -> None:
    assert {(state, event.value) for state, row in TABLE.items() for event in row} == set(CELLS)


@pytest.mark.parametrize(
    ("position", "side", "lots", "expected"),
    [
        (0, "bid", 5, Input.OPENED_LONG),
        (0, "ask", 5, Input.OPENED_SHORT),
        (5, "bid", 1, Input.ADDED),
        (-5, "ask", 1, Input.ADDED),
        (5, "ask", 4, Input.REDUCED),
        (-5, "bid", 4, Input.REDUCED),
        (5, "ask", 5, Input.CLOSED),
        (-5, "bid", 5, Input.CLOSED),
        (5, "ask", 6, Input.TURNED),
        (-5, "bid", 6, Input.TURNED),
    ],
)
def test_what_a_fill_does(position: int, side: Side, lots: int, expected: Input) -> None:
    assert what_a_fill_does(Lots(position), side, Lots(lots)) is expected


def test_a_quote_that_adds_is_allowed_only_while_flat() -> None:
    assert dict(MAY_QUOTE) == {"FLAT": {"bid", "ask"}, "SKEW_LONG": {"ask"}, "SKEW_SHORT": {"bid"}}


FILLS = st.lists(st.tuples(st.sampled_from(SIDES), st.integers(1, 9_999), st.integers(1, 50)), max_size=30)


@given(FILLS)
def test_whatever_fills_the_story_agrees_with_the_sum_of_the_fills(fills: list[tuple[Side, int, int]]) -> None:
    position, total, opened = Held(), 0, 0
    for now, (side, ticks, lots) in enumerate(fills, start=1):
        before, total = total, total + sign(side) * lots
        opened = now if before * total <= 0 else opened
        position = position.after(side, Ticks(ticks), Lots(lots), now)
        assert position.holding.lots == total
        assert position.peak >= position.lots
        assert position.state == ("FLAT" if not total else "SKEW_LONG" if total > 0 else "SKEW_SHORT")
        assert position.since == (opened if total else 0)
    assert position.settled() == Held()


@pytest.mark.parametrize(
    ("side", "mids", "adverse"), [("bid", (45, 50), 3), ("ask", (51, 40), 3), ("bid", (49, 50), 0)]
)
def test_the_worst_is_remembered(side: Side, mids: tuple[int, int], adverse: int) -> None:
    position = Held().after(side, Ticks(48), Lots(5), 0)
    for mid in mids:
        position = position.marked(Fraction(mid))
    assert position.marked(None).adverse == adverse
