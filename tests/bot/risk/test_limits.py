"""Limits hold even if everything that rests is filled."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.units import SIDES, Lots, Side, sign
from bot.risk import limits
from tests.bot.builders import COARSE, SOL


@given(st.sampled_from(SIDES), st.integers(-500, 500), st.integers(0, 400))
def test_room_keeps_the_cap(side: Side, position: int, cap: int) -> None:
    room = limits.room(side, Lots(position), Lots(cap))
    assert room >= 0
    after = position + sign(side) * room
    assert abs(after) <= max(cap, abs(position))


@pytest.mark.parametrize(("side", "room"), [("bid", 0), ("ask", 250)])
def test_beyond_the_cap_only_the_way_back_is_open(side: Side, room: int) -> None:
    assert limits.room(side, Lots(150), Lots(100)) == room


def test_a_market_without_a_limit_holds_nothing() -> None:
    params = limits.Params(max_inventory={"SOL": Decimal("30.009")})
    assert limits.cap(SOL, params) == 3_000
    assert limits.cap(COARSE, params) == 0


def test_the_first_markets_are_traded() -> None:
    assert limits.traded(("BTC", "ETH", "SOL"), limits.Params(max_markets=2)) == ("BTC", "ETH")
