"""Which strategy quotes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.market.units import Lots
from bot.strategy import legacy_skew, perp_maker
from bot.strategy.choice import quotes
from bot.strategy.perp_maker import Params
from bot.strategy.view import View
from tests.bot.builders import SOL, top


@pytest.mark.parametrize(("legacy", "name"), [(False, "perp_maker"), (True, "legacy_skew")])
def test_the_setting_chooses(legacy: bool, name: str) -> None:
    params = Params(half_spread_bps=Decimal(1), legacy=legacy)
    room = Lots(1_000)
    view = View(SOL, top(9_990, 10_010), Lots(0), room, room, room, None, None, maker_fee_ppm=300)
    expected = (legacy_skew if legacy else perp_maker).quotes(view, params)
    assert quotes(view, params) == expected
    assert params.name == name
    assert legacy_skew.quotes(view, params) != perp_maker.quotes(view, params), "or this test could not fail"
