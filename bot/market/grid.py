"""Price grids: which whole numbers of ticks are legal prices, and the nearest one on a given side.

A grid is an object, because a venue's step may depend on the price. Rounding has a side and is exact; what a tick is
worth is `spec.Spec`'s business. Source of the significant-figures rule: the venue's documentation of tick and lot size.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Protocol

from bot.market.units import Ticks


class PriceGrid(Protocol):
    """Which ticks are legal prices. All legal prices are positive."""

    def floor(self, price: Fraction | int) -> Ticks:
        """Highest legal price at or below `price` (in ticks); 0 when there is none."""
        ...

    def ceil(self, price: Fraction | int) -> Ticks:
        """Lowest legal price at or above `price` (in ticks)."""
        ...


@dataclass(frozen=True, slots=True)
class UniformGrid:
    """Every multiple of `step` ticks is legal."""

    step: int = 1

    def floor(self, price: Fraction | int) -> Ticks:
        return Ticks(max(floor(price / self.step), 0) * self.step)

    def ceil(self, price: Fraction | int) -> Ticks:
        return Ticks(max(ceil(price / self.step), 1) * self.step)

    def __str__(self) -> str:
        return "one step"


@dataclass(frozen=True, slots=True)
class SignificantFigures:
    """At most `figures` significant figures, and every whole price: `whole` ticks make one unit of currency.

    The step grows tenfold with each further digit of the price, and never beyond one unit. `coarse` makes it coarser
    still: a price must then be a multiple of so many ticks too.
    """

    whole: int
    figures: int = 5
    coarse: int = 1

    def floor(self, price: Fraction | int) -> Ticks:
        ticks = max(floor(price), 0)
        step, low, _ = self._band(ticks)
        found = ticks - ticks % step
        if found < low:  # the step is finer below, so there may be a nearer price
            return self.floor(low - 1)
        return Ticks(found)

    def ceil(self, price: Fraction | int) -> Ticks:
        ticks = max(ceil(price), 1)
        step, _, high = self._band(ticks)
        found = ticks + -ticks % step
        return self.ceil(high) if high and found >= high else Ticks(found)

    def __str__(self) -> str:
        return f"{self.figures} significant figures"

    def _band(self, ticks: int) -> tuple[int, int, int]:
        """The step at a price, the lowest price that has this step, and the lowest with a coarser one (0: none)."""
        step, low, high, whole = 1, 0, 10**self.figures, self.whole
        while step < whole and ticks >= high:
            step, low, high = step * 10, high, high * 10
        return (step if self.coarse == 1 else lcm(step, self.coarse)), low, high if step < whole else 0


def coarsened(grid: SignificantFigures, step: Fraction) -> SignificantFigures:
    """The grid with a step of so many ticks, or the venue's where that is coarser: always legal at the venue."""
    return SignificantFigures(grid.whole, grid.figures, step.numerator if step >= 1 else 1)
