"""What is held in one market, and what it cost, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from bot.market.units import NO_LOTS, Lots, Side, Ticks, sign

State = Literal["FLAT", "SKEW_LONG", "SKEW_SHORT"]


@dataclass(frozen=True, slots=True)
class Holding:
    """`lots` is signed; `cost` is ticks x lots paid for what is held now, with the sign of `lots`.

    `average` is the exact price where `cost` had to be rounded: what hangs on the average price must not move by that.
    """

    lots: Lots = NO_LOTS
    cost: int = 0
    average: Fraction | None = None

    @property
    def state(self) -> State:
        if self.lots == 0:
            return "FLAT"
        return "SKEW_LONG" if self.lots > 0 else "SKEW_SHORT"

    @property
    def vwap(self) -> Fraction | None:
        """Average entry price in ticks; None when flat."""
        if not self.lots:
            return None
        return Fraction(self.cost, self.lots) if self.average is None else self.average

    def after(self, side: Side, ticks: Ticks, lots: Lots) -> Holding:
        """The holding after a fill. Reducing keeps the average price; turning starts a new one."""
        change = sign(side) * lots
        total = self.lots + change
        before = self.vwap
        if before is None or self.lots * total <= 0:
            return Holding(Lots(total), total * ticks)
        return _held(total, before if self.lots * change < 0 else (before * self.lots + change * ticks) / total)


def _held(lots: int, average: Fraction) -> Holding:
    cost = average * lots
    return Holding(Lots(lots), round(cost), None if cost.denominator == 1 else average)
