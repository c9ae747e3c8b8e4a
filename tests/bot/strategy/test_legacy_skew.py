"""Where the old logic wants its quotes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks
from bot.strategy.legacy_skew import quotes
from bot.strategy.perp_maker import Params
from bot.strategy.view import NOTHING, View
from tests.bot.builders import COARSE, SOL, top

PARAMS = Params(half_spread_bps=Decimal(10), requote_bps=Decimal(5), size_usd=Decimal(500))


def view(
    bid: int | None = 9_990,
    ask: int | None = 10_010,
    position: int = 0,
    cap: int = 1_000,
    working_bid: Quote | None = None,
    working_ask: Quote | None = None,
    spec: Spec = SOL,
) -> View:
    return View(
        spec=spec,
        top=top(bid, ask),
        position=Lots(position),
        cap=Lots(cap),
        room_bid=Lots(max(cap - position, 0)),
        room_ask=Lots(max(cap + position, 0)),
        working_bid=working_bid,
        working_ask=working_ask,
    )


def quote(ticks: int, lots: int) -> Quote:
    return Quote(Ticks(ticks), Lots(lots))


@pytest.mark.parametrize(
    ("position", "bid", "ask"),
    [
        (0, 9_990, 10_010),
        (500, 9_985, 10_005),
        (-500, 9_995, 10_015),
    ],
)
def test_quotes_lean_against_the_position(position: int, bid: int, ask: int) -> None:
    wanted = quotes(view(position=position), PARAMS)
    assert (wanted.bid, wanted.ask) == (quote(bid, 500), quote(ask, 500))


def test_at_the_cap_the_side_that_adds_is_empty() -> None:
    wanted = quotes(view(position=1_000), PARAMS)
    assert wanted.bid is None
    assert wanted.ask == quote(10_000, 500)


@pytest.mark.parametrize(("bid", "ask"), [(None, 10_010), (9_990, None), (10_010, 10_010), (10_011, 10_010)])
def test_no_mid_no_quotes(bid: int | None, ask: int | None) -> None:
    assert quotes(view(bid, ask), PARAMS) == NOTHING


@pytest.mark.parametrize(
    ("working", "kept"),
    [
        (quote(9_990, 500), True),
        (quote(9_986, 500), True),
        (quote(9_984, 500), False),
        (quote(9_990, 250), True),
        (quote(9_990, 249), False),
        (quote(9_990, 1_001), False),
    ],
)
def test_a_working_quote_stays_while_it_is_near(working: Quote, kept: bool) -> None:
    assert (quotes(view(working_bid=working), PARAMS).bid is working) is kept


def test_room_too_small_for_the_venue_is_no_quote() -> None:
    assert quotes(view(position=995), PARAMS).bid is None


@given(
    bid=st.integers(1, 10**6),
    gap=st.integers(1, 10**4),
    position=st.integers(-2_000, 2_000),
    half=st.decimals("0.1", "1000", places=1),
    size=st.decimals("10", "100000", places=0),
    spec=st.sampled_from([SOL, COARSE, replace(SOL, lot_step=7)]),
)
def test_never_crosses_never_off_grid_never_beyond_its_room(
    bid: int, gap: int, position: int, half: Decimal, size: Decimal, spec: Spec
) -> None:
    seen = view(bid, bid + gap, position=position, spec=spec)
    wanted = quotes(seen, Params(half, Decimal(2), size))
    if wanted.bid is not None:
        assert spec.legal(wanted.bid.ticks)
        assert wanted.bid.ticks < bid + gap
        assert 0 < wanted.bid.lots <= seen.room_bid
    if wanted.ask is not None:
        assert spec.legal(wanted.ask.ticks)
        assert wanted.ask.ticks > bid
        assert 0 < wanted.ask.lots <= seen.room_ask
