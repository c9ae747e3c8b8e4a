"""Where a position takes its profit: a fixed distance from what was paid, whatever the market does meanwhile.

The distance is twice what it costs to get in and out at the price where fees are highest (0.50), so that it is one
number for a market: 2 x (1.75c + 1.75c) = 7c for the ordinary schedule.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from bot.market.fees import FeeSchedule, Role
from bot.market.position import Holding
from bot.market.spec import Spec
from bot.market.units import Ticks
from bot.strategy.edge_locked.params import Params


def offset(spec: Spec, fees: FeeSchedule, params: Params) -> Ticks:
    """Twice the fees of entry and exit, up to the next tick; at least one tick."""
    return spec.grid.ceil(_twice(fees, params.entry_role, params.exit_role))


@lru_cache(maxsize=64)
def _twice(fees: FeeSchedule, entry: Role, leaving: Role) -> Fraction:
    return 2 * (fees.dearest(entry) + fees.dearest(leaving))


def take_profit(spec: Spec, holding: Holding, distance: Ticks) -> Ticks | None:
    """The legal price at least `distance` from the average price; the last legal one where that is out of range.

    None when flat.
    """
    vwap = holding.vwap
    if vwap is None:
        return None
    if holding.lots > 0:
        price = spec.grid.ceil(vwap + distance)
        return price if spec.legal(price) else spec.grid.floor(price - 1)
    return spec.grid.floor(vwap - distance) or spec.grid.ceil(1)
