"""What a market accepts: its units, its smallest order, and its price grid.

Decimal meets integer here and nowhere else. Rounding has a side: down for bids, up for asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bot.errors import BotError
from bot.market.contract import Contract
from bot.market.grid import Grid, UniformGrid
from bot.market.units import Lots, Side, Ticks


class OffGrid(BotError):
    """A price or size that is no whole number of ticks or lots."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One market: `tick` in quote currency, `lot` in base units, `min_notional` in quote currency.

    `asset` is the venue's number for the market; what is sent is a whole multiple of `lot_step` lots. `contract` is of
    event contracts, None of perpetuals.
    """

    market: str
    asset: int
    tick: Decimal
    lot: Decimal
    min_notional: Decimal = Decimal(10)
    grid: Grid = field(default_factory=UniformGrid)
    lot_step: int = 1
    contract: Contract | None = None

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
        """The lots that fit into `size` and may be sent: limits and wishes round down."""
        return self.sendable(int(size // self.lot))

    def sendable(self, lots: int) -> Lots:
        """The most of these lots that may be sent; 0 for fewer than a step."""
        return Lots(lots - lots % self.lot_step if lots > 0 else 0)

    def price(self, ticks: Ticks | Fraction) -> float:
        """For events and people, in quote currency."""
        return float(Fraction(ticks) * Fraction(self.tick))

    def size(self, lots: int) -> float:
        """For events and people, in base units; keeps the sign."""
        return float(lots * self.lot)

    def legal(self, ticks: Ticks) -> bool:
        """Whether the grid holds this price."""
        return ticks > 0 and self.grid.floor(ticks) == ticks

    def worth_sending(self, ticks: Ticks, lots: Lots) -> bool:
        """Whether the venue takes an order this small, and we send one this odd."""
        return lots > 0 and lots % self.lot_step == 0 and ticks * lots * self.unit_value >= self.min_notional

    def toward_safety(self, side: Side, price: Fraction | int) -> Ticks:
        """The legal price nearest to `price` on the side that never goes against us."""
        return self.grid.floor(price) if side == "bid" else self.grid.ceil(price)

    def maker_price(self, side: Side, price: Fraction | int, opposite_best: Ticks | None) -> Ticks:
        """`price` rounded to safety, then kept from crossing: the price an add-liquidity-only order may have.

        0 when no legal bid is left below the best ask.
        """
        rounded = self.toward_safety(side, price)
        if opposite_best is None:
            return rounded
        limit = self.inside(side, opposite_best)
        return min(rounded, limit) if side == "bid" else max(rounded, limit)

    def inside(self, side: Side, opposite_best: Ticks) -> Ticks:
        """The most eager price that cannot cross: one tick inside the opposite best. 0 means none is left."""
        if side == "bid":
            return self.grid.floor(opposite_best - 1)
        return self.grid.ceil(opposite_best + 1)


def _exact(value: Decimal, unit: Decimal, what: str, market: str) -> int:
    count, rest = divmod(value, unit)
    if rest:
        raise OffGrid(f"{market}: {what} {value} is no multiple of {unit}")
    return int(count)
