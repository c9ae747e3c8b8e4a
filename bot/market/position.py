"""What is held in one market, and what it cost, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from bot.market.units import NO_LOTS, Lots, Side, Ticks, sign

State = Literal["FLAT", "SKEW_LONG", "SKEW_SHORT"]


@dataclass(frozen=True, slots=True)
class Holding:
    """`lots` is signed; `cost` is ticks x lots paid for what is held now, with the sign of `lots`."""

    lots: Lots = NO_LOTS
    cost: int = 0

    @property
    def state(self) -> State:
        if self.lots == 0:
            return "FLAT"
        return "SKEW_LONG" if self.lots > 0 else "SKEW_SHORT"

    @property
    def vwap(self) -> Fraction | None:
        """Average entry price in ticks; None when flat."""
        return Fraction(self.cost, self.lots) if self.lots else None

    def after(self, side: Side, ticks: Ticks, lots: Lots) -> Holding:
        """The holding after a fill. Reducing keeps the average price; turning starts a new one."""
        change = sign(side) * lots
        total = self.lots + change
        if self.lots * change >= 0:
            return Holding(Lots(total), self.cost + change * ticks)
        if self.lots * total > 0:
            return Holding(Lots(total), round(Fraction(self.cost * total, self.lots)))
        return Holding(Lots(total), total * ticks)
