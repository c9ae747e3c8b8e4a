"""What a perpetual on Hyperliquid accepts, from its `szDecimals`: grid, lot, smallest order, and the texts of the wire.

At most 5 significant figures and 6 - szDecimals decimals, whole prices always; sizes with szDecimals decimals; at
least 10 USD an order. An override of the desk's makes the grid coarser, never illegal.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bot.market import wire
from bot.market.grid import Grid, SignificantFigures, coarsened
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks

DECIMALS = 6
"""Decimals of price and size together, for a perpetual."""
MIN_NOTIONAL = Decimal(10)


@dataclass(frozen=True, slots=True)
class Wire:
    """How a market writes its numbers."""

    price_decimals: int
    size_decimals: int

    def price(self, ticks: Ticks) -> str:
        """The field `p` of an order."""
        return wire.text(ticks, self.price_decimals)

    def size(self, lots: Lots) -> str:
        """The field `s` of an order."""
        return wire.text(lots, self.size_decimals)

    def ticks(self, price: str) -> Ticks:
        """A price as the venue writes it. Raises ValueError."""
        return Ticks(wire.count(price, self.price_decimals))

    def lots(self, size: str) -> Lots:
        """A size as the venue writes it. Raises ValueError."""
        return Lots(wire.count(size, self.size_decimals))


def spec_of(market: str, asset: int, sz_decimals: int, tick: Decimal | None = None) -> Spec:
    """The spec of a perpetual. `tick` is the desk's override, in quote currency."""
    decimals = DECIMALS - sz_decimals
    grid: Grid = SignificantFigures(10**decimals)
    finest = Decimal(1).scaleb(-decimals)
    if tick is not None:
        grid = coarsened(SignificantFigures(10**decimals), Fraction(tick) / Fraction(finest))
    lot = Decimal(1).scaleb(-sz_decimals)
    return Spec(market, asset, tick=finest, lot=lot, min_notional=MIN_NOTIONAL, grid=grid)


def wire_of(sz_decimals: int) -> Wire:
    """How a perpetual with these `szDecimals` writes its numbers."""
    return Wire(DECIMALS - sz_decimals, sz_decimals)
