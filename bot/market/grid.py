"""Price grids: which whole numbers of ticks are legal prices, and the nearest one on a given side.

A grid is an object, because a venue's step may depend on the price. Rounding has a side and is exact; what a tick is
worth is `spec.Spec`'s business. Grids are structs, so that a recorded spec decodes back into them.
Source of the significant-figures rule: the venue's documentation of tick and lot size.
"""

from __future__ import annotations

from bisect import bisect
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Protocol

import msgspec

from bot.market.price_ranges import PriceRanges
from bot.market.units import Ticks

_NONE, _FIRST = Ticks(0), Ticks(1)


class PriceGrid(Protocol):
    """Which ticks are legal prices. All legal prices are positive."""

    def floor(self, price: Fraction | int) -> Ticks:
        """Highest legal price at or below `price` (in ticks); 0 when there is none."""
        ...

    def ceil(self, price: Fraction | int) -> Ticks:
        """Lowest legal price at or above `price` (in ticks); a price that is not legal when there is none."""
        ...


class UniformGrid(msgspec.Struct, frozen=True, tag=True):
    """Every multiple of `step` ticks is legal."""

    step: int = 1

    def floor(self, price: Fraction | int) -> Ticks:
        return Ticks(max(price // self.step, 0) * self.step)

    def ceil(self, price: Fraction | int) -> Ticks:
        return Ticks(max(-(-price // self.step), 1) * self.step)

    def __str__(self) -> str:
        return "one step"


class SignificantFigures(msgspec.Struct, frozen=True, tag=True):
    """At most `figures` significant figures, and every whole price: `whole` ticks make one unit of currency.

    The step grows tenfold with each further digit of the price, and never beyond one unit.
    """

    whole: int
    figures: int = 5
    edges: tuple[int, ...] = ()
    """Prices from which on the step is the next one of `steps`: a quote needs neither loop nor digits."""
    steps: tuple[int, ...] = ()
    """Both are worked out here, whatever is given."""

    def __post_init__(self) -> None:
        steps = [1]
        while steps[-1] < self.whole:
            steps.append(steps[-1] * 10)
        msgspec.structs.force_setattr(self, "steps", tuple(steps))
        msgspec.structs.force_setattr(self, "edges", tuple(step * 10**self.figures for step in steps[:-1]))

    def floor(self, price: Fraction | int) -> Ticks:
        ticks = price if type(price) is int else floor(price)
        if ticks <= 0:
            return _NONE
        return ticks - ticks % self.steps[bisect(self.edges, ticks)]  # type: ignore[return-value]  # Ticks() is a call

    def ceil(self, price: Fraction | int) -> Ticks:
        ticks = price if type(price) is int else ceil(price)
        if ticks <= 0:
            return _FIRST
        return ticks + -ticks % self.steps[bisect(self.edges, ticks)]  # type: ignore[return-value]  # Ticks() is a call

    def __str__(self) -> str:
        return f"{self.figures} significant figures"

    def band(self, ticks: int) -> tuple[int, int, int]:
        """The step at a price, the lowest price that has this step, and the lowest with a coarser one (0: none)."""
        at = bisect(self.edges, ticks)
        low, high = (0, *self.edges)[at], (*self.edges, 0)[at]
        return self.steps[at], low, high


class Coarsened(msgspec.Struct, frozen=True, tag=True):
    """A grid of significant figures of whose prices only the multiples of `step` ticks are used."""

    grid: SignificantFigures
    step: int

    def floor(self, price: Fraction | int) -> Ticks:
        ticks = max(floor(price), 0)
        step, low, _ = self.grid.band(ticks)
        found = ticks - ticks % lcm(step, self.step)
        # The step is finer below, so there may be a nearer price.
        return self.floor(low - 1) if found < low else Ticks(found)

    def ceil(self, price: Fraction | int) -> Ticks:
        ticks = max(ceil(price), 1)
        step, _, high = self.grid.band(ticks)
        found = ticks + -ticks % lcm(step, self.step)
        return self.ceil(high) if high and found >= high else Ticks(found)

    def __str__(self) -> str:
        return str(self.grid)


Grid = UniformGrid | SignificantFigures | Coarsened | PriceRanges


def coarsened(grid: Grid, step: Fraction) -> Grid:
    """The grid with a step of so many ticks, or the venue's where that is coarser: always legal at the venue.

    A step that is no whole number of ticks becomes its smallest multiple that is one. Listed ranges stay as they are.
    """
    if step <= 1 or isinstance(grid, PriceRanges):
        return grid
    match grid:
        case UniformGrid(step=own):
            return UniformGrid(lcm(own, step.numerator))
        case SignificantFigures():
            return Coarsened(grid, step.numerator)
        case Coarsened(grid=figures, step=own):
            return Coarsened(figures, lcm(own, step.numerator))
