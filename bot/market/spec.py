"""What a market accepts: its units, and its price grid as an object.

Decimal meets integer here and nowhere else. Rounding has a side: `floor` for bids, `ceil` for asks.
A grid whose step depends on the price replaces `UniformGrid` without a change anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Protocol

from bot.errors import BotError
from bot.market.units import Lots, Side, Ticks


class OffGrid(BotError):
    """A price or size that is no whole number of ticks or lots."""


class PriceGrid(Protocol):
    """Which ticks are legal prices. All legal prices are positive."""

    def floor(self, price: Fraction) -> Ticks:
        """Highest legal price at or below `price` (in ticks); 0 when there is none."""
        ...

    def ceil(self, price: Fraction) -> Ticks:
        """Lowest legal price at or above `price` (in ticks)."""
        ...


@dataclass(frozen=True, slots=True)
class UniformGrid:
    """Every multiple of `step` ticks is legal."""

    step: int = 1

    def floor(self, price: Fraction) -> Ticks:
        return Ticks(max(floor(price / self.step), 0) * self.step)

    def ceil(self, price: Fraction) -> Ticks:
        return Ticks(max(ceil(price / self.step), 1) * self.step)


@dataclass(frozen=True, slots=True)
class Spec:
    """One market: `tick` in quote currency, `lot` in base units, `min_notional` in quote currency.

    `asset` is the venue's number for the market.
    """

    market: str
    asset: int
    tick: Decimal
    lot: Decimal
    min_notional: Decimal = Decimal(10)
    grid: PriceGrid = field(default_factory=UniformGrid)

    @property
    def unit_value(self) -> Decimal:
        """Quote currency of one lot at a price of one tick."""
        return self.tick * self.lot

    def ticks(self, price: Decimal) -> Ticks:
        """Exact conversion at the edge. Raises OffGrid."""
        return Ticks(_exact(price, self.tick, "price", self.market))

    def lots(self, size: Decimal) -> Lots:
        """Exact conversion at the edge. Raises OffGrid."""
        return Lots(_exact(size, self.lot, "size", self.market))

    def whole_lots(self, size: Decimal) -> Lots:
        """The lots that fit into `size`: limits and wishes round down."""
        return Lots(int(size // self.lot))

    def price(self, ticks: Ticks | Fraction) -> float:
        """For events and people, in quote currency."""
        return float(Fraction(ticks) * Fraction(self.tick))

    def size(self, lots: int) -> float:
        """For events and people, in base units; keeps the sign."""
        return float(lots * self.lot)

    def legal(self, ticks: Ticks) -> bool:
        """Whether the grid holds this price."""
        return ticks > 0 and self.grid.floor(Fraction(ticks)) == ticks

    def worth_sending(self, ticks: Ticks, lots: Lots) -> bool:
        """Whether the venue takes an order this small."""
        return lots > 0 and ticks * lots * self.unit_value >= self.min_notional

    def toward_safety(self, side: Side, price: Fraction) -> Ticks:
        """The legal price nearest to `price` on the side that never goes against us."""
        return self.grid.floor(price) if side == "bid" else self.grid.ceil(price)

    def inside(self, side: Side, opposite_best: Ticks) -> Ticks:
        """The most eager price that cannot cross: one tick inside the opposite best. 0 means none is left."""
        if side == "bid":
            return self.grid.floor(Fraction(opposite_best - 1))
        return self.grid.ceil(Fraction(opposite_best + 1))


def _exact(value: Decimal, unit: Decimal, what: str, market: str) -> int:
    count, rest = divmod(value, unit)
    if rest:
        raise OffGrid(f"{market}: {what} {value} is no multiple of {unit}")
    return int(count)
